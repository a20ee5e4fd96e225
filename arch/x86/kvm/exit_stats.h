/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_EXIT_STATS_H
#define ARCH_X86_KVM_EXIT_STATS_H

#include <linux/jump_label.h>
#include <linux/kvm_host.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/trace_events.h>

#include <asm/kvm_exit_stats.h>
#include <asm/tsc.h>

struct dentry;

/*
 * Exit reasons are numbered densely: a VMX reason is its own index, SVM has
 * ranges.  The last index is that of exits that hardware should not report.
 */
#define KVM_EXIT_INDEX_OTHER	(KVM_NR_EXIT_INDEXES - 1)

/* In place of an index: the guest was not entered. */
#define KVM_EXIT_INDEX_NONE	KVM_NR_EXIT_INDEXES

/*
 * A vCPU has rows for as many reasons, given to them as they first occur; row 0
 * is for all others.  Guests have 10 to 25; one that nests can have any number.
 */
#define KVM_NR_EXIT_ROWS	53

/* What the vendor module knows of its exit reasons. */
struct kvm_exit_isa {
	u32 id;
	/* One more than the highest reason that is defined. */
	u32 nr_reasons;
	const struct trace_print_flags *names;

	/* The index of @reason, that of others if no such reason is defined. */
	unsigned int (*index)(u32 reason);
	s64 (*reason)(unsigned int index);
	/* Has KVM a handler for @reason? */
	bool (*handled)(u32 reason);
};

#ifdef CONFIG_KVM_EXIT_STATS

/* One half of a cache line, so that none straddles two. */
struct kvm_exit_row {
	u64 exits;
	/* Cycles, as the accounts of the same names. */
	u64 kernel;
	u64 vmm;
	u64 wait;
} __aligned(32);

/*
 * What single exits of a reason cost, as counts of exits in buckets, eight to a
 * power of two.  See kvm_exit_hist_bucket().
 */
struct kvm_exit_hist {
	u64 max;
	/* What costs more is new, or has no bucket of its own. */
	u64 limit;
	u32 counts[KVM_CPUID_EXIT_STATS_NR_BUCKETS];
	/* Their bits 39:32; days of exits overflow 32. */
	u8 carries[KVM_CPUID_EXIT_STATS_NR_BUCKETS];
};

/* Where an exit of this cost, of less than 2^30 cycles, is counted. */
static __always_inline unsigned int kvm_exit_hist_bucket(u64 cost)
{
	unsigned int shift = __fls(cost | 64) - 3;

	return (shift - 3) * 8 + (cost >> shift);
}

/* By row; NULL for a reason that has not been seen. */
struct kvm_exit_hists {
	struct kvm_exit_hist *rows[KVM_NR_EXIT_ROWS];
	seqcount_t carrying;
};

/* In place of row->kernel: nobody saw when the exit began. */
#define KVM_EXIT_COST_UNKNOWN	U64_MAX

/*
 * The exits of a vCPU and where its time went.  Only the thread that holds the
 * vCPU's mutex writes, so that plain 64-bit stores lose nothing.  Anyone may
 * read.  An exit that KVM handles writes the first cache line and a row.
 */
struct kvm_exit_stats {
	/* Where the time since @last goes to while the guest does not run. */
	u64 *open;
	/* The TSC at the last hook. */
	u64 last;
	/* The generation of that; one more if the guest was about to run. */
	u64 state;
	/* Of the last exit; its histogram; and row->kernel when it began. */
	struct kvm_exit_row *row;
	struct kvm_exit_hist *hist;
	u64 base;
	struct kvm_exit_hists *hists;
	/* Those of the rows are in the rows. */
	u64 accounts[KVM_CPUID_EXIT_STATS_NR_ACCOUNTS];

	u64 start;
	/* How far the TSC went back, in all: when a host resumes, it may. */
	u64 back;
	/* The thread's, when the vCPU was put. */
	u64 run_delay;
	/* Where the time goes to when the thread runs again; NULL: as now. */
	u64 *resume;
	/* KVM_RUN ends, but not because of an exit. */
	bool interrupted;
	u8 nr_rows;
	/* Exits without a histogram since there was memory for all reasons. */
	u32 nr_missed;
	/* By index: the reason's row, 0 if it has none yet. */
	u8 map[KVM_NR_EXIT_INDEXES];
	struct kvm_exit_row rows[KVM_NR_EXIT_ROWS];
};

#define kvm_exit_account(stats, name) \
	(&(stats)->accounts[KVM_CPUID_EXIT_STATS_##name])

extern u64 kvm_exit_stats_generation;
extern struct kvm_exit_hists kvm_exit_no_hists;
DECLARE_STATIC_KEY_TRUE(kvm_exit_stats_on);
DECLARE_STATIC_KEY_TRUE(kvm_exit_hist_on);
DECLARE_STATIC_KEY_TRUE(kvm_exit_stats_timed);

static __always_inline bool kvm_exit_stats_enabled(void)
{
	return static_branch_likely(&kvm_exit_stats_on);
}

/* Of the VMM's cgroup.  Who gets none does without. */
static inline void *kvm_exit_stats_zalloc(size_t size, gfp_t gfp)
{
	return kzalloc(size, gfp | __GFP_ACCOUNT | __GFP_NOWARN);
}

void kvm_exit_stats_create_vm(struct kvm *kvm);
void kvm_exit_stats_create_vcpu(struct kvm_vcpu *vcpu);
void kvm_exit_stats_destroy_vcpu(struct kvm_vcpu *vcpu);
void kvm_exit_stats_begin(struct kvm_vcpu *vcpu);

void __kvm_exit_stats_enter(struct kvm_vcpu *vcpu);
void __kvm_exit_stats_exit(struct kvm_vcpu *vcpu, unsigned int index);
void __kvm_exit_stats_run(struct kvm_vcpu *vcpu);
void __kvm_exit_stats_return(struct kvm_vcpu *vcpu, int r);
void __kvm_exit_stats_halt(struct kvm_vcpu *vcpu, bool halted);
void __kvm_exit_stats_put(struct kvm_vcpu *vcpu, u64 now);
void __kvm_exit_stats_load(struct kvm_vcpu *vcpu);

/* Just before the CPU enters the guest. */
static __always_inline void kvm_exit_stats_enter(struct kvm_vcpu *vcpu)
{
	if (kvm_exit_stats_enabled())
		__kvm_exit_stats_enter(vcpu);
}

/* KVM_RUN begins, or goes on without entering the guest. */
static __always_inline void kvm_exit_stats_run(struct kvm_vcpu *vcpu)
{
	if (kvm_exit_stats_enabled())
		__kvm_exit_stats_run(vcpu);
}

/* KVM_RUN is about to return @r, and to put the vCPU. */
static __always_inline void kvm_exit_stats_return(struct kvm_vcpu *vcpu, int r)
{
	if (kvm_exit_stats_enabled())
		__kvm_exit_stats_return(vcpu, r);
}

/* The vCPU begins, or ceases, to wait for something to do. */
static __always_inline void kvm_exit_stats_halt(struct kvm_vcpu *vcpu,
						bool halted)
{
	if (kvm_exit_stats_enabled())
		__kvm_exit_stats_halt(vcpu, halted);
}

static __always_inline void kvm_exit_stats_put(struct kvm_vcpu *vcpu, u64 now)
{
	if (kvm_exit_stats_enabled())
		__kvm_exit_stats_put(vcpu, now);
}

static __always_inline void kvm_exit_stats_load(struct kvm_vcpu *vcpu)
{
	if (kvm_exit_stats_enabled())
		__kvm_exit_stats_load(vcpu);
}

/* The time of the exit, just before; now, if that was not seen. */
static __always_inline u64 kvm_exit_stats_tsc(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats;

	if (static_branch_likely(&kvm_exit_stats_timed)) {
		stats = vcpu->arch.exit_stats;
		if (stats &&
		    stats->state == READ_ONCE(kvm_exit_stats_generation))
			return stats->last;
	}
	return rdtsc();
}

void kvm_exit_hist_alloc(struct kvm_vcpu *vcpu);
void kvm_exit_hist_free(struct kvm_exit_stats *stats);
void kvm_exit_hist_add_slow(struct kvm_exit_hists *hists,
			    struct kvm_exit_hist *hist, u64 cost);
u64 kvm_exit_hist_from(unsigned int bucket);
u64 kvm_exit_hist_to(unsigned int bucket);
u64 kvm_exit_hist_sum(struct kvm *kvm, struct kvm_vcpu *vcpu,
		      unsigned int index, unsigned int bucket);
unsigned int kvm_exit_hist_first(struct kvm_vcpu *vcpu, unsigned int index,
				 unsigned int bucket, unsigned int end);
void kvm_exit_hist_log(struct kvm *kvm, u64 *costs);
u64 kvm_exit_hist_max(struct kvm_vcpu *vcpu, unsigned int index);
bool kvm_exit_hist_is_open(struct kvm_vcpu *vcpu, unsigned int index);

u64 kvm_exit_stats_epoch(struct kvm *kvm);
void kvm_exit_stats_add_reason(struct kvm_vcpu *vcpu, unsigned int index,
			       struct kvm_exit_row *sum);
void kvm_exit_stats_add_total(struct kvm_vcpu *vcpu, struct kvm_exit_row *sum);
u64 kvm_exit_stats_account(struct kvm_vcpu *vcpu, unsigned int account);
u64 kvm_exit_stats_age(struct kvm_vcpu *vcpu);

void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm);
void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
					struct dentry *dentry);

bool __kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			    u32 *ecx, u32 *edx);
int kvm_exit_stats_enable_cap(struct kvm *kvm, u64 show);
void kvm_exit_stats_create_log(struct kvm *kvm);

/* Answer the CPUID leaf in @eax if it is one that the guest may see. */
static inline bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					u32 *ebx, u32 *ecx, u32 *edx)
{
	return *eax >= KVM_CPUID_EXIT_STATS_SIGNATURE &&
	       *eax <= KVM_CPUID_EXIT_STATS_REASON_KERNEL &&
	       __kvm_exit_stats_cpuid(vcpu, eax, ebx, ecx, edx);
}

#else

static inline bool kvm_exit_stats_enabled(void) { return false; }
static inline void kvm_exit_stats_create_vm(struct kvm *kvm) {}
static inline void kvm_exit_stats_create_vcpu(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_stats_destroy_vcpu(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_stats_begin(struct kvm_vcpu *vcpu) {}
static inline void __kvm_exit_stats_exit(struct kvm_vcpu *vcpu,
					 unsigned int index) {}
static inline void kvm_exit_stats_enter(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_stats_run(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_stats_return(struct kvm_vcpu *vcpu, int r) {}
static inline void kvm_exit_stats_halt(struct kvm_vcpu *vcpu, bool halted) {}
static inline void kvm_exit_stats_put(struct kvm_vcpu *vcpu, u64 now) {}
static inline void kvm_exit_stats_load(struct kvm_vcpu *vcpu) {}

static inline u64 kvm_exit_stats_tsc(struct kvm_vcpu *vcpu)
{
	return rdtsc();
}

static inline void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm) {}
static inline void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
						      struct dentry *dentry) {}

static inline bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					u32 *ebx, u32 *ecx, u32 *edx)
{
	return false;
}

static inline int kvm_exit_stats_enable_cap(struct kvm *kvm, u64 show)
{
	return -EINVAL;
}

#endif /* CONFIG_KVM_EXIT_STATS */
#endif /* ARCH_X86_KVM_EXIT_STATS_H */
