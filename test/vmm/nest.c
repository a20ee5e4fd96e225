// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that has a guest of its own, as this guest sees its exits: those that
 * KVM reflects, for which it has no handler, too.
 */
#include <stdlib.h>
#include <string.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "facts/facts.h"
#include "vmm.h"

#define NR_NESTED	1009

#define VMCB_BASE	0x14000
#define HSAVE_BASE	0x15000
#define NESTED_CODE	0xd000

#define MSR_VM_HSAVE_PA	0xc0010117
#define EFER_SVME	(1 << 12)

/* Offsets in a VMCB: its controls, then the state of the guest. */
#define INTERCEPTS_3	0x00c
#define INTERCEPT_RDTSC	(1 << 14)
#define INTERCEPTS_4	0x010
#define INTERCEPT_VMRUN	(1 << 0)
#define ASID		0x058
#define EXIT_CODE	0x070
#define STATE		0x400
#define SEG(n)		(STATE + (n) * 0x10)
#define STATE_EFER	(STATE + 0x0d0)
#define STATE_CR0	(STATE + 0x158)
#define STATE_DR7	(STATE + 0x160)
#define STATE_DR6	(STATE + 0x168)
#define STATE_RFLAGS	(STATE + 0x170)
#define STATE_RIP	0x578

/* Run the guest ESI times; each time it exits at an RDTSC, of two bytes. */
GUEST_CODE(nest, 64,
	   "mov $" STRING(VMCB_BASE) ", %rax\n"
	   "1: vmrun %rax\n"
	   "addq $2, " STRING(VMCB_BASE + STATE_RIP) "\n"
	   "dec %esi; jnz 1b; stgi; hlt\n");

/* Enough of them, as each run begins behind the one before. */
GUEST_CODE(rdtscs, 16, ".rept " STRING(NR_NESTED) "; rdtsc; .endr; hlt\n");

/* Read leaf EBP, ESP times, with ECX from ESI on; store the answers at EDI. */
extern const uint8_t guest_answers[], guest_answers_end[];

static void *vmcb(struct vm *vm, size_t offset)
{
	return vm->memory + VMCB_BASE + offset;
}

static void set_segment(struct vm *vm, int n, uint16_t attributes)
{
	*(uint16_t *)vmcb(vm, SEG(n) + 2) = attributes;
	*(uint32_t *)vmcb(vm, SEG(n) + 4) = 0xffff;
}

/* A guest in real mode, whose RDTSCs exit. */
static void set_vmcb(struct vm *vm)
{
	int n;

	*(uint32_t *)vmcb(vm, INTERCEPTS_3) = INTERCEPT_RDTSC;
	*(uint32_t *)vmcb(vm, INTERCEPTS_4) = INTERCEPT_VMRUN;
	*(uint32_t *)vmcb(vm, ASID) = 1;
	/* ES, CS, SS, DS, FS, GS. */
	for (n = 0; n < 6; n++)
		set_segment(vm, n, n == 1 ? 0x9b : 0x93);
	*(uint64_t *)vmcb(vm, STATE_EFER) = EFER_SVME;
	*(uint64_t *)vmcb(vm, STATE_CR0) = 0x10;
	*(uint64_t *)vmcb(vm, STATE_DR7) = 0x400;
	*(uint64_t *)vmcb(vm, STATE_DR6) = 0xffff0ff0;
	*(uint64_t *)vmcb(vm, STATE_RFLAGS) = 2;
	*(uint64_t *)vmcb(vm, STATE_RIP) = NESTED_CODE;
}

static void set_up_svm(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	struct kvm_sregs sregs;

	get_sregs(vcpu, &sregs);
	sregs.efer |= EFER_SVME;
	set_sregs(vcpu, &sregs);
	set_msr(vcpu, MSR_VM_HSAVE_PA, HSAVE_BASE);
	set_vmcb(vm);
}

static void run_nested_svm(struct vm *vm, uint32_t times)
{
	struct kvm_regs regs = { .rsi = times };

	run(vm, CODE(nest), &regs);
}

/*
 * Read the exits of @nr reasons from @first on, and add them up.  Of the exits
 * that these reads are, add those that came after their own reason was read.
 */
static uint64_t sum_of(struct vm *vm, bool svm, uint32_t first, uint32_t nr)
{
	struct kvm_regs regs = {
		.rbp = KVM_CPUID_EXIT_STATS_REASON_EXITS, .rsi = first,
		.rsp = nr, .rdi = BUFFER_BASE,
	};
	const struct regs *answers = (void *)(vm->memory + BUFFER_BASE);
	uint64_t sum = 0;
	uint32_t i;

	run(vm, CODE(answers), &regs);
	for (i = 0; i < nr; i++) {
		if (answers[i].edx != KVM_CPUID_EXIT_STATS_UNDEFINED)
			sum += (uint64_t)answers[i].ebx << 32 | answers[i].eax;
		if (first + i == (svm ? SVM_EXIT_CPUID : EXIT_REASON_CPUID))
			sum += nr - i - 1;
		if (first + i == (svm ? SVM_EXIT_HLT : EXIT_REASON_HLT))
			sum++;
	}
	return sum;
}

/* The total less the reasons, both as the guest reads them. */
static int64_t missing(struct vm *vm, bool svm)
{
	const struct reason_range *range;
	uint64_t sum = 0;
	size_t i, nr;

	/* Each run after the first is CPUIDs and a HLT. */
	range = reason_ranges(svm, &nr);
	for (i = 0; i < nr; i++) {
		uint32_t size = llabs(range[i].last - range[i].first) + 1;

		sum += sum_of(vm, svm, range[i].first < range[i].last ?
			      range[i].first : range[i].last, size);
		sum += i ? size + 1 : 0;
	}
	sum += sum_of(vm, svm, KVM_CPUID_EXIT_STATS_OTHER, 1) + 1 + 1;
	return total_on(vm, &vm->vcpus[0]) - (sum + 1);
}

/*
 * An interrupt of the host's after its reason was read is in the total only: try
 * some times.
 */
static void check_sum(struct vm *vm, bool svm, const char *name)
{
	int64_t least = INT64_MAX, now;
	int i;

	for (i = 0; i < 20 && least; i++) {
		now = missing(vm, svm);
		if (llabs(now) < llabs(least))
			least = now;
	}
	tap_is(least, 0, name);
}

void tests_nest(void)
{
	uint64_t before;
	uint32_t rdtsc;
	struct vm vm;
	bool svm;

	witness_start();
	make_vm(&vm, LONG);
	svm = is_svm(&vm);
	rdtsc = svm ? SVM_EXIT_RDTSC : EXIT_REASON_RDTSC;
	memcpy(vm.memory + NESTED_CODE, CODE(rdtscs).start, CODE(rdtscs).size);
	if (svm)
		set_up_svm(&vm);
	else
		set_up_vmx(&vm, NESTED_CODE);
	check_sum(&vm, svm, "vmm-nest-reasons-add-up-before");
	before = exits_of(&vm, rdtsc);
	tap_is(before, 0, "vmm-nest-no-reflected-exit-before");
	if (svm)
		run_nested_svm(&vm, NR_NESTED);
	else
		run_nested_vmx(&vm, NR_NESTED);
	tap_is(exits_of(&vm, rdtsc), NR_NESTED,
		   "vmm-nest-1009-reflected-exits");
	check_sum(&vm, svm, "vmm-nest-reasons-add-up-to-total");
	witness_compare("vmm-nest-equals-kvm_exit");
	witness_books(&vm, "vmm-nest-books-close");
	end_vm(&vm);
}
