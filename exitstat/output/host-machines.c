// SPDX-License-Identifier: GPL-2.0-only
/* A group of all VMs as JSON, and as OpenMetrics. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/complain.h"
#include "output/host.h"
#include "output/json.h"
#include "output/openmetrics.h"

static json_t *make_row(const struct host *host, const struct host_vm *vm,
			const struct exit_stats_row *row)
{
	json_t *object = json_pack("{so ss}",
		"reason", json_reason(row->reason),
		"name", reason_name(vm->isa, row->reason));
	struct fields fields = {
		.put = json_put_value, .context = object,
		.tsc_khz = host->tsc_khz, .has_times = vm->change.has_times,
	};
	struct hist hist;

	put_cost_fields(&fields, row, &vm->change.all, vm->change.time_ns, true);
	if (host->wants_hists && hists_get(&vm->change.hists, row->reason, &hist))
		json_put_tail(&fields, &hist, true);
	return object;
}

/* What cannot be appended for want of memory makes all of it fail. */
static json_t *make_rows(const struct host *host, const struct host_vm *vm)
{
	json_t *rows = json_array();
	uint32_t i;

	for (i = 0; rows && i < vm->change.nr_rows; i++) {
		if (json_array_append_new(rows, make_row(host, vm,
						&vm->change.rows[i]))) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
}

static json_t *make_vm(const struct host *host, const struct host_vm *vm)
{
	const struct sample *change = &vm->change;
	json_t *object = json_pack("{ss si ss si sf}",
		"vm", vm->id, "pid", (int)vm->pid, "name", vm->name,
		"vcpus", (int)vm->vcpus,
		"elapsed_seconds", (double)change->time_ns / 1e9);
	struct fields fields = {
		.put = json_put_value, .context = object,
		.tsc_khz = host->tsc_khz, .has_times = change->has_times,
	};
	struct hist sum;

	put_cost_fields(&fields, &change->all, &host->all.all, change->time_ns,
			false);
	put_account_fields(&fields, change);
	if (host->wants_hists && change->hists.known) {
		hists_sum(&change->hists, &sum);
		json_put_tail(&fields, &sum, false);
	}
	if (host->by_reason) {
		json_object_set_new(object, "isa", json_string(isa_name(vm->isa)));
		json_object_set_new(object, "rows", make_rows(host, vm));
	}
	return object;
}

int host_show_json(FILE *out, const struct host *host)
{
	json_t *vms = json_array();
	char time[TIME_SIZE];
	size_t i;

	for (i = 0; vms && i < host->nr; i++) {
		if (json_array_append_new(vms, make_vm(host, &host->vms[i]))) {
			json_decref(vms);
			vms = NULL;
		}
	}
	return print_json(out, json_pack("{ss si so ss sb sI so}",
		"format", "exitstat-host", "version", 3,
		"tsc_khz", host->tsc_khz ?
			   json_integer(host->tsc_khz) : json_null(),
		"time", iso_time(time, host->clock_ns),
		"since_start", host->since_start,
		"vms_unreadable", (json_int_t)host->nr_unreadable, "vms", vms));
}

static void print_names(FILE *out, const struct host_vm *vm)
{
	fputc('{', out);
	openmetrics_label(out, "vm", vm->id);
	fputc(',', out);
	openmetrics_label(out, "vm_name", vm->name);
}

/* The last label, if there is another one, and the end of all. */
static void print_more(FILE *out, const struct label *more)
{
	if (more) {
		fputc(',', out);
		openmetrics_label(out, more->name, more->value);
	}
	fputc('}', out);
}

static void vm_labels(FILE *out, const void *context, size_t i,
		      const struct label *more)
{
	print_names(out, &((const struct host *)context)->vms[i]);
	print_more(out, more);
}

static const struct sample *get_sample(const void *context, size_t i)
{
	return &((const struct host *)context)->vms[i].samples.new;
}

static const struct exit_stats_row *get_all(const void *context, size_t i)
{
	return &get_sample(context, i)->all;
}

static const struct exit_stats_row *get_row(const void *context, size_t i)
{
	return ((const struct vm_row *)context)[i].row;
}

static void row_labels(FILE *out, const void *context, size_t i,
		       const struct label *more)
{
	const struct vm_row *at = &((const struct vm_row *)context)[i];
	char number[12];

	print_names(out, at->vm);
	fputc(',', out);
	openmetrics_label(out, "isa", isa_name(at->vm->isa));
	fputc(',', out);
	openmetrics_label(out, "reason", reason_number(at->row->reason, number));
	fputc(',', out);
	openmetrics_label(out, "name", reason_name(at->vm->isa, at->row->reason));
	print_more(out, more);
}

static bool get_row_hist(const void *context, size_t i, struct hist *hist)
{
	const struct vm_row *at = &((const struct vm_row *)context)[i];

	return hists_get(&at->vm->change.hists, at->row->reason, hist);
}

static bool get_vm_hist(const void *context, size_t i, struct hist *hist)
{
	const struct hists *hists = &get_sample(context, i)->hists;

	hists_sum(hists, hist);
	return hists->known;
}

/* The change is that since each VM's start: there are no intervals. */
static int print_rows(FILE *out, const struct host *host)
{
	struct metrics metrics = {
		.prefix = "kvm_exit", .tsc_khz = host->tsc_khz,
		.has_times = host->all.has_times, .row = get_row,
		.hist = get_row_hist, .sums = true, .labels = row_labels,
	};
	struct vm_row *rows = host_make_rows(host, &metrics.nr);

	if (!rows)
		return -1;
	metrics.context = rows;
	openmetrics_costs(out, &metrics);
	if (host->wants_hists)
		openmetrics_hists(out, &metrics);
	free(rows);
	return 0;
}

static void print_counts(FILE *out, const struct host *host)
{
	size_t i;

	openmetrics_family(out, "kvm_exit_vm_vcpus", "gauge", NULL, "vCPUs.");
	for (i = 0; i < host->nr; i++) {
		fputs("kvm_exit_vm_vcpus", out);
		vm_labels(out, host, i, NULL);
		fprintf(out, " %u\n", host->vms[i].vcpus);
	}
	openmetrics_family(out, "kvm_exit_host_vms", "gauge", NULL,
			   "VMs that could be read.");
	fprintf(out, "kvm_exit_host_vms %zu\n", host->nr);
	openmetrics_family(out, "kvm_exit_host_vms_unreadable", "gauge", NULL,
			   "VMs that could not be read.");
	fprintf(out, "kvm_exit_host_vms_unreadable %zu\n", host->nr_unreadable);
	fputs("# EOF\n", out);
}

int host_show_openmetrics(FILE *out, const struct host *host)
{
	const struct metrics metrics = {
		.prefix = "kvm_exit_vm", .tsc_khz = host->tsc_khz,
		.has_times = host->all.has_times,
		.nr = host->nr, .context = host, .row = get_all,
		.sample = get_sample, .hist = get_vm_hist, .labels = vm_labels,
	};

	if (host->by_reason && print_rows(out, host))
		return -1;
	openmetrics_costs(out, &metrics);
	if (host->wants_hists)
		openmetrics_hists(out, &metrics);
	openmetrics_accounts(out, &metrics);
	print_counts(out, host);
	return 0;
}
