// SPDX-License-Identifier: GPL-2.0-only
/* What Prometheus takes, as the OpenMetrics specification has it. */
#include <inttypes.h>

#include "exitstat.h"
#include "host.h"
#include "openmetrics.h"
#include "text.h"

void openmetrics_family(FILE *out, const char *name, const char *type,
			const char *unit, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
}

void openmetrics_label(FILE *out, const char *label, const char *value)
{
	fprintf(out, "%s=\"", label);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('"', out);
}

static void print_label(FILE *out, const char *label, const char *value,
			bool *any)
{
	fputc(*any ? ',' : '{', out);
	openmetrics_label(out, label, value);
	*any = true;
}

/* Which VM, where there are several, and which reason, if it is of one. */
static void print_labels(FILE *out, const struct source *source,
			 const struct exit_stats_row *row)
{
	char number[12];
	bool any = false;

	if (source->vm)
		print_label(out, "vm", source->vm, &any);
	if (source->vm && source->vcpu >= 0) {
		snprintf(number, sizeof(number), "%d", source->vcpu);
		print_label(out, "vcpu", number, &any);
	}
	if (row) {
		print_label(out, "isa", source->isa == KVM_CPUID_EXIT_STATS_ISA_SVM ?
			    "svm" : "vmx", &any);
		print_label(out, "reason", reason_number(row->reason, number),
			    &any);
		print_label(out, "name", reason_name(source->isa, row->reason),
			    &any);
	}
	if (any)
		fputc('}', out);
}

static void print_metric(FILE *out, const char *name,
			 const struct source *source,
			 const struct exit_stats_row *row, uint64_t value)
{
	fputs(name, out);
	print_labels(out, source, row);
	fprintf(out, " %" PRIu64 "\n", value);
}

static void print_rows(FILE *out, const struct source *source,
		       const struct sample *sample)
{
	const struct exit_stats_row *row, *end = sample->rows + sample->nr_rows;

	openmetrics_family(out, "kvm_exit_exits", "counter", "exits",
			   "VM exits by exit reason.");
	for (row = sample->rows; row < end; row++)
		print_metric(out, "kvm_exit_exits_total", source, row,
			     row->exits);

	openmetrics_family(out, "kvm_exit_handling_cycles", "counter", "cycles",
			   "Ticks of the host's TSC in KVM's handler, by exit reason.");
	for (row = sample->rows; row < end; row++)
		print_metric(out, "kvm_exit_handling_cycles_total", source, row,
			     row->cycles);
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	const struct sample *sample = &group->sample;

	print_rows(out, source, sample);
	openmetrics_family(out, "kvm_exit_vm_exits", "counter", "exits",
			   "All VM exits, also those of reasons that are not listed.");
	print_metric(out, "kvm_exit_vm_exits_total", source, NULL,
		     sample->exits);
	openmetrics_family(out, "kvm_exit_vm_handling_cycles", "counter",
			   "cycles", "Ticks of the host's TSC in KVM's handler.");
	print_metric(out, "kvm_exit_vm_handling_cycles_total", source, NULL,
		     sample->cycles);
	openmetrics_family(out, "kvm_exit_own_reads_exits", "counter", "exits",
			   "VM exits that this reading caused, in the above.");
	print_metric(out, "kvm_exit_own_reads_exits_total", source, NULL,
		     group->own);
	openmetrics_family(out, "kvm_exit_tsc_frequency_hertz", "gauge",
			   "hertz", "Frequency of the cycles.");
	print_metric(out, "kvm_exit_tsc_frequency_hertz", source, NULL,
		     source->tsc_khz * UINT64_C(1000));
	fputs("# EOF\n", out);
	return 0;
}

const struct format openmetrics_format = {
	.group = print_group,
	.host = host_show_openmetrics,
};
