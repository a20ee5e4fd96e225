// SPDX-License-Identifier: GPL-2.0-only
/* A group of all VMs, or of each VM's reasons, for people and as CSV. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/complain.h"
#include "base/numbers.h"
#include "output/csv.h"
#include "output/host.h"
#include "output/tail.h"

static int by_key(const void *left, const void *right, void *sort)
{
	const struct vm_row *a = left, *b = right;
	double key_a = sample_sort_value(&a->vm->change, a->row,
					 *(enum sort_key *)sort);
	double key_b = sample_sort_value(&b->vm->change, b->row,
					 *(enum sort_key *)sort);

	if (key_a != key_b)
		return key_a < key_b ? 1 : -1;
	/* As they were: of the VM that is before the other, then by the row. */
	if (a->vm != b->vm)
		return a->vm > b->vm ? 1 : -1;
	return a->row > b->row ? 1 : -1;
}

struct vm_row *host_make_rows(const struct host *host, size_t *nr)
{
	struct vm_row *rows;
	size_t i;
	uint32_t r;

	*nr = 0;
	for (i = 0; i < host->nr; i++)
		*nr += host->vms[i].change.nr_rows;
	rows = calloc(*nr + 1, sizeof(*rows));
	if (!rows) {
		complain("out of memory");
		return NULL;
	}
	*nr = 0;
	for (i = 0; i < host->nr; i++) {
		for (r = 0; r < host->vms[i].change.nr_rows; r++)
			rows[(*nr)++] = (struct vm_row){
				&host->vms[i], &host->vms[i].change.rows[r],
			};
	}
	return rows;
}

static void print_title(FILE *out, const struct host *host)
{
	char text[2][TEXT_SIZE], time[TIME_SIZE];

	if (host->groups)
		fputc('\n', out);
	if (host->with_clock)
		fprintf(out, "%s\n", iso_time(time, host->clock_ns));
	if (host->since_start)
		fputs("since each VM's start", out);
	else
		fprintf(out, "in %.2f s", (double)host->elapsed_ns / 1e9);
	fprintf(out, ": %zu VM%s, %s exits, %s cycles", host->nr,
		host->nr == 1 ? "" : "s",
		text_count(text[0], host->all.all.exits, 15),
		text_count(text[1], row_cycles(&host->all.all), 15));
	if (host->nr_unreadable)
		fprintf(out, "; %zu cannot be read", host->nr_unreadable);
	fputc('\n', out);
}

static void widen(int *width, const char *text)
{
	if ((int)strlen(text) > *width)
		*width = (int)strlen(text);
}

/* PID-FD is mostly short, and room is scarce. */
static int id_width(const struct host *host)
{
	int width = strlen("pid-fd");
	size_t i;

	for (i = 0; i < host->nr; i++)
		widen(&width, host->vms[i].id);
	return width;
}

/* Its name, or its number if it has none: what -r takes. */
static const char *reason_text(const struct vm_row *at, char number[12])
{
	const char *name = reason_name(at->vm->isa, at->row->reason);

	return strcmp(name, "-") ? name : reason_number(at->row->reason, number);
}

static int reason_width(const struct vm_row *rows, size_t nr)
{
	int width = strlen("reason");
	char number[12];
	size_t i;

	for (i = 0; i < nr; i++)
		widen(&width, reason_text(&rows[i], number));
	return width;
}

/* Of reasons, p99.9 has no room beside them.  A tail of NULL is the header. */
static void print_tail(FILE *out, const struct host *host, const struct tail *tail)
{
	char text[TEXT_SIZE];
	int i;

	for (i = 0; i < NR_TAIL_COLUMNS; i++) {
		if (i == TAIL_P999 && host->by_reason)
			continue;
		fprintf(out, " %*s", tail_widths[i], !tail ? tail_headers[i] :
			tail_text(text, tail, i, host->tsc_khz));
	}
}

/* With what single exits cost, in place of what all of them did. */
static void show_vms_with_tail(FILE *out, const struct host *host, int width)
{
	char text[2][TEXT_SIZE];
	struct tail tail;
	size_t i;

	fprintf(out, "%*s %5s %9s %7s", width, "pid-fd", "vcpus", "exits", "/s");
	print_tail(out, host, NULL);
	fputs(" name\n", out);
	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];
		uint64_t exits = vm->change.all.exits;

		fprintf(out, "%*s %5u %9s %7s", width, vm->id, vm->vcpus,
			text_count(text[0], exits, 9),
			text_rate(text[1], per_second(exits, vm->change.time_ns),
				  7));
		sample_tail_of_all(&vm->change, &tail);
		print_tail(out, host, &tail);
		fprintf(out, " %s\n", vm->name);
	}
}

static void show_vms(FILE *out, const struct host *host, int width)
{
	char text[6][TEXT_SIZE];
	size_t i;

	fprintf(out, "%*s %5s %9s %7s %8s %5s %7s name\n", width, "pid-fd",
		"vcpus", "exits", "/s", "cycles", "%", "time");
	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];
		const struct sample *delta = &vm->change;
		uint64_t cycles = row_cycles(&delta->all);

		fprintf(out, "%*s %5u %9s %7s %8s %5s %7s %s\n", width, vm->id,
			vm->vcpus, text_count(text[0], delta->all.exits, 9),
			text_rate(text[1], per_second(delta->all.exits,
						      delta->time_ns), 7),
			text_count(text[2], cycles, 8),
			text_share(text[3], cycles, row_cycles(&host->all.all)),
			text_time(text[4], cycles, host->tsc_khz), vm->name);
	}
}

/* In seconds, or in cycles where these are all that is known. */
static void print_time(FILE *out, const struct host *host, uint64_t cycles)
{
	char text[TEXT_SIZE];

	fprintf(out, " %6s", host->tsc_khz ?
		text_time(text, cycles, host->tsc_khz) :
		text_count(text, cycles, 6));
}

static void print_row(FILE *out, const struct host *host, const int widths[2],
		      const struct vm_row *at)
{
	char text[2][TEXT_SIZE], number[12];
	int time, nr = host->all.has_times ? NR_TIMES : 0;
	struct tail tail;

	fprintf(out, "%*s %-*s %9s %7s", widths[0], at->vm->id, widths[1],
		reason_text(at, number),
		text_count(text[0], at->row->exits, 9),
		text_rate(text[1], per_second(at->row->exits,
					      at->vm->change.time_ns), 7));
	for (time = 0; time < nr && !host->wants_hists; time++)
		print_time(out, host, at->row->times[time]);
	print_time(out, host, host->wants_hists ? at->row->times[TIME_KERNEL]
						: row_cycles(at->row));
	if (host->wants_hists) {
		sample_tail(&at->vm->change, at->row->reason, &tail);
		print_tail(out, host, &tail);
	}
	fprintf(out, " %s\n", at->vm->name);
}

static void print_header_of_times(FILE *out, const struct host *host)
{
	int i;

	if (host->wants_hists) {
		fprintf(out, " %6s", time_names[TIME_KERNEL]);
		print_tail(out, host, NULL);
		fputs(" name\n", out);
		return;
	}
	for (i = 0; host->all.has_times && i < NR_TIMES; i++)
		fprintf(out, " %6s", time_names[i]);
	fprintf(out, " %6s name\n", host->all.has_times ? "all" : "time");
}

static int show_rows(FILE *out, const struct host *host)
{
	enum sort_key sort = host->sort;
	struct vm_row *rows;
	int widths[2];
	size_t i, nr;

	rows = host_make_rows(host, &nr);
	if (!rows)
		return -1;
	widths[0] = id_width(host);
	widths[1] = reason_width(rows, nr);
	fprintf(out, "%*s %-*s %9s %7s", widths[0], "pid-fd", widths[1],
		"reason", "exits", "/s");
	print_header_of_times(out, host);
	qsort_r(rows, nr, sizeof(*rows), by_key, &sort);
	for (i = 0; i < nr; i++)
		print_row(out, host, widths, &rows[i]);
	free(rows);
	return 0;
}

/* Whole VMs, where the other table has reasons. */
static void print_missed(FILE *out, const struct host *host)
{
	struct hist sum;
	size_t i;

	for (i = 0; i < host->nr; i++) {
		hists_sum(&host->vms[i].change.hists, &sum);
		tail_print_missed_of(out, host->vms[i].id,
				     host->vms[i].change.hists.known, &sum);
	}
}

int host_show_table(FILE *out, const struct host *host)
{
	int status = 0;

	print_title(out, host);
	if (host->by_reason)
		status = show_rows(out, host);
	else if (host->wants_hists)
		show_vms_with_tail(out, host, id_width(host));
	else
		show_vms(out, host, id_width(host));
	if (host->wants_hists)
		print_missed(out, host);
	return status;
}

static void print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputc('"', out);
}

/* Of a VM, or of a reason, as a part of the VM. */
static void put_fields(struct fields *fields, const struct host *host,
		       const struct sample *delta, const struct exit_stats_row *row)
{
	fields->tsc_khz = host->tsc_khz;
	fields->has_times = delta->has_times;
	put_cost_fields(fields, row ? row : &delta->all,
			row ? &delta->all : &host->all.all, delta->time_ns, row);
	put_account_fields(fields, delta);
}

/* Behind all others, so that these stay where they were. */
static void put_tail(struct fields *fields, const struct host *host,
		     const struct sample *delta, const struct exit_stats_row *row)
{
	bool known = delta->hists.known;
	struct hist hist;

	if (!host->wants_hists)
		return;
	if (row)
		known = hists_get(&delta->hists, row->reason, &hist);
	else
		hists_sum(&delta->hists, &hist);
	put_tail_fields(fields, known ? &hist : NULL);
}

static void print_line(FILE *out, const struct host *host,
		       const struct host_vm *vm, const struct exit_stats_row *row)
{
	struct fields fields = { .put = csv_put_value, .context = out };
	char number[12], time[TIME_SIZE];

	fprintf(out, "%" PRIu64 ",%s,%.9f,%s,%" PRIu32 ",", host->groups,
		host->since_start ? "start" : "interval",
		(double)vm->change.time_ns / 1e9, vm->id, vm->pid);
	print_quoted(out, vm->name);
	fprintf(out, ",%u", vm->vcpus);
	if (row)
		fprintf(out, ",%s,%s", reason_number(row->reason, number),
			reason_name(vm->isa, row->reason));
	put_fields(&fields, host, &vm->change, row);
	fprintf(out, ",%s", iso_time(time, host->clock_ns));
	put_tail(&fields, host, &vm->change, row);
	fputc('\n', out);
}

int host_show_csv(FILE *out, const struct host *host)
{
	static const struct sample none;
	struct fields fields = { .put = csv_put_name, .context = out };
	const struct sample *change;
	size_t i;
	uint32_t r;

	if (!host->groups) {
		fprintf(out, "group,since,elapsed_seconds,vm,pid,name,vcpus%s",
			host->by_reason ? ",reason,reason_name" : "");
		put_fields(&fields, host, &none,
			   host->by_reason ? &none.all : NULL);
		fputs(",time", out);
		put_tail(&fields, host, &none, host->by_reason ? &none.all : NULL);
		fputc('\n', out);
	}
	for (i = 0; i < host->nr; i++) {
		change = &host->vms[i].change;
		if (!host->by_reason)
			print_line(out, host, &host->vms[i], NULL);
		for (r = 0; host->by_reason && r < change->nr_rows; r++)
			print_line(out, host, &host->vms[i], &change->rows[r]);
	}
	return 0;
}
