// SPDX-License-Identifier: GPL-2.0-only
/* From samples to what is shown of them, once or at intervals. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/complain.h"
#include "cli/cli.h"

int view_read(struct view *view)
{
	int status = delta_read(&view->samples, view->source);

	if (view->samples.anew)
		complain("the host's counts began anew: the VM was restored or migrated; what follows is since then");
	return status;
}

/*
 * When the counts began is not known if they could not be of so short a time, or
 * if they began anew and no age says when.
 */
static void judge_start(struct view *view, struct sample *sample)
{
	view->group.history = sample_history(sample, view->source);
	if (view->samples.anew && !sample->age)
		view->group.history = HISTORY_IMPOSSIBLE;
	if (view->group.history == HISTORY_IMPOSSIBLE)
		sample->time_ns = 0;
}

static int make_group(struct view *view, bool since_start)
{
	struct group *group = &view->group;
	const struct env *env = view->env;

	if (delta_change(&view->samples, since_start, &group->sample))
		return -1;
	group->since_start = since_start;
	group->with_clock = env->with_clock;
	group->tail = env->tail;
	group->own = group->sample.own;
	group->history = HISTORY_PLAIN;
	if (since_start)
		judge_start(view, &group->sample);
	if (!since_start)
		sample_remove_own(&group->sample, view->source->own_reason);
	if (env->reasons)
		sample_restrict(&group->sample, view->reasons, view->nr_reasons);
	sample_sort(&group->sample, env->sort);
	return 0;
}

int view_show(struct view *view, FILE *out, bool since_start)
{
	/* Between two epochs there is no difference. */
	if (make_group(view, since_start || view->samples.anew) ||
	    view->env->format->group(out, view->source, &view->group))
		return -1;
	view->group.number++;
	return flush_output(out);
}

/* The first sample has no histograms, which --tail needs. */
static int complain_of_no_tail(const struct view *view)
{
	const char *input = view->env->input;

	if (input)
		complain("%s has no histograms, which --tail shows: an older exitstat recorded it, or the host's kernel had none",
			 input);
	else
		complain("KVM keeps no histograms, which --tail shows: it needs a newer patched kernel on %s host",
			 view->source->vm ? "this" : "the");
	return STATUS_NO_STATISTICS;
}

int view_start(struct view *view)
{
	const struct env *env = view->env;

	/* People are always told the worst exit of a command. */
	view->source->wants_hists = env->tail || (env->mode == MODE_COMMAND &&
						  env->format == &table_format);
	if (view_read(view))
		return STATUS_FAILED;
	if (env->tail && !view->samples.new.hists.known)
		return complain_of_no_tail(view);
	if (!env->reasons)
		return STATUS_OK;
	return parse_reasons(env->reasons, view->source->isa,
			     &view->reasons, &view->nr_reasons);
}

void view_free(struct view *view)
{
	delta_free(&view->samples);
	sample_free(&view->group.sample);
	free(view->reasons);
}

void wait_interval(double seconds)
{
	static int64_t next;

	next = next_tick(next, seconds);
	while (clock_ns(CLOCK_MONOTONIC) < next)
		wait_for_input(-1, next, NULL);
}

/* A dump's last sample has all that happened in it. */
static int show_once(struct view *view)
{
	int status = 0;

	while (view->env->input && !status)
		status = view_read(view);
	if (status < 0 || view_show(view, stdout, true))
		return STATUS_FAILED;
	return STATUS_OK;
}

/* From a dump the next sample is there at once. */
static int show_intervals(struct view *view)
{
	const struct env *env = view->env;
	uint64_t shown;
	int status;

	if (!env->skip_first && view_show(view, stdout, true))
		return STATUS_FAILED;

	for (shown = !env->skip_first; !env->count || shown < env->count;
	     shown++) {
		if (!env->input)
			wait_interval(env->interval);
		status = view_read(view);
		if (status)
			return status < 0 ? STATUS_FAILED : STATUS_OK;
		if (view_show(view, stdout, false))
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

int run_intervals(const struct env *env, struct source *source)
{
	struct view view = { .env = env, .source = source };
	int status = view_start(&view);

	if (!status)
		status = env->interval ? show_intervals(&view)
				       : show_once(&view);
	view_free(&view);
	return status;
}
