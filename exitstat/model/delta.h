/* SPDX-License-Identifier: GPL-2.0-only */
/* Two samples of one source, of which one was taken after the other. */
#ifndef DELTA_H
#define DELTA_H

#include "model/sample.h"

/* To start with, all zeros: nothing had happened then. */
struct delta {
	struct sample old;
	struct sample new;
	bool anew;		/* counts began anew between the two */
};

/* The new sample becomes the old one; the new one is to be filled. */
void delta_turn(struct delta *delta);

/* Turn, and read.  As source->read(); if that fails, both stay as they were. */
int delta_read(struct delta *delta, struct source *source);

/* What changed, or all since the start if that is asked for.  0, or -1. */
int delta_change(const struct delta *delta, bool since_start,
		 struct sample *change);

void delta_free(struct delta *delta);

#endif /* DELTA_H */
