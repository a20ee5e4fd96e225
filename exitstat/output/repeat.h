/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of a command that ran several times. */
#ifndef REPEAT_H
#define REPEAT_H

#include "model/series.h"

/* Means over the runs, which took @seconds in all.  0, or -1. */
int repeat_show(FILE *out, const struct source *source,
		const struct series *series, double seconds);

#endif /* REPEAT_H */
