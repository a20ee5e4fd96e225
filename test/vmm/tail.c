// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tail: more than 10^6 exits, of which the emulated CPU writes down what each of
 * them takes.  All of it is KVM's: no exit here needs the VMM, or waits, and the
 * vCPU's thread is never preempted.  test/cpu/compare-tail compares on the host.
 */
#include <cpuid.h>
#include <sched.h>
#include <stdio.h>

#include "cpu/mark.h"
#include "vmm.h"

#define ROUNDS		250007
/* A new page for the guest in each so many rounds, which are a power of two. */
#define PAGE_ROUNDS	64

#define MSR_APIC_BASE	0x1b
#define MSR_EFER	0xc0000080

/* ESI rounds of four exits; one more where a page is touched, from EDI on. */
#define TAIL(hypercall)						\
	"1: xor %eax, %eax; cpuid\n"				\
	"mov $-1, %eax; " hypercall "\n"			\
	"mov $" STRING(MSR_APIC_BASE) ", %ecx; rdmsr\n"		\
	"mov $" STRING(MSR_EFER) ", %ecx\n"			\
	"xor %eax, %eax; xor %edx, %edx; wrmsr\n"		\
	"test $(" STRING(PAGE_ROUNDS) " - 1), %esi; jnz 2f\n"	\
	"mov (%edi), %al; add $4096, %edi\n"			\
	"2: dec %esi; jnz 1b; hlt\n"

GUEST_CODE(tail_vmx, 32, TAIL("vmcall"));
GUEST_CODE(tail_svm, 32, TAIL("vmmcall"));

static void be_first(int policy)
{
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO };

	must(sched_setscheduler(0, policy, &param), "sched_setscheduler");
}

/* Lines of debugfs, each as it is, after @word. */
static void claim_file(FILE *to, const char *word, FILE *file)
{
	char line[256];

	while (fgets(line, sizeof(line), file))
		fprintf(to, "tail %s %s", word, line);
	fclose(file);
}

static void claim_tail(struct vm *vm, bool svm)
{
	FILE *to = open_claims();

	fprintf(to, "tail isa %s\n", svm ? "svm" : "vmx");
	claim_file(to, "table", open_debugfs(vm, "vcpu0/exit_stats"));
	claim_file(to, "hist", open_debugfs(vm, "vcpu0/exit_hist"));
	fclose(to);
}

void tests_tail(void)
{
	struct kvm_regs regs = { .rsi = ROUNDS, .rdi = FAULT_BASE };
	uint32_t unused;
	struct vm vm;
	bool svm;

	be_first(SCHED_FIFO);
	make_vm(&vm, PROTECTED);
	/* From before its first exit on, and behind the mark of all VMs. */
	__cpuid(COSTS_LEAF, unused, unused, unused, unused);
	add_fault_pages(&vm, ROUNDS / PAGE_ROUNDS + 1);
	svm = is_svm(&vm);
	run(&vm, svm ? CODE(tail_svm) : CODE(tail_vmx), &regs);
	mark_cpu();
	claim_tail(&vm, svm);
	be_first(SCHED_OTHER);

	tap_in(debugfs_row(&vm, "total").exits, 4 * ROUNDS, UINT64_MAX,
	       "vmm-tail-exits");
	tap_is(debugfs_account(&vm, "preempted"), 0, "vmm-tail-not-preempted");
	witness_books(&vm, "vmm-tail-books-close");
	end_vm(&vm);
}
