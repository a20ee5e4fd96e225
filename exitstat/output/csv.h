/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CSV_H
#define CSV_H

#include <stdio.h>

#include "output/fields.h"

/* For struct fields, with a FILE: ",NAME", and ",VALUE" or "," alone. */
void csv_put_name(void *out, const char *name, const struct value *value);
void csv_put_value(void *out, const char *name, const struct value *value);

#endif /* CSV_H */
