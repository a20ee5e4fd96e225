// SPDX-License-Identifier: GPL-2.0-only
/* See model/delta.h. */
#include "model/delta.h"

static int subtract(const struct track *track, struct sample *change,
		    const struct sample *from)
{
	if (sample_subtract(change, &track->new, from))
		return -1;
	sample_remove_own(change, track->source->own_reason);
	return 0;
}

static int subtract_all(struct track *track)
{
	const struct sample *from = track->reads > 1 ? &track->old : &track->new;

	if (subtract(track, &track->now, from))
		return -1;
	return subtract(track, &track->since, &track->base);
}

static int compute(struct track *track)
{
	/* A new start: nothing that was before can be subtracted. */
	track->anew = sample_is_anew(&track->new, &track->old);
	if (track->anew) {
		track->reads = 1;
		sample_free(&track->base);
	}
	return subtract_all(track);
}

int track_read(struct track *track)
{
	struct sample was = track->old;
	int status;

	track->old = track->new;
	track->new = was;
	status = track->source->read(track->source, &track->new);
	if (status) {
		was = track->old;
		track->old = track->new;
		track->new = was;
		return status;
	}
	track->reads++;
	return compute(track);
}

int track_reset(struct track *track)
{
	static const struct sample nothing;

	if (sample_subtract(&track->base, &track->new, &nothing))
		return -1;
	return compute(track);
}

void track_free(struct track *track)
{
	sample_free(&track->base);
	sample_free(&track->old);
	sample_free(&track->new);
	sample_free(&track->now);
	sample_free(&track->since);
}
