/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_KVM_HOST_H
#define SHIM_LINUX_KVM_HOST_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bits.h>
#include <linux/compiler.h>

/* What exit_stats.c uses of KVM, and of the kernel around it. */
struct kvm {
	struct {
		struct {
			u64 epoch;
			u64 created;
		} exit_stats;
	} arch;
};

struct kvm_vcpu {
	struct kvm *kvm;
	bool scheduled_out;
	struct {
		struct kvm_exit_stats *exit_stats;
		struct {
			bool halted;
		} apf;
	} arch;
};

struct kvm_x86_ops {
	const struct kvm_exit_isa *exit_isa;
};

extern struct kvm_x86_ops kvm_x86_ops;

#define KVM_REQ_EXIT_STATS 0

static inline void kvm_make_request(int request, struct kvm_vcpu *vcpu) {}

/* Nobody adds up a VM here. */
#define kvm_for_each_vcpu(i, vcpu, kvm) for ((i) = 0, (vcpu) = NULL; (vcpu) && !(i); (i)++)

#define preempt_disable()
#define preempt_enable()
#define task_is_runnable(task) true

/* The thread that runs a vCPU never waits for a CPU here. */
static struct {
	struct {
		u64 run_delay;
	} sched_info;
} shim_task __attribute__((__unused__));

#define current (&shim_task)

#define USEC_PER_SEC 1000000
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define upper_32_bits(n) ((u32)((n) >> 32))

typedef int gfp_t;
#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0
#define GFP_NOWAIT 0
#define __GFP_ACCOUNT 0
#define __GFP_NOWARN 0
#define __GFP_NORETRY 0

/* As kmalloc() does: a power of two, and aligned to that. */
static inline void *kzalloc(size_t bytes, gfp_t flags)
{
	size_t size = 1ul << fls64(bytes - 1);
	void *memory = aligned_alloc(size, size);

	return memory ? memset(memory, 0, size) : NULL;
}

#define kfree free

#endif
