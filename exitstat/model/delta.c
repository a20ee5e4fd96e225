// SPDX-License-Identifier: GPL-2.0-only
/* See model/delta.h. */
#include "model/delta.h"

void delta_turn(struct delta *delta)
{
	struct sample was = delta->old;

	delta->old = delta->new;
	delta->new = was;
}

int delta_read(struct delta *delta, struct source *source)
{
	int status;

	delta_turn(delta);
	status = source->read(source, &delta->new);
	if (status)
		delta_turn(delta);
	delta->anew = !status && sample_is_anew(&delta->new, &delta->old);
	return status;
}

int delta_change(const struct delta *delta, bool since_start,
		 struct sample *change)
{
	static const struct sample nothing;

	return sample_subtract(change, &delta->new,
			       since_start ? &nothing : &delta->old);
}

void delta_free(struct delta *delta)
{
	sample_free(&delta->old);
	sample_free(&delta->new);
}
