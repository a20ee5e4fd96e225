// SPDX-License-Identifier: GPL-2.0-only
/* Every tick of a vCPU's life is in one account, after very many exits too. */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "vmm.h"

/* Of two vCPUs together. */
#define MANY		100003

/* ESI times leaf EBP. */
GUEST_CODE(many, 16, "1: mov %ebp, %eax; cpuid; dec %esi; jnz 1b; hlt\n");

struct half {
	struct vm *vm;
	struct vcpu *vcpu;
	uint32_t exits;
};

static void *run_half(void *arg)
{
	struct half *half = arg;
	struct kvm_regs regs = { .rsi = half->exits, .rbp = 1 };

	run_on(half->vm, half->vcpu, CODE(many), &regs);
	return NULL;
}

/* Two vCPUs, 100,003 exits of one reason. */
static void test_many(void)
{
	struct half halves[2];
	pthread_t threads[2];
	uint64_t before;
	uint32_t reason;
	struct vm vm;
	int i;

	make_vm(&vm, REAL);
	add_vcpu(&vm, REAL);
	reason = cpuid_reason(&vm);
	before = exits_of(&vm, reason);
	for (i = 0; i < 2; i++) {
		halves[i] = (struct half){
			&vm, &vm.vcpus[i], i ? MANY / 2 : MANY - MANY / 2,
		};
		if (pthread_create(&threads[i], NULL, run_half, &halves[i]))
			errx(1, "no thread");
	}
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	tap_is(exits_of(&vm, reason) - before, MANY + 1,
		   "vmm-books-100003-exits");
	witness_books(&vm, "vmm-books-close-after-100003-exits");
	end_vm(&vm);
}

/*
 * What all accounts have together is the time from the making of the vCPU to the
 * end of the last KVM_RUN, as the VMM's own clock has it.
 */
static void test_elapsed(void)
{
	uint64_t start, made, last, end;
	struct kvm_regs regs = { .rsi = 10007, .rbp = 1 };
	struct vm vm;

	make_empty_vm(&vm);
	start = ticks();
	add_vcpu(&vm, REAL);
	made = ticks();
	usleep(50000);
	run(&vm, CODE(many), &regs);
	usleep(50000);
	last = ticks();
	cpuid(&vm, 1, 0);
	end = ticks();
	tap_in(debugfs_account(&vm, "all"), last - made, end - start,
		   "vmm-books-all-is-the-time-that-went-by");
	witness_books(&vm, "vmm-books-close");
	end_vm(&vm);
}

void tests_books(void)
{
	test_elapsed();
	test_many();
}
