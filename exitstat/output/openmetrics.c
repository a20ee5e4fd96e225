// SPDX-License-Identifier: GPL-2.0-only
/* What Prometheus takes, as the OpenMetrics specification has it. */
#include <inttypes.h>
#include <string.h>

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
			 size_t i, const struct label *more)
{
	fprintf(out, "%s_total", name);
	metrics->labels(out, metrics->context, i, more);
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

/*
 * The bounds are costs of 2^8, 2^10, ... 2^28 cycles, where buckets end: 128 ns to
 * 134 ms at 2 GHz.
 */
#define FIRST_POWER	8
#define LAST_POWER	28
#define POWER_STEP	2

#define KHZ_PER_MHZ	1000

/*
 * Prometheus knows a bucket by the text of its bound, which must not change when
 * the frequency is measured again: it is that of whole MHz.
 */
static const char *bound_text(char text[TEXT_SIZE], int power, uint32_t tsc_khz)
{
	uint64_t mhz = (tsc_khz + UINT64_C(500)) / KHZ_PER_MHZ;

	snprintf(text, TEXT_SIZE, "%.4g",
		 cycles_seconds(UINT64_C(1) << power, mhz * KHZ_PER_MHZ));
	/* A whole number has a point, too. */
	if (!strpbrk(text, ".e"))
		strcat(text, ".0");
	return text;
}

/* Buckets with a bound, the one without, count and sum. */
_Static_assert((LAST_POWER - FIRST_POWER) / POWER_STEP + 1 + 3 ==
	       OPENMETRICS_HIST_SERIES);

static void print_bucket(FILE *out, const struct metrics *metrics,
			 const char *name, size_t i, const char *bound,
			 uint64_t count)
{
	const struct label label = { "le", bound };

	fprintf(out, "%s_bucket", name);
	metrics->labels(out, metrics->context, i, &label);
	fprintf(out, " %" PRIu64 "\n", count);
}

/*
 * The sum is the time of the row, where all of that is of exits in the buckets: not
 * if some were missed, and not of "other", which has time before the first exit.
 * OpenMetrics has no count without a sum; the last bucket is the same.
 */
void openmetrics_hist(FILE *out, const struct metrics *metrics, const char *name,
		      size_t i, const struct hist *hist)
{
	const struct exit_stats_row *row = metrics->row(metrics->context, i);
	char text[TEXT_SIZE];
	int power;

	for (power = FIRST_POWER; power <= LAST_POWER; power += POWER_STEP)
		print_bucket(out, metrics, name, i,
			     bound_text(text, power, metrics->tsc_khz),
			     hist_exits_below(hist, UINT64_C(1) << power));
	print_bucket(out, metrics, name, i, "+Inf", hist_exits(hist));
	if (!metrics->sums || hist->missed || row->reason == REASON_OTHER)
		return;
	fprintf(out, "%s_count", name);
	metrics->labels(out, metrics->context, i, NULL);
	fprintf(out, " %" PRIu64 "\n", hist_exits(hist));
	fprintf(out, "%s_sum", name);
	metrics->labels(out, metrics->context, i, NULL);
	fprintf(out, " %.9f\n", cycles_seconds(row->times[TIME_KERNEL],
						metrics->tsc_khz));
}

/* Without the frequency there are no seconds, and no other unit is of use. */
void openmetrics_hists(FILE *out, const struct metrics *metrics)
{
	struct hist hist;
	char name[64];
	size_t i;

	if (metrics->tsc_khz < KHZ_PER_MHZ)
		return;
	snprintf(name, sizeof(name), "%s_kernel_cost_seconds", metrics->prefix);
	openmetrics_family(out, name, "histogram", "seconds",
			   "What single exits cost in the kernel.");
	for (i = 0; i < metrics->nr; i++) {
		if (metrics->hist(metrics->context, i, &hist))
			openmetrics_hist(out, metrics, name, i, &hist);
	}
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

		for (account = 0; account < NR_ACCOUNTS; account++) {
			const struct label label = {
				"account", account_names[account],
			};

			print_cycles(out, metrics, name, unit[0] == 's',
				     sample->accounts[account], i, &label);
		}
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

static bool get_hist(const void *context, size_t i, struct hist *hist)
{
	return hists_get(&((const struct context *)context)->sample->hists,
			 get_row(context, i)->reason, hist);
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
		      const struct label *more)
{
	bool any = false;

	(void)i;
	print_vm(out, ((const struct context *)context)->source, &any);
	if (more)
		print_label(out, more->name, more->value, &any);
	if (any)
		fputc('}', out);
}

static void row_labels(FILE *out, const void *context, size_t i,
		       const struct label *more)
{
	const struct source *source = ((const struct context *)context)->source;
	uint32_t reason = get_row(context, i)->reason;
	char number[12];
	bool any = false;

	print_vm(out, source, &any);
	print_label(out, "isa", isa_name(source->isa), &any);
	print_label(out, "reason", reason_number(reason, number), &any);
	print_label(out, "name", reason_name(source->isa, reason), &any);
	if (more)
		print_label(out, more->name, more->value, &any);
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
		.row = get_row, .sample = get_sample, .hist = get_hist, .sums = true,
		.labels = row_labels,
	};

	openmetrics_costs(out, &metrics);
	if (group->tail)
		openmetrics_hists(out, &metrics);
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
