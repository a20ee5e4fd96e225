/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was measured several times, as intervals of a recording or runs of a
 * command: means, and how far they may be from the truth.
 */
#ifndef SERIES_H
#define SERIES_H

#include "model/sample.h"

/* Sums over the steps of exits e, cycles c, and the step's size x. */
struct series_row {
	uint32_t reason;
	size_t nr;		/* steps that have it */
	long double e, c, ee, cc, ec, ex, cx;
};

/* To start with, all zeros. */
struct series {
	char *name;		/* of the phase; NULL: all */
	size_t nr;		/* steps */
	long double x, xx;	/* seconds of each, or 1 of a run */
	struct series_row all;
	size_t nr_rows, max_rows;
	struct series_row *rows;	/* by reason, ascending */
};

/* A mean, and its standard error: negative if there were less than two steps. */
struct mean {
	double value, error;
	size_t nr;		/* steps that it is of */
};

/* Add a step of @size.  0, or -1 after a line on stderr. */
int series_add(struct series *series, const struct sample *change, double size);

/* The row of @reason, or one of zeros. */
const struct series_row *series_find(const struct series *series, uint32_t reason);

/* Exits per second or run, cycles per second or run, cycles per exit. */
struct mean series_rate(const struct series *series, const struct series_row *row);
struct mean series_load(const struct series *series, const struct series_row *row);
struct mean series_cost(const struct series_row *row);

/*
 * How likely chance has two means of the same thing so far apart (Welch's test).
 * 1 if that cannot be told, of fewer than three steps.
 */
double means_chance(const struct mean *a, const struct mean *b);

/* As if each cycle had been @factor cycles. */
void series_scale(struct series *series, long double factor);
void series_free(struct series *series);

#endif /* SERIES_H */
