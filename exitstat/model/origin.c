// SPDX-License-Identifier: GPL-2.0-only
/* See model/origin.h. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "model/origin.h"

void origin_set(char text[ORIGIN_SIZE], const char *value)
{
	char *c;

	snprintf(text, ORIGIN_SIZE, "%s", value);
	for (c = text; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

void origin_here(struct origin *origin)
{
	struct utsname here;

	memset(origin, 0, sizeof(*origin));
	if (uname(&here))
		return;
	origin_set(origin->host, here.nodename);
	origin_set(origin->kernel, here.release);
}

void origin_set_command(char text[ORIGIN_SIZE], char **words)
{
	char line[2 * ORIGIN_SIZE];
	size_t length = 0;

	line[0] = '\0';
	for (; *words && length < sizeof(line); words++)
		length += (size_t)snprintf(line + length, sizeof(line) - length,
					   "%s%s", length ? " " : "", *words);
	origin_set(text, line);
}
