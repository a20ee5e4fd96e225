/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_ASM_X86_KVM_EXIT_STATS_H
#define _UAPI_ASM_X86_KVM_EXIT_STATS_H

/*
 * CPUID leaves with which KVM tells a guest how often the guest exited, and
 * how many cycles KVM took to handle that.  Look for the signature first:
 * without it, an Intel guest gets the highest basic leaf instead of zeros.
 * See Documentation/virt/kvm/x86/exit-stats.rst.
 */
#define KVM_EXIT_STATS_CPUID_SIGNATURE		0x4ffffff0
#define KVM_EXIT_STATS_CPUID_INFO		0x4ffffff1
#define KVM_EXIT_STATS_CPUID_TOTAL_EXITS	0x4ffffffc
#define KVM_EXIT_STATS_CPUID_TOTAL_CYCLES	0x4ffffffd
#define KVM_EXIT_STATS_CPUID_REASON_EXITS	0x4ffffffe
#define KVM_EXIT_STATS_CPUID_REASON_CYCLES	0x4fffffff

/* EBX, ECX and EDX of the signature leaf, four characters each. */
#define KVM_EXIT_STATS_SIGNATURE		"KVMExitStats"

/* EAX of the info leaf. */
#define KVM_EXIT_STATS_VERSION			1

/* EDX of the info leaf, bits 7:0. */
#define KVM_EXIT_STATS_ISA_MASK			0xff
#define KVM_EXIT_STATS_ISA_VMX			1
#define KVM_EXIT_STATS_ISA_SVM			2

/* EDX of the reason leaves when no such exit reason is defined. */
#define KVM_EXIT_STATS_UNDEFINED		0xffffffff

#endif /* _UAPI_ASM_X86_KVM_EXIT_STATS_H */
