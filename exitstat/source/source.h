/* SPDX-License-Identifier: GPL-2.0-only */
/* Where samples come from, and the file that they are recorded in. */
#ifndef SOURCE_H
#define SOURCE_H

#include "model/delta.h"
#include "model/sample.h"

struct exit_stats;
struct exit_stats_snapshot;

/*
 * All of these return NULL after a line on stderr; the first two then set
 * @status, which the program should exit with.  @vm is a name, PID or PID-FD,
 * @vcpu -1 for all of them; @tsc_khz is measured if it is 0.
 */
struct source *guest_open(int *status);
struct source *vm_open(const char *debugfs, const char *proc, const char *vm,
		       int vcpu, uint32_t tsc_khz, int *status);
struct source *recording_open(const char *path);

/* @snapshot, just taken, as a sample.  0, or -1 as above. */
int guest_fill_sample(struct sample *sample, const struct exit_stats *es,
		      const struct exit_stats_snapshot *snapshot);

/* Of a source that vm_open() gave: the vCPU after @after (-1: the first), or -1. */
int vm_next_vcpu(const struct source *source, int after);

/* NULL, without a line, if the vCPU is gone. */
struct source *vm_open_vcpu(const struct source *source, int vcpu);
struct source *recording_open_stream(FILE *in, const char *name);

/* Letters, digits and "_.+-", which need no quotes anywhere. */
bool is_mark_character(char c);

/*
 * Write errors show when @out is closed.  @sample is the first.  Of @samples it is
 * the new one, after the old one.
 */
void recording_write_header(FILE *out, const struct source *source,
		       const struct sample *sample);
void recording_write_sample(FILE *out, const struct delta *samples);

#endif /* SOURCE_H */
