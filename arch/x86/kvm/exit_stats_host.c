// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exit statistics for the host: tables for each VM and each vCPU in debugfs,
 * and binary statistics.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/kvm_host.h>

#include "exit_stats.h"

static const char * const kvm_exit_account_names[] = {
	[KVM_CPUID_EXIT_STATS_GUEST]		= "guest",
	[KVM_CPUID_EXIT_STATS_KERNEL]		= "kernel",
	[KVM_CPUID_EXIT_STATS_VMM]		= "vmm",
	[KVM_CPUID_EXIT_STATS_WAIT]		= "wait",
	[KVM_CPUID_EXIT_STATS_HALTED]		= "halted",
	[KVM_CPUID_EXIT_STATS_PREEMPTED]	= "preempted",
	[KVM_CPUID_EXIT_STATS_OUTSIDE]		= "outside",
	[KVM_CPUID_EXIT_STATS_OFF]		= "off",
};

/* In place of an index: all reasons. */
#define KVM_EXIT_INDEX_TOTAL	(KVM_NR_EXIT_INDEXES + 1)

static void kvm_exit_add(struct kvm_vcpu *vcpu, unsigned int index,
			 struct kvm_exit_row *sum)
{
	if (index == KVM_EXIT_INDEX_TOTAL)
		kvm_exit_stats_add_total(vcpu, sum);
	else
		kvm_exit_stats_add_reason(vcpu, index, sum);
}

/* Of all vCPUs of @kvm, or of @vcpu only. */
static struct kvm_exit_row kvm_exit_sum(struct kvm *kvm, struct kvm_vcpu *vcpu,
					unsigned int index)
{
	struct kvm_exit_row sum = {};
	unsigned long i;

	if (vcpu)
		kvm_exit_add(vcpu, index, &sum);
	else
		kvm_for_each_vcpu(i, vcpu, kvm)
			kvm_exit_add(vcpu, index, &sum);
	return sum;
}

static const char *kvm_exit_name(s64 reason)
{
	const struct trace_print_flags *name;

	for (name = kvm_x86_ops.exit_isa->names; name->name; name++) {
		if (name->mask == reason)
			return name->name;
	}
	return "-";
}

static void kvm_exit_show_row(struct seq_file *m, const char *reason,
			      const struct kvm_exit_row *row, const char *name)
{
	seq_printf(m, "%6s %20llu %20llu %20llu %20llu %s\n", reason, row->exits,
		   row->kernel, row->vmm, row->wait, name);
}

/* How the tables call a reason. */
struct kvm_exit_label {
	char number[24];
	const char *name;
};

static struct kvm_exit_label kvm_exit_label(unsigned int index)
{
	struct kvm_exit_label label = { "-", "other" };
	s64 reason;

	if (index != KVM_EXIT_INDEX_OTHER) {
		reason = kvm_x86_ops.exit_isa->reason(index);
		snprintf(label.number, sizeof(label.number), "%lld", reason);
		label.name = kvm_exit_name(reason);
	}
	return label;
}

static void kvm_exit_show_reason(struct seq_file *m, unsigned int index,
				 const struct kvm_exit_row *row)
{
	struct kvm_exit_label label;

	if (!row->exits && !row->kernel && !row->vmm && !row->wait)
		return;

	label = kvm_exit_label(index);
	kvm_exit_show_row(m, label.number, row, label.name);
}

/* KVM_CPUID_EXIT_STATS_NR_ACCOUNTS: the time in all accounts. */
static u64 kvm_exit_sum_account(struct kvm *kvm, struct kvm_vcpu *vcpu,
				unsigned int account)
{
	unsigned long i;
	u64 sum = 0;

	if (vcpu)
		return account < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS ?
		       kvm_exit_stats_account(vcpu, account) :
		       kvm_exit_stats_age(vcpu);

	kvm_for_each_vcpu(i, vcpu, kvm)
		sum += kvm_exit_sum_account(kvm, vcpu, account);
	return sum;
}

static void kvm_exit_stats_show(struct seq_file *m, struct kvm *kvm,
				struct kvm_vcpu *vcpu)
{
	struct kvm_exit_row row;
	unsigned int i;

	seq_printf(m, "%6s %20s %20s %20s %20s %s\n", "reason", "exits",
		   "kernel", "vmm", "wait", "name");
	for (i = 0; i < KVM_NR_EXIT_INDEXES; i++) {
		row = kvm_exit_sum(kvm, vcpu, i);
		kvm_exit_show_reason(m, i, &row);
		/* A VM may have thousands of vCPUs. */
		cond_resched();
	}
	row = kvm_exit_sum(kvm, vcpu, KVM_EXIT_INDEX_TOTAL);
	kvm_exit_show_row(m, "total", &row, "-");

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; i++) {
		seq_printf(m, "account %s %llu\n", kvm_exit_account_names[i],
			   kvm_exit_sum_account(kvm, vcpu, i));
		cond_resched();
	}
	seq_printf(m, "account all %llu\n", kvm_exit_sum_account(kvm, vcpu, i));
}

static int kvm_exit_stats_vm_show(struct seq_file *m, void *v)
{
	kvm_exit_stats_show(m, m->private, NULL);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_stats_vm);

static int kvm_exit_stats_vcpu_show(struct seq_file *m, void *v)
{
	kvm_exit_stats_show(m, NULL, m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_stats_vcpu);

/* What is known of the exits of a reason, of all vCPUs or of one. */
struct kvm_exit_tail {
	u64 max;
	u64 open;
};

static void kvm_exit_add_tail(struct kvm_vcpu *vcpu, unsigned int index,
			      struct kvm_exit_tail *tail)
{
	tail->max = max(tail->max, kvm_exit_hist_max(vcpu, index));
	tail->open += kvm_exit_hist_is_open(vcpu, index);
}

static struct kvm_exit_tail kvm_exit_tail(struct kvm *kvm,
					  struct kvm_vcpu *vcpu,
					  unsigned int index)
{
	struct kvm_exit_tail tail = {};
	unsigned long i;

	if (vcpu)
		kvm_exit_add_tail(vcpu, index, &tail);
	else
		kvm_for_each_vcpu(i, vcpu, kvm)
			kvm_exit_add_tail(vcpu, index, &tail);
	return tail;
}

/* Returns how many exits are in all buckets. */
static u64 kvm_exit_show_buckets(struct seq_file *m, struct kvm *kvm,
				 struct kvm_vcpu *vcpu, unsigned int index)
{
	struct kvm_exit_label label = kvm_exit_label(index);
	u64 count, all = 0;
	unsigned int i;

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_BUCKETS; i++) {
		count = kvm_exit_hist_sum(kvm, vcpu, index, i);
		/* A VM may have thousands of vCPUs. */
		cond_resched();
		if (!count)
			continue;
		seq_printf(m, "%6s %20llu %20llu %20llu %s\n", label.number,
			   kvm_exit_hist_from(i), kvm_exit_hist_to(i), count,
			   label.name);
		all += count;
	}
	return all;
}

static void kvm_exit_hist_show_reason(struct seq_file *m, struct kvm *kvm,
				      struct kvm_vcpu *vcpu, unsigned int index)
{
	struct kvm_exit_label label = kvm_exit_label(index);
	u64 exits = kvm_exit_sum(kvm, vcpu, index).exits;
	struct kvm_exit_tail tail;
	u64 known;

	if (!exits)
		return;

	tail = kvm_exit_tail(kvm, vcpu, index);
	known = kvm_exit_show_buckets(m, kvm, vcpu, index) + tail.open;

	/* Exits that happened meanwhile are in the buckets only. */
	seq_printf(m, "max %s %llu\nopen %s %llu\nmissed %s %llu\n",
		   label.number, tail.max, label.number, tail.open,
		   label.number, exits - min(exits, known));
}

static void kvm_exit_hist_show(struct seq_file *m, struct kvm *kvm,
			       struct kvm_vcpu *vcpu)
{
	unsigned int i;

	seq_printf(m, "%6s %20s %20s %20s %s\n", "reason", "from", "to",
		   "exits", "name");
	/* What does not fit is shown again, from the beginning. */
	for (i = 0; i < KVM_NR_EXIT_INDEXES && !seq_has_overflowed(m); i++) {
		kvm_exit_hist_show_reason(m, kvm, vcpu, i);
		cond_resched();
	}
}

static int kvm_exit_hist_vm_show(struct seq_file *m, void *v)
{
	kvm_exit_hist_show(m, m->private, NULL);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_hist_vm);

static int kvm_exit_hist_vcpu_show(struct seq_file *m, void *v)
{
	kvm_exit_hist_show(m, NULL, m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kvm_exit_hist_vcpu);

void kvm_exit_stats_create_vm_debugfs(struct kvm *kvm)
{
	debugfs_create_file("exit_hist", 0444, kvm->debugfs_dentry, kvm,
			    &kvm_exit_hist_vm_fops);
	debugfs_create_file("exit_stats", 0444, kvm->debugfs_dentry, kvm,
			    &kvm_exit_stats_vm_fops);
}

void kvm_exit_stats_create_vcpu_debugfs(struct kvm_vcpu *vcpu,
					struct dentry *dentry)
{
	debugfs_create_file("exit_hist", 0444, dentry, vcpu,
			    &kvm_exit_hist_vcpu_fops);
	debugfs_create_file("exit_stats", 0444, dentry, vcpu,
			    &kvm_exit_stats_vcpu_fops);
}

/* Where the copies are: exits, accounts, reasons and costs, in their order. */
#define KVM_EXIT_COPY(name) \
	(offsetof(struct kvm_vm_stat, exit_stats_##name) / sizeof(u64))

static u64 kvm_exit_stat(struct kvm *kvm, unsigned int copy)
{
	unsigned int index;

	static_assert(KVM_EXIT_COPY(off) - KVM_EXIT_COPY(guest) ==
		      KVM_CPUID_EXIT_STATS_OFF);
	static_assert(KVM_EXIT_COPY(reasons) == KVM_EXIT_COPY(off) + 1);
	static_assert(KVM_EXIT_COPY(cost) ==
		      KVM_EXIT_COPY(reasons) + KVM_NR_EXIT_INDEXES);

	if (copy >= KVM_EXIT_COPY(guest) && copy <= KVM_EXIT_COPY(off))
		return kvm_exit_sum_account(kvm, NULL,
					    copy - KVM_EXIT_COPY(guest));

	index = copy == KVM_EXIT_COPY(exits) ? KVM_EXIT_INDEX_TOTAL :
					       copy - KVM_EXIT_COPY(reasons);
	return kvm_exit_sum(kvm, NULL, index).exits;
}

/* A reader that was slow must not put an older value over a newer one. */
static void kvm_exit_copy(u64 *copy, u64 value)
{
	u64 old = READ_ONCE(*copy);

	do {
		if (old >= value)
			return;
	} while (!try_cmpxchg64(copy, &old, value));
}

/* Binary statistics are copies: who clears one clears nothing else. */
void kvm_arch_update_vm_stat(struct kvm *kvm, size_t offset)
{
	unsigned int copy = KVM_EXIT_COPY(exits);
	unsigned int end = KVM_EXIT_COPY(cost) + KVM_NR_EXIT_COSTS;
	u64 *stats = (u64 *)&kvm->stat;
	u64 costs[KVM_NR_EXIT_COSTS];

	if (offset != KVM_STAT_ALL) {
		if (offset / sizeof(u64) < copy || offset / sizeof(u64) >= end)
			return;
		copy = offset / sizeof(u64);
		end = copy + 1;
	}

	for (; copy < min(end, KVM_EXIT_COPY(cost)); copy++) {
		kvm_exit_copy(&stats[copy], kvm_exit_stat(kvm, copy));
		cond_resched();
	}
	if (copy == end)
		return;

	kvm_exit_hist_log(kvm, costs);
	for (; copy < end; copy++)
		kvm_exit_copy(&stats[copy], costs[copy - KVM_EXIT_COPY(cost)]);
}
