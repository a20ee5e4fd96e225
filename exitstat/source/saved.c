// SPDX-License-Identifier: GPL-2.0-only
/* See model/saved.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/recording.h"
#include "model/saved.h"
#include "source/source.h"

struct series *saved_add_part(struct saved *saved, const char *name)
{
	struct series *parts = reallocarray(saved->parts, saved->nr_parts + 1,
					    sizeof(*parts));
	struct series *part;

	if (!parts) {
		complain("out of memory");
		return NULL;
	}
	saved->parts = parts;
	part = &parts[saved->nr_parts];
	memset(part, 0, sizeof(*part));
	if (name) {
		part->name = strdup(name);
		if (!part->name) {
			complain("out of memory");
			return NULL;
		}
	}
	saved->nr_parts++;
	return part;
}

const struct series *saved_find(const struct saved *saved, const char *name)
{
	size_t i;

	for (i = 1; i < saved->nr_parts; i++) {
		if (!strcmp(saved->parts[i].name, name))
			return &saved->parts[i];
	}
	return NULL;
}

/* All steps from sample @first to @last. */
static int add_steps(struct series *part, const struct recording *rec,
		     size_t first, size_t last)
{
	struct sample step = { 0 };
	int status = 0;

	for (; !status && first < last; first++) {
		status = recording_change(rec, first, first + 1, &step);
		if (!status && step.time_ns)
			status = series_add(part, &step, seconds_of(&step));
	}
	sample_free(&step);
	return status;
}

/* A phase that comes again goes on. */
static int add_phase(struct saved *saved, const struct recording *rec,
		     const struct phase *phase)
{
	struct series *part = (struct series *)saved_find(saved, phase->name);

	if (!part)
		part = saved_add_part(saved, phase->name);
	return part ? add_steps(part, rec, phase->first, phase->last) : -1;
}

static int add_recording(struct saved *saved, const struct recording *rec)
{
	struct series *all = saved_add_part(saved, NULL);
	size_t i;

	saved->isa = rec->isa;
	saved->tsc_khz = rec->tsc_khz;
	saved->origin = rec->origin;
	if (!all || add_steps(all, rec, 0, rec->nr_samples - 1))
		return -1;
	for (i = 0; i < rec->nr_phases; i++) {
		if (add_phase(saved, rec, &rec->phases[i]))
			return -1;
	}
	return 0;
}

static int read_recording(struct saved *saved, FILE *in)
{
	struct source *source = recording_open_stream(in, saved->path);
	struct recording rec;
	int status;

	if (!source)
		return -1;
	status = recording_load(&rec, source);
	source->close(source);
	if (status)
		return -1;
	status = add_recording(saved, &rec);
	recording_free(&rec);
	return status;
}

int saved_load(struct saved *saved, const char *path)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;

	memset(saved, 0, sizeof(*saved));
	if (!in)
		return complain("cannot read %s: %s", path, strerror(errno));
	return saved_load_stream(saved, in, in == stdin ? "standard input" : path);
}

int saved_load_stream(struct saved *saved, FILE *in, const char *name)
{
	int status, c;

	memset(saved, 0, sizeof(*saved));
	saved->path = name;
	c = getc(in);
	ungetc(c, in);
	if (c == '{') {
		status = saved_read_tables(saved, in);
		fclose(in);
	} else {
		status = read_recording(saved, in);
	}
	if (status)
		saved_free(saved);
	return status;
}

void saved_set_khz(struct saved *saved, uint32_t khz)
{
	size_t i;

	if (!khz || !saved->tsc_khz)
		return;
	for (i = 0; i < saved->nr_parts; i++)
		series_scale(&saved->parts[i], (long double)khz / saved->tsc_khz);
	saved->tsc_khz = khz;
}

void saved_free(struct saved *saved)
{
	size_t i;

	for (i = 0; i < saved->nr_parts; i++)
		series_free(&saved->parts[i]);
	free(saved->parts);
	memset(saved, 0, sizeof(*saved));
}
