// SPDX-License-Identifier: GPL-2.0-only
/* Workloads of known exits, and what the leaves answer. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "vmm.h"

GUEST_CODE(forced_cpuid, 16, "ud2; .ascii \"kvm\"; cpuid; hlt\n");
GUEST_CODE(outs, 16, "1: out %al, %dx; dec %bx; jnz 1b; hlt\n");

/* 23 port writes, 23 CPUIDs and 23 halts: each moves its reason by 23. */
static void test_workloads(struct vm *vm)
{
	struct kvm_regs out = { .rbx = 23, .rdx = 0x80 };
	struct kvm_regs cpuids = { .rsi = 23, .rbp = 1 };
	bool svm = is_svm(vm);
	uint32_t io = svm ? SVM_EXIT_IOIO : EXIT_REASON_IO_INSTRUCTION;
	uint32_t hlt = svm ? SVM_EXIT_HLT : EXIT_REASON_HLT;
	uint32_t reason = cpuid_reason(vm);
	uint64_t before;
	int i;

	before = exits_of(vm, io);
	run(vm, CODE(outs), &out);
	tap_is(exits_of(vm, io) - before, 23, "vmm-23-port-writes");

	/* The read after is in its own count. */
	before = exits_of(vm, reason);
	run(vm, CODE(cpuids), &cpuids);
	tap_is(exits_of(vm, reason) - before, 23 + 1, "vmm-23-cpuids");

	/* Every call of cpuid() ends with a HLT, that of the read before too. */
	before = exits_of(vm, hlt);
	for (i = 0; i < 22; i++)
		cpuid(vm, 0, 0);
	tap_is(exits_of(vm, hlt) - before, 23, "vmm-23-halts");
}

/* A new VM starts at zero: its first exit is the read itself. */
static void test_starts_at_zero(void)
{
	struct vm vm;

	make_vm(&vm, REAL);
	tap_is(exits_of(&vm, cpuid_reason(&vm)), 2, "vmm-new-vm-starts-at-zero");
	end_vm(&vm);
}

static struct regs forced_cpuid(struct vm *vm, uint32_t leaf, uint32_t index)
{
	return cpuid_by(vm, &vm->vcpus[0], CODE(forced_cpuid), leaf, index);
}

/* KVM's emulator gives the answer that the intercept gives. */
static void test_emulated(struct vm *vm)
{
	static const uint32_t leaves[] = {
		KVM_CPUID_EXIT_STATS_SIGNATURE, KVM_CPUID_EXIT_STATS_INFO,
	};
	uint32_t ud = is_svm(vm) ? SVM_EXIT_EXCP_BASE + 6 :
				   EXIT_REASON_EXCEPTION_NMI;
	uint64_t before = exits_of(vm, ud), total;
	struct regs a[2], b, emulated[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		a[i] = cpuid(vm, leaves[i], 0);
		emulated[i] = forced_cpuid(vm, leaves[i], 0);
	}
	tap_same(&emulated, &a, "vmm-emulated-cpuid-answers-the-same");

	/* The exit in which the emulator reads is a #UD: it counts itself. */
	b = forced_cpuid(vm, KVM_CPUID_EXIT_STATS_REASON_EXITS, ud);
	total = (uint64_t)b.ebx << 32 | b.eax;
	tap_is(total - before, 3, "vmm-emulated-cpuid-counts-itself");
	tap_is(b.edx, 0, "vmm-emulated-cpuid-leaves-edx-zero");
}

/* An entry that the VMM sets for one of our leaves wins; the others stay. */
static void test_own_entry(void)
{
	const struct regs want = { 0x11111111, 0x22222222, 0x33333333,
				   0x44444444 };
	struct kvm_cpuid_entry2 *entry;
	struct regs got;
	struct vm vm;

	make_vm(&vm, REAL);
	entry = &vm.cpuid->entries[vm.cpuid->nent++];
	*entry = (struct kvm_cpuid_entry2){
		.function = KVM_CPUID_EXIT_STATS_TOTAL_EXITS,
		.eax = want.eax, .ebx = want.ebx,
		.ecx = want.ecx, .edx = want.edx,
	};
	set_cpuid(&vm, &vm.vcpus[0]);
	got = cpuid(&vm, KVM_CPUID_EXIT_STATS_TOTAL_EXITS, 0);
	tap_same(&got, &want, "vmm-own-entry-wins");
	tap_true(has_interface(&vm), "vmm-other-leaves-stay");
	end_vm(&vm);
}

/*
 * Without the interface a leaf answers as its neighbours do: on Intel that is
 * not zero, but what the highest basic leaf has.
 */
bool answers_as_stock(struct vm *vm)
{
	const uint32_t unused = 0x4ffffe00;
	struct regs want, got;
	uint32_t leaf, index;
	bool same = true;

	for (leaf = KVM_CPUID_EXIT_STATS_SIGNATURE;
	     leaf <= KVM_CPUID_EXIT_STATS_REASON_KERNEL; leaf++) {
		for (index = 0; index < 100; index++) {
			want = cpuid(vm, unused, index);
			got = cpuid(vm, leaf, index);
			same = same && !memcmp(&want, &got, sizeof(got));
		}
	}
	return same;
}

void tests_on(void)
{
	struct vm vm;

	/* Without it the guest never gets past the prefix. */
	if (read_parameter("force_emulation_prefix") == '0')
		errx(2, "write 1 to /sys/module/kvm/parameters/force_emulation_prefix");
	make_vm(&vm, REAL);
	tap_true(has_interface(&vm), "vmm-signature");
	if (!has_interface(&vm))
		errx(1, "this KVM has no exit statistics, or does not show them");
	test_workloads(&vm);
	test_starts_at_zero();
	test_emulated(&vm);
	test_own_entry();
	end_vm(&vm);
}

void tests_off(void)
{
	struct vm vm;

	make_vm(&vm, REAL);
	tap_true(answers_as_stock(&vm), "vmm-off-answers-as-stock");
	end_vm(&vm);
}
