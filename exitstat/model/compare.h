/* SPDX-License-Identifier: GPL-2.0-only */
/* Two parts of what was saved, side by side. */
#ifndef COMPARE_H
#define COMPARE_H

#include "model/saved.h"

/* A number of both, and what became of it. */
struct change {
	struct mean a, b;
	double percent;		/* of a, if that is not 0 */
	bool differs;		/* by more than the spread, and the threshold */
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

/*
 * Only the @nr @reasons, which ascend, if there are any; changes of less than
 * @threshold percent are none.  0, or -1 after a line on stderr.
 */
int compare_parts(struct compare *compare, const struct series *a,
		  const struct series *b, const uint32_t *reasons, size_t nr,
		  double threshold);
void compare_free(struct compare *compare);

#endif /* COMPARE_H */
