// SPDX-License-Identifier: GPL-2.0-only
/* The screen of --top.  79 columns, and as many lines as there are. */
#include <curses.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "cli/top.h"
#include "output/table.h"

#define FIRST_ROW	(top->all.samples.new.has_times ? 6 : 5)
#define NAME_WIDTH	(top->all.samples.new.has_times ? 15 : 19)

/* A reason, or a vCPU. */
struct line {
	char number[12];
	const char *name;
	uint32_t order;			/* of those that are alike */
	struct exit_stats_row now;
	struct exit_stats_row since;
};

__attribute__((format(printf, 2, 3)))
static void put(int y, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (y < LINES)
		mvaddnstr(y, 0, text, COLS);
}

/* What happens now; where nothing does, what happened before. */
static int compare_lines(const void *left, const void *right, void *key)
{
	const struct line *a = left, *b = right;
	enum sort_key by = *(const enum sort_key *)key;
	double now_a = row_sort_value(&a->now, by), now_b = row_sort_value(&b->now, by);
	double since_a = row_sort_value(&a->since, by), since_b = row_sort_value(&b->since, by);

	if (now_a != now_b)
		return now_a < now_b ? 1 : -1;
	if (since_a != since_b)
		return since_a < since_b ? 1 : -1;
	return (a->order > b->order) - (a->order < b->order);
}

/* All that moved now moved since the base, too.  Both ascend by reason. */
static size_t get_reasons(const struct top *top, struct line *lines)
{
	const struct sample *now = &top->all.now, *since = &top->all.since;
	uint32_t i, n = 0;

	for (i = 0; i < since->nr_rows; i++) {
		const struct exit_stats_row *row = &since->rows[i];

		reason_number(row->reason, lines[i].number);
		if (row->reason == REASON_OTHER)
			strcpy(lines[i].number, "-");
		lines[i].name = reason_name(top->all.source->isa, row->reason);
		lines[i].order = i;
		lines[i].since = *row;
		while (n < now->nr_rows && now->rows[n].reason < row->reason)
			n++;
		if (n < now->nr_rows && now->rows[n].reason == row->reason)
			lines[i].now = now->rows[n];
	}
	return since->nr_rows;
}

static size_t get_vcpus(const struct top *top, struct line *lines)
{
	size_t i;

	for (i = 0; i < top->nr_vcpus; i++) {
		const struct track *vcpu = &top->vcpus[i];

		snprintf(lines[i].number, sizeof(lines[i].number), "%d",
			 vcpu->vcpu);
		lines[i].name = "vCPU";
		lines[i].order = i;
		lines[i].now = vcpu->now.all;
		lines[i].since = vcpu->since.all;
	}
	return top->nr_vcpus;
}

/* The shares of all that exits cost now; of which time, where that is known. */
static void put_times(const struct top *top, const struct line *line,
		      char text[3 * TEXT_SIZE])
{
	const struct exit_stats_row *all = &top->all.now.all;
	char share[TEXT_SIZE];
	int i, length = 0;

	for (i = 0; i < sample_nr_times(&top->all.samples.new); i++)
		length += sprintf(text + length, " %*s",
				  top->all.samples.new.has_times ? 6 : 7,
				  text_share(share, line->now.times[i],
					     row_cycles(all)));
}

static void put_line(int y, const struct top *top, const struct line *line)
{
	const struct sample *now = &top->all.now, *since = &top->all.since;
	char rate[TEXT_SIZE], each[TEXT_SIZE], exits[TEXT_SIZE];
	char share[TEXT_SIZE], part[TEXT_SIZE + 8], times[3 * TEXT_SIZE], cycles[TEXT_SIZE];
	bool has_times = top->all.samples.new.has_times;

	text_count(rate, per_second(line->now.exits, now->time_ns), 8);
	put_times(top, line, times);
	text_count(each, row_cost(&line->now), 8);
	text_count(exits, (double)line->since.exits, 11);
	/* All times leave no room for it. */
	sprintf(part, "%5s", text_share(share, line->since.exits,
					since->all.exits));
	text_share(cycles, row_cycles(&line->since), row_cycles(&since->all));
	put(y, "%6s %-*.*s %8s%s %8s %11s%s%s %5s", line->number, NAME_WIDTH,
	    NAME_WIDTH, line->name, rate, times,
	    line->now.exits ? each : "-", exits, has_times ? "" : "  ",
	    has_times ? "" : part, cycles);
}

static void put_lines(const struct top *top)
{
	size_t max = top->by_vcpu ? top->nr_vcpus : top->all.since.nr_rows;
	struct line *lines = calloc(max + 1, sizeof(*lines));
	enum sort_key key = sample_sort_key(&top->all.samples.new, top->sort);
	size_t i, nr;

	if (!lines) {
		put(FIRST_ROW, "no memory for the table");
		return;
	}
	nr = top->by_vcpu ? get_vcpus(top, lines) : get_reasons(top, lines);
	qsort_r(lines, nr, sizeof(*lines), compare_lines, &key);
	for (i = 0; i < nr && (int)i < LINES - FIRST_ROW; i++)
		put_line(FIRST_ROW + (int)i, top, &lines[i]);
	free(lines);
}

static const char *clock_text(char text[TEXT_SIZE], uint64_t time_ns)
{
	uint64_t seconds = time_ns / 1000000000;

	snprintf(text, TEXT_SIZE, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		 seconds / 3600, seconds / 60 % 60, seconds % 60);
	return text;
}

/* How much of one CPU's time exits took. */
static double handling(const struct top *top, const struct sample *sample)
{
	return 1e11 * cycles_seconds(row_cycles(&sample->all),
				     top->all.source->tsc_khz) /
	       (double)(sample->time_ns ? sample->time_ns : 1);
}

static void put_title(const struct top *top)
{
	const struct source *source = top->all.source;
	const char *input = top->env->input;
	char what[96];

	if (top->env->vm && top->env->vcpu >= 0)
		snprintf(what, sizeof(what), "VM %s vCPU %d", top->env->vm,
			 top->env->vcpu);
	else if (top->env->vm)
		snprintf(what, sizeof(what), "VM %s", top->env->vm);
	else
		snprintf(what, sizeof(what), "%s", input ? input : "this VM");
	put(0, "exitstat: %s, TSC at %u kHz, every %g s, %s",
	    isa_title(source->isa),
	    source->tsc_khz, top->interval, what);
}

static void put_totals(const struct top *top)
{
	const struct sample *now = &top->all.now, *since = &top->all.since;
	char rate[TEXT_SIZE], time[TEXT_SIZE], accounts[ACCOUNTS_SIZE];

	put(1, "now:   %s exits/s, %.2f%% of a CPU's time handles them",
	    text_count(rate, per_second(now->all.exits, now->time_ns), 12),
	    handling(top, now));
	put(2, "%s %" PRIu64 " exits in %s, %.2f%% of a CPU's time",
	    top->reset ? "reset:" : "start:", since->all.exits,
	    clock_text(time, since->time_ns), handling(top, since));
	/* Before the second refresh there is nothing that happens now. */
	if (now->has_times)
		put(4, "time%% %s", accounts_text(accounts,
			sum_of_accounts(now) ? now : since));
}

static void put_status(const struct top *top)
{
	static const char *const sorted[] = {
		[SORT_EXITS]	= "exits",
		[SORT_CYCLES]	= "cycles",
		[SORT_COST]	= "cycles per exit",
	};
	enum sort_key key = sample_sort_key(&top->all.samples.new, top->sort);

	if (top->asking)
		put(3, "seconds between refreshes: %s_", top->delay);
	else if (top->message)
		put(3, "%s", top->message);
	else
		put(3, "%sby %s; h help, q quit", top->ended ? "at the end; " :
		    top->paused ? "paused; " : "", sorted[key]);
}

static void put_header(const struct top *top)
{
	attron(A_REVERSE);
	put(FIRST_ROW - 1, "%6s %-*s %8s%s %8s %11s%s %5s ",
	    top->by_vcpu ? "vcpu" : "reason", NAME_WIDTH, "name", "exits/s",
	    top->all.samples.new.has_times ? "  kern%   vmm%  wait%" : " cycles%",
	    "per exit", top->reset ? "since reset" : "since start",
	    top->all.samples.new.has_times ? "" : " exits%", "cycl%");
	attroff(A_REVERSE);
}

static void put_help(void)
{
	static const char *const lines[] = {
		"exitstat top",
		"",
		"  e c p     sort by exits, cycles, cycles per exit",
		"  space     pause, and go on",
		"  r         reset: count from now on",
		"  v         vCPUs, or exit reasons (with --vm)",
		"  d         delay between refreshes",
		"  h         this help",
		"  q         quit",
		"",
		"time%: where the time of the vCPUs went between these.",
		"exits/s, the next columns and per exit: between the last two",
		"refreshes; kern%, vmm% and wait% are of all that exits cost.",
		"The columns behind them: since the VM started, or the reset.",
		"Rows are sorted by what happens now. Exits that reading these",
		"numbers causes are left out.",
		"",
		"Any key goes back.",
	};
	int i;

	for (i = 0; i < (int)(sizeof(lines) / sizeof(lines[0])); i++)
		put(i, "%s", lines[i]);
}

void top_draw(const struct top *top)
{
	erase();
	if (top->help) {
		put_help();
	} else {
		put_title(top);
		put_totals(top);
		put_status(top);
		put_header(top);
		put_lines(top);
	}
	refresh();
}
