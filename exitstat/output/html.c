// SPDX-License-Identifier: GPL-2.0-only
/* See output/html.h. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "output/findings.h"
#include "output/html.h"

void html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		default: fputc(*text, out);
		}
	}
}

/* What could end the element, or the string, is written by its number. */
void html_json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr(" _.,:;+-/()", *text))
			fputc(*text, out);
		else
			fprintf(out, "\\u%04x", (unsigned char)*text);
	}
	fputc('"', out);
}

void html_name_cell(FILE *out, const char *text)
{
	fputs("<td class=\"text\">", out);
	html_text(out, text);
	fputs("</td>", out);
}

void html_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	html_text(out, text);
	fputs("</td>", out);
}

void html_count_cell(FILE *out, uint64_t value)
{
	char text[NUMBER_SIZE];

	html_cell(out, grouped_count(text, value));
}

void html_rounded_cell(FILE *out, double value)
{
	char text[NUMBER_SIZE];

	html_cell(out, grouped(text, value));
}

void html_rate_cell(FILE *out, double rate)
{
	if (rate > 0 && rate < 10)
		fprintf(out, "<td>%.2f</td>", rate);
	else
		html_rounded_cell(out, rate);
}

void html_share_cell(FILE *out, double part, double whole)
{
	double percent = whole > 0 ? 100 * part / whole : 0;

	fprintf(out, "<td class=\"bar\" style=\"--part:%.1f%%\">%.2f</td>",
		fmin(percent, 100), percent);
}
