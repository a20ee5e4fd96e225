// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test what no output shows alone: buckets and what is computed of them, and the
 * walk through a guest's histograms, with a model of KVM. Each test is a word.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/hist.h"
#include "model/sample.h"
#include "output/tail.h"
#include "source/walk.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static int failed;

static void check_is(uint64_t actual, uint64_t expected, const char *text, int line)
{
	if (actual == expected)
		return;
	printf("unit.c:%d: %s\nexpected: %" PRIu64 "\nactual: %" PRIu64 "\n",
	       line, text, expected, actual);
	failed = 1;
}

#define is(actual, expected) check_is(actual, expected, #actual, __LINE__)

/* As the interface describes it, without a shortcut. */
static unsigned int expected_bucket(uint64_t cost)
{
	unsigned int e = 6, b;

	while (e < 63 && cost >> (e + 1))
		e++;
	e -= 3;
	b = (e - 3) * 8 + (unsigned int)(cost >> e);
	return b < 199 ? b : 199;
}

static void test_buckets(void)
{
	static const struct { uint64_t cost; unsigned int bucket; } known[] = {
		{ 0, 0 }, { 7, 0 }, { 8, 1 }, { 127, 15 }, { 128, 16 }, { 143, 16 },
		{ 144, 17 }, { 255, 23 }, { 256, 24 }, { (1 << 30) - 1, 199 },
		{ UINT64_C(15) << 26, 199 }, { (UINT64_C(15) << 26) - 1, 198 },
		{ UINT64_MAX, 199 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		is(hist_bucket(known[i].cost), known[i].bucket);
	for (i = 0; i < NR_BUCKETS; i++) {
		is(hist_bucket(hist_from(i)), i);
		is(hist_bucket(hist_to(i)), i);
		is(expected_bucket(hist_from(i)), i);
		is(expected_bucket(hist_to(i)), i);
		if (i)
			is(hist_from(i), hist_to(i - 1) + 1);
	}
	is(hist_from(0), 0);
	is(hist_to(199), UINT64_MAX);
}

/* The same numbers in each run. */
static uint64_t next_random(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

#define NR_VALUES	1237

/* Of many magnitudes, up to what @bits have. */
static void fill(struct hist *hist, uint64_t values[NR_VALUES], int bits)
{
	int i;

	memset(hist, 0, sizeof(*hist));
	for (i = 0; i < NR_VALUES; i++) {
		values[i] = next_random() >> (64 - bits + next_random() % bits);
		hist->counts[hist_bucket(values[i])]++;
		if (values[i] > hist->max)
			hist->max = values[i];
	}
	qsort(values, NR_VALUES, sizeof(values[0]), by_value);
}

static void test_percentiles(void)
{
	static const unsigned int all[] = { 1, 10, 250, 500, 900, 990, 999, 1000 };
	uint64_t values[NR_VALUES], true_value, value, apart;
	struct hist hist;
	unsigned int i, bits;

	for (bits = 4; bits < 30; bits++) {
		fill(&hist, values, bits);
		for (i = 0; i < ARRAY_SIZE(all); i++) {
			true_value = values[(NR_VALUES * all[i] + 999) / 1000 - 1];
			value = hist_percentile(&hist, all[i]);
			apart = value > true_value ? value - true_value
						   : true_value - value;
			if (apart * 16 > true_value && apart > 4)
				is(value, true_value);
		}
		is(hist_exits(&hist), NR_VALUES);
	}
}

static void test_percentile_of_few(void)
{
	struct hist hist = { .max = 1411 };

	is(hist_percentile(&hist, HIST_P50), 0);
	hist.counts[hist_bucket(1411)] = 1;
	is(hist_percentile(&hist, HIST_P50), 1411);
	hist.counts[hist_bucket(100)] = 1;
	is(hist_percentile(&hist, HIST_P50), 99);
	is(hist_percentile(&hist, HIST_P99), 1411);
	hist.counts[NR_BUCKETS - 1] = UINT64_MAX;
	hist.counts[NR_BUCKETS - 2] = UINT64_MAX;
	hist.max = UINT64_MAX - 1;
	is(hist_exits(&hist), UINT64_MAX);
	is(hist_percentile(&hist, HIST_P999), hist_from(198) + (1 << 25) - 1);
	hist.counts[NR_BUCKETS - 2] = 0;
	is(hist_percentile(&hist, HIST_P50), UINT64_MAX - 1);
}

static void test_difference(void)
{
	struct hist old = { .reason = 48, .max = 1000, .missed = 3 }, new, delta;

	old.counts[20] = 5;
	old.counts[hist_bucket(1000)] = 1;
	new = old;
	new.counts[20] = 7;
	new.open = 1;
	new.missed = 4;
	hist_subtract(&delta, &new, &old);
	is(delta.counts[20], 2);
	is(delta.open, 1);
	is(delta.missed, 1);
	is(hist_exits(&delta), 2);
	is(delta.max, hist_to(20));
	is(delta.bound, BOUND_AT_MOST);
	is(hist_percentile(&delta, HIST_P50), (hist_from(20) + hist_to(20)) / 2);

	/* In the bucket of the maximum, which nothing exceeded. */
	new.counts[hist_bucket(1000)] = 2;
	hist_subtract(&delta, &new, &old);
	is(delta.max, 1000);
	is(delta.bound, BOUND_AT_MOST);

	new.max = 5000;
	hist_subtract(&delta, &new, &old);
	is(delta.max, 5000);
	is(delta.bound, BOUND_EXACT);

	/* Counts that fell, and nothing that moved. */
	hist_subtract(&delta, &old, &new);
	is(hist_exits(&delta), 0);
	is(delta.max, 0);
}

static void test_sum(void)
{
	struct hist sum = { .max = 100 }, more = { .max = 100, .bound = BOUND_AT_MOST };

	more.counts[3] = UINT64_MAX;
	sum.counts[3] = 1;
	sum.missed = UINT64_MAX;
	more.missed = 1;
	hist_add(&sum, &more);
	is(sum.counts[3], UINT64_MAX);
	is(sum.missed, UINT64_MAX);
	is(sum.max, 100);
	is(sum.bound, BOUND_EXACT);
	more.max = 101;
	more.open = OPEN_UNKNOWN;
	hist_add(&sum, &more);
	is(sum.max, 101);
	is(sum.bound, BOUND_AT_MOST);
	is(sum.open, OPEN_UNKNOWN);
}

static void test_missed_share(void)
{
	struct hist hist = { .missed = 1 };

	is(hist_missed_share(&hist) * 100, 100);
	hist.counts[7] = 3;
	is(hist_missed_share(&hist) * 100, 25);
	hist.missed = 0;
	is(hist_missed_share(&hist) * 100, 0);
}

static void put(struct sample *sample, uint32_t reason, unsigned int bucket,
		uint64_t exits)
{
	struct exit_stats_row row = { .reason = reason, .exits = exits };
	struct hist hist = { .reason = reason, .max = hist_to(bucket) };

	hist.counts[bucket] = exits;
	is(sample_add_row(sample, &row), 0);
	is(hists_put(&sample->hists, &hist), 0);
	sample->hists.known = true;
	sample->all.exits += exits;
}

/* Packed, subtracted, added, and of a part that has none. */
static void test_samples(void)
{
	struct sample old = { 0 }, new = { 0 }, delta = { 0 }, sum = { 0 };
	struct hist hist;

	put(&old, 10, 20, 100);
	put(&new, 10, 20, 130);
	put(&new, 48, 90, 7);
	is(sample_subtract(&delta, &new, &old), 0);
	is(delta.hists.known, true);
	is(hists_get(&delta.hists, 10, &hist), true);
	is(hist.counts[20], 30);
	is(hists_get(&delta.hists, 12, &hist), false);
	is(hist_exits(&hist), 0);
	is(sample_add(&sum, &delta), 0);
	is(sample_add(&sum, &delta), 0);
	hists_free(&delta.hists);
	is(sample_add(&sum, &delta), 0);
	is(hists_get(&sum.hists, 48, &hist), true);
	is(hist.counts[90], 14);
	is(hist.missed, 7);
	hists_sum(&sum.hists, &hist);
	is(hist_exits(&hist), 74);
	is(hist.missed, 37);

	/* Of exits whose histograms were not read before, nothing is known. */
	hists_free(&old.hists);
	is(sample_subtract(&delta, &new, &old), 0);
	is(delta.hists.known, false);
	is(delta.hists.nr, 0);
	sample_free(&old);
	sample_free(&new);
	sample_free(&delta);
	sample_free(&sum);
}

/* What the model of KVM has of reason 10, and what is wrong with it. */
static enum { GOOD, SAME_BUCKET, FAR_BUCKET, LOWER, FALLBACK, UNDEFINED,
	      NO_END } host;
static struct hist kvm;

static struct exit_stats_regs answer(uint64_t number, uint32_t ecx)
{
	return (struct exit_stats_regs){
		.eax = (uint32_t)number, .ebx = number >> 32, .ecx = ecx,
	};
}

static struct exit_stats_regs kvm_cpuid(uint32_t leaf, uint32_t subleaf)
{
	const struct exit_stats_regs undefined = { .edx = 0xffffffff };
	const struct exit_stats_regs basic = { 0x7, 0x0, 0x0, 0x0 };
	unsigned int at = subleaf & 0xff;

	is(leaf, 0x4ffffff6);
	if (host == FALLBACK)
		return basic;
	if (host == UNDEFINED || (host == NO_END && at > 199))
		return undefined;
	if (host == SAME_BUCKET)
		return answer(5, 33);
	if (host == FAR_BUCKET)
		return answer(5, 200);
	if (host == LOWER && at)
		return answer(5, at - 1);
	if (subleaf >> 8 != kvm.reason)
		return answer(0, 0xffffffff);
	for (; at < NR_BUCKETS; at++) {
		if (kvm.counts[at])
			return answer(kvm.counts[at], at);
	}
	return answer(kvm.max, 0xffffffff);
}

/* Walk through rows of these exits.  The number of reads. */
static uint64_t walk_rows(struct exit_stats_row *rows, uint32_t nr,
			  struct exit_stats *es, struct hists *hists)
{
	const struct exit_stats_snapshot snapshot = { .nr_rows = nr, .rows = rows };

	*es = (struct exit_stats){
		.cpuid = kvm_cpuid, .features = KVM_CPUID_EXIT_STATS_F_HIST,
		.own_reason = 0,
	};
	is(exit_stats_walk(es, &snapshot, 2, hists), 0);
	return es->reads;
}

static void test_walk(void)
{
	struct exit_stats_row rows[] = {
		{ .reason = 10, .exits = 100 }, { .reason = 12 }, { .reason = 48, .exits = 2 },
	};
	struct hists hists = { 0 };
	struct exit_stats es;
	struct hist hist;

	kvm = (struct hist){ .reason = 10, .max = UINT64_C(1) << 40 };
	kvm.counts[0] = 7;
	kvm.counts[40] = UINT64_C(1) << 39;
	kvm.counts[41] = 3;
	/* Three buckets, a maximum; nothing of 12; a maximum of 48. */
	is(walk_rows(rows, 3, &es, &hists), 5);
	is(hists.known, true);
	is(hists_get(&hists, 10, &hist), true);
	is(memcmp(hist.counts, kvm.counts, sizeof(hist.counts)), 0);
	is(hist.max, kvm.max);
	is(hist.missed, 0);
	is(hist.open, OPEN_UNKNOWN);
	is(hists_get(&hists, 48, &hist), true);
	is(hist.missed, 0);

	/* All above what two vCPUs have open. */
	rows[2].exits = 10;
	walk_rows(rows, 3, &es, &hists);
	hists_get(&hists, 48, &hist);
	is(hist.missed, 8);

	rows[0].reason = KVM_CPUID_EXIT_STATS_OTHER;
	rows[2].reason = -1u;
	kvm.reason = 0x800000;
	walk_rows(rows, 3, &es, &hists);
	hists_get(&hists, KVM_CPUID_EXIT_STATS_OTHER, &hist);
	is(hist.counts[41], 3);
	kvm.reason = 0xffffff;
	walk_rows(rows, 3, &es, &hists);
	hists_get(&hists, -1u, &hist);
	is(hist.counts[41], 3);
	hists_free(&hists);
}

/* Behind exits in the last bucket there is the maximum; a host may not tell it. */
static void test_walk_to_the_end(void)
{
	struct exit_stats_row row = { .reason = 10, .exits = 100 };
	struct hists hists = { 0 };
	struct exit_stats es;
	struct hist hist;

	kvm = (struct hist){ .reason = 10, .max = UINT64_C(1) << 40 };
	for (int i = 0; i < NR_BUCKETS; i++)
		kvm.counts[i] = 1;
	is(walk_rows(&row, 1, &es, &hists), NR_BUCKETS + 1);
	is(hists_get(&hists, 10, &hist), true);
	is(hist_exits(&hist), NR_BUCKETS);
	is(hist.max, kvm.max);
	is(hist.bound, BOUND_EXACT);

	host = NO_END;
	is(walk_rows(&row, 1, &es, &hists), NR_BUCKETS + 1);
	hists_get(&hists, 10, &hist);
	is(hist_exits(&hist), NR_BUCKETS);
	is(hist.max, UINT64_C(15) << 26);
	is(hist.bound, BOUND_AT_LEAST);
	host = GOOD;
	hists_free(&hists);
}

/* Whatever a host answers, it ends, and is asked no more. */
static void test_walk_hostile(void)
{
	struct exit_stats_row rows[] = {
		{ .reason = 10, .exits = 100 }, { .reason = 48, .exits = 2 },
	};
	struct hists hists = { 0 };
	struct exit_stats es;

	kvm = (struct hist){ .reason = 10 };
	kvm.counts[5] = 1;
	for (host = SAME_BUCKET; host <= UNDEFINED; host++) {
		uint64_t reads = walk_rows(rows, ARRAY_SIZE(rows), &es, &hists);

		if (reads > 2)
			is(reads, 2);
		is(hists.known, false);
		is(hists.nr, 0);
		is(exit_stats_has_hists(&es), false);
	}
	host = GOOD;
	hists_free(&hists);
}

static void check_worst(const struct source *source, const struct sample *sample,
			const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	tail_print_worst(out, source, sample);
	fclose(out);
	if (strcmp(text, expected)) {
		printf("expected: %sactual: %s\n", expected, text);
		failed = 1;
	}
	free(text);
}

/* A guest reads its own numbers, and one of these reads may be the worst. */
static void test_worst(void)
{
	const struct source source = {
		.isa = KVM_CPUID_EXIT_STATS_ISA_VMX, .own_reason = 10,
	};
	struct sample sample = { 0 };

	check_worst(&source, &sample, "");
	put(&sample, 10, 20, 100);
	put(&sample, 30, 19, 100);
	check_worst(&source, &sample, "worst exit: CPUID, 207 cycles in the kernel\n");
	sample.own = 1;
	check_worst(&source, &sample,
		    "worst exit: CPUID, 207 cycles in the kernel; it may be one of exitstat's own reads\n");
	put(&sample, 48, NR_BUCKETS - 2, 1);
	check_worst(&source, &sample,
		    "worst exit: EPT_VIOLATION, 1.01G cycles in the kernel\n");
	sample_free(&sample);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {
		{ "buckets", test_buckets },
		{ "percentiles", test_percentiles },
		{ "percentile-of-few", test_percentile_of_few },
		{ "difference", test_difference },
		{ "sum", test_sum },
		{ "missed-share", test_missed_share },
		{ "samples", test_samples },
		{ "walk", test_walk },
		{ "walk-to-the-end", test_walk_to_the_end },
		{ "walk-hostile", test_walk_hostile },
		{ "worst", test_worst },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (argc == 2 && !strcmp(argv[1], tests[i].name)) {
			/* A loop that does not end is a failure, too. */
			alarm(10);
			tests[i].run();
			return failed;
		}
	}
	printf("usage: unit TEST\n");
	return 2;
}
