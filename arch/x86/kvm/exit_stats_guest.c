// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exit statistics for the guest: CPUID leaves, and what of them is logged.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": exit_stats: " fmt

#include <linux/bitops.h>
#include <linux/kvm_host.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/ratelimit.h>

#include <asm/tsc.h>

#include "cpuid.h"
#include "exit_stats.h"

static bool __read_mostly exit_stats_guest = true;
module_param(exit_stats_guest, bool, 0644);
MODULE_PARM_DESC(exit_stats_guest, "Show a VM its own exit statistics through CPUID");

static bool __read_mostly exit_stats_log = true;
module_param(exit_stats_log, bool, 0644);
MODULE_PARM_DESC(exit_stats_log, "Log the totals that a VM reads of itself");

/* Who makes VMs, one after the other, must not push others out of the log. */
static struct ratelimit_state kvm_exit_stats_log_all =
	RATELIMIT_STATE_INIT_FLAGS(kvm_exit_stats_log_all, 60 * HZ, 100,
				   RATELIMIT_MSG_ON_RELEASE);

void kvm_exit_stats_create_log(struct kvm *kvm)
{
	struct ratelimit_state *log = &kvm->arch.exit_stats.log;

	ratelimit_state_init(log, 30 * HZ, 10);

	/* Don't report what was suppressed: that line does not name the VM. */
	ratelimit_set_flags(log, RATELIMIT_MSG_ON_RELEASE);
}

static void kvm_exit_stats_log(struct kvm *kvm, const char *what, u64 value)
{
	if (READ_ONCE(exit_stats_log) &&
	    __ratelimit(&kvm->arch.exit_stats.log) &&
	    __ratelimit(&kvm_exit_stats_log_all))
		pr_info("VM %d: total %s %llu\n", kvm->userspace_pid, what,
			value);
}

/* KVM_CAP_X86_EXIT_STATS: the VMM may hide the leaves from its guest. */
int kvm_exit_stats_enable_cap(struct kvm *kvm, u64 show)
{
	if (show > 1)
		return -EINVAL;

	WRITE_ONCE(kvm->arch.exit_stats.hidden, !show);
	return 0;
}

/* A VMM that does not show KVM to its guest does not want these shown. */
static bool kvm_exit_stats_visible(struct kvm_vcpu *vcpu)
{
	return kvm_exit_stats_enabled() && READ_ONCE(exit_stats_guest) &&
	       !READ_ONCE(vcpu->kvm->arch.exit_stats.hidden) &&
	       vcpu->arch.kvm_cpuid.base;
}

struct kvm_exit_answer {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

static const struct kvm_exit_answer kvm_exit_answer_undefined = {
	.edx = KVM_CPUID_EXIT_STATS_UNDEFINED,
};

static struct kvm_exit_answer kvm_exit_answer_exits(u64 exits, u32 reason)
{
	return (struct kvm_exit_answer) {
		.eax = lower_32_bits(exits),
		.ebx = upper_32_bits(exits),
		.ecx = reason,
	};
}

static struct kvm_exit_answer kvm_exit_answer_time(u64 cycles)
{
	return (struct kvm_exit_answer) {
		.ebx = upper_32_bits(cycles),
		.ecx = lower_32_bits(cycles),
	};
}

static struct kvm_exit_answer kvm_exit_answer_signature(void)
{
	u32 words[3];

	static_assert(sizeof(KVM_CPUID_EXIT_STATS_ID) == sizeof(words) + 1);
	memcpy(words, KVM_CPUID_EXIT_STATS_ID, sizeof(words));

	return (struct kvm_exit_answer) {
		.eax = KVM_CPUID_EXIT_STATS_REASON_KERNEL,
		.ebx = words[0],
		.ecx = words[1],
		.edx = words[2],
	};
}

static struct kvm_exit_answer kvm_exit_answer_info(void)
{
	const struct kvm_exit_isa *isa = kvm_x86_ops.exit_isa;

	return (struct kvm_exit_answer) {
		.eax = KVM_CPUID_EXIT_STATS_VERSION,
		.ebx = tsc_khz,
		.ecx = isa->nr_reasons,
		.edx = isa->id | KVM_CPUID_EXIT_STATS_F_EPOCH |
		       KVM_CPUID_EXIT_STATS_F_ACCOUNTS |
		       KVM_CPUID_EXIT_STATS_F_REASON_TIMES |
		       KVM_CPUID_EXIT_STATS_F_HIST,
	};
}

/* Until the exit that asks; a vCPU's clock bears that the TSC went back. */
static u64 kvm_exit_vm_age(struct kvm_vcpu *vcpu)
{
	u64 created = vcpu->kvm->arch.exit_stats.created;
	struct kvm_exit_stats *stats = vcpu->arch.exit_stats;
	s64 age;

	if (stats)
		age = kvm_exit_stats_age(vcpu) + stats->start - created;
	else
		age = rdtsc() - created;

	return max(age, 0);
}

static struct kvm_exit_answer kvm_exit_answer_epoch(struct kvm_vcpu *vcpu)
{
	u64 epoch = kvm_exit_stats_epoch(vcpu->kvm);
	u64 age = kvm_exit_vm_age(vcpu);

	return (struct kvm_exit_answer) {
		.eax = lower_32_bits(epoch),
		.ebx = upper_32_bits(epoch),
		.ecx = lower_32_bits(age),
		.edx = upper_32_bits(age),
	};
}

static struct kvm_exit_answer kvm_exit_answer_account(struct kvm *kvm,
						      u32 account)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;
	u64 sum = 0;

	if (account >= KVM_CPUID_EXIT_STATS_NR_ACCOUNTS)
		return kvm_exit_answer_undefined;

	account = array_index_nospec(account, KVM_CPUID_EXIT_STATS_NR_ACCOUNTS);
	kvm_for_each_vcpu(i, vcpu, kvm)
		sum += kvm_exit_stats_account(vcpu, account);

	return kvm_exit_answer_time(sum);
}

static struct kvm_exit_answer kvm_exit_answer_total(struct kvm *kvm, u32 leaf)
{
	struct kvm_exit_row sum = {};
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm)
		kvm_exit_stats_add_total(vcpu, &sum);

	if (leaf == KVM_CPUID_EXIT_STATS_TOTAL_EXITS) {
		kvm_exit_stats_log(kvm, "exits", sum.exits);
		return kvm_exit_answer_exits(sum.exits, 0);
	}
	kvm_exit_stats_log(kvm, "cycles", sum.kernel);
	return kvm_exit_answer_time(sum.kernel);
}

static struct kvm_exit_answer kvm_exit_answer_reason(struct kvm *kvm, u32 leaf,
						     u32 reason)
{
	unsigned int index = kvm_x86_ops.exit_isa->index(reason);
	struct kvm_exit_row sum = {};
	struct kvm_vcpu *vcpu;
	unsigned long i;

	if (index == KVM_EXIT_INDEX_OTHER &&
	    reason != KVM_CPUID_EXIT_STATS_OTHER)
		return kvm_exit_answer_undefined;

	index = array_index_nospec(index, KVM_NR_EXIT_INDEXES);
	kvm_for_each_vcpu(i, vcpu, kvm)
		kvm_exit_stats_add_reason(vcpu, index, &sum);

	switch (leaf) {
	case KVM_CPUID_EXIT_STATS_REASON_KERNEL:
		return kvm_exit_answer_time(sum.kernel);
	case KVM_CPUID_EXIT_STATS_REASON_VMM:
		return kvm_exit_answer_time(sum.vmm);
	case KVM_CPUID_EXIT_STATS_REASON_WAIT:
		return kvm_exit_answer_time(sum.wait);
	default:
		break;
	}

	/* Zeros tell that KVM has no handler, unless there are exits to tell. */
	if (!sum.exits && reason != KVM_CPUID_EXIT_STATS_OTHER &&
	    !kvm_x86_ops.exit_isa->handled(reason))
		reason = 0;

	return kvm_exit_answer_exits(sum.exits, reason);
}

/* The first bucket from @bucket on that is not empty, or the maximum. */
static struct kvm_exit_answer kvm_exit_answer_bucket(struct kvm *kvm,
						     unsigned int index,
						     unsigned int bucket)
{
	unsigned int first = KVM_CPUID_EXIT_STATS_NR_BUCKETS;
	struct kvm_vcpu *vcpu;
	unsigned long i;
	u64 max = 0;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		first = kvm_exit_hist_first(vcpu, index, bucket, first);
		max = max(max, kvm_exit_hist_max(vcpu, index));
		/* A VM may have thousands of vCPUs. */
		cond_resched();
	}
	if (first == KVM_CPUID_EXIT_STATS_NR_BUCKETS)
		return kvm_exit_answer_exits(max, KVM_CPUID_EXIT_STATS_NO_BUCKET);

	return kvm_exit_answer_exits(kvm_exit_hist_sum(kvm, NULL, index, first),
				     first);
}

/* @subleaf has bits of the reason above those of the bucket. */
static struct kvm_exit_answer kvm_exit_answer_hist(struct kvm *kvm, u32 subleaf)
{
	u32 bucket = subleaf & KVM_CPUID_EXIT_STATS_BUCKET_MASK;
	u32 bits = subleaf >> KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT;
	unsigned int index = KVM_EXIT_INDEX_OTHER;

	if (bits != KVM_CPUID_EXIT_STATS_HIST_OTHER) {
		index = kvm_x86_ops.exit_isa->index(sign_extend32(bits, 23));
		if (index == KVM_EXIT_INDEX_OTHER)
			return kvm_exit_answer_undefined;
	}

	index = array_index_nospec(index, KVM_NR_EXIT_INDEXES);
	bucket = min(bucket, KVM_CPUID_EXIT_STATS_NR_BUCKETS);
	bucket = array_index_nospec(bucket, KVM_CPUID_EXIT_STATS_NR_BUCKETS + 1);
	return kvm_exit_answer_bucket(kvm, index, bucket);
}

/* Leaves that the interface reserves answer zeros. */
static struct kvm_exit_answer kvm_exit_answer(struct kvm_vcpu *vcpu, u32 leaf,
					      u32 subleaf)
{
	struct kvm *kvm = vcpu->kvm;

	switch (leaf) {
	case KVM_CPUID_EXIT_STATS_SIGNATURE:
		return kvm_exit_answer_signature();
	case KVM_CPUID_EXIT_STATS_INFO:
		return kvm_exit_answer_info();
	case KVM_CPUID_EXIT_STATS_EPOCH:
		return kvm_exit_answer_epoch(vcpu);
	case KVM_CPUID_EXIT_STATS_ACCOUNT:
		return kvm_exit_answer_account(kvm, subleaf);
	case KVM_CPUID_EXIT_STATS_TOTAL_EXITS:
	case KVM_CPUID_EXIT_STATS_TOTAL_KERNEL:
		return kvm_exit_answer_total(kvm, leaf);
	case KVM_CPUID_EXIT_STATS_REASON_EXITS:
	case KVM_CPUID_EXIT_STATS_REASON_KERNEL:
	case KVM_CPUID_EXIT_STATS_REASON_VMM:
	case KVM_CPUID_EXIT_STATS_REASON_WAIT:
		return kvm_exit_answer_reason(kvm, leaf, subleaf);
	case KVM_CPUID_EXIT_STATS_REASON_HIST:
		return kvm_exit_answer_hist(kvm, subleaf);
	default:
		return (struct kvm_exit_answer) {};
	}
}

bool __kvm_exit_stats_cpuid(struct kvm_vcpu *vcpu, u32 *eax, u32 *ebx,
			    u32 *ecx, u32 *edx)
{
	struct kvm_exit_answer answer;

	if (!kvm_exit_stats_visible(vcpu))
		return false;

	answer = kvm_exit_answer(vcpu, *eax, *ecx);
	*eax = answer.eax;
	*ebx = answer.ebx;
	*ecx = answer.ecx;
	*edx = answer.edx;
	return true;
}
