/* SPDX-License-Identifier: GPL-2.0-only */
/* Charts of a recording, drawn by gnuplot, as SVG to put into a page. */
#ifndef CHART_H
#define CHART_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/recording.h"

/* The reasons that have a colour of their own; "others" has the next one. */
#define MAX_SERIES	6

struct series {
	size_t nr;
	uint32_t reasons[MAX_SERIES];
};

enum chart {
	CHART_GROWTH,		/* exits so far, over time */
	CHART_STACKED,		/* exits per second by reason, over time */
	CHART_LINES,		/* the same on a log scale, where small ones show */
	CHART_CYCLES,		/* share of the cycles by reason */
	CHART_COST,		/* cycles per exit by reason, log scale */
	NR_CHARTS
};

/* Those with the most exits. */
void chart_choose(const struct recording *rec, struct series *series);

const char *chart_color(size_t series);

/* Write the SVG to @out.  0, or -1 after a line on stderr. */
int chart_draw(FILE *out, enum chart chart, const struct recording *rec,
	       const struct series *series);

#endif /* CHART_H */
