// SPDX-License-Identifier: GPL-2.0-only
/* Read the tables of histograms that KVM has in a host's debugfs. */
#include <string.h>

#include "base/complain.h"
#include "base/parse.h"
#include "model/hist.h"
#include "source/debugfs.h"

#define HEADER	"reason from to exits name"

struct table {
	struct lines lines;
	struct hists *hists;
	struct hist hist;	/* the one that is being read */
	bool begun;		/* its first line was */
	unsigned int next;	/* the lowest bucket that may come */
};

/* "REASON FROM TO EXITS NAME" */
static bool parse_bucket(struct table *table, uint32_t *reason,
			 uint64_t bounds[2], uint64_t *exits)
{
	const char *text = table->lines.text;

	return debugfs_take_reason(&text, reason) &&
	       debugfs_take_column(&text, &bounds[0]) &&
	       debugfs_take_column(&text, &bounds[1]) &&
	       debugfs_take_column(&text, exits) && *text;
}

static int add_bucket(struct table *table)
{
	uint64_t bounds[2], exits;
	unsigned int bucket;
	uint32_t reason;

	if (!parse_bucket(table, &reason, bounds, &exits))
		return bad_line(&table->lines, "is not a row of KVM's histograms");
	if (table->begun && reason != table->hist.reason)
		return bad_line(&table->lines, "comes before the maximum of another reason");
	bucket = hist_bucket(bounds[0]);
	if (hist_from(bucket) != bounds[0] || hist_to(bucket) != bounds[1])
		return bad_line(&table->lines, "has bounds of no bucket");
	if (bucket < table->next)
		return bad_line(&table->lines, "is not in order of the buckets");
	table->begun = true;
	table->hist.reason = reason;
	table->hist.counts[bucket] = exits;
	table->next = bucket + 1;
	return 0;
}

/* "WORD REASON NUMBER" */
static bool parse_end(const struct table *table, const char *word,
		      uint32_t *reason, uint64_t *number)
{
	const char *text = table->lines.text;

	return take_word(&text, word) && debugfs_take_reason(&text, reason) &&
	       take_number(&text, UINT64_MAX, number) && !*text;
}

/* The three lines that end a histogram, of which the first was read. */
static int end_hist(struct table *table)
{
	static const char *const words[] = { "max ", "open ", "missed " };
	struct hist *hist = &table->hist;
	uint64_t *numbers[] = { &hist->max, &hist->open, &hist->missed };
	uint32_t reason;
	int i, status;

	for (i = 0; i < 3; i++) {
		status = i ? next_line(&table->lines) : 0;
		if (status > 0)
			return bad_line(&table->lines, "the table ends within a reason");
		if (status < 0)
			return -1;
		if (!parse_end(table, words[i], &reason, numbers[i]) ||
		    (table->begun && reason != hist->reason))
			return bad_line(&table->lines, "is not what comes after a reason's buckets");
		table->begun = true;
		hist->reason = reason;
	}
	if (table->hists->nr == MAX_HISTS)
		return bad_line(&table->lines, "is one reason too many");
	status = hists_put(table->hists, hist);
	memset(hist, 0, sizeof(*hist));
	table->begun = false;
	table->next = 0;
	return status;
}

static int read_lines(struct table *table)
{
	int status;

	for (;;) {
		status = next_line(&table->lines);
		if (status)
			break;
		if (strncmp(table->lines.text, "max ", 4) ? add_bucket(table)
							  : end_hist(table))
			return -1;
	}
	if (status > 0 && table->begun)
		return bad_line(&table->lines, "the table ends within a reason");
	return status < 0 ? -1 : 0;
}

/* The words of the header, whatever space is between them. */
static bool is_header(const char *text)
{
	const char *wanted = HEADER;

	for (; *text && *wanted; text++, wanted++) {
		if (*text != *wanted)
			return false;
		while (*text == ' ' && text[1] == ' ')
			text++;
	}
	return !*text && !*wanted;
}

int debugfs_parse_hists(FILE *in, const char *name, struct hists *hists)
{
	struct table table = {
		.lines = { .in = in, .name = name }, .hists = hists,
	};
	int status = next_line(&table.lines);

	hists_begin(hists, true);
	if (status)
		return status < 0 ? -1 : 0;
	if (!is_header(table.lines.text))
		return bad_line(&table.lines, "is not the header of KVM's histograms");
	if (read_lines(&table))
		return -1;
	if (!hists_order(hists))
		return complain("%s has two histograms of one exit reason", name);
	return 0;
}
