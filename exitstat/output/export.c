// SPDX-License-Identifier: GPL-2.0-only
/* See output/export.h.  Each metric is one quantity, so that its sum is one, too. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "output/export.h"
#include "output/openmetrics.h"

/* What is left out, as its metric calls it. */
static const char *const detail_names[NR_DETAILS] = {
	[DETAIL_VMS]	= "vms",
	[DETAIL_REASONS] = "reasons",
	[DETAIL_VCPUS]	= "vcpus",
	[DETAIL_TAIL]	= "histograms",
};

/* Of each VM: its info, when it was made, how many vCPUs it has. */
#define SERIES_OF_VM	3

/* What is said of the reading itself. */
#define SERIES_OF_SCRAPE	(8 + NR_DETAILS)

/* --- How much of it --- */

/* What is written of each VM, and what was too much. */
struct plan {
	bool does[NR_DETAILS];
	uint64_t left_out[NR_DETAILS];	/* series */
	size_t vms;
};

static const struct sample *sample_of(const struct host_vm *vm)
{
	return &vm->samples.new;
}

static size_t nr_rows(const struct host_vm *vm, const bool *does)
{
	return does[DETAIL_REASONS] ? sample_of(vm)->nr_rows : 1;
}

static bool has_accounts(const struct export *export, const struct host_vm *vm)
{
	return export->tsc_khz && sample_of(vm)->has_times;
}

static int nr_times(const struct export *export, const struct host_vm *vm)
{
	return export->tsc_khz ? sample_nr_times(sample_of(vm)) : 0;
}

static uint64_t series_of(const struct export *export, const struct host_vm *vm,
			  const bool *does)
{
	uint64_t of_row = 1 + nr_times(export, vm);
	uint64_t accounts = !has_accounts(export, vm) ? 0 :
			    does[DETAIL_VCPUS] ? vm->nr_accounts * NR_ACCOUNTS
					       : NR_ACCOUNTS;

	if (does[DETAIL_TAIL] && export->tsc_khz && sample_of(vm)->hists.known)
		of_row += OPENMETRICS_HIST_SERIES;
	return SERIES_OF_VM + nr_rows(vm, does) * of_row + accounts;
}

static uint64_t series_of_all(const struct export *export, const bool *does)
{
	uint64_t sum = SERIES_OF_SCRAPE;
	size_t i;

	for (i = 0; i < export->nr; i++)
		sum += series_of(export, export->vms[i], does);
	return sum;
}

/* Those that live, the oldest first, and then those that ended: the last go first. */
static int by_worth(const void *left, const void *right)
{
	const struct host_vm *a = *(const struct host_vm *const *)left;
	const struct host_vm *b = *(const struct host_vm *const *)right;

	if (!a->ended_ns != !b->ended_ns)
		return a->ended_ns ? 1 : -1;
	if (a->created_ns != b->created_ns)
		return a->created_ns < b->created_ns ? -1 : 1;
	return strcmp(a->label, b->label);
}

static int by_label(const void *left, const void *right)
{
	return strcmp((*(const struct host_vm *const *)left)->label,
		      (*(const struct host_vm *const *)right)->label);
}

/* What is left out is behind the others. */
static struct plan make_plan(struct export *export)
{
	struct plan plan = { .vms = export->nr };
	uint64_t all, less;
	int detail;

	if (export->nr)
		qsort(export->vms, export->nr, sizeof(*export->vms), by_worth);

	memcpy(plan.does, export->wants, sizeof(plan.does));
	all = series_of_all(export, plan.does);
	for (detail = NR_DETAILS - 1; detail > DETAIL_VMS; detail--) {
		if (all <= export->max_series || !plan.does[detail])
			continue;
		plan.does[detail] = false;
		less = series_of_all(export, plan.does);
		plan.left_out[detail] = all - less;
		all = less;
	}
	for (; all > export->max_series && plan.vms; plan.vms--) {
		less = series_of(export, export->vms[plan.vms - 1], plan.does);
		plan.left_out[DETAIL_VMS] += less;
		all -= less;
	}
	if (plan.vms)
		qsort(export->vms, plan.vms, sizeof(*export->vms), by_label);
	return plan;
}

/* --- Metrics --- */

/* What all families are written with. */
struct writer {
	FILE *out;
	const struct export *export;
	const struct plan *plan;
};

/*
 * OpenMetrics has the family's name, to which the metrics add _total and _info; the
 * older format has that of the metrics, and knows no info.
 */
static void family(const struct writer *writer, const char *name, const char *type,
		   const char *unit, const char *help)
{
	char whole[64];
	bool is_info = !strcmp(type, "info");

	if (writer->export->openmetrics) {
		openmetrics_family(writer->out, name, type, unit, help);
		return;
	}
	snprintf(whole, sizeof(whole), "%s%s", name,
		 is_info ? "_info" : strcmp(type, "counter") ? "" : "_total");
	openmetrics_family(writer->out, whole, is_info ? "gauge" : type, NULL, help);
}

static void begin(FILE *out, const char *metric, const struct host_vm *vm)
{
	fprintf(out, "%s{", metric);
	openmetrics_label(out, "vm", vm->label);
}

static void label(FILE *out, const char *name, const char *value)
{
	fputc(',', out);
	openmetrics_label(out, name, value);
}

/* A reason that has no name is a number. */
static void label_reason(FILE *out, const struct host_vm *vm, uint32_t reason)
{
	const char *name = reason_name(vm->isa, reason);
	char number[12];

	label(out, "reason", strcmp(name, "-") ? name
					       : reason_number(reason, number));
}

/* Row @i of @vm, or its total, and what all series of that begin with. */
static const struct exit_stats_row *begin_row(const struct writer *writer,
					      const char *metric,
					      const struct host_vm *vm, size_t i)
{
	const struct sample *sample = sample_of(vm);

	begin(writer->out, metric, vm);
	if (!writer->plan->does[DETAIL_REASONS])
		return &sample->all;
	label_reason(writer->out, vm, sample->rows[i].reason);
	return &sample->rows[i];
}

static void write_exits(const struct writer *writer)
{
	size_t i, n;

	family(writer, "kvm_vm_exits", "counter", "exits", "VM exits.");
	for (n = 0; n < writer->plan->vms; n++) {
		const struct host_vm *vm = writer->export->vms[n];

		for (i = 0; i < nr_rows(vm, writer->plan->does); i++)
			fprintf(writer->out, "} %" PRIu64 "\n",
				begin_row(writer, "kvm_vm_exits_total", vm,
					  i)->exits);
	}
}

static void write_seconds(FILE *out, const struct export *export, uint64_t cycles)
{
	fprintf(out, "} %.9f\n", cycles_seconds(cycles, export->tsc_khz));
}

static void write_times(const struct writer *writer)
{
	size_t i, n;
	int time;

	family(writer, "kvm_vm_exit_seconds", "counter", "seconds",
	       "Time that VM exits took: in the kernel, in the VMM, or waiting.");
	for (n = 0; n < writer->plan->vms; n++) {
		const struct host_vm *vm = writer->export->vms[n];

		for (i = 0; i < nr_rows(vm, writer->plan->does); i++) {
			for (time = 0; time < nr_times(writer->export, vm); time++) {
				const struct exit_stats_row *row =
					begin_row(writer, "kvm_vm_exit_seconds_total",
						  vm, i);

				label(writer->out, "where", time_names[time]);
				write_seconds(writer->out, writer->export,
					      row->times[time]);
			}
		}
	}
}

static void write_accounts_of(const struct writer *writer, const struct host_vm *vm,
			      const char *vcpu, const uint64_t *accounts)
{
	int account;

	for (account = 0; account < NR_ACCOUNTS; account++) {
		begin(writer->out, "kvm_vcpu_seconds_total", vm);
		if (vcpu)
			label(writer->out, "vcpu", vcpu);
		label(writer->out, "account", account_names[account]);
		write_seconds(writer->out, writer->export, accounts[account]);
	}
}

static void write_accounts(const struct writer *writer)
{
	char number[12];
	size_t i, n;

	family(writer, "kvm_vcpu_seconds", "counter", "seconds",
	       "Where the time of vCPUs went.");
	for (n = 0; n < writer->plan->vms; n++) {
		const struct host_vm *vm = writer->export->vms[n];

		if (!has_accounts(writer->export, vm))
			continue;
		if (!writer->plan->does[DETAIL_VCPUS])
			write_accounts_of(writer, vm, NULL, sample_of(vm)->accounts);
		for (i = 0; writer->plan->does[DETAIL_VCPUS] && i < vm->nr_accounts;
		     i++) {
			snprintf(number, sizeof(number), "%" PRIu32, vm->accounts[i].vcpu);
			write_accounts_of(writer, vm, number,
					  vm->accounts[i].accounts);
		}
	}
}

static void write_info(const struct writer *writer)
{
	FILE *out = writer->out;
	char number[12];
	size_t n;

	family(writer, "kvm_vm", "info", NULL, "What a VM is.");
	for (n = 0; n < writer->plan->vms; n++) {
		const struct host_vm *vm = writer->export->vms[n];

		begin(out, "kvm_vm_info", vm);
		label(out, "id", vm->id);
		snprintf(number, sizeof(number), "%" PRIu32, vm->pid);
		label(out, "pid", number);
		label(out, "name", vm->vmm.name);
		label(out, "uuid", vm->vmm.uuid);
		label(out, "isa", isa_name(vm->isa));
		label(out, "vmm", vm->vmm.comm);
		label(out, "cgroup", vm->vmm.cgroup);
		label(out, "pod_uid", vm->vmm.pod);
		fputs("} 1\n", out);
	}
}

static void write_vms(const struct writer *writer)
{
	size_t n;

	family(writer, "kvm_vm_created_timestamp_seconds", "gauge", "seconds",
	       "When the VM was made.");
	for (n = 0; n < writer->plan->vms; n++) {
		begin(writer->out, "kvm_vm_created_timestamp_seconds",
		      writer->export->vms[n]);
		fprintf(writer->out, "} %.3f\n",
			(double)writer->export->vms[n]->created_ns / NS_PER_S);
	}
	family(writer, "kvm_vm_vcpus", "gauge", NULL, "How many vCPUs the VM has.");
	for (n = 0; n < writer->plan->vms; n++) {
		begin(writer->out, "kvm_vm_vcpus", writer->export->vms[n]);
		fprintf(writer->out, "} %u\n", writer->export->vms[n]->vcpus);
	}
}

/* What openmetrics_hist() asks for, of rows of one VM. */
static const struct exit_stats_row *hist_row(const void *context, size_t i)
{
	return &sample_of(context)->rows[i];
}

static void hist_labels(FILE *out, const void *context, size_t i,
			const struct label *more)
{
	const struct host_vm *vm = context;

	fputc('{', out);
	openmetrics_label(out, "vm", vm->label);
	label_reason(out, vm, hist_row(vm, i)->reason);
	if (more)
		label(out, more->name, more->value);
	fputc('}', out);
}

static void write_tail(const struct writer *writer)
{
	struct metrics metrics = {
		.tsc_khz = writer->export->tsc_khz, .row = hist_row,
		.labels = hist_labels, .sums = true,
	};
	struct hist hist;
	size_t i, n;

	family(writer, "kvm_vm_exit_kernel_seconds", "histogram", "seconds",
	       "What single VM exits cost in the kernel.");
	for (n = 0; n < writer->plan->vms; n++) {
		const struct host_vm *vm = writer->export->vms[n];
		const struct sample *sample = sample_of(vm);

		metrics.context = vm;
		for (i = 0; i < sample->nr_rows; i++) {
			if (hists_get(&sample->hists, sample->rows[i].reason, &hist))
				openmetrics_hist(writer->out, &metrics,
						 "kvm_vm_exit_kernel_seconds", i,
						 &hist);
		}
	}
}

/* --- The reading itself --- */

static void write_gauge(const struct writer *writer, const char *name, size_t value,
			const char *help)
{
	family(writer, name, "gauge", NULL, help);
	fprintf(writer->out, "%s %zu\n", name, value);
}

static void write_scrape(const struct writer *writer)
{
	const struct export *export = writer->export;
	FILE *out = writer->out;
	int detail;

	family(writer, "exitstat_build", "info", NULL, "Who wrote this.");
	fprintf(out, "exitstat_build_info{version=\"%s\"} 1\n", VERSION);
	write_gauge(writer, "exitstat_up", export->up,
		    "1: the statistics of KVM could be read.");
	write_gauge(writer, "exitstat_vms", export->nr - export->ended,
		    "VMs that could be read.");
	write_gauge(writer, "exitstat_vms_unreadable", export->unreadable,
		    "VMs that could not be read.");
	write_gauge(writer, "exitstat_vms_without_statistics", export->without,
		    "VMs of a KVM that has no exit statistics.");
	write_gauge(writer, "exitstat_vms_ended", export->ended,
		    "VMs that have ended, whose last values are kept for a while.");
	family(writer, "exitstat_tsc_frequency_hertz", "gauge", "hertz",
	       "Frequency of the host's TSC, by which seconds are made of cycles.");
	fprintf(out, "exitstat_tsc_frequency_hertz %" PRIu64 "\n",
		export->tsc_khz * UINT64_C(1000));
	family(writer, "exitstat_series_left_out", "gauge", NULL,
	       "Series that would be more than --max-series.");
	for (detail = 0; detail < NR_DETAILS; detail++)
		fprintf(out, "exitstat_series_left_out{detail=\"%s\"} %" PRIu64 "\n",
			detail_names[detail], writer->plan->left_out[detail]);
	family(writer, "exitstat_scrape_duration_seconds", "gauge", "seconds",
	       "How long it took to read and write all of this.");
	fprintf(out, "exitstat_scrape_duration_seconds %.6f\n",
		(double)(clock_ns(CLOCK_MONOTONIC) - export->began_ns) / NS_PER_S);
}

void export_write(FILE *out, struct export *export)
{
	struct plan plan = make_plan(export);
	struct writer writer = { out, export, &plan };

	write_info(&writer);
	write_vms(&writer);
	write_exits(&writer);
	if (export->tsc_khz) {
		write_times(&writer);
		write_accounts(&writer);
	}
	if (export->tsc_khz && plan.does[DETAIL_TAIL])
		write_tail(&writer);
	write_scrape(&writer);
	if (export->openmetrics)
		fputs("# EOF\n", out);
}
