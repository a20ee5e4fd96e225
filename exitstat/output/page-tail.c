// SPDX-License-Identifier: GPL-2.0-only
/*
 * What single exits cost in the kernel: a table, and what the page draws of each
 * reason, as JSON:
 *
 *	name, color, dash
 *	of		of each recording, or null
 *	  exits		that were measured
 *	  missed	that were not: 0 to 1
 *	  p50, p99, max	cycles
 *	  bound		"exact", "at_most", "at_least": what is known of max
 *	  buckets	[from, to, exits, ...] of those that have any
 */
#include <inttypes.h>
#include <stdlib.h>

#include "output/html.h"
#include "output/page.h"
#include "output/tail.h"

/* The rest is in the table only. */
#define MAX_DRAWN_TAILS	20

/* A reason, and the exit that cost most in any recording. */
struct worst {
	uint32_t reason;
	uint64_t max;
};

struct worsts {
	size_t nr;
	struct worst *all;
};

static int by_max(const void *left, const void *right)
{
	const struct worst *a = left, *b = right;

	if (a->max != b->max)
		return a->max < b->max ? 1 : -1;
	return (a->reason > b->reason) - (a->reason < b->reason);
}

static void take(struct worsts *worsts, uint32_t reason, const struct tail *tail)
{
	size_t i;

	if (!tail->exits)
		return;
	for (i = 0; i < worsts->nr && worsts->all[i].reason != reason; i++)
		;
	if (i == worsts->nr)
		worsts->all[worsts->nr++] = (struct worst){ reason, tail->max };
	else if (tail->max > worsts->all[i].max)
		worsts->all[i].max = tail->max;
}

/* Highest first.  0, or -1 after a line on stderr. */
static int find_worsts(struct worsts *worsts, const struct recording *const recs[],
		       size_t nr)
{
	struct tail tail;
	size_t room = 1, r;
	uint32_t i;

	for (r = 0; r < nr; r++)
		room += recs[r]->change.hists.nr;
	worsts->nr = 0;
	worsts->all = calloc(room, sizeof(*worsts->all));
	if (!worsts->all)
		return complain("out of memory");
	for (r = 0; r < nr; r++) {
		const struct sample *change = &recs[r]->change;

		for (i = 0; i < change->nr_rows; i++) {
			sample_tail(change, change->rows[i].reason, &tail);
			take(worsts, change->rows[i].reason, &tail);
		}
	}
	qsort(worsts->all, worsts->nr, sizeof(*worsts->all), by_max);
	return 0;
}

static void put_times(FILE *out, const struct recording *rec,
		      const struct exit_stats_row *row, const struct hist *hist)
{
	const struct tail mean = {
		.exits = row->exits,
		.max = row->exits ? row->times[TIME_KERNEL] / row->exits : 0,
	};
	struct tail tail;
	char text[TEXT_SIZE];
	int column;

	html_cell(out, tail_text(text, &mean, TAIL_MAX, rec->tsc_khz));
	hist_tail(hist, &tail);
	for (column = 0; column < NR_TAIL_COLUMNS; column++)
		html_cell(out, tail_text(text, &tail, column, rec->tsc_khz));
}

static void put_row(FILE *out, const struct recording *rec, uint32_t reason)
{
	struct hist hist;
	char number[12];

	hists_get(&rec->change.hists, reason, &hist);
	fputs("<tr>", out);
	html_cell(out, reason_number(reason, number));
	page_put_reason_cell(out, rec->isa, reason);
	html_count_cell(out, hist_exits(&hist));
	fprintf(out, "<td>%.1f</td>", 100 * (1 - hist_missed_share(&hist)));
	put_times(out, rec, sample_find(&rec->change, reason), &hist);
	fputs("</tr>\n", out);
}

/* Their costs cannot be told from others. */
bool page_put_own_tails(FILE *out, const struct recording *rec)
{
	char text[TITLE_SIZE];

	if (!rec->change.hists.known || !rec->change.own)
		return false;
	fputs("<p class=\"note\">The exits that reading these numbers caused are "
	      "left out elsewhere, but are in what is said here of ", out);
	html_text(out, reason_title(rec->isa, rec->own_reason, text));
	fputs(".</p>\n", out);
	return true;
}

int page_put_tails(FILE *out, const struct recording *rec)
{
	struct worsts worsts;
	size_t i;

	if (find_worsts(&worsts, &rec, 1))
		return -1;
	if (worsts.nr) {
		page_put_head(out, "What single exits cost",
			      "While this was recorded, in the kernel only: without "
			      "the VMM, and without waiting. Half of the exits took no "
			      "more than p50, 99 of 100 no more than p99, 999 of 1000 "
			      "no more than p99.9; each may be 6.25 % off. The maximum "
			      "is exact; where it has &lt;, the costliest exit took no "
			      "more than that, and where it has &gt;, no less. Not "
			      "measured are exits while the host's parameter "
			      "kvm.exit_stats_hist was off, or the host had no "
			      "memory for them.",
			      "<th>no.</th><th class=\"text\">reason</th><th>exits</th>"
			      "<th>% measured</th><th>mean</th><th>p50</th>"
			      "<th>p99</th><th>p99.9</th><th>maximum</th>");
		for (i = 0; i < worsts.nr; i++)
			put_row(out, rec, worsts.all[i].reason);
		fputs("</tbody>\n", out);
		page_put_end(out);
		page_put_own_tails(out, rec);
	}
	free(worsts.all);
	return 0;
}

static void put_buckets(FILE *out, const struct hist *hist)
{
	const char *comma = "";
	unsigned int i;

	fputs(",\"buckets\":[", out);
	for (i = 0; i < NR_BUCKETS; i++) {
		if (!hist->counts[i])
			continue;
		fprintf(out, "%s%" PRIu64 ",%" PRIu64 ",%" PRIu64, comma,
			hist_from(i), hist_to(i), hist->counts[i]);
		comma = ",";
	}
	fputc(']', out);
}

static void put_tail(FILE *out, const struct recording *rec, uint32_t reason)
{
	struct hist hist;
	struct tail tail;

	hists_get(&rec->change.hists, reason, &hist);
	hist_tail(&hist, &tail);
	if (!tail.exits || !sample_find(&rec->change, reason)) {
		fputs("null", out);
		return;
	}
	fprintf(out, "{\"exits\":%" PRIu64 ",\"missed\":%.6f,\"p50\":%" PRIu64
		",\"p99\":%" PRIu64 ",\"max\":%" PRIu64 ",\"bound\":\"%s\"",
		tail.exits, hist_missed_share(&hist), tail.p50, tail.p99, tail.max,
		bound_name(tail.bound));
	put_buckets(out, &hist);
	fputc('}', out);
}

int page_put_tail_data(FILE *out, const struct page *page)
{
	uint32_t isa = page->recs[0]->isa;
	struct worsts worsts;
	char text[TITLE_SIZE];
	size_t i, r;

	if (find_worsts(&worsts, page->recs, page->nr))
		return -1;
	fputc('[', out);
	for (i = 0; i < worsts.nr && i < MAX_DRAWN_TAILS; i++) {
		uint32_t reason = worsts.all[i].reason;

		fputs(i ? ",\n{" : "{", out);
		page_put_look(out, reason_title(isa, reason, text),
			      look_of(isa, reason));
		fputs(",\"of\":[", out);
		for (r = 0; r < page->nr; r++) {
			fputs(r ? "," : "", out);
			put_tail(out, page->recs[r], reason);
		}
		fputs("]}", out);
	}
	fputc(']', out);
	free(worsts.all);
	return 0;
}
