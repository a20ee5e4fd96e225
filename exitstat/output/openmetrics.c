// SPDX-License-Identifier: GPL-2.0-only
/* What Prometheus takes, as the OpenMetrics specification has it. */
#include <inttypes.h>

#include "base/numbers.h"
#include "model/host.h"
#include "output/format.h"
#include "output/host.h"
#include "output/openmetrics.h"

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

static void print_cycles(FILE *out, const struct metrics *metrics,
			 const char *name, bool seconds, uint64_t cycles,
			 size_t i, const char *account)
{
	fprintf(out, "%s_total", name);
	metrics->labels(out, metrics->context, i, account);
	if (seconds)
		fprintf(out, " %.9f\n", cycles_seconds(cycles, metrics->tsc_khz));
	else
		fprintf(out, " %" PRIu64 "\n", cycles);
}

/* In cycles, and in seconds where these are known. */
static void print_time(FILE *out, const struct metrics *metrics, int time)
{
	char name[64], help[96];
	int unit;
	size_t i;

	for (unit = 0; unit < (metrics->tsc_khz ? 2 : 1); unit++) {
		const char *word = unit ? "seconds" : "cycles";

		snprintf(name, sizeof(name), "%s_%s_%s", metrics->prefix,
			 time_names[time], word);
		snprintf(help, sizeof(help), "Time that exits took: %s, in %s.",
			 time_names[time], unit ? word : "ticks of the host's TSC");
		openmetrics_family(out, name, "counter", word, help);
		for (i = 0; i < metrics->nr; i++)
			print_cycles(out, metrics, name, unit,
				     metrics->row(metrics->context, i)->times[time],
				     i, NULL);
	}
}

void openmetrics_costs(FILE *out, const struct metrics *metrics)
{
	int time, nr = metrics->has_times ? NR_TIMES : 1;
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%s_exits", metrics->prefix);
	openmetrics_family(out, name, "counter", "exits", "VM exits.");
	for (i = 0; i < metrics->nr; i++)
		print_cycles(out, metrics, name, false,
			     metrics->row(metrics->context, i)->exits, i, NULL);
	for (time = 0; time < nr; time++)
		print_time(out, metrics, time);
}

static void print_accounts(FILE *out, const struct metrics *metrics,
			   const char *unit)
{
	char name[64];
	int account;
	size_t i;

	snprintf(name, sizeof(name), "kvm_exit_account_%s", unit);
	openmetrics_family(out, name, "counter", unit,
			   "Where all time of the vCPUs went.");
	for (i = 0; i < metrics->nr; i++) {
		const struct sample *sample = metrics->sample(metrics->context, i);

		for (account = 0; account < NR_ACCOUNTS; account++)
			print_cycles(out, metrics, name, unit[0] == 's',
				     sample->accounts[account], i,
				     account_names[account]);
	}
}

void openmetrics_accounts(FILE *out, const struct metrics *metrics)
{
	if (!metrics->has_times)
		return;
	print_accounts(out, metrics, "cycles");
	if (metrics->tsc_khz)
		print_accounts(out, metrics, "seconds");
}

struct context {
	const struct source *source;
	const struct sample *sample;
};

static const struct exit_stats_row *get_row(const void *context, size_t i)
{
	return &((const struct context *)context)->sample->rows[i];
}

static const struct exit_stats_row *get_all(const void *context, size_t i)
{
	(void)i;
	return &((const struct context *)context)->sample->all;
}

static const struct sample *get_sample(const void *context, size_t i)
{
	(void)i;
	return ((const struct context *)context)->sample;
}

/* Which VM, where there are several. */
static void print_vm(FILE *out, const struct source *source, bool *any)
{
	char number[12];

	if (source->vm)
		print_label(out, "vm", source->vm, any);
	if (source->vm && source->vcpu >= 0) {
		snprintf(number, sizeof(number), "%d", source->vcpu);
		print_label(out, "vcpu", number, any);
	}
}

static void vm_labels(FILE *out, const void *context, size_t i,
		      const char *account)
{
	bool any = false;

	(void)i;
	print_vm(out, ((const struct context *)context)->source, &any);
	if (account)
		print_label(out, "account", account, &any);
	if (any)
		fputc('}', out);
}

static void row_labels(FILE *out, const void *context, size_t i,
		       const char *account)
{
	const struct source *source = ((const struct context *)context)->source;
	uint32_t reason = get_row(context, i)->reason;
	char number[12];
	bool any = false;

	(void)account;
	print_vm(out, source, &any);
	print_label(out, "isa", isa_name(source->isa), &any);
	print_label(out, "reason", reason_number(reason, number), &any);
	print_label(out, "name", reason_name(source->isa, reason), &any);
	fputc('}', out);
}

/* The epoch needs all of its 64 bits, which a value does not have. */
static void print_epoch(FILE *out, const struct sample *sample)
{
	if (!sample->epoch)
		return;
	openmetrics_family(out, "kvm_exit_epoch", "gauge", NULL,
			   "Another label epoch: the counts began anew.");
	fprintf(out, "kvm_exit_epoch{epoch=\"%" PRIu64 "\"} 1\n", sample->epoch);
	openmetrics_family(out, "kvm_exit_age_cycles", "gauge", "cycles",
			   "Age of the VM.");
	fprintf(out, "kvm_exit_age_cycles %" PRIu64 "\n", sample->age);
}

static void print_value(FILE *out, const char *name, const void *context,
			uint64_t value)
{
	fputs(name, out);
	vm_labels(out, context, 0, NULL);
	fprintf(out, " %" PRIu64 "\n", value);
}

static int print_group(FILE *out, const struct source *source,
		       const struct group *group)
{
	const struct context context = { source, &group->sample };
	struct metrics metrics = {
		.prefix = "kvm_exit", .tsc_khz = source->tsc_khz,
		.has_times = group->sample.has_times,
		.nr = group->sample.nr_rows, .context = &context,
		.row = get_row, .sample = get_sample, .labels = row_labels,
	};

	openmetrics_costs(out, &metrics);
	metrics.prefix = "kvm_exit_vm";
	metrics.nr = 1;
	metrics.row = get_all;
	metrics.labels = vm_labels;
	openmetrics_costs(out, &metrics);
	openmetrics_accounts(out, &metrics);
	print_epoch(out, &group->sample);
	openmetrics_family(out, "kvm_exit_own_reads_exits", "counter", "exits",
			   "VM exits that this reading caused (included above).");
	print_value(out, "kvm_exit_own_reads_exits_total", &context, group->own);
	if (source->tsc_khz) {
		openmetrics_family(out, "kvm_exit_tsc_frequency_hertz", "gauge",
				   "hertz", "Frequency of the cycles.");
		print_value(out, "kvm_exit_tsc_frequency_hertz", &context,
			    source->tsc_khz * UINT64_C(1000));
	}
	fputs("# EOF\n", out);
	return 0;
}

const struct format openmetrics_format = {
	.group = print_group,
	.host = host_show_openmetrics,
};
