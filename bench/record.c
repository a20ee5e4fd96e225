// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to record one exit, in nanoseconds of a real CPU, as a loop in
 * user space.
 *
 *   stock     one RDTSC, as KVM takes one for an exit
 *   second    that and a second one, and nothing else
 *   series    the series' two hooks, from its own exit_stats.c: a time stamp at
 *             entry, one at exit that KVM uses, too, all counters, and histograms
 *             unless SHIM_PLAIN is set
 *   atomics   the plain design: KVM's RDTSC, two around the handler, and four
 *             atomics that all threads share
 *
 * It has to give the same figures on a busy machine. So the four take turns in
 * slices of a fraction of a millisecond. All threads begin a slice together, it
 * ends when the last of them does, and the shortest slice of a run is the run's
 * figure: the one in which nobody was disturbed. Designs are compared within a
 * run, and of several runs the median is shown.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exit_stats.h"

#define NR_REASONS	86
#define RUNS		11
/* A busy machine gets more time until it has so many slices that tell. */
#define ENOUGH		20
#define MAX_SECONDS	60
#define SLICE		5000
#define MAX_THREADS	1024
#define PAGE		4096

/*
 * The CPU may do what one exit needs beside what the next one does. With "lfence"
 * it may not, as when it enters and leaves a guest.
 */
#ifndef GUEST
#define GUEST		""
#endif

/* Spinning longer than this keeps a CPU from the thread that is waited for. */
#define MAX_SPINS	2000

enum { STOCK, SECOND, SERIES, ATOMICS, NR_DESIGNS };
static const char * const design_names[] = {
	"stock", "second", "series", "atomics",
};

/* Frequent reasons, so that the row is not known before. */
static const uint8_t reasons[] = { 48, 10, 30, 1, 48, 32, 12, 52 };

/* What exit_stats.c asks of the rest of KVM. */
static unsigned int exit_index(u32 reason)
{
	return reason < NR_REASONS ? reason : KVM_EXIT_INDEX_OTHER;
}

static s64 exit_reason(unsigned int index)
{
	return index;
}

static const struct kvm_exit_isa isa = {
	.index = exit_index,
	.reason = exit_reason,
};

struct kvm_x86_ops kvm_x86_ops = { .exit_isa = &isa };

void kvm_exit_stats_create_log(struct kvm *kvm)
{
}

/* As far from the next as vCPUs are in a kernel. */
struct vcpu {
	struct kvm_vcpu vcpu;
	/* What KVM has its RDTSC for. */
	uint64_t last_guest_tsc;
	pthread_t thread;
	int cpu;
	uint64_t begin, end;
} __attribute__((aligned(PAGE)));

static struct {
	_Atomic uint64_t exits, cycles;
	_Atomic uint64_t reason_exits[NR_REASONS], reason_cycles[NR_REASONS];
} shared __attribute__((aligned(PAGE)));

static struct {
	int nr_threads;
	uint64_t until, give_up;
	uint64_t best[NR_DESIGNS];
	uint64_t slices, good[NR_DESIGNS];
	struct vcpu *vcpus;
	_Atomic int arrived __attribute__((aligned(PAGE)));
	_Atomic unsigned int generation __attribute__((aligned(PAGE)));
	_Atomic bool stop;
} team;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/*
 * What happens between two exits: counters reach memory, and the compiler does
 * not know the next reason. The same for all designs.
 */
static __always_inline unsigned int next_reason(unsigned int i)
{
	unsigned int reason = reasons[i % sizeof(reasons)];

	asm volatile(GUEST : "+r"(reason) : : "memory");
	return reason;
}

static noinline void record_stock(struct vcpu *vcpu)
{
	unsigned int i, reason;

	for (i = 0; i < SLICE; i++) {
		reason = next_reason(i);
		vcpu->last_guest_tsc = rdtsc();
		asm volatile("" : : "r"(reason));
	}
}

static noinline void record_second(struct vcpu *vcpu)
{
	unsigned int i, reason;
	uint64_t entry;

	for (i = 0; i < SLICE; i++) {
		entry = rdtsc();
		reason = next_reason(i);
		vcpu->last_guest_tsc = rdtsc();
		asm volatile("" : : "r"(entry), "r"(reason));
	}
}

/* As vmx_vcpu_run() and vcpu_enter_guest() do it. */
static noinline void record_series(struct vcpu *vcpu)
{
	unsigned int i, reason;

	for (i = 0; i < SLICE; i++) {
		kvm_exit_stats_enter(&vcpu->vcpu);
		reason = next_reason(i);
		if (kvm_exit_stats_enabled())
			__kvm_exit_stats_exit(&vcpu->vcpu, reason);
		vcpu->last_guest_tsc = kvm_exit_stats_tsc(&vcpu->vcpu);
	}
}

static __always_inline void add(_Atomic uint64_t *to, uint64_t n)
{
	atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static noinline void record_atomics(struct vcpu *vcpu)
{
	unsigned int i, reason;
	uint64_t start, cycles;

	for (i = 0; i < SLICE; i++) {
		reason = next_reason(i);
		vcpu->last_guest_tsc = rdtsc();
		start = rdtsc();
		cycles = rdtsc() - start;
		add(&shared.exits, 1);
		add(&shared.cycles, cycles);
		add(&shared.reason_exits[reason], 1);
		add(&shared.reason_cycles[reason], cycles);
	}
}

/* Wait for all threads. The last to come calls @last first. */
static void meet(void (*last)(int design), int design)
{
	unsigned int generation = team.generation, spins = 0;

	if (atomic_fetch_add(&team.arrived, 1) == team.nr_threads - 1) {
		if (last)
			last(design);
		team.arrived = 0;
		team.generation++;
		return;
	}
	while (team.generation == generation) {
		if (++spins > MAX_SPINS)
			sched_yield();
		else
			__builtin_ia32_pause();
	}
}

static bool enough(void)
{
	int design;

	for (design = 0; design < NR_DESIGNS; design++) {
		if (team.good[design] < ENOUGH)
			return false;
	}
	return true;
}

/*
 * Judge the slice that just ended. It tells nothing if the threads did not
 * begin together: then they did not share, or took turns.
 */
static void judge_slice(int design)
{
	uint64_t first = UINT64_MAX, last = 0, end = 0;
	int i;

	for (i = 0; i < team.nr_threads; i++) {
		const struct vcpu *v = &team.vcpus[i];

		first = v->begin < first ? v->begin : first;
		last = v->begin > last ? v->begin : last;
		end = v->end > end ? v->end : end;
	}
	if ((last - first) * 100 <= end - first) {
		team.good[design]++;
		if (end - first < team.best[design])
			team.best[design] = end - first;
	}
	if (design == NR_DESIGNS - 1) {
		team.slices++;
		team.stop = now_ns() > (enough() ? team.until : team.give_up);
	}
}

static void (* const record[])(struct vcpu *vcpu) = {
	[STOCK] = record_stock,
	[SECOND] = record_second,
	[SERIES] = record_series,
	[ATOMICS] = record_atomics,
};

static void *run_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	cpu_set_t set;
	int design;

	CPU_ZERO(&set);
	CPU_SET(vcpu->cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		errx(1, "cannot run on CPU %d", vcpu->cpu);
	while (!team.stop) {
		for (design = 0; design < NR_DESIGNS; design++) {
			meet(NULL, design);
			vcpu->begin = now_ns();
			record[design](vcpu);
			vcpu->end = now_ns();
			meet(judge_slice, design);
		}
	}
	return NULL;
}

/* All of the thread's time is in the accounts, to the tick. */
static void check_books(struct kvm_vcpu *vcpu)
{
	uint64_t sum = 0;
	int account;

	for (account = 0; account < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; account++)
		sum += kvm_exit_stats_account(vcpu, account);
	if (!sum || sum != kvm_exit_stats_age(vcpu))
		errx(1, "series: accounts have %ju ticks of %ju", sum,
		     kvm_exit_stats_age(vcpu));
}

/* All exits are in buckets, but the last one of each thread. */
static void check_histograms(uint64_t want)
{
#ifndef SHIM_PLAIN
	uint64_t over = 0;
	int i, reason, bucket;

	for (i = 0; i < team.nr_threads; i++)
		for (reason = 0; reason < NR_REASONS; reason++)
			for (bucket = 0; bucket < KVM_CPUID_EXIT_STATS_NR_BUCKETS;
			     bucket++)
				over += kvm_exit_hist_sum(NULL, &team.vcpus[i].vcpu,
							  reason, bucket);
	if (over + team.nr_threads != want)
		errx(1, "series: %ju of %ju exits are in histograms", over, want);
#endif
}

/* Every record is in the counts, or what was measured is no recording. */
static void check_counts(uint64_t want)
{
	struct kvm_exit_row rows = {}, total = {};
	uint64_t in_arrays = 0;
	int i, reason;

	for (i = 0; i < team.nr_threads; i++) {
		struct kvm_vcpu *vcpu = &team.vcpus[i].vcpu;

		check_books(vcpu);
		kvm_exit_stats_add_total(vcpu, &total);
		for (reason = 0; reason < NR_REASONS; reason++)
			kvm_exit_stats_add_reason(vcpu, reason, &rows);
	}
	for (reason = 0; reason < NR_REASONS; reason++)
		in_arrays += shared.reason_exits[reason];
	check_histograms(want);
	if (total.exits != want || rows.exits != want)
		errx(1, "series: counted %ju and %ju of %ju", total.exits,
		     rows.exits, want);
	if (shared.exits != want || in_arrays != want)
		errx(1, "atomics: counted %ju and %ju of %ju", shared.exits,
		     in_arrays, want);
}

/* The first exit of each reason asks for memory, and gets it before it is over. */
static void warm_up(struct kvm_vcpu *vcpu)
{
	size_t i;

	for (i = 0; i < sizeof(reasons); i++) {
		kvm_exit_stats_enter(vcpu);
		__kvm_exit_stats_exit(vcpu, reasons[i]);
		kvm_exit_stats_begin(vcpu);
		add(&shared.exits, 1);
		add(&shared.reason_exits[reasons[i]], 1);
	}
}

/* One run of all designs: nanoseconds of a record. */
static void run(const int *cpus, int nr_threads, double seconds, double *ns)
{
	int i, design;

	memset(&shared, 0, sizeof(shared));
	memset(&team, 0, sizeof(team));
	memset(team.best, 0xff, sizeof(team.best));
	team.nr_threads = nr_threads;
	team.until = now_ns() + (uint64_t)(seconds * 1e9);
	team.give_up = team.until + MAX_SECONDS * 1000000000ull;
	team.vcpus = aligned_alloc(PAGE, nr_threads * sizeof(*team.vcpus));
	if (!team.vcpus)
		err(1, "memory");
	memset(team.vcpus, 0, nr_threads * sizeof(*team.vcpus));
	for (i = 0; i < nr_threads; i++) {
		team.vcpus[i].cpu = cpus[i];
		kvm_exit_stats_create_vcpu(&team.vcpus[i].vcpu);
		/* KVM_RUN begins. */
		kvm_exit_stats_run(&team.vcpus[i].vcpu);
		warm_up(&team.vcpus[i].vcpu);
	}
	for (i = 0; i < nr_threads; i++) {
		if (pthread_create(&team.vcpus[i].thread, NULL, run_thread,
				   &team.vcpus[i]))
			errx(1, "no thread");
	}
	for (i = 0; i < nr_threads; i++)
		pthread_join(team.vcpus[i].thread, NULL);
	check_counts((team.slices * SLICE + sizeof(reasons)) * nr_threads);
	for (design = 0; design < NR_DESIGNS; design++) {
		if (!team.good[design])
			errx(1, "%s: no slice in which all %d threads ran",
			     design_names[design], nr_threads);
		ns[design] = (double)team.best[design] / SLICE;
	}
	for (i = 0; i < nr_threads; i++)
		kvm_exit_stats_destroy_vcpu(&team.vcpus[i].vcpu);
	free(team.vcpus);
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *of)
{
	qsort(of, RUNS, sizeof(*of), compare);
	return of[RUNS / 2];
}

static void measure(const int *cpus, int nr_threads, double seconds)
{
	double ns[RUNS][NR_DESIGNS], all[RUNS], over[RUNS], ratio[RUNS];
	int i, design;

	for (i = 0; i < RUNS; i++)
		run(cpus, nr_threads, seconds / RUNS, ns[i]);
	for (design = 0; design < NR_DESIGNS; design++) {
		for (i = 0; i < RUNS; i++) {
			all[i] = ns[i][design];
			over[i] = ns[i][design] - ns[i][STOCK];
			ratio[i] = over[i] / (ns[i][SECOND] - ns[i][STOCK]);
		}
		printf("record %-7s %7d %9.2f %10.2f %6.3f\n",
		       design_names[design], nr_threads, median(all),
		       median(over), median(ratio));
	}
}

/* The CPUs that this program may use. */
static int get_cpus(int *cpus)
{
	cpu_set_t set;
	int cpu, n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		err(1, "sched_getaffinity");
	for (cpu = 0; cpu < CPU_SETSIZE && n < MAX_THREADS; cpu++) {
		if (CPU_ISSET(cpu, &set))
			cpus[n++] = cpu;
	}
	return n;
}

static void usage(FILE *to)
{
	fprintf(to, "usage: record [SECONDS]\n"
		"Measure what it costs to record one exit, with 1 thread and with one on each\n"
		"CPU, for SECONDS each (default: 10, at most 600).\n");
}

int main(int argc, char **argv)
{
	unsigned long seconds = 10;
	int cpus[MAX_THREADS], n;
	char *end;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (argc == 2) {
		seconds = strtoul(argv[1], &end, 10);
		if (*end || !seconds || seconds > 600)
			argc = 0;
	}
	if (argc != 1 && argc != 2) {
		usage(stderr);
		return 2;
	}
	setlinebuf(stdout);
	printf("#      design  threads ns/record over stock /second\n");
	n = get_cpus(cpus);
	measure(cpus, 1, seconds);
	if (n > 1)
		measure(cpus, n, seconds);
	return 0;
}
