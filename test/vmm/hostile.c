// SPDX-License-Identifier: GPL-2.0-only
/* A guest that asks for everything, as fast as it can. */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "facts/facts.h"
#include "vmm.h"

/* vCPUs that read at once. */
#define NR_FLOODS	4

static const char * const mode_names[] = { "real", "protected", "long" };

/* Answers that fit the buffer. */
#define MAX_ANSWERS	(BUFFER_SIZE / sizeof(struct regs))

/* Read leaf EBP, ESP times, with ECX from ESI on; store the answers at EDI. */
#define ANSWERS							\
	"1: mov %ebp, %eax; mov %esi, %ecx; cpuid\n"		\
	"stosl; mov %ebx, %eax; stosl; mov %ecx, %eax; stosl\n"	\
	"mov %edx, %eax; stosl; inc %esi; dec %esp; jnz 1b; hlt\n"
GUEST_CODE(answers16, 16, ANSWERS);
/* In 32-bit mode the same bytes do the same. */
GUEST_CODE(answers, 64, ANSWERS);

/* Who asks, and what the leaves of fixed content answered at first. */
struct asker {
	struct vm *vm;
	struct vcpu *vcpu;
	enum mode mode;
	bool svm;
	uint64_t buffer;
	struct regs fixed[2], epoch;
};

static bool is_undefined(const struct regs *r)
{
	return !(r->eax | r->ebx | r->ecx) &&
	       r->edx == KVM_CPUID_EXIT_STATS_UNDEFINED;
}

/* Whether @r may be the answer to a @leaf that takes @index in ECX. */
static bool is_indexed_answer(const struct regs *r, uint32_t leaf,
			      uint32_t index, bool svm)
{
	bool zero = !(r->eax | r->ebx | r->ecx | r->edx), defined;

	if (leaf == KVM_CPUID_EXIT_STATS_ACCOUNT)
		defined = index < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS;
	else
		defined = index == KVM_CPUID_EXIT_STATS_OTHER ||
			  is_defined_reason(svm, index);
	if (!defined)
		return is_undefined(r);
	if (leaf == KVM_CPUID_EXIT_STATS_REASON_EXITS)
		return zero || (r->ecx == index && !r->edx);
	return !(r->eax | r->edx);
}

/* Whether @r may be the answer of the histogram leaf. */
static bool is_bucket(const struct regs *r, uint32_t index, bool svm)
{
	uint32_t bucket = index & KVM_CPUID_EXIT_STATS_BUCKET_MASK;
	uint32_t bits = index >> KVM_CPUID_EXIT_STATS_HIST_REASON_SHIFT;

	if (bits != KVM_CPUID_EXIT_STATS_HIST_OTHER &&
	    !is_defined_reason(svm, (uint32_t)((int32_t)(bits << 8) >> 8)))
		return is_undefined(r);
	if (r->ecx == KVM_CPUID_EXIT_STATS_NO_BUCKET)
		return !r->edx;
	return !r->edx && (r->eax | r->ebx) && r->ecx >= bucket &&
	       r->ecx < KVM_CPUID_EXIT_STATS_NR_BUCKETS;
}

/* The same for all leaves. */
static bool is_answer(const struct regs *r, uint32_t leaf, uint32_t index,
		      const struct asker *asker)
{
	switch (leaf) {
	case KVM_CPUID_EXIT_STATS_SIGNATURE:
	case KVM_CPUID_EXIT_STATS_INFO:
		return !memcmp(r, &asker->fixed[leaf & 1], sizeof(*r));
	case KVM_CPUID_EXIT_STATS_EPOCH:
		return r->eax == asker->epoch.eax && r->ebx == asker->epoch.ebx &&
		       (r->ecx | r->edx);
	case KVM_CPUID_EXIT_STATS_TOTAL_EXITS:
		return r->eax && !(r->ecx | r->edx);
	case KVM_CPUID_EXIT_STATS_TOTAL_KERNEL:
		return r->ecx && !(r->eax | r->edx);
	case KVM_CPUID_EXIT_STATS_ACCOUNT:
	case KVM_CPUID_EXIT_STATS_REASON_VMM:
	case KVM_CPUID_EXIT_STATS_REASON_WAIT:
	case KVM_CPUID_EXIT_STATS_REASON_EXITS:
	case KVM_CPUID_EXIT_STATS_REASON_KERNEL:
		return is_indexed_answer(r, leaf, index, asker->svm);
	case KVM_CPUID_EXIT_STATS_REASON_HIST:
		return is_bucket(r, index, asker->svm);
	default:
		return !(r->eax | r->ebx | r->ecx | r->edx);
	}
}

static struct asker make_asker(struct vm *vm, struct vcpu *vcpu,
			       enum mode mode)
{
	return (struct asker){
		.vm = vm, .vcpu = vcpu, .mode = mode, .svm = is_svm(vm),
		.buffer = BUFFER_BASE,
		.fixed = {
			cpuid(vm, KVM_CPUID_EXIT_STATS_SIGNATURE, 0),
			cpuid(vm, KVM_CPUID_EXIT_STATS_INFO, 0),
		},
		.epoch = cpuid(vm, KVM_CPUID_EXIT_STATS_EPOCH, 0),
	};
}

/* Ask @count times from @index on; the answers are then in the buffer. */
static const struct regs *ask(const struct asker *asker, uint32_t leaf,
			      uint32_t index, int count)
{
	struct kvm_regs regs = { .rbp = leaf, .rsi = index, .rsp = count,
				 .rdi = asker->buffer };

	if (asker->mode == REAL)
		run_on(asker->vm, asker->vcpu, CODE(answers16), &regs);
	else
		run_on(asker->vm, asker->vcpu, CODE(answers), &regs);
	return (const void *)(asker->vm->memory + asker->buffer);
}

/* How many answers are wrong. */
static int check_answers(const struct asker *asker, uint32_t leaf,
			 uint32_t index, int count)
{
	const struct regs *answers = ask(asker, leaf, index, count);
	int i, wrong = 0;

	for (i = 0; i < count; i++)
		wrong += !is_answer(&answers[i], leaf, index + i, asker);
	return wrong;
}

/*
 * The leaves that take a reason are asked for every value from every mode. The
 * others get every value too, but a third from each mode: an exit takes a while
 * in an emulator.
 */
static bool is_asked(enum mode mode, uint32_t leaf, uint32_t index)
{
	return leaf >= KVM_CPUID_EXIT_STATS_REASON_EXITS ||
	       index / MAX_ANSWERS % 3 == mode;
}

/* Every leaf of ours, with each of 2^16 values in ECX and some random ones. */
static void test_answers(enum mode mode)
{
	struct asker asker;
	uint32_t leaf, index;
	uint64_t wrong = 0;
	char name[64];
	int i;
	struct vm vm;

	make_vm(&vm, mode);
	asker = make_asker(&vm, &vm.vcpus[0], mode);
	tap_true(has_interface(&vm), "vmm-hostile-has-interface");

	for (leaf = KVM_CPUID_EXIT_STATS_SIGNATURE;
	     leaf <= KVM_CPUID_EXIT_STATS_REASON_KERNEL; leaf++) {
		for (index = 0; index < 1 << 16; index += MAX_ANSWERS) {
			if (is_asked(mode, leaf, index))
				wrong += check_answers(&asker, leaf, index,
						       MAX_ANSWERS);
		}
		for (i = 0; i < 50; i++)
			wrong += check_answers(&asker, leaf,
					       (uint32_t)mrand48(), 50);
		wrong += check_answers(&asker, leaf, -40, 50);
		wrong += check_answers(&asker, leaf,
				       KVM_CPUID_EXIT_STATS_OTHER - 3, 7);
	}
	snprintf(name, sizeof(name), "vmm-hostile-%s-mode", mode_names[mode]);
	tap_is(wrong, 0, name);
	snprintf(name, sizeof(name), "vmm-hostile-%s-mode-books-close",
		 mode_names[mode]);
	witness_books(&vm, name);
	end_vm(&vm);
}

/* A vCPU that asks as fast as it can, until it is told to stop. */
struct flood {
	struct asker asker;
	pthread_t thread;
	bool ordinary;
	int wrong;
	uint64_t asked;
};

static atomic_bool flood_ends;

static void *run_flood(void *arg)
{
	enum { COUNT = BUFFER_SIZE / NR_FLOODS / sizeof(struct regs) };
	struct flood *flood = arg;
	uint32_t i;

	for (i = 0; !flood_ends; i++) {
		if (flood->ordinary)
			ask(&flood->asker, 1, 0, COUNT);
		else
			flood->wrong += check_answers(&flood->asker,
				KVM_CPUID_EXIT_STATS_SIGNATURE + i % 16,
				i / 16 * COUNT, COUNT);
		flood->asked += COUNT;
	}
	return NULL;
}

static void set_log(bool on)
{
	if (!write_parameter("exit_stats_log", on ? "1" : "0"))
		err(1, "exit_stats_log");
}

/*
 * What the host felt of a flood: its wake-ups in some seconds, and how late the
 * worst came; then, how long it took until the last vCPU had stopped.
 */
struct latency {
	int rounds;
	double worst, seconds, until_stopped;
};

static struct latency measure_latency(double seconds)
{
	struct latency latency = {};
	double start = now(), before, late;

	while (latency.seconds < seconds) {
		before = now();
		usleep(1000);
		late = now() - before - 0.001;
		latency.worst = late > latency.worst ? late : latency.worst;
		set_log(latency.rounds++ % 2);
		latency.seconds = now() - start;
	}
	set_log(true);
	return latency;
}

static void start_floods(struct vm *vm, struct flood *floods, bool ordinary)
{
	int i;

	flood_ends = false;
	for (i = 1; i < NR_FLOODS; i++)
		add_vcpu(vm, REAL);
	for (i = 0; i < NR_FLOODS; i++) {
		floods[i].asker = make_asker(vm, &vm->vcpus[i], REAL);
		floods[i].asker.buffer += i * BUFFER_SIZE / NR_FLOODS;
		floods[i].ordinary = ordinary;
	}
	for (i = 0; i < NR_FLOODS; i++) {
		if (pthread_create(&floods[i].thread, NULL, run_flood,
				   &floods[i]))
			errx(1, "no thread");
	}
}

/* All vCPUs ask for our leaves, or for an @ordinary one. */
static struct latency flood(bool ordinary, int *wrong)
{
	struct flood floods[NR_FLOODS] = {};
	struct latency latency;
	uint64_t asked = 0;
	double start;
	struct vm vm;
	int i;

	make_vm(&vm, REAL);
	start = now();
	start_floods(&vm, floods, ordinary);
	latency = measure_latency(3);
	flood_ends = true;
	for (i = 0; i < NR_FLOODS; i++) {
		pthread_join(floods[i].thread, NULL);
		*wrong += floods[i].wrong;
		asked += floods[i].asked;
	}
	latency.until_stopped = now() - start;
	witness_books(&vm, ordinary ? "vmm-flood-of-leaf-1-books-close" :
				      "vmm-flood-books-close");
	end_vm(&vm);
	printf("# %s: %lu answers, host: %d wake-ups in %.1f s, worst %.1f ms late\n",
	       ordinary ? "leaf 1" : "our leaves", asked, latency.rounds,
	       latency.seconds, latency.worst * 1000);
	return latency;
}

/*
 * A guest that reads with all its vCPUs, while the log is turned off and on,
 * takes no more from its host than one that reads a leaf of stock KVM's. How
 * late the host's wake-ups are depends on the host: that guest is the measure.
 */
static void test_flood(void)
{
	struct latency ordinary, ours;
	int wrong = 0, lines;

	ordinary = flood(true, &wrong);
	ours = flood(false, &wrong);
	lines = log_lines();
	tap_is(wrong, 0, "vmm-flood-answers");
	tap_in(ours.worst * 1e6, 0, 1e6 * (2 * ordinary.worst + 0.1),
	       "vmm-flood-latency");
	tap_in(ours.rounds, ordinary.rounds / 2, UINT64_MAX, "vmm-flood-rounds");
	/* 10 in each 30 s, the first of which may have begun before. */
	tap_in(lines, 1, 10 * (ours.until_stopped / 30 + 2),
		   "vmm-flood-log-is-limited");
}

void tests_hostile(void)
{
	/* First: it counts the lines that are in the log. */
	test_flood();
	test_answers(REAL);
	test_answers(PROTECTED);
	test_answers(LONG);
}
