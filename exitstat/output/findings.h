/* SPDX-License-Identifier: GPL-2.0-only */
/* What people ask of a recording, answered from its numbers. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdio.h>

#include "model/recording.h"

/* Between groups of three digits: a narrow space, in UTF-8. */
#define THIN_SPACE	"\xe2\x80\xaf"

#define NUMBER_SIZE	48

/* @value in groups of three digits; of the second, rounded.  Return @text. */
const char *grouped_count(char text[NUMBER_SIZE], uint64_t value);
const char *grouped(char text[NUMBER_SIZE], double value);

/* "VMX, TSC at 2 100 000 kHz; 27.3 s in 137 samples; 7 exits since ...". */
void put_summary(FILE *out, const struct recording *rec);

struct answer {
	const char *question;
	void (*put)(FILE *out, const struct recording *rec);
	/* Nobody asks what the recording cannot know. */
	bool needs_tails;
};

#define NR_ANSWERS	7

extern const struct answer answers[NR_ANSWERS];

bool has_answer(const struct recording *rec, const struct answer *answer);

/* All as plain text, in lines of 79 columns.  0, or -1 if there is no memory. */
int put_answers(FILE *out, const struct recording *rec);

#endif /* ANSWERS_H */
