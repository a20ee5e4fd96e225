// SPDX-License-Identifier: GPL-2.0-only
/* See output/tail.h. */
#include "output/tail.h"

/* Fewer are not worth a line. */
#define MISSED_SHARE	0.01

const char *const tail_headers[NR_TAIL_COLUMNS] = {
	[TAIL_P50]	= "p50",
	[TAIL_P99]	= "p99",
	[TAIL_P999]	= "p99.9",
	[TAIL_MAX]	= "max",
};

/* The maximum may have a sign. */
const int tail_widths[NR_TAIL_COLUMNS] = {
	[TAIL_P50] = 6, [TAIL_P99] = 6, [TAIL_P999] = 6, [TAIL_MAX] = 7,
};

/* In seconds, or in cycles where these are all that is known. */
static const char *time_text(char text[TEXT_SIZE], uint64_t cycles,
			     uint32_t tsc_khz)
{
	return tsc_khz ? text_fine_time(text, cycles, tsc_khz)
		       : text_count(text, (double)cycles, 6);
}

const char *tail_text(char text[TEXT_SIZE], const struct tail *tail,
		      enum tail_column column, uint32_t tsc_khz)
{
	const uint64_t values[NR_TAIL_COLUMNS] = {
		[TAIL_P50]	= tail->p50,
		[TAIL_P99]	= tail->p99,
		[TAIL_P999]	= tail->p999,
		[TAIL_MAX]	= tail->max,
	};
	char time[TEXT_SIZE];

	if (!tail->exits)
		return "-";
	snprintf(text, TEXT_SIZE, "%s%.24s",
		 column == TAIL_MAX ? bound_sign(tail->bound) : "",
		 time_text(time, values[column], tsc_khz));
	return text;
}

void tail_print_missed(FILE *out, const struct source *source,
		       const struct sample *sample)
{
	struct hist hist, all = { 0 };
	double share, highest = 0;
	const char *name = "";
	uint32_t i;

	if (!sample->hists.known) {
		fputs("tail: this host keeps no histograms\n", out);
		return;
	}
	for (i = 0; i < sample->nr_rows; i++) {
		hists_get(&sample->hists, sample->rows[i].reason, &hist);
		hist_add(&all, &hist);
		share = hist_missed_share(&hist);
		if (share <= highest)
			continue;
		highest = share;
		name = reason_name(source->isa, sample->rows[i].reason);
	}
	if (highest > MISSED_SHARE)
		fprintf(out, "tail: %.1f%% of exits are not in it (%s: %.1f%%):\n"
			"kvm.exit_stats_hist was off, or the host had no memory\n",
			100 * hist_missed_share(&all), name, 100 * highest);
}

void tail_print_missed_of(FILE *out, const char *vm, bool known,
			  const struct hist *all)
{
	double share = hist_missed_share(all);

	if (!known)
		fprintf(out, "tail: VM %s has no histograms\n", vm);
	else if (share > MISSED_SHARE)
		fprintf(out, "tail: %.1f%% of the exits of VM %s are not in it\n",
			100 * share, vm);
}

void tail_print_worst(FILE *out, const struct source *source,
		      const struct sample *sample)
{
	const struct exit_stats_row *row;
	struct tail worst = { 0 };
	char text[TEXT_SIZE];

	row = sample_worst(sample, &worst);
	if (!row)
		return;
	fprintf(out, "worst exit: %s, %s%s%s in the kernel%s\n",
		reason_name(source->isa, row->reason), bound_words(worst.bound),
		time_text(text, worst.max, source->tsc_khz),
		source->tsc_khz ? "" : " cycles",
		sample->own && row->reason == source->own_reason ?
		"; it may be one of exitstat's own reads" : "");
}
