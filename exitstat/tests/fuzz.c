// SPDX-License-Identifier: GPL-2.0-only
/*
 * What libFuzzer calls with each input: read it as a dump, as a table of KVM's
 * debugfs, as what diff compares, and as the words and the cgroup of a process.
 * What a dump says must survive being written and read again; nothing differs from
 * itself; names are printable.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/compare.h"
#include "model/sample.h"
#include "source/debugfs.h"
#include "source/source.h"
#include "source/vm-name.h"

#define MAX_SAMPLES	16

/* Write all that @in holds to @out.  The number of samples, or -1. */
static int copy_dump(FILE *in, FILE *out)
{
	struct source *source = recording_open_stream(in, "input");
	struct delta samples = { 0 };
	int status = -1, nr = 0;

	if (!source)
		return -1;
	source->wants_hists = true;
	while (nr < MAX_SAMPLES) {
		status = delta_read(&samples, source);
		if (status)
			break;
		if (!nr)
			recording_write_header(out, source, &samples.new);
		recording_write_sample(out, &samples);
		nr++;
	}
	delta_free(&samples);
	source->close(source);
	return status < 0 ? -1 : nr;
}

static int copy_text(const char *text, size_t size, char **copy)
{
	FILE *in = fmemopen((void *)text, size, "r");
	size_t copied;
	FILE *out = open_memstream(copy, &copied);
	int nr = copy_dump(in, out);

	fclose(out);
	return nr;
}

static void try_dump(const char *text, size_t size)
{
	char *first = NULL, *second = NULL;
	int nr = copy_text(text, size, &first);

	if (nr > 0 && (copy_text(first, strlen(first), &second) != nr ||
		       strcmp(first, second)))
		abort();
	free(first);
	free(second);
}

/* What changes between a table and itself is nothing. */
static void try_table(const char *text, size_t size)
{
	FILE *in = fmemopen((void *)text, size, "r");
	struct sample sample = { 0 }, delta = { 0 };
	uint32_t isa = 0, i;

	if (!debugfs_parse(in, "input", &sample, &isa)) {
		for (i = 1; i < sample.nr_rows; i++) {
			if (sample.rows[i - 1].reason >= sample.rows[i].reason)
				abort();
		}
		if (sample_subtract(&delta, &sample, &sample) || delta.nr_rows)
			abort();
		sample_sort(&sample, SORT_COST);
		sample_remove_own(&sample, 10);
	}
	fclose(in);
	sample_free(&sample);
	sample_free(&delta);
}

/* So nothing is what changes between histograms and themselves. */
static void try_hists(const char *text, size_t size)
{
	FILE *in = fmemopen((void *)text, size, "r");
	struct hists hists = { 0 }, delta = { 0 };
	struct hist sum;

	if (!debugfs_parse_hists(in, "input", &hists)) {
		if (hists_subtract(&delta, &hists, &hists))
			abort();
		hists_sum(&delta, &sum);
		if (hist_exits(&sum) || sum.missed)
			abort();
		hists_sum(&hists, &sum);
		if (hist_percentile(&sum, HIST_P50) > hist_percentile(&sum, HIST_P999) ||
		    hist_percentile(&sum, HIST_P999) > sum.max)
			abort();
	}
	fclose(in);
	hists_free(&hists);
	hists_free(&delta);
}

static void try_saved(const char *text, size_t size)
{
	static const struct criteria all = { .chance = 0.01 };
	struct saved saved;
	struct compare same;
	size_t i;

	if (saved_load_stream(&saved, fmemopen((void *)text, size, "r"), "input"))
		return;
	for (i = 0; i < saved.nr_parts; i++) {
		if (compare_parts(&same, &saved.parts[i], &saved.parts[i], &all) ||
		    same.differs)
			abort();
		compare_free(&same);
	}
	saved_free(&saved);
}

static void write_file(const char *dir, const char *name, const char *text,
		       size_t size)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	if (!out || fwrite(text, 1, size, out) != size || fclose(out))
		abort();
}

/* In /dev/shm, as files are written for each input. */
static void try_name(const char *text, size_t size)
{
	char proc[] = "/dev/shm/exitstat-fuzz.XXXXXX", dir[64], path[128];
	char name[VM_NAME_SIZE];
	const char *c;

	if (!mkdtemp(proc))
		abort();
	snprintf(dir, sizeof(dir), "%s/1", proc);
	mkdir(dir, 0700);
	write_file(dir, "cmdline", text, size);
	write_file(dir, "cgroup", text, size);
	write_file(dir, "comm", text, size);
	vm_name(proc, 1, name);
	for (c = name; *c; c++) {
		if (*c < ' ' || *c > '~')
			abort();
	}
	if (c == name || !strcmp(name, "-") == vm_name_is(name, name))
		abort();
	for (c = "cmdline\0cgroup\0comm\0"; *c; c += strlen(c) + 1) {
		snprintf(path, sizeof(path), "%s/%s", dir, c);
		unlink(path);
	}
	rmdir(dir);
	rmdir(proc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	try_dump((const char *)data, size);
	try_table((const char *)data, size);
	try_hists((const char *)data, size);
	try_saved((const char *)data, size);
	try_name((const char *)data, size);
	return 0;
}
