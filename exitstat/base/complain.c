// SPDX-License-Identifier: GPL-2.0-only
/* See base/complain.h. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"

static struct complaints kept;

void restore_complaints(struct complaints before)
{
	kept = before;
}

struct complaints keep_complaints(char *text, size_t size)
{
	struct complaints before = kept;

	if (text)
		text[0] = '\0';
	kept = (struct complaints){ text, size };
	return before;
}

/* Names of files, and of what was asked for, shall not move the cursor. */
static void put_printable(char *text)
{
	char *c;

	for (c = text; c && *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	fputs(text ? text : "out of memory", stderr);
}

int complain(const char *format, ...)
{
	va_list arguments;
	char *text;

	if (kept.text) {
		va_start(arguments, format);
		vsnprintf(kept.text, kept.size, format, arguments);
		va_end(arguments);
		return -1;
	}
	fflush(stdout);
	fputs("exitstat: ", stderr);
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	put_printable(text);
	free(text);
	fputc('\n', stderr);
	return -1;
}

int flush_output(FILE *out)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	return complain("cannot write the output: %s",
			strerror(errno ? errno : EIO));
}
