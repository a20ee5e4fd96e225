// SPDX-License-Identifier: GPL-2.0-only
/* See source/dump-hists.h. */
#include <inttypes.h>
#include <string.h>

#include "base/complain.h"
#include "source/dump-hists.h"

/* So many have room in a line. */
#define BUCKETS_PER_LINE	5

static void write_reason(FILE *out, const struct hist *hist)
{
	if (hist->reason == REASON_OTHER)
		fputs("hist other", out);
	else
		fprintf(out, "hist %" PRIu32, hist->reason);
	fprintf(out, " %s%" PRIu64, bound_sign(hist->bound), hist->max);
	if (hist->open == OPEN_UNKNOWN)
		fputs(" -", out);
	else
		fprintf(out, " %" PRIu64, hist->open);
	fprintf(out, " %" PRIu64 "\n", hist->missed);
}

static void write_buckets(FILE *out, const struct hist *hist,
			  const struct hist *old)
{
	int i, nr = 0;

	for (i = 0; i < NR_BUCKETS; i++) {
		if (hist->counts[i] == old->counts[i])
			continue;
		fputs(nr % BUCKETS_PER_LINE ? "" : nr ? "\nbuckets" : "buckets",
		      out);
		fprintf(out, " %d %" PRIu64, i, hist->counts[i]);
		nr++;
	}
	if (nr)
		fputc('\n', out);
}

/* Does @old have a reason that is gone?  "hists more" cannot say that. */
static bool has_lost_any(const struct hists *hists, const struct hists *old)
{
	struct hist hist, other;
	size_t i;

	for (i = 0; i < old->nr; i++) {
		hists_at(old, i, &hist);
		if (!hists_get(hists, hist.reason, &other))
			return true;
	}
	return false;
}

void dump_write_hists(FILE *out, const struct delta *samples)
{
	static const struct hists none;
	const struct hists *hists = &samples->new.hists, *old = &samples->old.hists;
	struct hist hist, was;
	size_t i;

	if (!hists->known)
		return;
	if (samples->anew || !old->known || has_lost_any(hists, old))
		old = &none;
	fprintf(out, "hists %s\n", old->known ? "more" : "all");
	for (i = 0; i < hists->nr; i++) {
		hists_at(hists, i, &hist);
		if (hists_get(old, hist.reason, &was) &&
		    !memcmp(&hist, &was, sizeof(hist)))
			continue;
		write_reason(out, &hist);
		write_buckets(out, &hist, &was);
	}
}

/* "REASON MAX OPEN MISSED"; MAX may have a ">", OPEN be "-". */
static bool take_hist(const char *text, struct hist *hist)
{
	uint64_t reason = REASON_OTHER;

	if (!take_word(&text, "other") &&
	    (!take_number(&text, UINT32_MAX, &reason) || reason == REASON_OTHER))
		return false;
	hist->reason = reason;
	if (!take_word(&text, " "))
		return false;
	hist->bound = take_word(&text, ">") ? BOUND_AT_LEAST : BOUND_EXACT;
	if (!take_number(&text, UINT64_MAX, &hist->max) || !take_word(&text, " "))
		return false;
	if (take_word(&text, "-"))
		hist->open = OPEN_UNKNOWN;
	else if (!take_number(&text, UINT64_MAX - 1, &hist->open))
		return false;
	return take_word(&text, " ") &&
	       take_number(&text, UINT64_MAX, &hist->missed) && !*text;
}

/* "NUMBER COUNT" of buckets that ascend, from @next on. */
static bool take_buckets(const char *text, struct hist *hist, uint64_t *next)
{
	uint64_t bucket;

	do {
		if (!take_number(&text, NR_BUCKETS - 1, &bucket) ||
		    bucket < *next || !take_word(&text, " ") ||
		    !take_number(&text, UINT64_MAX, &hist->counts[bucket]))
			return false;
		*next = bucket + 1;
	} while (take_word(&text, " "));
	return !*text;
}

static int next_of_dump(struct lines *lines)
{
	int end = next_line(lines);

	return end > 0 ? cut_short(lines, "the dump is cut short") : end;
}

/* One histogram, whose first line was read; then the line behind it. */
static int read_hist(struct lines *lines, const struct hists *before,
		     struct hist *hist)
{
	const char *text = lines->text + strlen("hist ");
	struct hist said = { 0 };
	uint64_t next = 0;
	int status;

	if (!take_hist(text, &said))
		return bad_line(lines, "is not a histogram's numbers");
	hists_get(before, said.reason, hist);
	hist->bound = said.bound;
	hist->max = said.max;
	hist->open = said.open;
	hist->missed = said.missed;
	while (!(status = next_of_dump(lines))) {
		text = lines->text;
		if (!take_word(&text, "buckets "))
			break;
		if (!take_buckets(text, hist, &next))
			return bad_line(lines, "is not buckets in order");
	}
	return status;
}

static int read_changed(struct lines *lines, const struct hists *before,
			struct hists *changed)
{
	struct hist hist;
	uint64_t next = 0;

	if (next_of_dump(lines))
		return -1;
	while (!strncmp(lines->text, "hist ", strlen("hist "))) {
		if (changed->nr == MAX_HISTS)
			return bad_line(lines, "is one histogram too many");
		if (read_hist(lines, before, &hist))
			return -1;
		if (hist.reason < next)
			return bad_line(lines, "is after a histogram that is not in order");
		next = (uint64_t)hist.reason + 1;
		if (hists_put(changed, &hist))
			return -1;
	}
	return 0;
}

int dump_read_hists(struct lines *lines, struct hists *hists)
{
	struct hists changed = { 0 };
	bool all = !strcmp(lines->text, "hists all");
	int status;

	if (!all && (strcmp(lines->text, "hists more") || !hists->known))
		return bad_line(lines, "is not \"hists all\", nor \"hists more\" after those of another sample");
	if (all)
		hists_begin(hists, true);
	hists_begin(&changed, true);
	status = read_changed(lines, hists, &changed);
	if (!status)
		status = hists_replace(hists, &changed);
	hists_free(&changed);
	if (!status && hists->nr > MAX_HISTS)
		status = bad_line(lines, "is after one histogram too many");
	return status;
}
