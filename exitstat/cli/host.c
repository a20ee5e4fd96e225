// SPDX-License-Identifier: GPL-2.0-only
/* The VMs of a host, once or at intervals. */
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "cli/cli.h"
#include "source/host.h"
#include "source/tsc.h"

#define NR_ISAS	(KVM_CPUID_EXIT_STATS_ISA_SVM + 1)

/* What -r says, by the ISA that gives names their numbers. */
struct wanted {
	struct {
		uint32_t *reasons;
		size_t nr;
	} of[NR_ISAS];
};

/* A name that this host's ISA does not have is a mistake also without a VM. */
static int parse_wanted(struct wanted *wanted, const char *text, uint32_t isa)
{
	if (wanted->of[isa].reasons)
		return STATUS_OK;
	return parse_reasons(text, isa, &wanted->of[isa].reasons,
			     &wanted->of[isa].nr);
}

static void free_wanted(struct wanted *wanted)
{
	int isa;

	for (isa = 0; isa < NR_ISAS; isa++)
		free(wanted->of[isa].reasons);
}

/* Leave those rows that -r wants.  Returns a status. */
static int restrict_rows(const struct host *host, const char *text,
			 struct wanted *wanted)
{
	int status = host->nr ? STATUS_OK
			      : parse_wanted(wanted, text, host->isa);
	size_t i;

	for (i = 0; i < host->nr && !status; i++) {
		struct host_vm *vm = &host->vms[i];

		status = parse_wanted(wanted, text, vm->isa);
		if (!status)
			sample_restrict(&vm->change, wanted->of[vm->isa].reasons,
					wanted->of[vm->isa].nr);
	}
	return status;
}

static int by_key(const void *left, const void *right, void *sort)
{
	const struct host_vm *a = left, *b = right;
	enum sort_key key = *(enum sort_key *)sort;
	double key_a = sample_sort_value(&a->change, &a->change.all, key);
	double key_b = sample_sort_value(&b->change, &b->change.all, key);

	if (key_a != key_b)
		return key_a < key_b ? 1 : -1;
	return strcmp(a->id, b->id);
}

static int show(struct host *host, const struct env *env, bool since_start)
{
	size_t i;

	host->sort = sample_sort_key(&host->all, env->sort);
	if (host->nr)
		qsort_r(host->vms, host->nr, sizeof(*host->vms), by_key,
			&host->sort);
	for (i = 0; host->by_reason && i < host->nr; i++)
		sample_sort(&host->vms[i].change, host->sort);
	host->since_start = since_start;
	if (env->format->host(stdout, host) || flush_output(stdout))
		return STATUS_FAILED;
	host->groups++;
	return STATUS_OK;
}

static int read_host(struct host *host, const struct env *env,
		     struct wanted *wanted)
{
	int status = host_read(host, env->debugfs, env->proc);

	if (status || !env->reasons)
		return status;
	return restrict_rows(host, env->reasons, wanted);
}

/* Without a VM, nothing is missing. */
static int check_tail(const struct host *host)
{
	size_t i;

	for (i = 0; i < host->nr; i++) {
		if (host->vms[i].samples.new.hists.known)
			return STATUS_OK;
	}
	if (!host->wants_hists || !host->nr)
		return STATUS_OK;
	complain("KVM keeps no histograms, which --tail shows: it needs a newer patched kernel on this host");
	return STATUS_NO_STATISTICS;
}

/* A VM that could not be read ends nothing, but this is not all then. */
static int run(struct host *host, const struct env *env, struct wanted *wanted)
{
	uint64_t shown = !env->skip_first;
	int status = read_host(host, env, wanted);
	bool failed = host->nr_unreadable;

	if (!status)
		status = check_tail(host);
	if (!status && !env->skip_first)
		status = show(host, env, true);
	for (; !status && env->interval && (!env->count || shown < env->count);
	     shown++) {
		wait_interval(env->interval);
		status = read_host(host, env, wanted);
		if (!status)
			status = show(host, env, false);
		failed |= host->nr_unreadable > 0;
	}
	return !status && failed ? STATUS_FAILED : status;
}

int run_host(const struct env *env)
{
	struct host host = {
		.tsc_khz = env->tsc_khz ? env->tsc_khz : measure_tsc_khz(),
		.by_reason = env->reasons || env->all_reasons,
		.with_clock = env->with_clock,
		.wants_hists = env->tail,
	};
	struct wanted wanted = { 0 };
	int status = run(&host, env, &wanted);

	free_wanted(&wanted);
	host_free(&host);
	return status;
}
