/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is there only when it is whole. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stdio.h>

struct file {
	const char *name;	/* "-" is standard output */
	char *temporary;	/* its name until it is whole */
	FILE *out;
};

/* Both return 0, or -1 after a line on stderr. */
int file_open(struct file *file, const char *name);

/* Put the file in its place; or, if @good is not, remove it. */
int file_close(struct file *file, bool good);

#endif /* FILE_H */
