// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes and offsets of KVM's structures, as the sizes of arrays: nm shows them.
 * Built by the kernel's own rules, so that they are those of the kernel at hand.
 */
#ifdef BENCH_SVM
#include "svm/svm.h"
#define VCPU	struct vcpu_svm
#define VM	struct kvm_svm
#else
#include "vmx/vmx.h"
#define VCPU	struct vcpu_vmx
#define VM	struct kvm_vmx
#endif

#define SHOW(name, value)	char bench_##name[(value)]

SHOW(vcpu, sizeof(VCPU));
SHOW(vm, sizeof(VM));

#ifdef CONFIG_KVM_EXIT_STATS
/* Where a vCPU's thread writes, and what others write near. */
SHOW(exit_stats, offsetof(VCPU, exit_stats));
SHOW(exit_rows, offsetof(VCPU, exit_rows));
SHOW(exit_rows_end, offsetofend(VCPU, exit_rows));
SHOW(totals, offsetof(VCPU, vcpu.stat.exit_stats_exits));
SHOW(halt_wakeup, offsetof(VCPU, vcpu.stat.generic.halt_wakeup));
#endif
