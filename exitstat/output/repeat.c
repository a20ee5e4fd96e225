// SPDX-License-Identifier: GPL-2.0-only
/* See output/repeat.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "output/repeat.h"

#define NAME_WIDTH	18

/* The standard error in percent, as perf stat -r has it. */
static void put_mean(FILE *out, const struct mean *mean, const char *text,
		     int width)
{
	fprintf(out, " %*s", width, text);
	if (mean->error < 0 || mean->value <= 0)
		fprintf(out, " %6s", "-");
	else
		fprintf(out, " %6.1f", 100 * mean->error / mean->value);
}

static void put_row(FILE *out, const struct source *source,
		    const struct series *series, const struct series_row *row)
{
	struct mean rate = series_rate(series, row);
	struct mean load = series_load(series, row);
	struct mean cost = series_cost(row);
	char text[TEXT_SIZE];

	put_mean(out, &rate, text_rate(text, rate.value, 9), 9);
	if (source->tsc_khz)
		text_time(text, (uint64_t)load.value, source->tsc_khz);
	else
		text_count(text, load.value, 8);
	put_mean(out, &load, text, 8);
	put_mean(out, &cost, text_rate(text, cost.value, 8), 8);
	fputc('\n', out);
}

static int by_cycles(const void *left, const void *right)
{
	const struct series_row *a = *(const struct series_row *const *)left;
	const struct series_row *b = *(const struct series_row *const *)right;

	if (a->c != b->c)
		return a->c < b->c ? 1 : -1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

static void put_rows(FILE *out, const struct source *source,
		     const struct series *series,
		     const struct series_row *const *rows)
{
	char number[12];
	size_t i;

	for (i = 0; i < series->nr_rows; i++) {
		fprintf(out, "%6s %-*.*s", reason_number(rows[i]->reason, number),
			NAME_WIDTH, NAME_WIDTH,
			reason_name(source->isa, rows[i]->reason));
		put_row(out, source, series, rows[i]);
	}
	fprintf(out, "%6s %-*s", "", NAME_WIDTH, "all");
	put_row(out, source, series, &series->all);
}

int repeat_show(FILE *out, const struct source *source,
		const struct series *series, double seconds)
{
	const struct series_row **rows = calloc(series->nr_rows + 1, sizeof(*rows));
	size_t i;

	if (!rows)
		return complain("out of memory");
	for (i = 0; i < series->nr_rows; i++)
		rows[i] = &series->rows[i];
	qsort(rows, series->nr_rows, sizeof(*rows), by_cycles);
	fprintf(out, "%zu run%s, %.3f s each: means, with their standard errors\n",
		series->nr, series->nr == 1 ? "" : "s", seconds / (double)series->nr);
	fprintf(out, "%6s %-*s %9s %6s %8s %6s %8s %6s\n", "reason", NAME_WIDTH,
		"name", "exits", "+-%", "time", "+-%", "/exit", "+-%");
	put_rows(out, source, series, rows);
	free(rows);
	return 0;
}
