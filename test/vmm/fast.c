// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits that KVM's fast path handles: those never reach the exit handler when
 * KVM re-enters the guest at once. They need KVM's own interrupt controller.
 */
#include <stdio.h>
#include <string.h>
#include <asm/svm.h>
#include <asm/vmx.h>

#include "vmm.h"

#define MSR_TSC_DEADLINE	0x6e0
#define MSR_X2APIC_EOI		0x80b
#define MSR_X2APIC_SVR		0x80f
#define MSR_X2APIC_ICR		0x830
#define MSR_X2APIC_LVT_TIMER	0x832

#define VECTOR			0x40

/* A deadline that never comes, though KVM can still compute with it. */
#define NEVER			(1ull << 40)

/* No APIC has this number: an IPI to it asks nothing of KVM but to go on. */
#define NOBODY			0x77

/* Enable the APIC; its timer is to interrupt at the TSC's deadline. */
GUEST_CODE(init, 16,
	   "mov $" STRING(MSR_X2APIC_SVR) ", %ecx; xor %edx, %edx\n"
	   "mov $0x1ff, %eax; wrmsr\n"
	   "mov $" STRING(MSR_X2APIC_LVT_TIMER) ", %ecx\n"
	   "mov $(1 << 18 | " STRING(VECTOR) "), %eax; wrmsr\n"
	   END_BY_OUT);

/* Count the interrupt and end it. */
GUEST_CODE(handler, 16,
	   "push %eax; push %ecx; push %edx\n"
	   "incl " STRING(COUNTER) "\n"
	   "mov $" STRING(MSR_X2APIC_EOI) ", %ecx\n"
	   "xor %eax, %eax; xor %edx, %edx; wrmsr\n"
	   "pop %edx; pop %ecx; pop %eax; iretw\n");

/* Write EDX:EAX to the MSR ECX, ESI times. */
GUEST_CODE(wrmsrs, 16, "1: wrmsr; dec %esi; jnz 1b\n" END_BY_OUT);

/* Take the interrupts that are pending. */
GUEST_CODE(take, 16, "sti; nop; cli\n" END_BY_OUT);

/* ESI times: halt although an interrupt of one's own is pending. */
GUEST_CODE(halts, 16,
	   "1: mov $" STRING(MSR_X2APIC_ICR) ", %ecx; xor %edx, %edx\n"
	   "mov $" STRING(VECTOR) ", %eax; wrmsr\n"
	   "sti; hlt; cli; dec %esi; jnz 1b\n"
	   END_BY_OUT);

/* The timer is to interrupt EBP ticks from now. */
#define SET_TIMER						\
	"rdtsc; add %ebp, %eax; adc $0, %edx\n"			\
	"mov $" STRING(MSR_TSC_DEADLINE) ", %ecx; wrmsr\n"

/* ESI times: halt until the timer's interrupt. */
GUEST_CODE(sleeps, 16,
	   "1:\n" SET_TIMER "sti; hlt; cli; dec %esi; jnz 1b\n" END_BY_OUT);

/* ESI times: run until the timer's interrupt. */
GUEST_CODE(spins, 16,
	   "1: mov " STRING(COUNTER) ", %ebx\n"
	   SET_TIMER
	   "sti; 2: cmp %ebx, " STRING(COUNTER) "; je 2b\n"
	   "cli; dec %esi; jnz 1b\n"
	   END_BY_OUT);

/*
 * By how much the exits of @reason move when @code runs. To read them takes a
 * CPUID and an OUT: nothing to add for other reasons.
 */
static uint64_t moved(struct vm *vm, uint32_t reason, struct code code,
		      struct kvm_regs regs)
{
	uint64_t before = exits_of(vm, reason);

	regs.rsp = STACK_TOP;
	run(vm, code, &regs);
	return exits_of(vm, reason) - before;
}

void init_guest(struct vm *vm)
{
	struct kvm_regs regs = {};

	memcpy(vm->memory + HANDLER_BASE, CODE(handler).start,
	       CODE(handler).size);
	/* Offset and segment of the handler, in real mode's table. */
	*(uint32_t *)(vm->memory + VECTOR * 4) = HANDLER_BASE;
	run(vm, CODE(init), &regs);
}

void set_deadlines(struct vm *vm, int times)
{
	struct kvm_regs regs = {
		.rcx = MSR_TSC_DEADLINE, .rdx = NEVER >> 32, .rsi = times,
	};

	run(vm, CODE(wrmsrs), &regs);
}

/* Halt, @times times, until the APIC's timer interrupts after @ticks. */
void sleep_by_timer(struct vm *vm, int times, uint32_t ticks)
{
	struct kvm_regs regs = {
		.rsi = times, .rbp = ticks, .rsp = STACK_TOP,
	};

	run(vm, CODE(sleeps), &regs);
}

static uint32_t interrupts(struct vm *vm)
{
	return *(uint32_t *)(vm->memory + COUNTER);
}

/* How often a vCPU that had halted was found asleep or polling. */
static uint64_t waits(struct vm *vm)
{
	return debugfs_stat(vm, "halt_wakeup") +
	       debugfs_stat(vm, "halt_successful_poll");
}

static void test_wrmsr(struct vm *vm, bool svm)
{
	uint32_t msr = svm ? SVM_EXIT_MSR : EXIT_REASON_MSR_WRITE;
	struct kvm_regs deadline = {
		.rcx = MSR_TSC_DEADLINE, .rdx = NEVER >> 32, .rsi = 23,
	};
	struct kvm_regs nobody = {
		.rcx = MSR_X2APIC_ICR, .rdx = NOBODY, .rax = VECTOR, .rsi = 43,
	};
	struct kvm_regs self = {
		.rcx = MSR_X2APIC_ICR, .rax = VECTOR, .rsi = 29,
	};

	tap_is(moved(vm, msr, CODE(wrmsrs), deadline), 23,
		   "vmm-fast-23-deadlines");
	tap_is(moved(vm, msr, CODE(wrmsrs), nobody), 43,
		   "vmm-fast-43-ipis-to-nobody");
	tap_is(moved(vm, msr, CODE(wrmsrs), self), 29,
		   "vmm-fast-29-ipis-to-itself");
	/* They are one interrupt, which the handler ends with a WRMSR. */
	tap_is(moved(vm, msr, CODE(take), (struct kvm_regs){}), 1,
		   "vmm-fast-ipis-are-one-interrupt");
}

static void test_hlt(struct vm *vm, bool svm)
{
	uint32_t hlt = svm ? SVM_EXIT_HLT : EXIT_REASON_HLT;
	struct kvm_regs pending = { .rsi = 31 };
	struct kvm_regs sleeps = { .rsi = 37, .rbp = 300000 };
	uint64_t waited = waits(vm);
	uint32_t before = interrupts(vm);

	tap_is(moved(vm, hlt, CODE(halts), pending), 31,
		   "vmm-fast-31-halts-re-enter");
	tap_is(waits(vm), waited, "vmm-fast-31-halts-do-not-wait");

	tap_is(moved(vm, hlt, CODE(sleeps), sleeps), 37,
		   "vmm-fast-37-halts-until-timer");
	tap_in(waits(vm) - waited, 1, UINT64_MAX, "vmm-fast-37-halts-wait");
	tap_is(interrupts(vm) - before, 31 + 37, "vmm-fast-interrupts");
}

/*
 * While the guest runs, its timer is the VMX-preemption timer. If the deadline
 * comes while the host runs another thread, KVM may see that without an exit.
 * That is rare, so try again: exits that are lost are lost in each try.
 */
static void test_preemption_timer(struct vm *vm)
{
	uint64_t exits = 0;
	int i;

	for (i = 0; i < 5 && exits != 41; i++) {
		struct kvm_regs spins = { .rsi = 41, .rbp = 100000 };

		exits = moved(vm, EXIT_REASON_PREEMPTION_TIMER, CODE(spins),
			      spins);
		printf("# 41 deadlines: %lu exits by the preemption timer\n",
		       exits);
	}
	tap_is(exits, 41, "vmm-fast-41-preemption-timers");
}

void tests_fast(void)
{
	struct vm vm;
	bool svm;

	witness_start();
	make_vm_with_irqchip(&vm);
	svm = is_svm(&vm);
	init_guest(&vm);
	test_wrmsr(&vm, svm);
	test_hlt(&vm, svm);
	if (!svm)
		test_preemption_timer(&vm);
	witness_compare("vmm-fast-equals-kvm_exit");
	witness_books(&vm, "vmm-fast-books-close");
	end_vm(&vm);
}
