/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM or a vCPU that is watched: what it does now, and since when. */
#ifndef TRACK_H
#define TRACK_H

#include "model/delta.h"

struct track {
	struct source *source;
	int vcpu;		/* -1: the whole VM */
	uint64_t reads;
	struct sample base;	/* since when it counts; all zeros: the start */
	struct delta samples;
	/* Without what reading caused. */
	struct sample now;	/* from old to new; nothing before the second read */
	struct sample since;	/* from base to new */
};

/* As source->read(). */
int track_read(struct track *track);

/* Count from now on.  0, or -1 after a line on stderr. */
int track_reset(struct track *track);
void track_free(struct track *track);

#endif /* TRACK_H */
