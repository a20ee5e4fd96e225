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
			      struct kvm_exit_stats *stats,
			      struct kvm_exit_stat *rows)
{
	stats->vcpu = vcpu;
	stats->ops = ops;
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

static struct kvm_exit_stat kvm_exit_stats_get(struct kvm_exit_stats *stats,
					       int row)
{
	struct kvm_vcpu_stat *total = &stats->vcpu->stat;

	if (row == ROW_TOTAL)
		return (struct kvm_exit_stat) {
			READ_ONCE(total->exit_stats_exits),
			READ_ONCE(total->exit_stats_cycles),
		};

	return (struct kvm_exit_stat) {
		READ_ONCE(stats->rows[row].exits),
		READ_ONCE(stats->rows[row].cycles),
	};
}

/* Sum @row over the vCPUs that @node starts the list of, or of the first only. */
static struct kvm_exit_stat kvm_exit_stats_read(struct llist_node *node,
						bool all, int row)
{
	struct kvm_exit_stat stat, sum = {};
	struct kvm_exit_stats *stats;

	llist_for_each_entry(stats, node, node) {
		stat = kvm_exit_stats_get(stats, row);
		sum.exits += stat.exits;
		sum.cycles += stat.cycles;
		if (!all)
			break;
	}
	return sum;
}

/*
 * What @row holds for the whole VM.  The exit that the calling vCPU handles now
 * is in no row yet: add it, so that a guest's read is in the count it returns.
 */
static struct kvm_exit_stat kvm_exit_stats_sum(struct kvm_vcpu *vcpu, int row)
{
	const struct kvm_exit_stats_ops *ops = vcpu->arch.exit_stats->ops;
	struct llist_head *vcpus = &vcpu->kvm->arch.exit_stats.vcpus;
	int current_row = ops->current_row(vcpu);
	struct kvm_exit_stat sum;

	sum = kvm_exit_stats_read(READ_ONCE(vcpus->first), true, row);

	if (current_row >= 0 && (row == current_row || row == ROW_TOTAL))
		sum.exits++;

	return sum;
}

/* The limit is the VM's own: no guest can flood the log or silence another. */
static void kvm_exit_stats_log(struct kvm *kvm, const char *what, u64 value)
{
	if (READ_ONCE(exit_stats_log) &&
	    __ratelimit(&kvm->arch.exit_stats.log))
		pr_info("VM %d: total %s %llu\n", kvm->userspace_pid, what,
			value);
}

static void kvm_exit_stats_cpuid_signature(u32 *eax, u32 *ebx, u32 *ecx,
					   u32 *edx)
{
	u32 words[3];

	BUILD_BUG_ON(sizeof(KVM_EXIT_STATS_SIGNATURE) != sizeof(words) + 1);
	memcpy(words, KVM_EXIT_STATS_SIGNATURE, sizeof(words));

	*eax = KVM_EXIT_STATS_CPUID_REASON_CYCLES;
	*ebx = words[0];
	*ecx = words[1];
	*edx = words[2];
}

static void kvm_exit_stats_cpuid_info(const struct kvm_exit_stats_ops *ops,
				      u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	*eax = KVM_EXIT_STATS_VERSION;
	*ebx = tsc_khz;
	*ecx = ops->nr_reasons;
	*edx = ops->isa;
}

static void kvm_exit_stats_cpuid_exits(u64 exits, u32 *eax, u32 *ebx)
{
	*eax = lower_32_bits(exits);
	*ebx = upper_32_bits(exits);
}

static void kvm_exit_stats_cpuid_cycles(u64 cycles, u32 *ebx, u32 *ecx)
{
	*ebx = upper_32_bits(cycles);
	*ecx = lower_32_bits(cycles);
}

static void kvm_exit_stats_cpuid_reason(struct kvm_vcpu *vcpu, u32 leaf,
					u32 reason, u32 *eax, u32 *ebx,
					u32 *ecx, u32 *edx)
{
	int row = vcpu->arch.exit_stats->ops->find_row(reason);
	struct kvm_exit_stat stat;

	if (row < 0) {
		*edx = row == -ENOENT ? KVM_EXIT_STATS_UNDEFINED : 0;
		return;
	}

	stat = kvm_exit_stats_sum(vcpu, row);
	if (leaf == KVM_EXIT_STATS_CPUID_REASON_EXITS) {
		kvm_exit_stats_cpuid_exits(stat.exits, eax, ebx);
		*ecx = reason;
	} else {
		kvm_exit_stats_cpuid_cycles(stat.cycles, ebx, ecx);
	}
}

static bool kvm_exit_stats_visible(struct kvm_vcpu *vcpu, u32 leaf)
{
	return leaf >= KVM_EXIT_STATS_CPUID_SIGNATURE &&
	       leaf <= KVM_EXIT_STATS_CPUID_REASON_CYCLES &&
	       vcpu->arch.exit_stats &&
	       READ_ONCE(exit_stats_guest) && kvm_exit_stats_enabled();
}

/*
 * Answer the CPUID leaf in @eax if it is one of ours and the guest may see it.
 * Leaves that the interface reserves answer zeros.
 */
bool kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			  u32 *ecx, u32 *edx)
{
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	u32 leaf = *eax, index = *ecx;
	struct kvm_exit_stat total;

	if (!kvm_exit_stats_visible(vcpu, leaf))
		return false;

	*eax = *ebx = *ecx = *edx = 0;

	switch (leaf) {
	case KVM_EXIT_STATS_CPUID_SIGNATURE:
		kvm_exit_stats_cpuid_signature(eax, ebx, ecx, edx);
		break;
	case KVM_EXIT_STATS_CPUID_INFO:
		kvm_exit_stats_cpuid_info(stats->ops, eax, ebx, ecx, edx);
		break;
	case KVM_EXIT_STATS_CPUID_TOTAL_EXITS:
		total = kvm_exit_stats_sum(vcpu, ROW_TOTAL);
		kvm_exit_stats_cpuid_exits(total.exits, eax, ebx);
		kvm_exit_stats_log(vcpu->kvm, "exits", total.exits);
		break;
	case KVM_EXIT_STATS_CPUID_TOTAL_CYCLES:
		total = kvm_exit_stats_sum(vcpu, ROW_TOTAL);
		kvm_exit_stats_cpuid_cycles(total.cycles, ebx, ecx);
		kvm_exit_stats_log(vcpu->kvm, "cycles", total.cycles);
		break;
	case KVM_EXIT_STATS_CPUID_REASON_EXITS:
	case KVM_EXIT_STATS_CPUID_REASON_CYCLES:
		kvm_exit_stats_cpuid_reason(vcpu, leaf, index, eax, ebx, ecx,
					    edx);
		break;
	}
	return true;
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

static void kvm_exit_stats_show(struct seq_file *m, struct llist_node *node,
				bool all)
{
	const struct kvm_exit_stats_ops *ops;
	struct kvm_exit_stat stat;
	int row;

	ops = llist_entry(node, struct kvm_exit_stats, node)->ops;

	seq_printf(m, "%6s %-28s %20s %20s\n", "reason", "name", "exits",
		   "cycles");
	for (row = 0; row < ops->nr_rows; row++) {
		stat = kvm_exit_stats_read(node, all, row);
		if (stat.exits)
			kvm_exit_stats_show_row(m, ops, row, stat);
	}
	stat = kvm_exit_stats_read(node, all, ROW_TOTAL);
	kvm_exit_stats_show_row(m, ops, ROW_TOTAL, stat);
}

static int kvm_exit_stats_vm_show(struct seq_file *m, void *v)
{
	struct kvm *kvm = m->private;
	struct llist_node *first = READ_ONCE(kvm->arch.exit_stats.vcpus.first);

	if (first)
		kvm_exit_stats_show(m, first, true);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_stats_vm);

static int kvm_exit_stats_vcpu_show(struct seq_file *m, void *v)
{
	struct kvm_vcpu *vcpu = m->private;

	kvm_exit_stats_show(m, &vcpu->arch.exit_stats->node, false);
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
