/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_KVM_HOST_H
#define SHIM_LINUX_KVM_HOST_H

#include <errno.h>

#include <linux/compiler.h>

typedef enum { EXIT_FASTPATH_NONE } fastpath_t;

struct dentry;
struct kvm;

/* Only what the recording writes: the totals, in the vCPU's statistics. */
struct kvm_exit_stats;
struct kvm_vcpu {
	struct {
		struct kvm_exit_stats *exit_stats;
	} arch;
	struct {
		u64 exit_stats_exits;
		u64 exit_stats_cycles;
	} stat;
};

#endif
