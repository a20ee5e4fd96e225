/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What single exits of a reason cost in the kernel, as KVM counts them: 200
 * buckets, eight for each power of two of cycles.
 */
#ifndef HIST_H
#define HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kvm_exit_stats.h>

#define NR_BUCKETS	KVM_CPUID_EXIT_STATS_NR_BUCKETS

/* More reasons have no histogram: no instruction set has half as many. */
#define MAX_HISTS	2048

/* What is known of the exit that cost most. */
enum hist_bound {
	BOUND_EXACT,
	BOUND_AT_MOST,		/* it did not cost more than that */
	BOUND_AT_LEAST,		/* it did not cost less */
};

/*
 * "", "<" and ">", and "", "at most " and "at least ", for people; "exact", "at_most"
 * and "at_least", for machines.
 */
const char *bound_sign(enum hist_bound bound);
const char *bound_words(enum hist_bound bound);
const char *bound_name(enum hist_bound bound);

/* Nobody tells a guest how many exits are not over yet. */
#define OPEN_UNKNOWN	UINT64_MAX

struct hist {
	uint32_t reason;
	enum hist_bound bound;
	uint64_t max;		/* in cycles */
	uint64_t open;		/* exits that are not over yet, in no bucket */
	uint64_t missed;	/* exits whose cost nobody took, in no bucket */
	uint64_t counts[NR_BUCKETS];
};

/* The bucket of a cost, and the first and last cost of a bucket. */
unsigned int hist_bucket(uint64_t cost);
uint64_t hist_from(unsigned int bucket);
uint64_t hist_to(unsigned int bucket);

/* How many exits its buckets have, and those that end below @cost. */
uint64_t hist_exits(const struct hist *hist);
uint64_t hist_exits_below(const struct hist *hist, uint64_t cost);

/* What is in no bucket, though it is over: 0 to 1. */
double hist_missed_share(const struct hist *hist);

#define HIST_P50	500
#define HIST_P99	990
#define HIST_P999	999

/*
 * The cost that this many of a thousand exits did not exceed: at most 6.25 % off,
 * or 4 cycles.  0 without an exit.
 */
uint64_t hist_percentile(const struct hist *hist, unsigned int per_mille);

/* What people look at; without an exit, it means nothing. */
struct tail {
	uint64_t exits, p50, p99, p999, max;
	enum hist_bound bound;
};

void hist_tail(const struct hist *hist, struct tail *tail);

/* What changed from @old to @new, which are of one reason. */
void hist_subtract(struct hist *delta, const struct hist *new,
		   const struct hist *old);

/* Another time, another VM, or another reason: @sum has both. */
void hist_add(struct hist *sum, const struct hist *more);

/* The histograms of a sample: all zeros to start with, and packed. */
struct hists {
	bool known;		/* else there are none */
	size_t nr, max;
	struct packed_hist *packed;	/* by reason, ascending */
	size_t nr_buckets, max_buckets;
	struct packed_bucket *buckets;	/* of all of them */
};

/* Empty it; it is known from now on, or not. */
void hists_begin(struct hists *hists, bool known);

/* Append one.  0, or -1 after a line on stderr. */
int hists_put(struct hists *hists, const struct hist *hist);

/* By reason; false if there are two of one. */
bool hists_order(struct hists *hists);

/* Number @i of them; and that of @reason: false, and all zeros, if there is none. */
void hists_at(const struct hists *hists, size_t i, struct hist *hist);
bool hists_get(const struct hists *hists, uint32_t reason, struct hist *hist);

/* That of all reasons together. */
void hists_sum(const struct hists *hists, struct hist *sum);

/* All of these need their sources ordered, and return 0, or -1 as above. */
int hists_copy(struct hists *copy, const struct hists *hists);
int hists_subtract(struct hists *delta, const struct hists *new,
		   const struct hists *old);
int hists_add(struct hists *sum, const struct hists *more);

/* Have those of @newer in place of those of the same reasons, or beside them. */
int hists_replace(struct hists *hists, const struct hists *newer);

void hists_free(struct hists *hists);

#endif /* HIST_H */
