// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that one thread ran before counting was turned off, and another runs when
 * it is turned on. Of the first one, what is left must not be taken for the other's:
 * the difference of their run_delay is negative, and trapped in a division once.
 */
#define _GNU_SOURCE		/* sched_setaffinity() */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm.h"

#define NR_ROUNDS	5

/* Bochs keeps interrupts from a guest that has them disabled. */
GUEST_CODE(forever, 16, "sti; 1: jmp 1b\n");

static atomic_bool runs;

static void ignore(int signal)
{
	(void)signal;
}

static void *run_vcpu(void *arg)
{
	struct vcpu *vcpu = arg;

	runs = true;
	if (!ioctl(vcpu->fd, KVM_RUN, 0) || errno != EINTR)
		errx(1, "the guest ended");
	runs = false;
	return NULL;
}

static pthread_t start(struct vcpu *vcpu)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_vcpu, vcpu))
		errx(1, "no thread");
	while (!runs)
		sched_yield();
	return thread;
}

static void end(pthread_t thread)
{
	while (runs) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	pthread_join(thread, NULL);
}

/* Both threads have to share this CPU with this one. */
static void keep_cpu(double seconds)
{
	double until = now() + seconds;

	while (now() < until)
		;
}

static void change_threads(struct vcpu *vcpu)
{
	pthread_t thread = start(vcpu);

	keep_cpu(1);
	set_counting(false);
	end(thread);
	thread = start(vcpu);
	keep_cpu(0.1);
	set_counting(true);
	usleep(200000);
	end(thread);
}

void tests_threads(void)
{
	struct sigaction action = { .sa_handler = ignore };
	struct kvm_regs regs = {};
	cpu_set_t set;
	struct vm vm;
	int i;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	must(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
	must(sigaction(SIGUSR1, &action, NULL), "sigaction");
	make_vm(&vm, REAL);
	load_code(&vm, &vm.vcpus[0], CODE(forever), &regs);
	for (i = 0; i < NR_ROUNDS; i++)
		change_threads(&vm.vcpus[0]);
	tap_is(i, NR_ROUNDS, "vmm-threads-change-while-off");
	witness_books_toggled("vmm-threads-books-close");
	end_vm(&vm);
}
