/* SPDX-License-Identifier: GPL-2.0-only */
/* What --top shows, and how. */
#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/track.h"

#define DELAY_SIZE	8

struct top {
	const struct env *env;
	struct track all;
	struct track *vcpus;		/* while by_vcpu */
	size_t nr_vcpus;
	enum sort_key sort;
	double interval;		/* seconds */
	bool by_vcpu;
	bool paused;
	bool ended;			/* no more samples will come */
	bool help;
	bool reset;			/* counts are not those since the start */
	bool asking;			/* for a new interval: */
	char delay[DELAY_SIZE];
	const char *message;		/* until the next key, or NULL */
};

void top_draw(const struct top *top);

#endif /* TOP_H */
