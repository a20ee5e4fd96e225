/* SPDX-License-Identifier: GPL-2.0-only */
/* What two recordings, or two saved tables, differ in. */
#ifndef DIFF_H
#define DIFF_H

#include <stdio.h>

#include "model/compare.h"

/* What is compared: for people. */
void diff_show_heading(FILE *out, const struct saved *a, const struct saved *b);
void diff_show_part(FILE *out, const struct saved *a, const struct compare *compare);

/* All as an object in a line.  0, or -1 after a line on stderr. */
int diff_show_json(FILE *out, const struct saved *a, const struct saved *b,
		   const struct compare *parts, size_t nr);

#endif /* DIFF_H */
