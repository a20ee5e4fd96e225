// SPDX-License-Identifier: GPL-2.0-only
/* See cli/track.h. */
#include "cli/track.h"

static int subtract(const struct track *track, struct sample *change,
		    const struct sample *from)
{
	if (sample_subtract(change, &track->samples.new, from))
		return -1;
	sample_remove_own(change, track->source->own_reason);
	return 0;
}

static int subtract_all(struct track *track)
{
	const struct sample *from = track->reads > 1 ? &track->samples.old
						     : &track->samples.new;

	if (subtract(track, &track->now, from))
		return -1;
	return subtract(track, &track->since, &track->base);
}

static int compute(struct track *track)
{
	/* A new start: nothing that was before can be subtracted. */
	if (track->samples.anew) {
		track->reads = 1;
		sample_free(&track->base);
	}
	return subtract_all(track);
}

int track_read(struct track *track)
{
	int status = delta_read(&track->samples, track->source);

	if (status)
		return status;
	track->reads++;
	return compute(track);
}

int track_reset(struct track *track)
{
	if (delta_change(&track->samples, true, &track->base))
		return -1;
	return compute(track);
}

void track_free(struct track *track)
{
	sample_free(&track->base);
	delta_free(&track->samples);
	sample_free(&track->now);
	sample_free(&track->since);
}
