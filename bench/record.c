// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to record one exit, in nanoseconds of a real CPU: the series'
 * own code, from its header, as a loop in user space.
 *
 *   bare      two RDTSC and nothing else
 *   series    as the series records: counters of the thread's own
 *   atomics   the plain design: four atomics that all threads share
 *
 * It has to give the same figures on a busy machine. So the three take turns in
 * slices of a fraction of a millisecond. All threads begin a slice together, it
 * ends when the last of them does, and the shortest of many slices is the
 * figure: the one in which nobody was disturbed.
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
#define SLICE		5000
#define MAX_THREADS	1024
#define PAGE		4096

/* Spinning longer than this keeps a CPU from the thread that is waited for. */
#define MAX_SPINS	2000

enum { BARE, SERIES, ATOMICS, NR_DESIGNS };
static const char * const design_names[] = { "bare", "series", "atomics" };

/* Frequent reasons, so that the row is not known before. */
static const uint8_t reasons[] = { 48, 10, 30, 1, 48, 32, 12, 52 };

/* As far from the next as vCPUs are in a kernel. */
struct vcpu {
	struct kvm_vcpu vcpu;
	struct kvm_exit_stats exit_stats __attribute__((aligned(64)));
	struct kvm_exit_stat exit_rows[NR_REASONS];
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
	uint64_t until;
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

	asm volatile("" : "+r"(reason) : : "memory");
	return reason;
}

static void __attribute__((noinline)) record_bare(void)
{
	unsigned int i, reason;
	uint64_t start, cycles;

	for (i = 0; i < SLICE; i++) {
		reason = next_reason(i);
		start = rdtsc();
		cycles = rdtsc() - start;
		asm volatile("" : : "r"(cycles), "r"(reason));
	}
}

static void __attribute__((noinline)) record_series(struct vcpu *vcpu)
{
	struct kvm_exit_stats *stats = &vcpu->exit_stats;
	unsigned int i, reason;

	for (i = 0; i < SLICE; i++) {
		reason = next_reason(i);
		kvm_exit_stats_begin(stats);
		if (kvm_exit_stats_enabled())
			kvm_exit_stats_add(&vcpu->vcpu,
					   &vcpu->exit_rows[reason],
					   kvm_exit_stats_since(stats->start));
	}
}

static __always_inline void add(_Atomic uint64_t *to, uint64_t n)
{
	atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static void __attribute__((noinline)) record_atomics(void)
{
	unsigned int i, reason;
	uint64_t start, cycles;

	for (i = 0; i < SLICE; i++) {
		reason = next_reason(i);
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
		team.stop = now_ns() > team.until;
	}
}

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
			if (design == BARE)
				record_bare();
			else if (design == SERIES)
				record_series(vcpu);
			else
				record_atomics();
			vcpu->end = now_ns();
			meet(judge_slice, design);
		}
	}
	return NULL;
}

/* Every record is in the counts, or what was measured is no recording. */
static void check_counts(uint64_t want)
{
	uint64_t in_rows = 0, in_totals = 0, in_arrays = 0;
	int i, reason;

	for (i = 0; i < team.nr_threads; i++) {
		in_totals += team.vcpus[i].vcpu.stat.exit_stats_exits;
		for (reason = 0; reason < NR_REASONS; reason++)
			in_rows += team.vcpus[i].exit_rows[reason].exits;
	}
	for (reason = 0; reason < NR_REASONS; reason++)
		in_arrays += shared.reason_exits[reason];
	if (in_totals != want || in_rows != want)
		errx(1, "series: counted %ju and %ju of %ju", in_totals,
		     in_rows, want);
	if (shared.exits != want || in_arrays != want)
		errx(1, "atomics: counted %ju and %ju of %ju", shared.exits,
		     in_arrays, want);
}

static void print_results(void)
{
	double ns, bare = 0;
	int design;

	for (design = 0; design < NR_DESIGNS; design++) {
		if (!team.good[design])
			errx(1, "%s: no slice in which all %d threads ran",
			     design_names[design], team.nr_threads);
		ns = (double)team.best[design] / SLICE;
		bare = design == BARE ? ns : bare;
		printf("record %-7s %7d %9.2f %6.3f %9ju\n",
		       design_names[design], team.nr_threads, ns, ns / bare,
		       team.good[design]);
	}
}

static void measure(const int *cpus, int nr_threads, unsigned int seconds)
{
	int i;

	memset(&shared, 0, sizeof(shared));
	memset(&team, 0, sizeof(team));
	memset(team.best, 0xff, sizeof(team.best));
	team.nr_threads = nr_threads;
	team.until = now_ns() + seconds * 1000000000ull;
	team.vcpus = aligned_alloc(PAGE, nr_threads * sizeof(*team.vcpus));
	if (!team.vcpus)
		err(1, "memory");
	memset(team.vcpus, 0, nr_threads * sizeof(*team.vcpus));
	for (i = 0; i < nr_threads; i++) {
		team.vcpus[i].cpu = cpus[i];
		if (pthread_create(&team.vcpus[i].thread, NULL, run_thread,
				   &team.vcpus[i]))
			errx(1, "no thread");
	}
	for (i = 0; i < nr_threads; i++)
		pthread_join(team.vcpus[i].thread, NULL);
	check_counts(team.slices * SLICE * nr_threads);
	print_results();
	free(team.vcpus);
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
	printf("#      design  threads ns/record  ratio    slices\n");
	n = get_cpus(cpus);
	measure(cpus, 1, seconds);
	if (n > 1)
		measure(cpus, n, seconds);
	return 0;
}
