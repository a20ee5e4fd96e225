// SPDX-License-Identifier: GPL-2.0-only
/* Entries that fail, and emulation where KVM does not even try to enter. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <asm/vmx.h>

#include "vmm.h"

/* ESI times nothing. */
GUEST_CODE(nothing, 16, "1: nop; dec %esi; jnz 1b; hlt\n");

static bool entry_fails(struct vcpu *vcpu)
{
	must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
	return vcpu->run->exit_reason == KVM_EXIT_FAIL_ENTRY;
}

/*
 * A code segment that is of 64 and of 32 bits: KVM lets userspace set that, no
 * CPU enters it.
 */
static void fail_entries(struct vcpu *vcpu, int times)
{
	struct kvm_sregs good, bad;
	int fails = 0, i;

	get_sregs(vcpu, &good);
	bad = good;
	bad.cs.db = 1;
	set_sregs(vcpu, &bad);
	for (i = 0; i < times; i++)
		fails += entry_fails(vcpu);
	set_sregs(vcpu, &good);
	printf("# hardware entry failure reason 0x%llx\n",
	       vcpu->run->fail_entry.hardware_entry_failure_reason);
	tap_is(fails, times, "vmm-failed-entry-fails");
}

/*
 * The tracepoint sees failed entries, on VMX as on SVM, and so they count. It
 * has the last word: witness_compare().
 */
void tests_failed_entry(void)
{
	struct row row;
	struct vm vm;
	bool svm;

	witness_start();
	make_vm(&vm, LONG);
	svm = is_svm(&vm);
	fail_entries(&vm.vcpus[0], 7);
	row = debugfs_row(&vm, svm ? "-1" : STRING(EXIT_REASON_INVALID_STATE));
	printf("# 7 failed entries: %lu exits, %lu ticks in the kernel\n",
	       row.exits, row.kernel);
	tap_is(row.exits, 7, "vmm-failed-entry-counts-once");
	tap_true(has_interface(&vm), "vmm-failed-entry-is-mended");
	witness_compare("vmm-failed-entry-equals-kvm_exit");
	witness_books(&vm, "vmm-failed-entry-books-close");
	end_vm(&vm);
}

/* A stack segment larger than real mode has: KVM emulates what the vCPU runs. */
static struct vcpu *add_invalid_vcpu(struct vm *vm)
{
	struct vcpu *vcpu = add_vcpu(vm, REAL);
	struct kvm_sregs sregs;

	get_sregs(vcpu, &sregs);
	sregs.ss.limit = 0xffffffff;
	sregs.ss.g = 1;
	set_sregs(vcpu, &sregs);
	return vcpu;
}

/*
 * The second vCPU never enters the guest, the first one stands still: no count
 * moves, whatever the second does, and its own CPUIDs are no exits either.
 */
static void test_emulation(struct vm *vm, struct vcpu *vcpu, struct regs info)
{
	uint64_t total = debugfs_row(vm, "total").exits;
	uint64_t stat = debugfs_stat(vm, "exits");
	uint32_t cpuids = debugfs_row(vm, STRING(EXIT_REASON_CPUID)).exits;
	struct kvm_regs regs = { .rsi = 10007 };
	struct regs got, want;

	run_on(vm, vcpu, CODE(nothing), &regs);
	got = cpuid_on(vm, vcpu, KVM_CPUID_EXIT_STATS_INFO, 0);
	tap_same(&got, &info, "vmm-invalid-state-info");
	got = cpuid_on(vm, vcpu, KVM_CPUID_EXIT_STATS_REASON_EXITS,
		       EXIT_REASON_CPUID);
	want = (struct regs){ .eax = cpuids, .ecx = EXIT_REASON_CPUID };
	tap_same(&got, &want, "vmm-invalid-state-reason");
	tap_is(total_on(vm, vcpu), total, "vmm-invalid-state-total");
	tap_is(debugfs_row(vm, "total").exits, total,
		   "vmm-invalid-state-is-no-exit");

	stat = debugfs_stat(vm, "exits") - stat;
	/* KVM's stat.exits has those that are no exits. */
	tap_in(stat, 1, UINT64_MAX, "vmm-invalid-state-was-emulated");
}

/* For kvm_intel with unrestricted_guest=0. */
void tests_invalid_state(void)
{
	struct vcpu *vcpu;
	struct regs info;
	struct vm vm;

	witness_start();
	make_vm(&vm, LONG);
	if (is_svm(&vm))
		errx(1, "this is for VMX: with SVM, KVM emulates no such state");
	info = cpuid(&vm, KVM_CPUID_EXIT_STATS_INFO, 0);
	vcpu = add_invalid_vcpu(&vm);
	test_emulation(&vm, vcpu, info);
	witness_compare("vmm-invalid-state-equals-kvm_exit");
	witness_books(&vm, "vmm-invalid-state-books-close");
	end_vm(&vm);
}
