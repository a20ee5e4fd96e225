/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers that formats for machines have, each under one name in all of
 * them.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "model/sample.h"

struct value {
	bool known;		/* the others mean nothing if it is not */
	const char *word;	/* or NULL: */
	bool is_count;
	uint64_t count;
	double number;
	int digits;		/* behind its point, in text */
};

/* Who takes the fields, and what all of them need. */
struct fields {
	void (*put)(void *context, const char *name, const struct value *value);
	void *context;
	uint32_t tsc_khz;	/* 0: not known, and no seconds */
	bool has_times;		/* else of all times only the kernel's is known */
};

/*
 * What happened, and what it cost: of a reason, as a part of @whole, or of a VM.
 * @exits_share is only for the former.
 */
void put_cost_fields(const struct fields *fields, const struct exit_stats_row *row,
		     const struct exit_stats_row *whole, uint64_t time_ns,
		     bool exits_share);
void put_account_fields(const struct fields *fields,
			const struct sample *sample);

/* What single exits cost; of a @hist of NULL nothing is known. */
void put_tail_fields(const struct fields *fields, const struct hist *hist);

/* A number that is none of the above. */
void put_count_field(const struct fields *fields, const char *name, bool known,
		     uint64_t count);
void put_number_field(const struct fields *fields, const char *name, bool known,
		      double number, int digits);

#endif /* FIELDS_H */
