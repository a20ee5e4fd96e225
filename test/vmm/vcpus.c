// SPDX-License-Identifier: GPL-2.0-only
/* Several vCPUs: added, and under load. */
#include <err.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "vmm.h"

/* A vCPU that is added later counts, and sees what all vCPUs did. */
static void test_second_vcpu(void)
{
	struct kvm_regs first = { .rsi = 23, .rbp = 1 };
	struct kvm_regs second = { .rsi = 29, .rbp = 1 };
	uint64_t before, after;
	uint32_t reason;
	struct vcpu *b;
	struct vm vm;

	make_vm(&vm, REAL);
	reason = cpuid_reason(&vm);
	before = exits_of(&vm, reason);
	run(&vm, CODE(cpuids), &first);
	b = add_vcpu(&vm, REAL);
	run_on(&vm, b, CODE(cpuids), &second);
	after = exits_on(&vm, b, reason);
	tap_is(after - before, 23 + 29 + 1, "vmm-added-vcpu-sees-all");
	tap_is(exits_of(&vm, reason), after + 1, "vmm-first-vcpu-sees-added");
	end_vm(&vm);
}

/* The highest total that any vCPU has seen. */
static _Atomic uint64_t highest;

/*
 * Whether the total, which counts the exit that reads it, is above all that any
 * vCPU had seen before.
 */
static bool has_grown(struct load *load)
{
	uint64_t seen = highest, old = seen, now;
	struct regs r = cpuid_on(load->vm, load->vcpu,
				 KVM_CPUID_EXIT_STATS_TOTAL_EXITS, -1);

	now = (uint64_t)r.ebx << 32 | r.eax;
	while (old < now && !atomic_compare_exchange_weak(&highest, &old, now))
		;
	return now > seen;
}

/* A prime number of CPUIDs a round, and a look whether the total grew. */
static void *run_load(void *arg)
{
	struct load *load = arg;
	int i;

	for (i = 0; i < load->rounds && !load->stop; i++) {
		struct kvm_regs regs = { .rsi = 1009, .rbp = 1 };

		run_on(load->vm, load->vcpu, CODE(cpuids), &regs);
		load->shrank |= !has_grown(load);
		load->done++;
	}
	return NULL;
}

void load_two_vcpus(struct vm *vm, struct load *loads, int rounds,
		    void (*meanwhile)(void))
{
	pthread_t threads[2];
	int i;

	for (i = 0; i < 2; i++) {
		loads[i] = (struct load){ .vm = vm, .vcpu = &vm->vcpus[i],
					  .rounds = rounds };
		if (pthread_create(&threads[i], NULL, run_load, &loads[i]))
			errx(1, "no thread");
	}
	if (meanwhile)
		meanwhile();
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* Two vCPUs at once: nothing is lost, whichever of them is asked. */
static void test_load(void)
{
	const int rounds = 97;
	uint64_t before, total;
	struct load loads[2];
	uint32_t reason;
	struct vm vm;

	highest = 0;
	make_vm(&vm, REAL);
	add_vcpu(&vm, REAL);
	reason = cpuid_reason(&vm);
	before = exits_of(&vm, reason);
	load_two_vcpus(&vm, loads, rounds, NULL);
	tap_is(exits_of(&vm, reason) - before, 2 * rounds * 1010 + 1,
		   "vmm-load-on-two-vcpus-is-exact");
	tap_is(exits_on(&vm, &vm.vcpus[1], reason) - before,
		   2 * rounds * 1010 + 2, "vmm-load-is-the-same-from-both");
	tap_is(loads[0].shrank + loads[1].shrank, 0, "vmm-load-only-grows");
	/* What ends the read, and perhaps interrupts, came after it. */
	total = total_on(&vm, &vm.vcpus[1]);
	tap_in(debugfs_row(&vm, "total").exits, total + 1, total + 100,
		   "vmm-load-total-is-of-both");
	tap_is(debugfs_row(&vm, "total").exits, debugfs_stat(&vm, "exits"),
		   "vmm-load-with-kvm-stat-exits");
	witness_books(&vm, "vmm-load-books-close");
	end_vm(&vm);
}

/* A vCPU is made, and runs, while another runs: nothing is lost. */
static void test_hot_add(void)
{
	struct load loads[2];
	int i, before_add, rounds;
	pthread_t thread;
	uint64_t before;
	uint32_t reason;
	struct vm vm;

	highest = 0;
	make_vm(&vm, REAL);
	reason = cpuid_reason(&vm);
	before = exits_of(&vm, reason);
	for (i = 0; i < 2; i++) {
		loads[i] = (struct load){ .vm = &vm, .vcpu = &vm.vcpus[i],
					  .rounds = i ? 53 : INT_MAX };
	}
	if (pthread_create(&thread, NULL, run_load, &loads[0]))
		errx(1, "no thread");
	while (loads[0].done < 2)
		usleep(1000);
	before_add = loads[0].done;
	add_vcpu(&vm, REAL);
	run_load(&loads[1]);
	tap_in(loads[0].done, before_add + 1, INT_MAX,
	       "vmm-hot-add-is-under-load");
	loads[0].stop = true;
	pthread_join(thread, NULL);

	/* A round is 1009 CPUIDs and a look; the read after counts itself. */
	rounds = loads[0].done + loads[1].done;
	tap_is(exits_of(&vm, reason) - before, (uint64_t)rounds * 1010 + 1,
		   "vmm-hot-add-is-exact");
	tap_is(loads[0].shrank + loads[1].shrank, 0, "vmm-hot-add-only-grows");
	witness_books(&vm, "vmm-hot-add-books-close");
	end_vm(&vm);
}

void tests_parallel(void)
{
	test_second_vcpu();
	test_hot_add();
	test_load();
}
