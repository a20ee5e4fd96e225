/* SPDX-License-Identifier: GPL-2.0-only */
/* Text and cells of tables in HTML. */
#ifndef HTML_H
#define HTML_H

#include <stdint.h>
#include <stdio.h>

/* The text of an element or of an attribute. */
void html_text(FILE *out, const char *text);

/* A string of JSON that may stand in a script element. */
void html_json_string(FILE *out, const char *text);

/* A cell of the first column, and the others of a row. */
void html_name_cell(FILE *out, const char *text);
void html_cell(FILE *out, const char *text);
void html_count_cell(FILE *out, uint64_t value);
void html_rounded_cell(FILE *out, double value);

/* A small one still has a digit that is not 0. */
void html_rate_cell(FILE *out, double rate);

/* In percent, @part of @whole, with a bar behind it. */
void html_share_cell(FILE *out, double part, double whole);

#endif /* HTML_H */
