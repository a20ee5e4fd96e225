/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OPENMETRICS_H
#define OPENMETRICS_H

#include <stdio.h>

/* What comes before a family's metrics. */
void openmetrics_family(FILE *out, const char *name, const char *type,
			const char *unit, const char *help);

/* As name="value", for a value without newlines. */
void openmetrics_label(FILE *out, const char *label, const char *value);

#endif /* OPENMETRICS_H */
