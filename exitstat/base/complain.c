// SPDX-License-Identifier: GPL-2.0-only
/* See base/complain.h. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/complain.h"

/* Where complaints go in place of stderr. */
static char *kept;
static size_t kept_size;

void keep_complaints(char *text, size_t size)
{
	kept = text;
	kept_size = size;
	if (kept)
		kept[0] = '\0';
}

int complain(const char *format, ...)
{
	va_list arguments;

	if (kept) {
		va_start(arguments, format);
		vsnprintf(kept, kept_size, format, arguments);
		va_end(arguments);
		return -1;
	}
	fflush(stdout);
	fputs("exitstat: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
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
