/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording as charts draw it: what changed in each step, in columns.  A step is
 * the time between two samples; of a long recording, that of several.
 */
#ifndef STEPS_H
#define STEPS_H

#include "model/recording.h"

/*
 * A page keeps so many steps.  Of a longer recording it keeps, in each of equal
 * parts, the steps with the highest and the lowest rate of each column as they
 * are, and merges those between.  The tails of what is merged are of all its exits.
 */
#define MAX_STEPS	8000

/* Reasons with columns of their own, by exits and by cost, and by the worst exit. */
#define NR_TOP		6
#define NR_WORST	3
#define MAX_DRAWN	(2 * NR_TOP + NR_WORST)

/* The reasons that are drawn, the costliest first; what is left is the last. */
struct drawn {
	size_t nr;
	size_t nr_left;		/* reasons that have no column of their own */
	bool has_tails;		/* any sample has histograms */
	uint32_t reasons[MAX_DRAWN];
};

struct steps {
	size_t nr, nr_columns;
	size_t nr_sums;		/* the first columns, which add up */
	uint64_t *time;		/* ns of each */
	uint64_t *values;	/* [nr][nr_columns] */
	size_t *first;		/* the sample that each begins with; and the last one */
	uint64_t *at;		/* ns from the first sample to each */
};

/* Those with the most exits, those that cost most, and the worst, in any of @nr recordings. */
void drawn_choose(struct drawn *drawn, const struct recording *const recs[],
		   size_t nr);

/*
 * The columns: exits of each of @drawn and the rest, their cycles, the accounts; p50,
 * p99 and maximum of each of @drawn, 0 where they are not known.
 */
size_t column_of_exits(size_t i);
size_t column_of_cycles(const struct drawn *drawn, size_t i);
size_t column_of_account(const struct drawn *drawn, size_t i);
size_t column_of_p50(const struct drawn *drawn, size_t i);
size_t column_of_p99(const struct drawn *drawn, size_t i);
size_t column_of_max(const struct drawn *drawn, size_t i);

/* 0, or -1 after a line on stderr. */
int steps_make(struct steps *steps, const struct recording *rec,
	       const struct drawn *drawn);
void steps_free(struct steps *steps);

#endif /* STEPS_H */
