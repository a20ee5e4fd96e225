/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_EXIT_STATS_H
#define ARCH_X86_KVM_EXIT_STATS_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/kvm_host.h>
#include <linux/llist.h>
#include <linux/nospec.h>
#include <linux/trace_events.h>

#include <asm/kvm_exit_stats.h>
#include <asm/msr.h>

typedef fastpath_t (*kvm_fastpath_handler_t)(struct kvm_vcpu *vcpu,
					     bool force_immediate_exit);

#ifdef CONFIG_KVM_EXIT_STATS

struct kvm_exit_stat {
	u64 exits;
	u64 cycles;
};

/* RDTSC's halves, kept apart: that takes fewer instructions than to join them. */
struct kvm_exit_stats_tsc {
	u32 low;
	u32 high;
};

/*
 * The exits of one vCPU.  Vendor code embeds this and the rows in its vCPU, the
 * totals are in its stat.  Only the thread that runs the vCPU writes them, so
 * that plain 64-bit stores lose nothing.  Anyone may read.
 */
struct kvm_exit_stats {
	struct llist_node node;
	struct kvm_vcpu *vcpu;
	const struct kvm_exit_stats_ops *ops;
	/* The reason of the exit that KVM handles now. */
	const u32 *reason;
	struct kvm_exit_stat *rows;
	struct kvm_exit_stats_tsc start;

	/* Userspace has set a CPUID entry for one of the leaves. */
	bool userspace_leaves;

	/* SVM: the code of the exit being handled, as the VMCB's may change. */
	u32 code;
};

/* What the instruction set's vendor code knows of its exit reasons. */
struct kvm_exit_stats_ops {
	u32 isa;
	/* One more than the highest reason that is defined. */
	u32 nr_reasons;
	/* The last row counts exits whose reason has no row. */
	int nr_rows;
	const struct trace_print_flags *names;

	/* KVM's own table: NULL where it handles no such exit. */
	int (* const *handlers)(struct kvm_vcpu *vcpu);
	u32 nr_handlers;
	/* The lower reasons, which are in the table, are numbers of rows. */
	u32 nr_direct_rows;

	bool (*defined)(u32 reason);

	/* The row of @reason, negative if that is no reason of an exit. */
	int (*row)(u32 reason);

	/* The reason that @row counts; any for the last row. */
	s64 (*row_reason)(int row);
};

/* As ops->row(), without a call of it for nearly all reasons. */
static __always_inline int
kvm_exit_stats_row(const struct kvm_exit_stats_ops *ops, u32 reason)
{
	if (likely(reason < ops->nr_direct_rows))
		return reason;

	return ops->row(reason);
}

/*
 * The row of @reason, which the guest chooses: -ENOENT if it is not defined,
 * -EOPNOTSUPP if KVM has no handler for it.
 */
static __always_inline int
kvm_exit_stats_find_row(const struct kvm_exit_stats_ops *ops, u32 reason)
{
	u32 i;

	if (likely(reason < ops->nr_handlers)) {
		i = array_index_nospec(reason, ops->nr_handlers);
		if (ops->handlers[i])
			return array_index_nospec(kvm_exit_stats_row(ops, i),
						  ops->nr_rows);
	}
	return ops->defined(reason) ? -EOPNOTSUPP : -ENOENT;
}

DECLARE_STATIC_KEY_TRUE(kvm_exit_stats_timing);
DECLARE_STATIC_KEY_TRUE(kvm_exit_stats_counting);

static __always_inline bool kvm_exit_stats_enabled(void)
{
	return static_branch_likely(&kvm_exit_stats_counting);
}

static __always_inline bool kvm_exit_stats_timed(void)
{
	return static_branch_likely(&kvm_exit_stats_timing);
}

static __always_inline struct kvm_exit_stats_tsc kvm_exit_stats_now(void)
{
	struct kvm_exit_stats_tsc now;

	asm volatile("rdtsc" : "=a" (now.low), "=d" (now.high));
	return now;
}

static __always_inline u64 kvm_exit_stats_since(struct kvm_exit_stats_tsc start)
{
	u64 low, high;

	asm volatile("rdtsc\n\t"
		     "subl %2, %k0\n\t"
		     "sbbl %3, %k1"
		     : "=&a" (low), "=&d" (high)
		     : "rm" (start.low), "rm" (start.high)
		     : "cc");
	return low | high << 32;
}

/* Take the time at which KVM begins to handle an exit. */
static __always_inline void kvm_exit_stats_begin(struct kvm_exit_stats *stats)
{
	if (kvm_exit_stats_timed())
		stats->start = kvm_exit_stats_now();
}

/* Add an exit to @row and to the vCPU's totals. */
static __always_inline void kvm_exit_stats_add(struct kvm_vcpu *vcpu,
					       struct kvm_exit_stat *row,
					       u64 cycles)
{
	/* Races with READ_ONCE() in readers only: there is one writer. */
	data_race(row->exits++);
	/* As above. */
	data_race(row->cycles += cycles);
	/* As above. */
	data_race(vcpu->stat.exit_stats_exits++);
	/* As above. */
	data_race(vcpu->stat.exit_stats_cycles += cycles);
}

/*
 * Call @handler, one of the fast path, and add the exit to @row if that handled
 * it: KVM may then enter the guest again without a call of the exit handler,
 * which therefore counts only what the fast path left to it.
 */
static __always_inline fastpath_t
kvm_exit_stats_fastpath(struct kvm_vcpu *vcpu, bool force_immediate_exit,
			kvm_fastpath_handler_t handler,
			struct kvm_exit_stat *row)
{
	struct kvm_exit_stats_tsc start;
	fastpath_t ret;

	if (!kvm_exit_stats_enabled())
		return handler(vcpu, force_immediate_exit);

	start = kvm_exit_stats_now();
	ret = handler(vcpu, force_immediate_exit);
	if (ret != EXIT_FASTPATH_NONE)
		kvm_exit_stats_add(vcpu, row, kvm_exit_stats_since(start));
	return ret;
}

void kvm_exit_stats_init_vm(struct kvm *kvm);
void kvm_exit_stats_init_vcpu(struct kvm_vcpu *vcpu,
			      const struct kvm_exit_stats_ops *ops,
			      struct kvm_exit_stats *stats, const u32 *reason,
			      struct kvm_exit_stat *rows);
void kvm_exit_stats_publish_vcpu(struct kvm_vcpu *vcpu);
void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm);
void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
					struct dentry *dentry);
void kvm_exit_stats_after_set_cpuid(struct kvm_vcpu *vcpu);
bool __kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			    u32 *ecx, u32 *edx);

static __always_inline bool kvm_exit_stats_is_leaf(u32 leaf)
{
	return leaf >= KVM_EXIT_STATS_CPUID_SIGNATURE &&
	       leaf <= KVM_EXIT_STATS_CPUID_REASON_CYCLES;
}

/*
 * Answer the CPUID leaf in @eax if it is one of ours and the guest may see it.
 * To be asked before the entries of userspace are searched, which takes much
 * longer.
 */
static __always_inline bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu,
						 u32 *eax, u32 *ebx, u32 *ecx,
						 u32 *edx)
{
	return kvm_exit_stats_enabled() && kvm_exit_stats_is_leaf(*eax) &&
	       __kvm_exit_stats_cpuid(vcpu, eax, ebx, ecx, edx);
}

#else

static inline void kvm_exit_stats_init_vm(struct kvm *kvm) {}
static inline void kvm_exit_stats_publish_vcpu(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm) {}
static inline void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
						      struct dentry *dentry) {}
static inline void kvm_exit_stats_after_set_cpuid(struct kvm_vcpu *vcpu) {}

static inline bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					u32 *ebx, u32 *ecx, u32 *edx)
{
	return false;
}

#endif /* CONFIG_KVM_EXIT_STATS */
#endif /* ARCH_X86_KVM_EXIT_STATS_H */
