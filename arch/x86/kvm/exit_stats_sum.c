// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VM exit statistics add up to, for who shows them.
 */
#include <linux/kvm_host.h>

#include "exit_stats.h"

/* Counts of a VM only grow while this is the same. */
u64 kvm_exit_stats_epoch(struct kvm *kvm)
{
	return kvm->arch.exit_stats.epoch +
	       READ_ONCE(kvm_exit_stats_generation);
}

static void kvm_exit_row_add(struct kvm_exit_row *sum, struct kvm_exit_row *row)
{
	sum->exits += READ_ONCE(row->exits);
	sum->kernel += READ_ONCE(row->kernel);
	sum->vmm += READ_ONCE(row->vmm);
	sum->wait += READ_ONCE(row->wait);
}

/* Add what @vcpu has of the reason with @index to @sum. */
void kvm_exit_stats_add_reason(struct kvm_vcpu *vcpu, unsigned int index,
			       struct kvm_exit_row *sum)
{
	struct kvm_exit_stats *stats = READ_ONCE(vcpu->arch.exit_stats);
	unsigned int row;

	if (!stats)
		return;

	row = READ_ONCE(stats->map[index]);
	if (row || index == KVM_EXIT_INDEX_OTHER)
		kvm_exit_row_add(sum, &stats->rows[row]);
}

/* Add what @vcpu has of all reasons to @sum. */
void kvm_exit_stats_add_total(struct kvm_vcpu *vcpu, struct kvm_exit_row *sum)
{
	struct kvm_exit_stats *stats = READ_ONCE(vcpu->arch.exit_stats);
	int row;

	if (!stats)
		return;

	for (row = 0; row < READ_ONCE(stats->nr_rows); row++)
		kvm_exit_row_add(sum, &stats->rows[row]);
}

/* Zero for a vCPU that has run uncounted since it was made. */
u64 kvm_exit_stats_account(struct kvm_vcpu *vcpu, unsigned int account)
{
	struct kvm_exit_stats *stats = READ_ONCE(vcpu->arch.exit_stats);
	struct kvm_exit_row total = {};

	switch (account) {
	case KVM_CPUID_EXIT_STATS_KERNEL:
		kvm_exit_stats_add_total(vcpu, &total);
		return total.kernel;
	case KVM_CPUID_EXIT_STATS_VMM:
		kvm_exit_stats_add_total(vcpu, &total);
		return total.vmm;
	case KVM_CPUID_EXIT_STATS_WAIT:
		kvm_exit_stats_add_total(vcpu, &total);
		return total.wait;
	default:
		return stats ? READ_ONCE(stats->accounts[account]) : 0;
	}
}

/* What is in all accounts, by other means. */
u64 kvm_exit_stats_age(struct kvm_vcpu *vcpu)
{
	struct kvm_exit_stats *stats = READ_ONCE(vcpu->arch.exit_stats);

	if (!stats)
		return 0;

	return READ_ONCE(stats->last) + READ_ONCE(stats->back) - stats->start;
}
