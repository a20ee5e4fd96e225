/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "output/fields.h"

/* For struct fields, with an object, which has no member for what is not known. */
void json_put_value(void *object, const char *name, const struct value *value);

/* Add what single exits cost, and @with_buckets each bucket that is not empty. */
void json_put_tail(const struct fields *fields, const struct hist *hist,
		   bool with_buckets);

/* A reason's number, or null of "other". */
json_t *json_reason(uint32_t reason);

/* Write @object on a line, and free it.  0, or -1 if there is none. */
int print_json(FILE *out, json_t *object);

#endif /* JSON_H */
