// SPDX-License-Identifier: GPL-2.0-only
/* See sample.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

int complain(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("exitstat: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return -1;
}

int sample_add_row(struct sample *sample, uint32_t reason, uint64_t exits,
		   uint64_t cycles)
{
	if (sample->nr_rows == sample->max_rows) {
		uint32_t max = sample->max_rows ? 2 * sample->max_rows : 64;
		void *rows = realloc(sample->rows, max * sizeof(*sample->rows));

		if (!rows)
			return complain("out of memory");
		sample->rows = rows;
		sample->max_rows = max;
	}
	sample->rows[sample->nr_rows++] =
		(struct exit_stats_row){ reason, exits, cycles };
	return 0;
}

void sample_free(struct sample *sample)
{
	free(sample->rows);
	memset(sample, 0, sizeof(*sample));
}

/* Counters only grow; were one to fall, nothing has moved. */
static uint64_t grown(uint64_t new, uint64_t old)
{
	return new > old ? new - old : 0;
}

int sample_subtract(struct sample *delta, const struct sample *new,
		    const struct sample *old)
{
	static const struct exit_stats_row none;
	uint32_t i, o = 0;

	delta->time_ns = grown(new->time_ns, old->time_ns);
	delta->exits = grown(new->exits, old->exits);
	delta->cycles = grown(new->cycles, old->cycles);
	delta->own = grown(new->own, old->own);
	delta->nr_rows = 0;

	for (i = 0; i < new->nr_rows; i++) {
		const struct exit_stats_row *row = &new->rows[i];
		const struct exit_stats_row *was = &none;

		while (o < old->nr_rows && old->rows[o].reason < row->reason)
			o++;
		if (o < old->nr_rows && old->rows[o].reason == row->reason)
			was = &old->rows[o];
		if (row->exits > was->exits &&
		    sample_add_row(delta, row->reason, row->exits - was->exits,
				   grown(row->cycles, was->cycles)))
			return -1;
	}
	return 0;
}

static void remove_own(struct sample *sample, struct exit_stats_row *row)
{
	uint64_t own = sample->own < row->exits ? sample->own : row->exits;
	uint64_t cycles = (unsigned __int128)row->cycles * own / row->exits;

	row->exits -= own;
	row->cycles -= cycles;
	sample->exits = grown(sample->exits, own);
	sample->cycles = grown(sample->cycles, cycles);
}

void sample_remove_own(struct sample *sample, uint32_t own_reason)
{
	uint32_t i, nr = 0;

	for (i = 0; i < sample->nr_rows; i++) {
		struct exit_stats_row *row = &sample->rows[i];

		if (row->reason == own_reason)
			remove_own(sample, row);
		if (row->exits)
			sample->rows[nr++] = *row;
	}
	sample->nr_rows = nr;
}

void sample_restrict(struct sample *sample, const uint32_t *reasons, size_t nr)
{
	uint32_t i, kept = 0;
	size_t r = 0;

	for (i = 0; i < sample->nr_rows; i++) {
		while (r < nr && reasons[r] < sample->rows[i].reason)
			r++;
		if (r < nr && reasons[r] == sample->rows[i].reason)
			sample->rows[kept++] = sample->rows[i];
	}
	sample->nr_rows = kept;
}

const struct exit_stats_row *sample_find(const struct sample *sample,
					 uint32_t reason)
{
	uint32_t i;

	for (i = 0; i < sample->nr_rows; i++) {
		if (sample->rows[i].reason == reason)
			return &sample->rows[i];
	}
	return NULL;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_reason(const struct exit_stats_row *a,
		     const struct exit_stats_row *b)
{
	return compare(a->reason, b->reason);
}

static int by_exits(const void *left, const void *right)
{
	const struct exit_stats_row *a = left, *b = right;
	int order = compare(b->exits, a->exits);

	return order ? order : by_reason(a, b);
}

static int by_cycles(const void *left, const void *right)
{
	const struct exit_stats_row *a = left, *b = right;
	int order = compare(b->cycles, a->cycles);

	return order ? order : by_reason(a, b);
}

static int by_cost(const void *left, const void *right)
{
	const struct exit_stats_row *a = left, *b = right;
	double cost_a = (double)a->cycles / (double)a->exits;
	double cost_b = (double)b->cycles / (double)b->exits;

	if (cost_a != cost_b)
		return cost_a < cost_b ? 1 : -1;
	return by_reason(a, b);
}

void sample_sort(struct sample *sample, enum sort_key key)
{
	static int (*const by[])(const void *, const void *) = {
		[SORT_EXITS]	= by_exits,
		[SORT_CYCLES]	= by_cycles,
		[SORT_COST]	= by_cost,
	};

	if (sample->nr_rows)
		qsort(sample->rows, sample->nr_rows, sizeof(*sample->rows),
		      by[key]);
}

const char *reason_name(uint32_t isa, uint32_t reason)
{
	if (reason == REASON_OTHER)
		return "other";
	return exit_stats_reason_name(isa, reason);
}

const char *reason_number(uint32_t reason, char text[12])
{
	if (reason == REASON_OTHER)
		return "-";
	/* SVM's errors are small negative numbers. */
	if (reason > INT32_MAX)
		snprintf(text, 12, "%" PRId32, (int32_t)reason);
	else
		snprintf(text, 12, "%" PRIu32, reason);
	return text;
}
