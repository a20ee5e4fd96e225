// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit takes, in ticks of the TSC: in Bochs, where each instruction is
 * a tick, this is exact.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vmm.h"

/* Many short rounds: the best one has the fewest interrupts of the host in it. */
#define ROUNDS		11
#define EXITS		9001

#define FAULT_PAGES	4093

GUEST_CODE(io_forever, 16, "1: out %al, $0x80; jmp 1b\n");
GUEST_CODE(hlt_forever, 16, "1: hlt; jmp 1b\n");

/* Read a byte of each of ESI pages from EDI on. */
GUEST_CODE(faults, 32,
	   "1: mov (%edi), %al; add $4096, %edi; dec %esi; jnz 1b; hlt\n");

/* Read leaf EBP with EDI in ECX, SI times. */
GUEST_CODE(reads, 16,
	   "1: mov %ebp, %eax; mov %edi, %ecx; cpuid; dec %si; jnz 1b; hlt\n");

static double best_of(struct vm *vm, uint64_t (*measure)(struct vm *),
		      int exits)
{
	uint64_t best = -1, took;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		took = measure(vm);
		best = took < best ? took : best;
	}
	return (double)best / exits;
}

static uint32_t leaf, leaf_index;

static uint64_t measure_cpuid(struct vm *vm)
{
	struct kvm_regs regs = {
		.rsi = EXITS, .rbp = leaf, .rdi = leaf_index,
	};
	uint64_t start = ticks();

	run(vm, CODE(reads), &regs);
	return ticks() - start;
}

/* Each exit of @code ends KVM_RUN. */
static uint64_t measure_userspace(struct vm *vm, struct code code)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	struct kvm_regs regs = { .rip = vcpu->code, .rflags = 2 };
	uint64_t start;
	int i;

	memcpy(vm->memory + vcpu->code, code.start, code.size);
	must(ioctl(vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	start = ticks();
	for (i = 0; i < EXITS; i++)
		must(ioctl(vcpu->fd, KVM_RUN, 0), "KVM_RUN");
	return ticks() - start;
}

static uint64_t measure_io(struct vm *vm)
{
	return measure_userspace(vm, CODE(io_forever));
}

static uint64_t measure_hlt(struct vm *vm)
{
	return measure_userspace(vm, CODE(hlt_forever));
}

static uint64_t measure_wrmsr(struct vm *vm)
{
	uint64_t start = ticks();

	set_deadlines(vm, EXITS);
	return ticks() - start;
}

static uint64_t measure_ept(struct vm *vm)
{
	struct kvm_regs regs = { .rdi = FAULT_BASE, .rsi = FAULT_PAGES };
	uint64_t start;
	int i;

	/* New pages for the host, none for the guest. */
	madvise(vm->faults, FAULT_PAGES * PAGE, MADV_DONTNEED);
	for (i = 0; i < FAULT_PAGES; i++)
		vm->faults[i * PAGE] = 1;

	start = ticks();
	run(vm, CODE(faults), &regs);
	return ticks() - start;
}

static double cost_of_ept(struct vm *vm)
{
	make_vm(vm, PROTECTED);
	add_fault_pages(vm, FAULT_PAGES);
	return best_of(vm, measure_ept, FAULT_PAGES);
}

static double cost_of_cpuid(struct vm *vm, uint32_t function, int vcpus)
{
	leaf = function;
	make_vm(vm, REAL);
	leaf_index = cpuid_reason(vm);
	while (vm->nr_vcpus < vcpus)
		add_vcpu(vm, REAL);
	return best_of(vm, measure_cpuid, EXITS);
}

static double cost_of(struct vm *vm, const char *kind, int vcpus)
{
	if (!strcmp(kind, "cpuid"))
		return cost_of_cpuid(vm, 0, vcpus);
	if (!strcmp(kind, "absent"))
		return cost_of_cpuid(vm, KVM_CPUID_EXIT_STATS_SIGNATURE - 1,
				     vcpus);
	if (!strcmp(kind, "total"))
		return cost_of_cpuid(vm, KVM_CPUID_EXIT_STATS_TOTAL_EXITS,
				     vcpus);
	if (!strcmp(kind, "reason"))
		return cost_of_cpuid(vm, KVM_CPUID_EXIT_STATS_REASON_EXITS,
				     vcpus);
	if (!strcmp(kind, "ept"))
		return cost_of_ept(vm);
	if (!strcmp(kind, "wrmsr")) {
		make_vm_with_irqchip(vm);
		init_guest(vm);
		return best_of(vm, measure_wrmsr, EXITS);
	}
	make_vm(vm, REAL);
	if (!strcmp(kind, "io"))
		return best_of(vm, measure_io, EXITS);
	if (!strcmp(kind, "hlt"))
		return best_of(vm, measure_hlt, EXITS);
	errx(2, "%s: no such kind of exit", kind);
}

/* KIND [VCPUS]: only the first vCPU runs. */
int measure_cost(int argc, char **argv)
{
	int vcpus = argc > 1 ? atoi(argv[1]) : 1;
	struct vm vm;
	double cost;

	if (argc < 1 || argc > 2 || vcpus < 1 || vcpus > MAX_VCPUS) {
		fputs("usage: vmm cost cpuid|io|hlt|wrmsr|ept|absent|total|reason [VCPUS]\n",
		      stderr);
		return 2;
	}
	cost = cost_of(&vm, argv[0], vcpus);
	printf("%s%s%s %.1f\n", argv[0], argc > 1 ? "-of-" : "",
	       argc > 1 ? argv[1] : "", cost);
	end_vm(&vm);
	return 0;
}
