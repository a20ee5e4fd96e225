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

static void print_labels(FILE *out, const struct source *source,
			 uint32_t reason)
{
	char number[12];

	fputc('{', out);
	openmetrics_label(out, "isa", source->isa == KVM_EXIT_STATS_ISA_SVM ?
			  "svm" : "vmx");
	fputc(',', out);
	openmetrics_label(out, "reason", reason_number(reason, number));
	fputc(',', out);
	openmetrics_label(out, "name", reason_name(source->isa, reason));
	fputs("} ", out);
}

static void print_exits(FILE *out, const struct source *source,
			const struct sample *sample)
{
	uint32_t i;

	openmetrics_family(out, "kvm_exit_exits", "counter", "exits",
			   "VM exits by exit reason.");
	for (i = 0; i < sample->nr_rows; i++) {
		fputs("kvm_exit_exits_total", out);
		print_labels(out, source, sample->rows[i].reason);
		fprintf(out, "%" PRIu64 "\n", sample->rows[i].exits);
	}
}

static void print_cycles(FILE *out, const struct source *source,
			 const struct sample *sample)
{
	uint32_t i;

	openmetrics_family(out, "kvm_exit_handling_cycles", "counter", "cycles",
			   "Ticks of the host's TSC in KVM's handler, by exit reason.");
	for (i = 0; i < sample->nr_rows; i++) {
		fputs("kvm_exit_handling_cycles_total", out);
		print_labels(out, source, sample->rows[i].reason);
		fprintf(out, "%" PRIu64 "\n", sample->rows[i].cycles);
	}
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	const struct sample *sample = &group->sample;

	print_exits(out, source, sample);
	print_cycles(out, source, sample);
	openmetrics_family(out, "kvm_exit_vm_exits", "counter", "exits",
			   "All VM exits, also those of reasons that are not listed.");
	fprintf(out, "kvm_exit_vm_exits_total %" PRIu64 "\n", sample->exits);
	openmetrics_family(out, "kvm_exit_vm_handling_cycles", "counter",
			   "cycles", "Ticks of the host's TSC in KVM's handler.");
	fprintf(out, "kvm_exit_vm_handling_cycles_total %" PRIu64 "\n",
		sample->cycles);
	openmetrics_family(out, "kvm_exit_own_reads_exits", "counter", "exits",
			   "VM exits that this reading caused, in the above.");
	fprintf(out, "kvm_exit_own_reads_exits_total %" PRIu64 "\n", group->own);
	openmetrics_family(out, "kvm_exit_tsc_frequency_hertz", "gauge",
			   "hertz", "Frequency of the cycles.");
	fprintf(out, "kvm_exit_tsc_frequency_hertz %" PRIu64 "\n",
		source->tsc_khz * UINT64_C(1000));
	fputs("# EOF\n", out);
	return 0;
}

const struct format openmetrics_format = {
	.group = print_group,
	.host = host_show_openmetrics,
};
