// SPDX-License-Identifier: GPL-2.0-only
/* A group of all VMs, in each format. */
#include <inttypes.h>

#include "exitstat.h"
#include "host.h"
#include "json.h"
#include "openmetrics.h"
#include "text.h"

static double per_exit(const struct sample *sample)
{
	return sample->exits ? (double)sample->cycles / (double)sample->exits
			     : 0.0;
}

int host_show_table(FILE *out, const struct host *host)
{
	char text[6][TEXT_SIZE];
	size_t i;

	fprintf(out, "%s%14s %-15s %5s %9s %7s %8s %5s %7s\n",
		host->groups ? "\n" : "", "pid-fd", "name", "vcpus", "exits",
		"/s", "cycles", "%", "time");
	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];
		const struct sample *delta = &vm->delta;

		fprintf(out, "%14s %-15.15s %5u %9s %7s %8s %5s %7s\n", vm->id,
			vm->name, vm->vcpus,
			text_count(text[0], delta->exits, 9),
			text_rate(text[1], per_second(delta->exits,
						       delta->time_ns), 7),
			text_count(text[2], delta->cycles, 8),
			text_share(text[3], delta->cycles, host->cycles),
			text_time(text[4], delta->cycles, host->tsc_khz));
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

int host_show_csv(FILE *out, const struct host *host)
{
	size_t i;

	if (!host->groups)
		fputs("group,since,elapsed_seconds,vm,pid,name,vcpus,exits,exits_per_second,cycles,cycles_share,cycles_per_exit,seconds\n",
		      out);
	for (i = 0; i < host->nr; i++) {
		const struct host_vm *vm = &host->vms[i];
		const struct sample *delta = &vm->delta;

		fprintf(out, "%" PRIu64 ",%s,%.9f,%s,%" PRIu32 ",",
			host->groups, host->since_start ? "start" : "interval",
			(double)delta->time_ns / 1e9, vm->id, vm->pid);
		print_quoted(out, vm->name);
		fprintf(out, ",%u,%" PRIu64 ",%.3f,%" PRIu64 ",%.6f,%.3f,%.9f\n",
			vm->vcpus, delta->exits,
			per_second(delta->exits, delta->time_ns), delta->cycles,
			share(delta->cycles, host->cycles), per_exit(delta),
			cycles_seconds(delta->cycles, host->tsc_khz));
	}
	return 0;
}

static json_t *make_vm(const struct host *host, const struct host_vm *vm)
{
	const struct sample *delta = &vm->delta;

	return json_pack("{ss si ss si sf so sf so sf sf sf}",
		"vm", vm->id, "pid", (int)vm->pid, "name", vm->name,
		"vcpus", (int)vm->vcpus,
		"elapsed_seconds", (double)delta->time_ns / 1e9,
		"exits", json_counter(delta->exits),
		"exits_per_second", per_second(delta->exits, delta->time_ns),
		"cycles", json_counter(delta->cycles),
		"cycles_share", share(delta->cycles, host->cycles),
		"cycles_per_exit", per_exit(delta),
		"seconds", cycles_seconds(delta->cycles, host->tsc_khz));
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
		"format", "exitstat-host", "version", 1,
		"tsc_khz", (json_int_t)host->tsc_khz,
		"since_start", host->since_start, "vms", vms));
}

static void print_labels(FILE *out, const struct host_vm *vm)
{
	fputc('{', out);
	openmetrics_label(out, "vm", vm->id);
	fputc(',', out);
	openmetrics_label(out, "name", vm->name);
	fputs("} ", out);
}

int host_show_openmetrics(FILE *out, const struct host *host)
{
	size_t i;

	openmetrics_family(out, "kvm_exit_vm_exits", "counter", "exits",
			   "VM exits of all reasons.");
	for (i = 0; i < host->nr; i++) {
		fputs("kvm_exit_vm_exits_total", out);
		print_labels(out, &host->vms[i]);
		fprintf(out, "%" PRIu64 "\n", host->vms[i].new.exits);
	}
	openmetrics_family(out, "kvm_exit_vm_handling_cycles", "counter",
			   "cycles", "Ticks of the TSC in KVM's handler.");
	for (i = 0; i < host->nr; i++) {
		fputs("kvm_exit_vm_handling_cycles_total", out);
		print_labels(out, &host->vms[i]);
		fprintf(out, "%" PRIu64 "\n", host->vms[i].new.cycles);
	}
	openmetrics_family(out, "kvm_exit_vm_vcpus", "gauge", NULL, "vCPUs.");
	for (i = 0; i < host->nr; i++) {
		fputs("kvm_exit_vm_vcpus", out);
		print_labels(out, &host->vms[i]);
		fprintf(out, "%u\n", host->vms[i].vcpus);
	}
	fputs("# EOF\n", out);
	return 0;
}
