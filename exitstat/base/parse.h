/* SPDX-License-Identifier: GPL-2.0-only */
/* Read text that nobody vouches for. */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_LINE	160

/* Lines of a file, with what it takes to complain of one. */
struct lines {
	FILE *in;
	const char *name;
	unsigned long number;
	bool may_be_cut;	/* then nothing is said of that */
	bool cut;		/* the file ended where more should be */
	char text[MAX_LINE];	/* without its newline */
};

/*
 * The next line.  0, or 1 at the end of the file, or -1 after a line on stderr:
 * an error, a line that is too long, cut short, or no text.
 */
int next_line(struct lines *lines);

/* Complain of the line read last; or of the file, which ends there.  -1. */
int bad_line(const struct lines *lines, const char *why);
int cut_short(struct lines *lines, const char *why);

/*
 * Take @word and the space after it, or a number up to @max: digits only, none
 * too many.  @text then points behind.
 */
bool take_word(const char **text, const char *word);
bool take_number(const char **text, uint64_t max, uint64_t *value);

/* What is no printable ASCII becomes a '.'. */
void make_printable(char *text);

#endif /* PARSE_H */
