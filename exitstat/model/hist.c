// SPDX-License-Identifier: GPL-2.0-only
/* See model/hist.h. */
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "model/hist.h"

#define LINEAR_BUCKETS	16	/* of one width, from 0 on */
#define PER_POWER	8	/* buckets of a power of two */

struct packed_hist {
	uint32_t reason;
	enum hist_bound bound;
	uint64_t max, open, missed;
	size_t first, nr;	/* of the buckets */
};

struct packed_bucket {
	uint64_t count;
	uint8_t number;
};

const char *bound_sign(enum hist_bound bound)
{
	static const char *const signs[] = {
		[BOUND_EXACT]		= "",
		[BOUND_AT_MOST]		= "<",
		[BOUND_AT_LEAST]	= ">",
	};

	return signs[bound];
}

const char *bound_words(enum hist_bound bound)
{
	static const char *const words[] = {
		[BOUND_EXACT]		= "",
		[BOUND_AT_MOST]		= "at most ",
		[BOUND_AT_LEAST]	= "at least ",
	};

	return words[bound];
}

const char *bound_name(enum hist_bound bound)
{
	static const char *const names[] = {
		[BOUND_EXACT]		= "exact",
		[BOUND_AT_MOST]		= "at_most",
		[BOUND_AT_LEAST]	= "at_least",
	};

	return names[bound];
}

unsigned int hist_bucket(uint64_t cost)
{
	unsigned int log = 63 - __builtin_clzll(cost | 1);
	unsigned int e = (log > 6 ? log : 6) - 3;
	uint64_t bucket = (e - 3) * PER_POWER + (cost >> e);

	return bucket < NR_BUCKETS - 1 ? bucket : NR_BUCKETS - 1;
}

uint64_t hist_from(unsigned int bucket)
{
	if (bucket < LINEAR_BUCKETS)
		return bucket * UINT64_C(8);
	return (UINT64_C(8) + bucket % PER_POWER) << (bucket / PER_POWER + 2);
}

uint64_t hist_to(unsigned int bucket)
{
	return bucket < NR_BUCKETS - 1 ? hist_from(bucket + 1) - 1 : UINT64_MAX;
}

/* Sums of a hostile file's numbers stop at their end. */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return a <= UINT64_MAX - b ? a + b : UINT64_MAX;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

uint64_t hist_exits_below(const struct hist *hist, uint64_t cost)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NR_BUCKETS && hist_to(i) < cost; i++)
		sum = plus(sum, hist->counts[i]);
	return sum;
}

uint64_t hist_exits(const struct hist *hist)
{
	/* The last bucket has no end. */
	return plus(hist_exits_below(hist, UINT64_MAX),
		    hist->counts[NR_BUCKETS - 1]);
}

double hist_missed_share(const struct hist *hist)
{
	double missed = (double)hist->missed;

	return missed > 0 ? missed / (missed + (double)hist_exits(hist)) : 0;
}

/* The middle of a bucket, but for the last one, which has no end. */
static uint64_t typical(const struct hist *hist, unsigned int bucket)
{
	uint64_t from = hist_from(bucket), middle;

	if (bucket == NR_BUCKETS - 1)
		return hist->max;
	middle = from + (hist_to(bucket) - from) / 2;
	return middle < hist->max || hist->bound == BOUND_AT_LEAST ? middle
								   : hist->max;
}

uint64_t hist_percentile(const struct hist *hist, unsigned int per_mille)
{
	unsigned __int128 all = hist_exits(hist);
	uint64_t rank = (all * per_mille + 999) / 1000, sum = 0;
	unsigned int i;

	if (!rank)
		return 0;
	for (i = 0; i < NR_BUCKETS; i++) {
		sum = plus(sum, hist->counts[i]);
		if (sum >= rank)
			break;
	}
	return typical(hist, i);
}

void hist_tail(const struct hist *hist, struct tail *tail)
{
	*tail = (struct tail){
		.exits = hist_exits(hist),
		.p50 = hist_percentile(hist, HIST_P50),
		.p99 = hist_percentile(hist, HIST_P99),
		.p999 = hist_percentile(hist, HIST_P999),
		.max = hist->max,
		.bound = hist->bound,
	};
}

/*
 * If the maximum rose, it is that of the time between.  Else the highest bucket
 * that has another exit tells what none of them exceeded.
 */
static void subtract_max(struct hist *delta, uint64_t max, uint64_t old)
{
	unsigned int i = NR_BUCKETS;

	delta->max = max;
	if (max > old || delta->bound == BOUND_AT_LEAST)
		return;
	while (i && !delta->counts[i - 1])
		i--;
	if (!i || hist_to(i - 1) < max)
		delta->max = i ? hist_to(i - 1) : 0;
	delta->bound = BOUND_AT_MOST;
}

void hist_subtract(struct hist *delta, const struct hist *new,
		   const struct hist *old)
{
	int i;

	*delta = *new;
	delta->missed = minus(new->missed, old->missed);
	for (i = 0; i < NR_BUCKETS; i++)
		delta->counts[i] = minus(new->counts[i], old->counts[i]);
	subtract_max(delta, new->max, old->max);
}

/* Of two that are alike, that which is known. */
static void add_max(struct hist *sum, const struct hist *more)
{
	if (more->max < sum->max ||
	    (more->max == sum->max && sum->bound == BOUND_EXACT))
		return;
	sum->max = more->max;
	sum->bound = more->bound;
}

void hist_add(struct hist *sum, const struct hist *more)
{
	int i;

	add_max(sum, more);
	/* OPEN_UNKNOWN is the end of what there is: it stays. */
	sum->open = plus(sum->open, more->open);
	sum->missed = plus(sum->missed, more->missed);
	for (i = 0; i < NR_BUCKETS; i++)
		sum->counts[i] = plus(sum->counts[i], more->counts[i]);
}

void hists_begin(struct hists *hists, bool known)
{
	hists->known = known;
	hists->nr = hists->nr_buckets = 0;
}

/* Make room in an array of @max members for another @more. */
static bool make_room(void **array, size_t *max, size_t nr, size_t more,
		      size_t size)
{
	size_t wanted = *max ? *max : 64;
	void *bigger;

	if (*max - nr >= more)
		return true;
	while (wanted - nr < more)
		wanted *= 2;
	bigger = reallocarray(*array, wanted, size);
	if (!bigger)
		return false;
	*array = bigger;
	*max = wanted;
	return true;
}

int hists_put(struct hists *hists, const struct hist *hist)
{
	struct packed_hist *packed;
	int i;

	if (!make_room((void **)&hists->packed, &hists->max, hists->nr, 1,
		       sizeof(*hists->packed)) ||
	    !make_room((void **)&hists->buckets, &hists->max_buckets,
		       hists->nr_buckets, NR_BUCKETS, sizeof(*hists->buckets)))
		return complain("out of memory");
	packed = &hists->packed[hists->nr++];
	*packed = (struct packed_hist){
		.reason = hist->reason, .bound = hist->bound, .max = hist->max,
		.open = hist->open, .missed = hist->missed,
		.first = hists->nr_buckets,
	};
	for (i = 0; i < NR_BUCKETS; i++) {
		if (hist->counts[i])
			hists->buckets[hists->nr_buckets++] =
				(struct packed_bucket){ hist->counts[i], i };
	}
	packed->nr = hists->nr_buckets - packed->first;
	return 0;
}

static int by_reason(const void *left, const void *right)
{
	const struct packed_hist *a = left, *b = right;

	return (a->reason > b->reason) - (a->reason < b->reason);
}

bool hists_order(struct hists *hists)
{
	size_t i;

	if (hists->nr)
		qsort(hists->packed, hists->nr, sizeof(*hists->packed), by_reason);
	for (i = 1; i < hists->nr; i++) {
		if (hists->packed[i].reason == hists->packed[i - 1].reason)
			return false;
	}
	return true;
}

void hists_at(const struct hists *hists, size_t i, struct hist *hist)
{
	const struct packed_hist *packed = &hists->packed[i];
	size_t b;

	memset(hist, 0, sizeof(*hist));
	hist->reason = packed->reason;
	hist->bound = packed->bound;
	hist->max = packed->max;
	hist->open = packed->open;
	hist->missed = packed->missed;
	for (b = packed->first; b < packed->first + packed->nr; b++)
		hist->counts[hists->buckets[b].number] = hists->buckets[b].count;
}

bool hists_get(const struct hists *hists, uint32_t reason, struct hist *hist)
{
	const struct packed_hist key = { .reason = reason };
	const struct packed_hist *found = NULL;

	if (hists->nr)
		found = bsearch(&key, hists->packed, hists->nr, sizeof(key),
				by_reason);
	if (found) {
		hists_at(hists, (size_t)(found - hists->packed), hist);
		return true;
	}
	memset(hist, 0, sizeof(*hist));
	hist->reason = reason;
	return false;
}

void hists_sum(const struct hists *hists, struct hist *sum)
{
	struct hist hist;
	size_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < hists->nr; i++) {
		hists_at(hists, i, &hist);
		hist_add(sum, &hist);
	}
}

/* A recording has thousands: without this, most of its memory would be room. */
static void give_back(void **array, size_t *max, size_t nr, size_t size)
{
	void *smaller = nr && nr < *max ? reallocarray(*array, nr, size) : NULL;

	if (!smaller)
		return;
	*array = smaller;
	*max = nr;
}

int hists_copy(struct hists *copy, const struct hists *hists)
{
	static const struct hists none;

	/* What changed since nothing is all of it, bounds and all. */
	if (hists_subtract(copy, hists, &none))
		return -1;
	give_back((void **)&copy->packed, &copy->max, copy->nr,
		  sizeof(*copy->packed));
	give_back((void **)&copy->buckets, &copy->max_buckets,
		  copy->nr_buckets, sizeof(*copy->buckets));
	return 0;
}

int hists_subtract(struct hists *delta, const struct hists *new,
		   const struct hists *old)
{
	struct hist hist, was, moved;
	size_t i;

	hists_begin(delta, new->known);
	for (i = 0; i < new->nr; i++) {
		hists_at(new, i, &hist);
		if (hists_get(old, hist.reason, &was))
			hist_subtract(&moved, &hist, &was);
		else
			moved = hist;
		if (hists_put(delta, &moved))
			return -1;
	}
	return 0;
}

static void replace(struct hist *hist, const struct hist *newer)
{
	*hist = *newer;
}

/* Of both, where a reason has two what @combine makes of them. */
static int merge(struct hists *hists, const struct hists *more,
		 void (*combine)(struct hist *hist, const struct hist *other))
{
	struct hists both = { 0 };
	struct hist hist, other;
	int status = 0;
	size_t i;

	hists_begin(&both, hists->known || more->known);
	for (i = 0; i < hists->nr && !status; i++) {
		hists_at(hists, i, &hist);
		if (hists_get(more, hist.reason, &other))
			combine(&hist, &other);
		status = hists_put(&both, &hist);
	}
	for (i = 0; i < more->nr && !status; i++) {
		hists_at(more, i, &hist);
		if (!hists_get(hists, hist.reason, &other))
			status = hists_put(&both, &hist);
	}
	hists_order(&both);
	hists_free(hists);
	*hists = both;
	return status;
}

int hists_add(struct hists *sum, const struct hists *more)
{
	return merge(sum, more, hist_add);
}

int hists_replace(struct hists *hists, const struct hists *newer)
{
	return merge(hists, newer, replace);
}

void hists_free(struct hists *hists)
{
	free(hists->packed);
	free(hists->buckets);
	memset(hists, 0, sizeof(*hists));
}
