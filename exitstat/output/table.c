// SPDX-License-Identifier: GPL-2.0-only
/* The table that people read, less than 80 columns wide. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "output/table.h"
#include "output/tail.h"

static void print_title(FILE *out, const struct group *group)
{
	const struct sample *all = &group->sample;
	char text[2][TEXT_SIZE], time[TIME_SIZE];

	if (group->number)
		fputc('\n', out);
	if (group->with_clock && all->clock_ns)
		fprintf(out, "%s\n", iso_time(time, all->clock_ns));
	fprintf(out, "%s", group->since_start ? "since the VM's start" : "in");
	if (group->history != HISTORY_IMPOSSIBLE)
		fprintf(out, " %.2f s", seconds_of(all));
	fprintf(out, ": %s exits, %s cycles\n",
		text_count(text[0], all->all.exits, 15),
		text_count(text[1], row_cycles(&all->all), 15));
}

/* What a guest's boot, restore or migration makes of the numbers. */
static void print_history(FILE *out, const struct group *group)
{
	double up = (double)group->sample.uptime_ns / 1e9;

	switch (group->history) {
	case HISTORY_PLAIN:
		break;
	case HISTORY_REBOOTED:
		fprintf(out, "rebooted: the kernel is up for %.2f s; earlier boots are counted, too\n",
			up);
		break;
	case HISTORY_RESTORED:
		fprintf(out, "restored or migrated: the kernel is up for %.2f s, more than is counted\n",
			up);
		break;
	case HISTORY_IMPOSSIBLE:
		fputs("rebooted, restored or migrated: the VM's start is not known, nor any rate since\n",
		      out);
	}
}

/* What a cell of the table is about. */
struct cell {
	const struct source *source;
	const struct group *group;
	const struct exit_stats_row *row;
	const struct tail *tail;	/* of --tail */
	int width;
};

struct column {
	const char *header;
	int width;
	const char *(*text)(char text[TEXT_SIZE], const struct cell *cell);
};

static const char *exits(char text[TEXT_SIZE], const struct cell *cell)
{
	return text_count(text, cell->row->exits, cell->width);
}

static const char *rate(char text[TEXT_SIZE], const struct cell *cell)
{
	uint64_t time_ns = cell->group->sample.time_ns;

	if (!time_ns)
		return "-";
	return text_rate(text, per_second(cell->row->exits, time_ns),
			 cell->width);
}

static const char *idle(char text[TEXT_SIZE], const struct cell *cell)
{
	return text_rate(text, sample_rate(cell->group->idle, cell->row->reason),
			 cell->width);
}

static const char *exits_share(char text[TEXT_SIZE], const struct cell *cell)
{
	return text_share(text, cell->row->exits, cell->group->sample.all.exits);
}

static const char *cycles(char text[TEXT_SIZE], const struct cell *cell)
{
	return text_count(text, row_cycles(cell->row), cell->width);
}

static const char *cycles_share(char text[TEXT_SIZE], const struct cell *cell)
{
	return text_share(text, row_cycles(cell->row),
			  row_cycles(&cell->group->sample.all));
}

static const char *cost(char text[TEXT_SIZE], const struct cell *cell)
{
	if (!cell->row->exits)
		return "-";
	return text_count(text, row_cycles(cell->row) / cell->row->exits,
			  cell->width);
}

/* In seconds, or in cycles where these are all that is known. */
static const char *time_of(char text[TEXT_SIZE], const struct cell *cell,
			   uint64_t cycles)
{
	if (!cell->source->tsc_khz)
		return text_count(text, cycles, cell->width);
	return text_time(text, cycles, cell->source->tsc_khz);
}

static const char *kernel(char text[TEXT_SIZE], const struct cell *cell)
{
	return time_of(text, cell, cell->row->times[TIME_KERNEL]);
}

static const char *vmm(char text[TEXT_SIZE], const struct cell *cell)
{
	return time_of(text, cell, cell->row->times[TIME_VMM]);
}

static const char *wait(char text[TEXT_SIZE], const struct cell *cell)
{
	return time_of(text, cell, cell->row->times[TIME_WAIT]);
}

static const char *all(char text[TEXT_SIZE], const struct cell *cell)
{
	return time_of(text, cell, row_cycles(cell->row));
}

static const char *seconds(char text[TEXT_SIZE], const struct cell *cell)
{
	return text_time(text, row_cycles(cell->row), cell->source->tsc_khz);
}

static const char *p50(char text[TEXT_SIZE], const struct cell *cell)
{
	return tail_text(text, cell->tail, TAIL_P50, cell->source->tsc_khz);
}

static const char *p99(char text[TEXT_SIZE], const struct cell *cell)
{
	return tail_text(text, cell->tail, TAIL_P99, cell->source->tsc_khz);
}

static const char *p999(char text[TEXT_SIZE], const struct cell *cell)
{
	return tail_text(text, cell->tail, TAIL_P999, cell->source->tsc_khz);
}

static const char *max(char text[TEXT_SIZE], const struct cell *cell)
{
	return tail_text(text, cell->tail, TAIL_MAX, cell->source->tsc_khz);
}

/* All times are known, or only the kernel's; beside a baseline, or not. */
static const struct column layouts[2][2][9] = {
	{
		{ { "exits", 9, exits }, { "/s", 7, rate },
		  { "%", 5, exits_share }, { "cycles", 8, cycles },
		  { "%", 5, cycles_share }, { "/exit", 7, cost },
		  { "time", 6, seconds } },
		{ { "exits", 9, exits }, { "/s", 7, rate },
		  { "idle", 5, idle }, { "cycles", 8, cycles },
		  { "%", 5, cycles_share }, { "/exit", 7, cost },
		  { "time", 6, seconds } },
	}, {
		{ { "exits", 9, exits }, { "/s", 7, rate },
		  { "kernel", 6, kernel }, { "vmm", 6, vmm },
		  { "wait", 6, wait }, { "all", 6, all },
		  { "/exit", 7, cost } },
		{ { "exits", 8, exits }, { "/s", 6, rate },
		  { "idle", 5, idle }, { "kernel", 6, kernel },
		  { "vmm", 6, vmm }, { "wait", 6, wait },
		  { "all", 6, all }, { "/exit", 6, cost } },
	},
};

/* Of --tail, which is about the kernel; beside a baseline, or not. */
static const struct column tail_layouts[2][8] = {
	{ { "exits", 9, exits }, { "/s", 7, rate }, { "kernel", 6, kernel },
	  { "p50", 6, p50 }, { "p99", 6, p99 }, { "p99.9", 6, p999 },
	  { "max", 7, max } },
	{ { "exits", 9, exits }, { "/s", 7, rate }, { "idle", 5, idle },
	  { "p50", 6, p50 }, { "p99", 6, p99 }, { "p99.9", 6, p999 },
	  { "max", 7, max } },
};

static int name_width(const struct group *group)
{
	return group->sample.has_times && group->idle && !group->tail ? 15 : 18;
}

static const struct column *get_columns(const struct group *group)
{
	if (group->tail)
		return tail_layouts[!!group->idle];
	return layouts[group->sample.has_times][!!group->idle];
}

static void print_header(FILE *out, const struct group *group)
{
	const struct column *column = get_columns(group);

	fprintf(out, "%6s %-*s", "reason", name_width(group), "name");
	for (; column->header; column++)
		fprintf(out, " %*s", column->width, column->header);
	fputc('\n', out);
}

static void print_row(FILE *out, const struct source *source,
		      const struct group *group,
		      const struct exit_stats_row *row)
{
	const struct column *column = get_columns(group);
	struct tail tail;
	struct cell cell = {
		.source = source, .group = group, .row = row, .tail = &tail,
	};
	char number[12], text[TEXT_SIZE];

	if (group->tail)
		sample_tail(&group->sample, row->reason, &tail);
	fprintf(out, "%6s %-*.*s", reason_number(row->reason, number),
		name_width(group), name_width(group),
		reason_name(source->isa, row->reason));
	for (; column->header; column++) {
		cell.width = column->width;
		fprintf(out, " %*s", column->width, column->text(text, &cell));
	}
	fputc('\n', out);
}

const char *accounts_text(char text[ACCOUNTS_SIZE], const struct sample *sample)
{
	const uint64_t *accounts = sample->accounts;
	double sum = sum_of_accounts(sample);
	bool off = accounts[KVM_CPUID_EXIT_STATS_OFF], room = !off;
	char *end = text;
	int i;

	if (sum <= 0)
		return "of no vCPU is counted";
	/* One more account, or a third digit, and there is none for decimals. */
	for (i = 0; i < NR_ACCOUNTS; i++)
		room = room && (double)accounts[i] / sum < 0.995;
	for (i = 0; i < NR_ACCOUNTS - !off; i++) {
		double percent = 100 * (double)accounts[i] / sum;

		end += sprintf(end, "%s%s %.*f", i ? " " : "", account_names[i],
			       percent < 9.95 && room, percent);
	}
	return text;
}

static void print_own(FILE *out, const struct source *source,
		      const struct group *group)
{
	const char *name = reason_name(source->isa, source->own_reason);

	if (!group->own)
		return;
	if (group->since_start)
		fprintf(out, "own reads: %" PRIu64 " %s exits (included above)\n",
			group->own, name);
	else
		fprintf(out, "own reads: %" PRIu64 " %s exits (not included above%s)\n",
			group->own, name,
			group->tail ? ", but in its p50 to max" : "");
}

void table_show_rows(FILE *out, const struct source *source,
		     const struct group *group)
{
	char text[ACCOUNTS_SIZE];
	uint32_t i;

	if (group->sample.has_times)
		fprintf(out, "time%% %s\n", accounts_text(text, &group->sample));
	print_header(out, group);
	for (i = 0; i < group->sample.nr_rows; i++)
		print_row(out, source, group, &group->sample.rows[i]);
	print_own(out, source, group);
	if (group->tail)
		tail_print_missed(out, source, &group->sample);
}

int table_show(FILE *out, const struct source *source,
	       const struct group *group)
{
	print_title(out, group);
	print_history(out, group);
	table_show_rows(out, source, group);
	return 0;
}
