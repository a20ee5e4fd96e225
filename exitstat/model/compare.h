/* SPDX-License-Identifier: GPL-2.0-only */
/* Two parts of what was saved, side by side. */
#ifndef COMPARE_H
#define COMPARE_H

#include "model/saved.h"

/* A number of both, and what became of it. */
struct change {
	struct mean a, b;
	double percent;		/* of a, if that is not 0 */
	double chance;		/* that has both so far apart, or further */
	bool differs;		/* by more than chance, and than the threshold */
};

struct compare_row {
	uint32_t reason;
	struct change rate, load, cost;
};

struct compare {
	const struct series *a, *b;
	struct compare_row all;
	size_t nr_rows;
	struct compare_row *rows;	/* what costs most more or less first */
	bool differs;
};

/* What is looked at, and what is a difference. */
struct criteria {
	const uint32_t *reasons;	/* that ascend */
	size_t nr_reasons;		/* 0: all of them */
	double threshold;		/* percent: smaller changes are none */
	double chance;			/* what is likelier is none */
};

/* 0, or -1 after a line on stderr. */
int compare_parts(struct compare *compare, const struct series *a,
		  const struct series *b, const struct criteria *criteria);

/* How many numbers of the two that would compare, at most. */
size_t compare_count(const struct series *a, const struct series *b,
		     const struct criteria *criteria);
void compare_free(struct compare *compare);

#endif /* COMPARE_H */
