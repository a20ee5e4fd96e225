// SPDX-License-Identifier: GPL-2.0-only
/* See model/series.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/series.h"
#include "model/student.h"

#define MIN_STEPS	3

static struct series_row *find_or_add(struct series *series, uint32_t reason)
{
	struct series_row *rows = series->rows;
	size_t i = series->nr_rows;

	while (i && rows[i - 1].reason > reason)
		i--;
	if (i && rows[i - 1].reason == reason)
		return &rows[i - 1];
	if (series->nr_rows == series->max_rows) {
		size_t max = series->max_rows ? 2 * series->max_rows : 64;

		rows = reallocarray(rows, max, sizeof(*rows));
		if (!rows)
			return NULL;
		series->rows = rows;
		series->max_rows = max;
	}
	memmove(&rows[i + 1], &rows[i], (series->nr_rows++ - i) * sizeof(*rows));
	memset(&rows[i], 0, sizeof(rows[i]));
	rows[i].reason = reason;
	return &rows[i];
}

static void add(struct series_row *sum, const struct exit_stats_row *row,
		long double x)
{
	long double e = row->exits, c = row_cycles(row);

	sum->nr += e > 0 || c > 0;
	sum->e += e;
	sum->c += c;
	sum->ee += e * e;
	sum->cc += c * c;
	sum->ec += e * c;
	sum->ex += e * x;
	sum->cx += c * x;
}

/* A reason that a step does not have adds nothing to its sums. */
int series_add(struct series *series, const struct sample *change, double size)
{
	struct series_row *sum;
	uint32_t i;

	for (i = 0; i < change->nr_rows; i++) {
		sum = find_or_add(series, change->rows[i].reason);
		if (!sum)
			return complain("out of memory");
		add(sum, &change->rows[i], size);
	}
	add(&series->all, &change->all, size);
	series->nr++;
	series->x += size;
	series->xx += (long double)size * size;
	return 0;
}

const struct series_row *series_find(const struct series *series, uint32_t reason)
{
	static const struct series_row none;
	size_t i;

	for (i = 0; i < series->nr_rows; i++) {
		if (series->rows[i].reason == reason)
			return &series->rows[i];
	}
	return &none;
}

/*
 * The ratio of the sums y and x, so that a long step weighs more than a short
 * one.  Its error is that of a ratio estimator: from what is left of each y when
 * the ratio times its x is taken away.
 */
static struct mean ratio(size_t nr, long double y, long double x, long double yy,
			 long double xy, long double xx)
{
	struct mean mean = { .error = -1, .nr = nr };
	long double value, left;

	if (x <= 0)
		return mean;
	value = y / x;
	mean.value = (double)value;
	if (nr < 2)
		return mean;
	left = yy - 2 * value * xy + value * value * xx;
	mean.error = (double)(sqrtl(fmaxl(left, 0) * nr / (nr - 1)) / x);
	return mean;
}

struct mean series_rate(const struct series *series, const struct series_row *row)
{
	return ratio(series->nr, row->e, series->x, row->ee, row->ex, series->xx);
}

struct mean series_load(const struct series *series, const struct series_row *row)
{
	return ratio(series->nr, row->c, series->x, row->cc, row->cx, series->xx);
}

/* What a step does not have says nothing of its cost. */
struct mean series_cost(const struct series_row *row)
{
	return ratio(row->nr, row->c, row->e, row->cc, row->ec, row->ee);
}

double means_chance(const struct mean *a, const struct mean *b)
{
	double of_a = a->error * a->error, of_b = b->error * b->error;
	double apart = fabs(a->value - b->value), sum = of_a + of_b;

	if (a->nr < MIN_STEPS || b->nr < MIN_STEPS ||
	    apart <= 1e-9 * fabs(a->value))
		return 1;
	if (sum <= 0)
		return 0;
	return student_chance(apart / sqrt(sum), sum * sum /
			      (of_a * of_a / (double)(a->nr - 1) +
			       of_b * of_b / (double)(b->nr - 1)));
}

static void scale(struct series_row *row, long double factor)
{
	row->c *= factor;
	row->cc *= factor * factor;
	row->ec *= factor;
	row->cx *= factor;
}

void series_scale(struct series *series, long double factor)
{
	size_t i;

	scale(&series->all, factor);
	for (i = 0; i < series->nr_rows; i++)
		scale(&series->rows[i], factor);
}

void series_free(struct series *series)
{
	free(series->name);
	free(series->rows);
	memset(series, 0, sizeof(*series));
}
