// SPDX-License-Identifier: GPL-2.0-only
/* See http/accept.h: "TYPE;PARAMETER=VALUE;q=0.5,TYPE", with spaces anywhere. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "http/accept.h"

#define Q_ONE	1000

static const char *skip(const char *text)
{
	return text + strspn(text, " \t");
}

/* "0.5", "1", "0.123" in thousandths; what is no such number is nothing. */
static int parse_q(const char *text)
{
	int digit, q = 0, scale = Q_ONE / 10;

	if (*text != '0' && *text != '1')
		return 0;
	q = (*text++ - '0') * Q_ONE;
	if (*text++ != '.')
		return q;
	for (digit = 0; digit < 3 && isdigit((unsigned char)*text); digit++) {
		q += (*text++ - '0') * scale;
		scale /= 10;
	}
	return q > Q_ONE ? Q_ONE : q;
}

/* The q of the element at @text, which ends before @end. */
static int find_q(const char *text, const char *end)
{
	for (text = memchr(text, ';', end - text); text && text < end;
	     text = memchr(text, ';', end - text)) {
		text = skip(text + 1);
		if (!strncasecmp(text, "q=", 2))
			return parse_q(text + 2);
	}
	return Q_ONE;
}

/* How much the header wants @type: the q of its element, or of a wildcard. */
static int wanted(const char *accept, const char *type, const char *wildcard)
{
	const char *const types[] = { type, wildcard, "*/*" };
	size_t best = sizeof(types) / sizeof(types[0]), i;
	const char *end;
	int q = 0;

	for (accept = skip(accept); *accept; accept = skip(end + !!*end)) {
		size_t length = strcspn(accept, ";, \t");

		end = accept + strcspn(accept, ",");
		for (i = 0; i < best; i++) {
			if (strlen(types[i]) != length ||
			    strncasecmp(accept, types[i], length))
				continue;
			best = i;
			q = find_q(accept, end);
		}
	}
	return q;
}

bool accepts_openmetrics(const char *accept)
{
	return accept && wanted(accept, "application/openmetrics-text", "application/*") >
			 wanted(accept, "text/plain", "text/*");
}
