/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_X86_KVM_EXIT_STATS_H
#define ARCH_X86_KVM_EXIT_STATS_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/kvm_host.h>
#include <linux/llist.h>
#include <linux/trace_events.h>

#include <asm/msr.h>

typedef fastpath_t (*kvm_fastpath_handler_t)(struct kvm_vcpu *vcpu,
					     bool force_immediate_exit);

#ifdef CONFIG_KVM_EXIT_STATS

struct kvm_exit_stat {
	u64 exits;
	u64 cycles;
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
	struct kvm_exit_stat *rows;
	u64 start;

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

	/*
	 * The row of @reason, -ENOENT if it is not defined,
	 * -EOPNOTSUPP if KVM has no handler for it.
	 */
	int (*find_row)(u32 reason);

	/* The row of the exit that KVM handles now, negative if there is none. */
	int (*current_row)(struct kvm_vcpu *vcpu);

	/* The reason that @row counts; any for the last row. */
	s64 (*row_reason)(int row);
};

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

/* Take the time at which KVM begins to handle an exit. */
static __always_inline void kvm_exit_stats_begin(struct kvm_exit_stats *stats)
{
	if (kvm_exit_stats_timed())
		stats->start = rdtsc();
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
 * Call @handler, one of the fast path, and @record the exit if that handled it:
 * KVM may then enter the guest again without a call of the exit handler, which
 * therefore counts only what the fast path left to it.
 */
static __always_inline fastpath_t
kvm_exit_stats_fastpath(struct kvm_vcpu *vcpu, bool force_immediate_exit,
			kvm_fastpath_handler_t handler,
			void (*record)(struct kvm_vcpu *vcpu))
{
	fastpath_t ret;

	if (!kvm_exit_stats_enabled())
		return handler(vcpu, force_immediate_exit);

	vcpu->arch.exit_stats->start = rdtsc();
	ret = handler(vcpu, force_immediate_exit);
	if (ret != EXIT_FASTPATH_NONE)
		record(vcpu);
	return ret;
}

void kvm_exit_stats_init_vm(struct kvm *kvm);
void kvm_exit_stats_init_vcpu(struct kvm_vcpu *vcpu,
			      const struct kvm_exit_stats_ops *ops,
			      struct kvm_exit_stats *stats,
			      struct kvm_exit_stat *rows);
void kvm_exit_stats_publish_vcpu(struct kvm_vcpu *vcpu);
void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm);
void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
					struct dentry *dentry);
bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			  u32 *ecx, u32 *edx);

#else

static __always_inline fastpath_t
kvm_exit_stats_fastpath(struct kvm_vcpu *vcpu, bool force_immediate_exit,
			kvm_fastpath_handler_t handler,
			void (*record)(struct kvm_vcpu *vcpu))
{
	return handler(vcpu, force_immediate_exit);
}

static inline void kvm_exit_stats_init_vm(struct kvm *kvm) {}
static inline void kvm_exit_stats_publish_vcpu(struct kvm_vcpu *vcpu) {}
static inline void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm) {}
static inline void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
						      struct dentry *dentry) {}

static inline bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					u32 *ebx, u32 *ecx, u32 *edx)
{
	return false;
}

#endif /* CONFIG_KVM_EXIT_STATS */
#endif /* ARCH_X86_KVM_EXIT_STATS_H */
