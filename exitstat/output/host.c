// SPDX-License-Identifier: GPL-2.0-only
/* A group of all VMs, in each format. */
#include <inttypes.h>

#include "base/numbers.h"
#include "output/csv.h"
#include "output/format.h"
#include "output/host.h"
#include "output/json.h"
#include "output/openmetrics.h"

int host_show_table(FILE *out, const struct host *host)
{
	char text[6][TEXT_SIZE];
	size_t i;

	fprintf(out, "%s%14s %-15s %5s %9s %7s %8s %5s %7s\n",
		host->groups ? "\n" : "", "pid-fd", "name", "vcpus", "exits",
		"/s", "cycles", "%", "time");
	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];
		const struct sample *delta = &vm->change;
		uint64_t cycles = row_cycles(&delta->all);

		fprintf(out, "%14s %-15.15s %5u %9s %7s %8s %5s %7s\n", vm->id,
			vm->name, vm->vcpus,
			text_count(text[0], delta->all.exits, 9),
			text_rate(text[1], per_second(delta->all.exits,
						       delta->time_ns), 7),
			text_count(text[2], cycles, 8),
			text_share(text[3], cycles, row_cycles(&host->all)),
			text_time(text[4], cycles, host->tsc_khz));
	}
	return 0;
}

static void print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputc('"', out);
}

static void put_fields(struct fields *fields, const struct host *host,
		       const struct sample *delta)
{
	fields->tsc_khz = host->tsc_khz;
	fields->has_times = delta->has_times;
	put_cost_fields(fields, &delta->all, &host->all, delta->time_ns, false);
	put_account_fields(fields, delta);
}

int host_show_csv(FILE *out, const struct host *host)
{
	static const struct sample none;
	struct fields fields = { .put = csv_put_name, .context = out };
	size_t i;

	if (!host->groups) {
		fputs("group,since,elapsed_seconds,vm,pid,name,vcpus", out);
		put_fields(&fields, host, &none);
		fputc('\n', out);
	}
	fields.put = csv_put_value;
	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];

		fprintf(out, "%" PRIu64 ",%s,%.9f,%s,%" PRIu32 ",",
			host->groups, host->since_start ? "start" : "interval",
			(double)vm->change.time_ns / 1e9, vm->id, vm->pid);
		print_quoted(out, vm->name);
		fprintf(out, ",%u", vm->vcpus);
		put_fields(&fields, host, &vm->change);
		fputc('\n', out);
	}
	return 0;
}

static json_t *make_vm(const struct host *host, const struct host_vm *vm)
{
	json_t *object = json_pack("{ss si ss si sf}",
		"vm", vm->id, "pid", (int)vm->pid, "name", vm->name,
		"vcpus", (int)vm->vcpus,
		"elapsed_seconds", (double)vm->change.time_ns / 1e9);
	struct fields fields = { .put = json_put_value, .context = object };

	put_fields(&fields, host, &vm->change);
	return object;
}

int host_show_json(FILE *out, const struct host *host)
{
	json_t *vms = json_array();
	size_t i;

	for (i = 0; vms && i < host->nr; i++) {
		if (json_array_append_new(vms, make_vm(host, &host->vms[i]))) {
			json_decref(vms);
			vms = NULL;
		}
	}
	return print_json(out, json_pack("{ss si sI sb so}",
		"format", "exitstat-host", "version", 2,
		"tsc_khz", (json_int_t)host->tsc_khz,
		"since_start", host->since_start, "vms", vms));
}

static void print_labels(FILE *out, const void *context, size_t i,
			 const char *account)
{
	const struct host_vm *vm = &((const struct host *)context)->vms[i];

	fputc('{', out);
	openmetrics_label(out, "vm", vm->id);
	fputc(',', out);
	openmetrics_label(out, "name", vm->name);
	if (account) {
		fputc(',', out);
		openmetrics_label(out, "account", account);
	}
	fputc('}', out);
}

static const struct sample *get_sample(const void *context, size_t i)
{
	return &((const struct host *)context)->vms[i].samples.new;
}

static const struct exit_stats_row *get_row(const void *context, size_t i)
{
	return &get_sample(context, i)->all;
}

int host_show_openmetrics(FILE *out, const struct host *host)
{
	const struct metrics metrics = {
		.prefix = "kvm_exit_vm", .tsc_khz = host->tsc_khz,
		.has_times = host->nr && host->vms[0].samples.new.has_times,
		.nr = host->nr, .context = host, .row = get_row,
		.sample = get_sample, .labels = print_labels,
	};
	size_t i;

	openmetrics_costs(out, &metrics);
	openmetrics_accounts(out, &metrics);
	openmetrics_family(out, "kvm_exit_vm_vcpus", "gauge", NULL, "vCPUs.");
	for (i = 0; i < host->nr; i++) {
		fputs("kvm_exit_vm_vcpus", out);
		print_labels(out, host, i, NULL);
		fprintf(out, " %u\n", host->vms[i].vcpus);
	}
	fputs("# EOF\n", out);
	return 0;
}
