// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes of KVM's structures, as the sizes of arrays: nm shows them.
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
/* What a vCPU has when its exits are counted. */
SHOW(exit_stats, sizeof(struct kvm_exit_stats));
/* And for the histograms, of all reasons together and of each. */
SHOW(exit_hists, sizeof(struct kvm_exit_hists));
SHOW(exit_hist, sizeof(struct kvm_exit_hist));
#endif
