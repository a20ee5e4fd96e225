/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* A string, as many readers of JSON keep only 53 bits of a number. */
json_t *json_counter(uint64_t value);

/* Write @object on a line, and free it.  0, or -1 if there is none. */
int print_json(FILE *out, json_t *object);

#endif /* JSON_H */
