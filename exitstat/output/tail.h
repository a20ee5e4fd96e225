/* SPDX-License-Identifier: GPL-2.0-only */
/* What single exits cost, for people. */
#ifndef TAIL_H
#define TAIL_H

#include "base/numbers.h"
#include "output/format.h"

/* The columns of --tail. */
enum tail_column { TAIL_P50, TAIL_P99, TAIL_P999, TAIL_MAX, NR_TAIL_COLUMNS };

extern const char *const tail_headers[NR_TAIL_COLUMNS];
extern const int tail_widths[NR_TAIL_COLUMNS];

/* A cell of them, at most that wide; "-" where no exit's cost is known. */
const char *tail_text(char text[TEXT_SIZE], const struct tail *tail,
		      enum tail_column column, uint32_t tsc_khz);

/* A line below a table whose columns lack some exits; or none. */
void tail_print_missed(FILE *out, const struct source *source,
		       const struct sample *sample);

/* The same of a whole VM among others. */
void tail_print_missed_of(FILE *out, const char *vm, bool known,
			  const struct hist *all);

/* A line for the exit of @sample's rows that cost most; none without histograms. */
void tail_print_worst(FILE *out, const struct source *source,
		      const struct sample *sample);

#endif /* TAIL_H */
