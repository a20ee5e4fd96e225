// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms of what single VM exits cost: their memory, what happens rarely in
 * them, and what they add up to.  exit_stats.c counts in them.
 */
#include <linux/bits.h>
#include <linux/kvm_host.h>
#include <linux/seqlock.h>

#include "exit_stats.h"

/* Nothing writes to it: who has no histogram counts nothing. */
struct kvm_exit_hists kvm_exit_no_hists __ro_after_init;

/* As page tables of the guest, but this gives up at once. */
#define KVM_EXIT_HIST_GFP (GFP_KERNEL | __GFP_NORETRY)

static bool kvm_exit_hist_alloc_table(struct kvm_exit_stats *stats)
{
	struct kvm_exit_hists *hists;

	if (stats->hists != &kvm_exit_no_hists)
		return true;

	hists = kvm_exit_stats_zalloc(sizeof(*hists), KVM_EXIT_HIST_GFP);
	if (!hists)
		return false;

	seqcount_init(&hists->carrying);
	/* Pairs with READ_ONCE() and the dependency on it in readers. */
	smp_store_release(&stats->hists, hists);
	return true;
}

/* Give each reason that was seen its histogram, and the open exit its one. */
void kvm_exit_hist_alloc(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	struct kvm_exit_hist *hist;
	unsigned int row;

	static_assert(sizeof(*hist) <= 1024);

	if (!kvm_exit_hist_alloc_table(stats))
		return;

	for (row = 0; row < stats->nr_rows; row++) {
		if (!stats->rows[row].exits || stats->hists->rows[row])
			continue;
		hist = kvm_exit_stats_zalloc(sizeof(*hist), KVM_EXIT_HIST_GFP);
		if (!hist)
			break;
		/* As above. */
		smp_store_release(&stats->hists->rows[row], hist);
	}
	if (row == stats->nr_rows)
		stats->nr_missed = 0;

	/* Not between two hooks of a thread that is put and loaded. */
	preempt_disable();
	if (stats->base != KVM_EXIT_COST_UNKNOWN)
		stats->hist = stats->hists->rows[stats->row - stats->rows];
	preempt_enable();
}

void kvm_exit_hist_free(struct kvm_exit_stats *stats)
{
	unsigned int row;

	if (stats->hists == &kvm_exit_no_hists)
		return;

	for (row = 0; row < KVM_NR_EXIT_ROWS; row++)
		kfree(stats->hists->rows[row]);
	kfree(stats->hists);
}

/* The highest cost for which there is a bucket. */
#define KVM_EXIT_COST_MAX \
	(kvm_exit_hist_from(KVM_CPUID_EXIT_STATS_NR_BUCKETS) - 1)

/* A count has more than 32 bits.  With 40 it is full, and stays so. */
static void kvm_exit_hist_carry(struct kvm_exit_hists *hists,
				struct kvm_exit_hist *hist, unsigned int bucket)
{
	u8 carry = hist->carries[bucket];

	if (carry == U8_MAX)
		return;

	raw_write_seqcount_begin(&hists->carrying);
	WRITE_ONCE(hist->carries[bucket], carry + 1);
	WRITE_ONCE(hist->counts[bucket], 0);
	raw_write_seqcount_end(&hists->carrying);
}

/* @cost is a new maximum, or too high for a bucket, or its count overflows. */
void kvm_exit_hist_add_slow(struct kvm_exit_hists *hists,
			    struct kvm_exit_hist *hist, u64 cost)
{
	unsigned int bucket;

	if (cost > hist->max)
		WRITE_ONCE(hist->max, cost);

	cost = min(cost, KVM_EXIT_COST_MAX);
	hist->limit = max(hist->limit, cost);

	bucket = kvm_exit_hist_bucket(cost);
	if (hist->counts[bucket] == U32_MAX)
		kvm_exit_hist_carry(hists, hist, bucket);
	else
		/* Races with READ_ONCE() in readers only. */
		data_race(hist->counts[bucket]++);
}

/* The lowest cost that belongs to @bucket. */
u64 kvm_exit_hist_from(unsigned int bucket)
{
	return bucket < 16 ? 8 * bucket :
			     (8ULL + bucket % 8) << (bucket / 8 + 2);
}

/* The highest one. */
u64 kvm_exit_hist_to(unsigned int bucket)
{
	return bucket + 1 < KVM_CPUID_EXIT_STATS_NR_BUCKETS ?
	       kvm_exit_hist_from(bucket + 1) - 1 : U64_MAX;
}

/* That of @vcpu for the reason with @index, or NULL. */
static struct kvm_exit_hist *kvm_exit_hist(struct kvm_vcpu *vcpu,
					   unsigned int index)
{
	struct kvm_exit_stats *stats = READ_ONCE(vcpu->arch.exit_stats);
	unsigned int row;

	if (!stats)
		return NULL;

	row = READ_ONCE(stats->map[index]);
	if (!row && index != KVM_EXIT_INDEX_OTHER)
		return NULL;

	return READ_ONCE(READ_ONCE(stats->hists)->rows[row]);
}

static u64 kvm_exit_hist_read(struct kvm_exit_hists *hists,
			      struct kvm_exit_hist *hist, unsigned int bucket)
{
	unsigned int seq;
	u64 count;

	do {
		seq = read_seqcount_begin(&hists->carrying);
		count = (u64)READ_ONCE(hist->carries[bucket]) << 32 |
			READ_ONCE(hist->counts[bucket]);
	} while (read_seqcount_retry(&hists->carrying, seq));

	return count;
}

/* How many exits of @vcpu are in @bucket. */
static u64 kvm_exit_hist_count(struct kvm_vcpu *vcpu, unsigned int index,
			       unsigned int bucket)
{
	struct kvm_exit_hist *hist = kvm_exit_hist(vcpu, index);

	return hist ? kvm_exit_hist_read(READ_ONCE(vcpu->arch.exit_stats->hists),
					 hist, bucket) : 0;
}

/* Of @vcpu or, if that is NULL, of all vCPUs of @kvm. */
u64 kvm_exit_hist_sum(struct kvm *kvm, struct kvm_vcpu *vcpu,
		      unsigned int index, unsigned int bucket)
{
	unsigned long i;
	u64 sum = 0;

	if (vcpu)
		return kvm_exit_hist_count(vcpu, index, bucket);

	kvm_for_each_vcpu(i, vcpu, kvm)
		sum += kvm_exit_hist_count(vcpu, index, bucket);
	return sum;
}

/* The first bucket of @vcpu, from @bucket to @end, that is not empty; or @end. */
unsigned int kvm_exit_hist_first(struct kvm_vcpu *vcpu, unsigned int index,
				 unsigned int bucket, unsigned int end)
{
	while (bucket < end && !kvm_exit_hist_count(vcpu, index, bucket))
		bucket++;
	return bucket;
}

static void kvm_exit_hist_add_log(struct kvm_exit_hists *hists,
				  struct kvm_exit_hist *hist, u64 *costs)
{
	unsigned int bucket;

	for (bucket = 0; bucket < KVM_CPUID_EXIT_STATS_NR_BUCKETS; bucket++)
		costs[fls64(kvm_exit_hist_from(bucket) | 4)] +=
			kvm_exit_hist_read(hists, hist, bucket);
}

/*
 * By powers of two: how many exits of all vCPUs cost less than that, and not less
 * than half of it.  Costs below 8 are together, and so are the highest.
 */
void kvm_exit_hist_log(struct kvm *kvm, u64 *costs)
{
	struct kvm_exit_stats *stats;
	struct kvm_exit_hists *hists;
	struct kvm_exit_hist *hist;
	struct kvm_vcpu *vcpu;
	unsigned int row;
	unsigned long i;

	memset(costs, 0, KVM_NR_EXIT_COSTS * sizeof(*costs));
	kvm_for_each_vcpu(i, vcpu, kvm) {
		stats = READ_ONCE(vcpu->arch.exit_stats);
		if (!stats)
			continue;
		hists = READ_ONCE(stats->hists);
		for (row = 0; row < KVM_NR_EXIT_ROWS; row++) {
			hist = READ_ONCE(hists->rows[row]);
			if (hist)
				kvm_exit_hist_add_log(hists, hist, costs);
		}
		/* A VM may have thousands of vCPUs. */
		cond_resched();
	}
}

/* What its most expensive exit of that reason cost. */
u64 kvm_exit_hist_max(struct kvm_vcpu *vcpu, unsigned int index)
{
	struct kvm_exit_hist *hist = kvm_exit_hist(vcpu, index);

	return hist ? READ_ONCE(hist->max) : 0;
}

/* Is its last exit of that reason, and did anybody see that begin? */
bool kvm_exit_hist_is_open(struct kvm_vcpu *vcpu, unsigned int index)
{
	struct kvm_exit_stats *stats = READ_ONCE(vcpu->arch.exit_stats);
	unsigned int row;

	if (!stats || READ_ONCE(stats->base) == KVM_EXIT_COST_UNKNOWN)
		return false;

	row = READ_ONCE(stats->map[index]);
	return (row || index == KVM_EXIT_INDEX_OTHER) &&
	       READ_ONCE(stats->row) == &stats->rows[row];
}
