// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts of VM exits, and of the cycles KVM takes to handle them, by exit
 * reason.  See Documentation/virt/kvm/x86/exit-stats.rst.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": exit_stats: " fmt

#include <linux/debugfs.h>
#include <linux/kvm_host.h>
#include <linux/moduleparam.h>
#include <linux/ratelimit.h>

#include <asm/kvm_exit_stats.h>
#include <asm/tsc.h>

#include "cpuid.h"
#include "exit_stats.h"

static bool __read_mostly exit_stats = true;

/* The start of an exit's handling is taken. */
DEFINE_STATIC_KEY_TRUE(kvm_exit_stats_timing);
EXPORT_SYMBOL_GPL(kvm_exit_stats_timing);

/* At the end of an exit's handling, its start was taken: count it. */
DEFINE_STATIC_KEY_TRUE(kvm_exit_stats_counting);
EXPORT_SYMBOL_GPL(kvm_exit_stats_counting);

/*
 * Wait for the exits whose handling began before their start was taken.  Don't
 * hold the lock meanwhile: a handler may wait for userspace, in a page fault.
 */
static void kvm_exit_stats_sync(void)
{
	struct kvm *kvm, *prev = NULL;

	mutex_lock(&kvm_lock);
	list_for_each_entry(kvm, &vm_list, vm_list) {
		if (!kvm_get_kvm_safe(kvm))
			continue;
		mutex_unlock(&kvm_lock);

		synchronize_srcu(&kvm->srcu);

		/* The VM whose place in the list is kept must not go away. */
		if (prev)
			kvm_put_kvm(prev);
		prev = kvm;
		mutex_lock(&kvm_lock);
	}
	mutex_unlock(&kvm_lock);

	if (prev)
		kvm_put_kvm(prev);
}

static int exit_stats_set(const char *val, const struct kernel_param *kp)
{
	bool was = exit_stats;
	int r;

	r = param_set_bool(val, kp);
	if (r || exit_stats == was)
		return r;

	if (exit_stats) {
		static_branch_enable(&kvm_exit_stats_timing);
		kvm_exit_stats_sync();
		static_branch_enable(&kvm_exit_stats_counting);
	} else {
		static_branch_disable(&kvm_exit_stats_counting);
		static_branch_disable(&kvm_exit_stats_timing);
	}
	return 0;
}

static const struct kernel_param_ops exit_stats_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = exit_stats_set,
	.get = param_get_bool,
};
module_param_cb(exit_stats, &exit_stats_ops, &exit_stats, 0644);
MODULE_PARM_DESC(exit_stats, "Count VM exits and their cycles by exit reason");

static bool __read_mostly exit_stats_guest = true;
module_param(exit_stats_guest, bool, 0644);
MODULE_PARM_DESC(exit_stats_guest, "Show a VM its own exit counts through CPUID");

static bool __read_mostly exit_stats_log = true;
module_param(exit_stats_log, bool, 0644);
MODULE_PARM_DESC(exit_stats_log, "Log the totals that a VM reads of itself");

void kvm_exit_stats_init_vm(struct kvm *kvm)
{
	struct ratelimit_state *log = &kvm->arch.exit_stats.log;

	ratelimit_state_init(log, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);

	/* Don't report what was suppressed: that line does not name the VM. */
	ratelimit_set_flags(log, RATELIMIT_MSG_ON_RELEASE);
}

void kvm_exit_stats_init_vcpu(struct kvm_vcpu *vcpu,
			      const struct kvm_exit_stats_ops *ops,
			      struct kvm_exit_stats *stats, const u32 *reason,
			      struct kvm_exit_stat *rows)
{
	stats->vcpu = vcpu;
	stats->ops = ops;
	stats->reason = reason;
	stats->rows = rows;
	vcpu->arch.exit_stats = stats;
}
EXPORT_SYMBOL_GPL(kvm_exit_stats_init_vcpu);

/*
 * Put a vCPU on its VM's list.  To be called when creating the vCPU can no
 * longer fail: nothing leaves the list before the VM ends.
 */
void kvm_exit_stats_publish_vcpu(struct kvm_vcpu *vcpu)
{
	if (vcpu->arch.exit_stats)
		llist_add(&vcpu->arch.exit_stats->node,
			  &vcpu->kvm->arch.exit_stats.vcpus);
}

/* In place of a row: the vCPU's totals. */
#define ROW_TOTAL	(-1)

enum kvm_exit_stats_what { EXITS, CYCLES };

static __always_inline u64 kvm_exit_stats_get(struct kvm_exit_stats *stats,
					      int row,
					      enum kvm_exit_stats_what what)
{
	struct kvm_vcpu_stat *total = &stats->vcpu->stat;

	if (row == ROW_TOTAL)
		return what == EXITS ? READ_ONCE(total->exit_stats_exits) :
				       READ_ONCE(total->exit_stats_cycles);

	return what == EXITS ? READ_ONCE(stats->rows[row].exits) :
			       READ_ONCE(stats->rows[row].cycles);
}

/* Sum @row over the vCPUs of @kvm. */
static __always_inline u64 kvm_exit_stats_sum(struct kvm *kvm, int row,
					      enum kvm_exit_stats_what what)
{
	struct kvm_exit_stats *stats;
	u64 sum = 0;

	llist_for_each_entry(stats, READ_ONCE(kvm->arch.exit_stats.vcpus.first),
			     node)
		sum += kvm_exit_stats_get(stats, row, what);

	return sum;
}

/*
 * The exits of @row, as the VM of @vcpu is told them.  The exit that @vcpu
 * handles now, of @current_row, is not counted yet: add it, so that a guest's
 * read is in the count it returns.
 */
static __always_inline u64 kvm_exit_stats_tell_exits(struct kvm_vcpu *vcpu,
						     int row, int current_row)
{
	bool in_row = row == ROW_TOTAL ? current_row >= 0 : row == current_row;

	return kvm_exit_stats_sum(vcpu->kvm, row, EXITS) + in_row;
}

/* The limit is the VM's own: no guest can flood the log or silence another. */
static noinline bool __kvm_exit_stats_log(struct kvm *kvm, const char *what,
					  u64 value)
{
	struct kvm_vm_exit_stats *stats = &kvm->arch.exit_stats;

	if (__ratelimit(&stats->log))
		pr_info("VM %d: total %s %llu\n", kvm->userspace_pid, what,
			value);
	else
		WRITE_ONCE(stats->log_refused, jiffies);
	return true;
}

/* Returns true, so that the leaves need no stack frame for this call. */
static __always_inline bool kvm_exit_stats_log(struct kvm *kvm,
					       const char *what, u64 value)
{
	unsigned long tick = jiffies;

	/* Refused in this tick already: reads are to be cheap then, too. */
	if (!READ_ONCE(exit_stats_log) ||
	    READ_ONCE(kvm->arch.exit_stats.log_refused) == tick)
		return true;

	return __kvm_exit_stats_log(kvm, what, value);
}

/* What a guest asked for in EAX and ECX, and where the answer goes. */
struct kvm_exit_stats_regs {
	u32 *eax;
	u32 *ebx;
	u32 *ecx;
	u32 *edx;
};

static __always_inline void kvm_exit_stats_set(struct kvm_exit_stats_regs regs,
					       u32 eax, u32 ebx, u32 ecx,
					       u32 edx)
{
	*regs.eax = eax;
	*regs.ebx = ebx;
	*regs.ecx = ecx;
	*regs.edx = edx;
}

static void kvm_exit_stats_signature(struct kvm_exit_stats_regs regs)
{
	u32 words[3];

	BUILD_BUG_ON(sizeof(KVM_EXIT_STATS_SIGNATURE) != sizeof(words) + 1);
	memcpy(words, KVM_EXIT_STATS_SIGNATURE, sizeof(words));
	kvm_exit_stats_set(regs, KVM_EXIT_STATS_CPUID_REASON_CYCLES, words[0],
			   words[1], words[2]);
}

static void kvm_exit_stats_info(struct kvm_exit_stats_regs regs,
				const struct kvm_exit_stats_ops *ops)
{
	kvm_exit_stats_set(regs, KVM_EXIT_STATS_VERSION, tsc_khz,
			   ops->nr_reasons, ops->isa);
}

/* @row may be ROW_TOTAL; @ecx is what the leaf of exits has in ECX. */
static __always_inline u64
kvm_exit_stats_tell(struct kvm_vcpu *vcpu, struct kvm_exit_stats_regs regs,
		    int row, int current_row, enum kvm_exit_stats_what what,
		    u32 ecx)
{
	u64 sum;

	if (what == EXITS) {
		sum = kvm_exit_stats_tell_exits(vcpu, row, current_row);
		kvm_exit_stats_set(regs, lower_32_bits(sum), upper_32_bits(sum),
				   ecx, 0);
	} else {
		sum = kvm_exit_stats_sum(vcpu->kvm, row, CYCLES);
		kvm_exit_stats_set(regs, 0, upper_32_bits(sum),
				   lower_32_bits(sum), 0);
	}
	return sum;
}

void kvm_exit_stats_after_set_cpuid(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	struct kvm_cpuid_entry2 *entries = vcpu->arch.cpuid_entries;
	int i;

	if (!stats)
		return;

	stats->userspace_leaves = false;
	for (i = 0; i < vcpu->arch.cpuid_nent; i++) {
		if (kvm_exit_stats_is_leaf(entries[i].function))
			stats->userspace_leaves = true;
	}
}

/* Leaves that the interface reserves answer zeros. */
static __always_inline bool
kvm_exit_stats_answer(struct kvm_vcpu *vcpu, struct kvm_exit_stats_regs regs,
		      int current_row)
{
	u64 sum;

	switch (*regs.eax) {
	case KVM_EXIT_STATS_CPUID_TOTAL_EXITS:
		sum = kvm_exit_stats_tell(vcpu, regs, ROW_TOTAL, current_row,
					  EXITS, 0);
		return kvm_exit_stats_log(vcpu->kvm, "exits", sum);
	case KVM_EXIT_STATS_CPUID_TOTAL_CYCLES:
		sum = kvm_exit_stats_tell(vcpu, regs, ROW_TOTAL, current_row,
					  CYCLES, 0);
		return kvm_exit_stats_log(vcpu->kvm, "cycles", sum);
	case KVM_EXIT_STATS_CPUID_SIGNATURE:
		kvm_exit_stats_signature(regs);
		return true;
	case KVM_EXIT_STATS_CPUID_INFO:
		kvm_exit_stats_info(regs, vcpu->arch.exit_stats->ops);
		return true;
	default:
		kvm_exit_stats_set(regs, 0, 0, 0, 0);
		return true;
	}
}

static __always_inline bool
kvm_exit_stats_answer_reason(struct kvm_vcpu *vcpu,
			     struct kvm_exit_stats_regs regs, int row,
			     int current_row)
{
	if (*regs.eax == KVM_EXIT_STATS_CPUID_REASON_EXITS)
		kvm_exit_stats_tell(vcpu, regs, row, current_row, EXITS,
				    *regs.ecx);
	else
		kvm_exit_stats_tell(vcpu, regs, row, current_row, CYCLES, 0);
	return true;
}

/* What calls functions is apart: the rest needs no stack frame then. */
static noinline bool kvm_exit_stats_cpuid_rare(struct kvm_vcpu *vcpu, u32 *eax,
					       u32 *ebx, u32 *ecx, u32 *edx)
{
	struct kvm_exit_stats_regs regs = { eax, ebx, ecx, edx };
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	int row, current_row;

	/* An entry that userspace has set wins. */
	if (stats->userspace_leaves &&
	    kvm_find_cpuid_entry_index(vcpu, *eax, *ecx))
		return false;

	current_row = kvm_exit_stats_row(stats->ops, *stats->reason);
	if (*eax < KVM_EXIT_STATS_CPUID_REASON_EXITS)
		return kvm_exit_stats_answer(vcpu, regs, current_row);

	row = kvm_exit_stats_find_row(stats->ops, *ecx);
	if (row >= 0)
		return kvm_exit_stats_answer_reason(vcpu, regs, row,
						    current_row);

	kvm_exit_stats_set(regs, 0, 0, 0,
			   row == -ENOENT ? KVM_EXIT_STATS_UNDEFINED : 0);
	return true;
}

bool __kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			    u32 *ecx, u32 *edx)
{
	struct kvm_exit_stats_regs regs = { eax, ebx, ecx, edx };
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	const struct kvm_exit_stats_ops *ops;
	u32 row, current_row;

	if (!stats || !READ_ONCE(exit_stats_guest))
		return false;

	ops = stats->ops;
	current_row = *stats->reason;
	if (unlikely(stats->userspace_leaves) ||
	    unlikely(current_row >= ops->nr_direct_rows))
		return kvm_exit_stats_cpuid_rare(vcpu, eax, ebx, ecx, edx);

	if (*eax < KVM_EXIT_STATS_CPUID_REASON_EXITS)
		return kvm_exit_stats_answer(vcpu, regs, current_row);

	row = array_index_nospec(*ecx, ops->nr_direct_rows);
	if (unlikely(*ecx >= ops->nr_direct_rows) ||
	    unlikely(!ops->handlers[row]))
		return kvm_exit_stats_cpuid_rare(vcpu, eax, ebx, ecx, edx);

	return kvm_exit_stats_answer_reason(vcpu, regs, row, current_row);
}

static const char *kvm_exit_stats_name(const struct kvm_exit_stats_ops *ops,
				       s64 reason)
{
	const struct trace_print_flags *name;

	for (name = ops->names; name->name; name++) {
		if (name->mask == reason)
			return name->name;
	}
	return "-";
}

static void kvm_exit_stats_show_row(struct seq_file *m,
				    const struct kvm_exit_stats_ops *ops,
				    int row, struct kvm_exit_stat stat)
{
	s64 reason;

	if (row == ROW_TOTAL) {
		seq_printf(m, "%6s %-28s", "-", "total");
	} else if (row == ops->nr_rows - 1) {
		seq_printf(m, "%6s %-28s", "-", "other");
	} else {
		reason = ops->row_reason(row);
		seq_printf(m, "%6lld %-28s", reason,
			   kvm_exit_stats_name(ops, reason));
	}

	seq_printf(m, " %20llu %20llu\n", stat.exits, stat.cycles);
}

/* Of all vCPUs of @kvm, or of that of @stats only. */
static struct kvm_exit_stat kvm_exit_stats_read(struct kvm *kvm,
						struct kvm_exit_stats *stats,
						int row)
{
	if (kvm)
		return (struct kvm_exit_stat) {
			kvm_exit_stats_sum(kvm, row, EXITS),
			kvm_exit_stats_sum(kvm, row, CYCLES),
		};

	return (struct kvm_exit_stat) {
		kvm_exit_stats_get(stats, row, EXITS),
		kvm_exit_stats_get(stats, row, CYCLES),
	};
}

static void kvm_exit_stats_show(struct seq_file *m, struct kvm *kvm,
				struct kvm_exit_stats *stats)
{
	const struct kvm_exit_stats_ops *ops = stats->ops;
	struct kvm_exit_stat stat;
	int row;

	seq_printf(m, "%6s %-28s %20s %20s\n", "reason", "name", "exits",
		   "cycles");
	for (row = 0; row < ops->nr_rows; row++) {
		stat = kvm_exit_stats_read(kvm, stats, row);
		if (stat.exits)
			kvm_exit_stats_show_row(m, ops, row, stat);
	}
	stat = kvm_exit_stats_read(kvm, stats, ROW_TOTAL);
	kvm_exit_stats_show_row(m, ops, ROW_TOTAL, stat);
}

static int kvm_exit_stats_vm_show(struct seq_file *m, void *v)
{
	struct kvm *kvm = m->private;
	struct llist_node *first = READ_ONCE(kvm->arch.exit_stats.vcpus.first);

	if (first)
		kvm_exit_stats_show(m, kvm, llist_entry(first,
							struct kvm_exit_stats,
							node));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_stats_vm);

static int kvm_exit_stats_vcpu_show(struct seq_file *m, void *v)
{
	struct kvm_vcpu *vcpu = m->private;

	kvm_exit_stats_show(m, NULL, vcpu->arch.exit_stats);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_stats_vcpu);

void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm)
{
	debugfs_create_file("exit_stats", 0444, kvm->debugfs_dentry, kvm,
			    &kvm_exit_stats_vm_fops);
}

void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
					struct dentry *dentry)
{
	if (vcpu->arch.exit_stats)
		debugfs_create_file("exit_stats", 0444, dentry, vcpu,
				    &kvm_exit_stats_vcpu_fops);
}

#ifdef CONFIG_KVM_EXIT_STATS_KUNIT_TEST
#include "tests/exit_stats_kunit.c"
#endif
