/* SPDX-License-Identifier: GPL-2.0-only */
/* What samples are of, and who took them. */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdint.h>

/* Of a text here, with its NUL: a line of a recording has room for it. */
#define ORIGIN_SIZE	128

/* "" or 0 is what is not known.  All text is printable ASCII. */
struct origin {
	char exitstat[ORIGIN_SIZE];	/* the version */
	char host[ORIGIN_SIZE];		/* the name of the system that it ran on */
	char kernel[ORIGIN_SIZE];	/* the release of its kernel */
	char vm[ORIGIN_SIZE];		/* PID-FD and name; "" in the guest itself */
	char command[ORIGIN_SIZE];	/* line */
	uint32_t vcpus;
};

/* The system that this runs on; the rest is not known. */
void origin_here(struct origin *origin);

/* What is no printable ASCII becomes "?"; a longer text is cut. */
void origin_set(char text[ORIGIN_SIZE], const char *value);

/* The words of a command line, one space between two. */
void origin_set_command(char text[ORIGIN_SIZE], char **words);

#endif /* ORIGIN_H */
