/* SPDX-License-Identifier: GPL-2.0-only */
/* The histograms of a recording's sample: see source/recording.c. */
#ifndef DUMP_HISTS_H
#define DUMP_HISTS_H

#include <stdio.h>

#include "base/parse.h"
#include "model/delta.h"

/* Those of the new sample, or what is another since the old one. */
void dump_write_hists(FILE *out, const struct delta *samples);

/*
 * The line "hists" was read: bring @hists, those of the sample before, up to date,
 * and read the line behind them.  0, or -1 after a line on stderr.
 */
int dump_read_hists(struct lines *lines, struct hists *hists);

#endif /* DUMP_HISTS_H */
