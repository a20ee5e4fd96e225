/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All samples of a dump, and what the VM did between any two of them.  Nothing
 * here has the exits that taking the samples caused, except the samples.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/sample.h"

/* How uneven a rate may be, as standard deviation over mean, to be called so. */
#define VARIATION_STABLE	0.10
#define VARIATION_FAIRLY	0.50

/* From a sample with a mark to the next, or to the last. */
struct phase {
	const char *name;
	size_t first, last;		/* samples */
	struct sample change;		/* sorted by exits */
	double variation;
};

struct recording {
	uint32_t isa, tsc_khz, own_reason;
	struct origin origin;
	enum history history;		/* of the first sample */
	size_t times_anew;		/* that counts began anew */
	size_t nr_samples, max_samples;
	struct sample *samples;
	size_t nr_phases;
	struct phase *phases;
	struct sample start;		/* until the first sample; by exits */
	struct sample all;		/* until the last; by exits */
	struct sample change;		/* from the first to the last; by exits */
	double variation;
};

/* Returns 0, or -1 after a line on stderr. */
int recording_load(struct recording *rec, struct source *source);
void recording_free(struct recording *rec);

/*
 * What happened from sample @from to @to, sorted by exits.  Where counts began
 * anew between them, it has all since then, too.  0, or -1 as above.
 */
int recording_change(const struct recording *rec, size_t from, size_t to,
		     struct sample *change);

/* Whether the VM had just been made when the recording began. */
bool recording_has_boot(const struct recording *rec);

double rate_of(const struct sample *change);

/* "stable", "fairly stable", "not stable"; "unknown" of a negative number. */
const char *stability(double variation);

#endif /* RECORDING_H */
