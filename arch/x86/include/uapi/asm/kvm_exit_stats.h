/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_ASM_X86_KVM_EXIT_STATS_H
#define _UAPI_ASM_X86_KVM_EXIT_STATS_H

/*
 * CPUID leaves with which KVM tells a guest how often the guest exited, and
 * where the time of its vCPUs went.  Look for the signature first: without it,
 * an Intel guest gets the highest basic leaf instead of zeros.  Times are in
 * cycles of the host's TSC.  See Documentation/virt/kvm/x86/exit-stats.rst.
 */
#define KVM_CPUID_EXIT_STATS_SIGNATURE		0x4ffffff0
#define KVM_CPUID_EXIT_STATS_INFO		0x4ffffff1
#define KVM_CPUID_EXIT_STATS_EPOCH		0x4ffffff2
#define KVM_CPUID_EXIT_STATS_ACCOUNT		0x4ffffff3
#define KVM_CPUID_EXIT_STATS_REASON_VMM		0x4ffffff4
#define KVM_CPUID_EXIT_STATS_REASON_WAIT	0x4ffffff5
#define KVM_CPUID_EXIT_STATS_REASON_HIST	0x4ffffff6
#define KVM_CPUID_EXIT_STATS_TOTAL_EXITS	0x4ffffffc
#define KVM_CPUID_EXIT_STATS_TOTAL_KERNEL	0x4ffffffd
#define KVM_CPUID_EXIT_STATS_REASON_EXITS	0x4ffffffe
#define KVM_CPUID_EXIT_STATS_REASON_KERNEL	0x4fffffff

/* EBX, ECX and EDX of the signature leaf, four characters each. */
#define KVM_CPUID_EXIT_STATS_ID			"KVMExitStats"

/* EAX of the info leaf. */
#define KVM_CPUID_EXIT_STATS_VERSION		2

/* EDX of the info leaf, bits 7:0. */
#define KVM_CPUID_EXIT_STATS_ISA_MASK		0xff
#define KVM_CPUID_EXIT_STATS_ISA_VMX		1
#define KVM_CPUID_EXIT_STATS_ISA_SVM		2

/* EDX of the info leaf, feature bits: which leaves answer. */
#define KVM_CPUID_EXIT_STATS_F_EPOCH		0x100
#define KVM_CPUID_EXIT_STATS_F_ACCOUNTS		0x200
#define KVM_CPUID_EXIT_STATS_F_REASON_TIMES	0x400
#define KVM_CPUID_EXIT_STATS_F_HIST		0x800

/* ECX of the account leaf.  Each tick of a vCPU's life is in just one. */
#define KVM_CPUID_EXIT_STATS_GUEST		0
#define KVM_CPUID_EXIT_STATS_KERNEL		1
#define KVM_CPUID_EXIT_STATS_VMM		2
#define KVM_CPUID_EXIT_STATS_WAIT		3
#define KVM_CPUID_EXIT_STATS_HALTED		4
#define KVM_CPUID_EXIT_STATS_PREEMPTED		5
#define KVM_CPUID_EXIT_STATS_OUTSIDE		6
#define KVM_CPUID_EXIT_STATS_OFF		7
#define KVM_CPUID_EXIT_STATS_NR_ACCOUNTS	8

/*
 * Histograms of what single exits cost have eight buckets to a power of two.
 * The first sixteen have 8 cycles each.  A bucket b from there on begins with
 * (8 + b % 8) << (b / 8 + 2) cycles, and has 1 << (b / 8 + 2) of them.  The last
 * one has all that costs more, too.
 */
#define KVM_CPUID_EXIT_STATS_NR_BUCKETS		200

/*
 * ECX of the histogram leaf: the bucket from which to look for one that is not
 * empty, and in bits 31:8 bits 23:0 of the reason; this for what is in no
 * reason's own count.
 */
#define KVM_CPUID_EXIT_STATS_BUCKET_MASK	0xff
#define KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT	8
#define KVM_CPUID_EXIT_STATS_HIST_OTHER		0x800000U

/* ECX that it returns with the maximum, when there is no such bucket. */
#define KVM_CPUID_EXIT_STATS_NO_BUCKET		0xffffffff

/*
 * ECX of the reason leaves for what is in no reason's own count, so that all
 * that can be read adds up to the totals.
 */
#define KVM_CPUID_EXIT_STATS_OTHER		0x80000000

/* EDX when no such exit reason or account is defined. */
#define KVM_CPUID_EXIT_STATS_UNDEFINED		0xffffffff

#endif /* _UAPI_ASM_X86_KVM_EXIT_STATS_H */
