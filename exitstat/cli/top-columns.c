// SPDX-License-Identifier: GPL-2.0-only
/* See cli/top-columns.h. */
#include <curses.h>
#include <string.h>

#include "base/numbers.h"
#include "cli/top-columns.h"
#include "output/tail.h"

#define MAX_COLUMNS	16

/* A name is worth that much; more of it only where nothing else needs the room. */
#define NAME_WIDTH	15

/* Where the name is short of its full length, these are not shown. */
#define EXTRA		100

enum { BOTH, WITH_TIMES, WITHOUT_TIMES };

struct column {
	const char *header;
	int width;		/* 0: that of its longest text */
	int rank;		/* the highest are left out first */
	int when;
	const char *(*text)(char text[TEXT_SIZE], const struct top *top,
			    const struct line *line, int width);
	bool name;		/* to the left, and may be cut */
};

static const char *id(char text[TEXT_SIZE], const struct top *top,
		      const struct line *line, int width)
{
	(void)text;
	(void)top;
	(void)width;
	return line->id;
}

static const char *name(char text[TEXT_SIZE], const struct top *top,
			const struct line *line, int width)
{
	(void)text;
	(void)top;
	(void)width;
	return line->name;
}

static const char *vcpus(char text[TEXT_SIZE], const struct top *top,
			 const struct line *line, int width)
{
	(void)top;
	return text_count(text, line->vcpus, width);
}

static const char *rate(char text[TEXT_SIZE], const struct top *top,
			const struct line *line, int width)
{
	(void)top;
	return text_count(text, per_second(line->now.exits, line->now_ns), width);
}

/* Of one CPU, for a VM; else of all that exits cost now. */
static const char *share_of(char text[TEXT_SIZE], const struct top *top,
			    const struct line *line, uint64_t cycles, int width)
{
	double seconds = cycles_seconds(cycles, top->all.source ? 0 :
					top->host->tsc_khz);

	if (!top_lists_vms(top))
		return text_share(text, cycles, row_cycles(&top->all.now.all));
	if (!top->host->tsc_khz)
		return "-";
	return text_rate(text, line->now_ns ? 1e11 * seconds /
			 (double)line->now_ns : 0, width);
}

static const char *cpu(char text[TEXT_SIZE], const struct top *top,
		       const struct line *line, int width)
{
	return share_of(text, top, line, row_cycles(&line->now), width);
}

static const char *kernel(char text[TEXT_SIZE], const struct top *top,
			  const struct line *line, int width)
{
	return share_of(text, top, line, line->now.times[TIME_KERNEL], width);
}

static const char *vmm(char text[TEXT_SIZE], const struct top *top,
		       const struct line *line, int width)
{
	return share_of(text, top, line, line->now.times[TIME_VMM], width);
}

static const char *wait(char text[TEXT_SIZE], const struct top *top,
			const struct line *line, int width)
{
	return share_of(text, top, line, line->now.times[TIME_WAIT], width);
}

static const char *each(char text[TEXT_SIZE], const struct top *top,
			const struct line *line, int width)
{
	(void)top;
	if (!line->now.exits)
		return "-";
	return text_count(text, row_cost(&line->now), width);
}

static const char *tail(char text[TEXT_SIZE], const struct top *top,
			const struct line *line, enum tail_column column)
{
	return tail_text(text, &line->tail, column, top->all.source ?
			 top->all.source->tsc_khz : top->host->tsc_khz);
}

static const char *p50(char text[TEXT_SIZE], const struct top *top,
		       const struct line *line, int width)
{
	(void)width;
	return tail(text, top, line, TAIL_P50);
}

static const char *p99(char text[TEXT_SIZE], const struct top *top,
		       const struct line *line, int width)
{
	(void)width;
	return tail(text, top, line, TAIL_P99);
}

static const char *max(char text[TEXT_SIZE], const struct top *top,
		       const struct line *line, int width)
{
	(void)width;
	return tail(text, top, line, TAIL_MAX);
}

static bool is_of_tail(const struct column *column)
{
	return column->text == p50 || column->text == p99 || column->text == max;
}

static const char *exits(char text[TEXT_SIZE], const struct top *top,
			 const struct line *line, int width)
{
	(void)top;
	return text_count(text, (double)line->since.exits, width);
}

static const char *exits_share(char text[TEXT_SIZE], const struct top *top,
			       const struct line *line, int width)
{
	(void)width;
	return text_share(text, line->since.exits, top->all.since.all.exits);
}

static const char *cycles_share(char text[TEXT_SIZE], const struct top *top,
				const struct line *line, int width)
{
	(void)width;
	return text_share(text, row_cycles(&line->since),
			  row_cycles(&top->all.since.all));
}

/* A header of NULL depends on what is shown. */
static const struct column of_reasons[] = {
	{ NULL, 6, 0, BOTH, id, false },
	{ "name", 0, 2, BOTH, name, true },
	{ "exits/s", 8, 1, BOTH, rate, false },
	{ "cycles%", 7, 3, WITHOUT_TIMES, cpu, false },
	{ "kern%", 6, 3, WITH_TIMES, kernel, false },
	{ "vmm%", 6, 4, WITH_TIMES, vmm, false },
	{ "wait%", 6, 5, WITH_TIMES, wait, false },
	{ "p50", 6, 3, BOTH, p50, false },
	{ "p99", 6, 3, BOTH, p99, false },
	{ "max", 7, 3, BOTH, max, false },
	{ "per exit", 8, 6, BOTH, each, false },
	{ NULL, 11, 7, BOTH, exits, false },
	{ "exits%", 6, 9, WITHOUT_TIMES, exits_share, false },
	{ "exits%", 6, EXTRA, WITH_TIMES, exits_share, false },
	{ "cycl%", 5, 8, BOTH, cycles_share, false },
	{ 0 }
};

static const struct column of_vms[] = {
	{ NULL, 0, 0, BOTH, id, false },
	{ "exits/s", 8, 1, BOTH, rate, false },
	{ "cpu%", 6, 3, BOTH, cpu, false },
	{ "kern%", 6, 4, WITH_TIMES, kernel, false },
	{ "vmm%", 6, 5, WITH_TIMES, vmm, false },
	{ "wait%", 6, 6, WITH_TIMES, wait, false },
	{ "p50", 6, 3, BOTH, p50, false },
	{ "p99", 6, 3, BOTH, p99, false },
	{ "max", 7, 3, BOTH, max, false },
	{ "per exit", 8, 7, BOTH, each, false },
	{ NULL, 11, 8, BOTH, exits, false },
	{ "vcpus", 5, EXTRA, BOTH, vcpus, false },
	{ "name", 0, 2, BOTH, name, true },
	{ 0 }
};

static const char *get_header(const struct top *top, const struct column *column)
{
	if (column->header)
		return column->header;
	if (column->text == exits)
		return top->reset ? "since reset" : "since start";
	return top_lists_vms(top) ? "pid-fd" : top->by_vcpu ? "vcpu" : "reason";
}

static int get_width(const struct top *top, const struct column *column)
{
	int longest = (int)strlen(get_header(top, column));
	char text[TEXT_SIZE];
	size_t i;

	if (column->width)
		return column->width;
	for (i = 0; i < top->nr_lines; i++) {
		int length = (int)strlen(column->text(text, top, &top->lines[i], 0));

		if (length > longest)
			longest = length;
	}
	return longest;
}

static int sum_up(const struct column *columns, size_t nr)
{
	int sum = -1;
	size_t i;

	for (i = 0; i < nr; i++)
		sum += columns[i].width + 1;
	return sum;
}

/* Leave out the one of the highest rank, if that is @least or more. */
static bool leave_one_out(struct column *columns, size_t *nr, int least)
{
	size_t i, out = 0;

	for (i = 1; i < *nr; i++) {
		if (columns[i].rank > columns[out].rank)
			out = i;
	}
	if (!*nr || columns[out].rank < least)
		return false;
	(*nr)--;
	memmove(&columns[out], &columns[out + 1],
		(*nr - out) * sizeof(*columns));
	return true;
}

static struct column *find_name(struct column *columns, size_t nr)
{
	size_t i;

	for (i = 0; i < nr && !columns[i].name; i++)
		;
	return i < nr ? &columns[i] : NULL;
}

/* Which columns fit, and how wide the name can be. */
static size_t choose(const struct top *top, struct column columns[MAX_COLUMNS])
{
	const struct column *column = top_lists_vms(top) ? of_vms : of_reasons;
	int when = top_has_times(top) ? WITH_TIMES : WITHOUT_TIMES;
	struct column *name;
	int full = 0, spare;
	size_t nr = 0;

	for (; column->text; column++) {
		if ((column->when != BOTH && column->when != when) ||
		    (is_of_tail(column) && !top->tail))
			continue;
		columns[nr] = *column;
		columns[nr++].width = get_width(top, column);
	}
	while (sum_up(columns, nr) > COLS && leave_one_out(columns, &nr, EXTRA))
		;
	name = find_name(columns, nr);
	full = name->width;
	if (full > NAME_WIDTH)
		name->width = NAME_WIDTH;
	while (sum_up(columns, nr) > COLS && leave_one_out(columns, &nr, 0))
		;
	name = find_name(columns, nr);
	spare = COLS - sum_up(columns, nr);
	if (name)
		name->width = name->width + spare < full ? name->width + spare
							 : full;
	return nr;
}

void top_row_text(const struct top *top, const struct line *line,
		  char text[ROW_SIZE])
{
	struct column columns[MAX_COLUMNS];
	size_t i, nr = choose(top, columns);
	char cell[TEXT_SIZE];
	int length = 0;

	text[0] = '\0';
	for (i = 0; i < nr && length < ROW_SIZE; i++) {
		int width = columns[i].width;

		length += snprintf(text + length, ROW_SIZE - length, "%s%*.*s",
			i ? " " : "", columns[i].name ? -width : width,
			columns[i].name ? width : ROW_SIZE,
			!line ? get_header(top, &columns[i]) :
			columns[i].text(cell, top, line, width));
	}
}
