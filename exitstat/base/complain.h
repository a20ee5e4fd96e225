/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said on stderr. */
#ifndef COMPLAIN_H
#define COMPLAIN_H

#include <stdio.h>

/* One line on stderr, after the program's name.  Returns -1. */
__attribute__((format(printf, 1, 2)))
int complain(const char *format, ...);

/* Where complaints go: to stderr, or into a text. */
struct complaints {
	char *text;		/* NULL: stderr */
	size_t size;
};

/*
 * From now on keep the last complaint in @text, which may be cut, in place of
 * saying it; NULL: say it again.  Returns what was before, to be restored.
 */
struct complaints keep_complaints(char *text, size_t size);
void restore_complaints(struct complaints before);

/* Flush @out: 0, or -1 after a line on stderr. */
int flush_output(FILE *out);

#endif /* COMPLAIN_H */
