// SPDX-License-Identifier: GPL-2.0-only
/* Run a command, once or several times, and show what the VM exited for meanwhile. */
#include <signal.h>

#include "base/atomic-file.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "model/series.h"
#include "output/repeat.h"
#include "output/tail.h"

struct runs {
	struct view view;
	struct file file;	/* of -o */
	FILE *out;
	struct series series;	/* of -r, a step for each run */
	struct sample all;	/* of all runs */
	struct sample idle;
	int status;		/* of the command: of the last run that failed */
};

/* What the VM does in @seconds without the command. */
static int measure_idle(struct view *view, struct sample *idle)
{
	wait_interval(view->env->baseline);
	if (view_read(view) || delta_change(&view->samples, false, idle))
		return -1;
	if (view->samples.anew)
		return complain("there is no baseline of counts that began anew: try again");
	sample_remove_own(idle, view->source->own_reason);
	view->group.idle = idle;
	return 0;
}

static void say_what(const struct runs *runs)
{
	const struct env *env = runs->view.env;

	if (env->format == &table_format)
		fprintf(runs->out, "%s%s, status %d. All of the VM is counted, not only the command.\n",
			env->output ? "" : "\n", env->arguments[0], runs->status);
}

/* By ^C, which ends all runs, not only that one. */
static bool is_interrupted(int status)
{
	return status == STATUS_SIGNAL + SIGINT || status == STATUS_SIGNAL + SIGQUIT;
}

/* From the sample before the command to after it.  0, or a status. */
static int run_once(struct runs *runs)
{
	struct view *view = &runs->view;
	struct child child = { 0 };
	int status;

	if (child_fork(&child, view->env->arguments))
		return STATUS_FAILED;
	/* If this fails, the child ends without a byte to go on. */
	if (view_read(view))
		return STATUS_FAILED;
	status = child_begin(&child);
	if (status)
		return status;
	status = child_wait(&child);
	if (status)
		runs->status = status;
	return view_read(view) ? STATUS_FAILED : STATUS_OK;
}

/* Machines get every run, people the mean. */
static int take_run(struct runs *runs)
{
	struct view *view = &runs->view;
	struct sample change = { 0 };
	int status;

	if (view->samples.anew)
		return complain("there is no mean of counts that began anew: try again");
	if (view->env->format != &table_format)
		return view_show(view, runs->out, false);
	status = delta_change(&view->samples, false, &change);
	if (!status) {
		sample_remove_own(&change, view->source->own_reason);
		status = series_add(&runs->series, &change, 1);
	}
	if (!status)
		status = sample_add(&runs->all, &change);
	sample_free(&change);
	return status;
}

static int run_all(struct runs *runs)
{
	const struct env *env = runs->view.env;
	uint64_t i;
	int status;

	for (i = 0; i < env->repeat; i++) {
		status = run_once(runs);
		if (status)
			return status;
		if (is_interrupted(runs->status))
			break;
		if (take_run(runs))
			return STATUS_FAILED;
	}
	if (!i) {
		complain("%s was interrupted before a run was whole",
			 env->arguments[0]);
		return runs->status;
	}
	say_what(runs);
	if (env->format == &table_format &&
	    repeat_show(runs->out, runs->view.source, &runs->series,
			seconds_of(&runs->all)))
		return STATUS_FAILED;
	if (env->format == &table_format)
		tail_print_worst(runs->out, runs->view.source, &runs->all);
	return flush_output(runs->out) ? STATUS_FAILED : STATUS_OK;
}

static int run_and_show(struct runs *runs)
{
	int status;

	if (runs->view.env->repeat)
		return run_all(runs);
	status = run_once(runs);
	if (status)
		return status;
	say_what(runs);
	if (view_show(&runs->view, runs->out, false))
		return STATUS_FAILED;
	if (runs->view.env->format == &table_format)
		tail_print_worst(runs->out, runs->view.source,
				 &runs->view.group.sample);
	return flush_output(runs->out) ? STATUS_FAILED : STATUS_OK;
}

static int measure(struct runs *runs)
{
	const struct env *env = runs->view.env;
	int status = view_start(&runs->view);

	if (!status && env->baseline && measure_idle(&runs->view, &runs->idle))
		status = STATUS_FAILED;
	if (!status && env->output && file_open(&runs->file, env->output))
		return STATUS_FAILED;
	runs->out = env->output ? runs->file.out : stderr;
	if (!status)
		status = run_and_show(runs);
	if (env->output && runs->file.out && file_close(&runs->file, !status))
		status = STATUS_FAILED;
	return status ? status : runs->status;
}

int run_command(const struct env *env, struct source *source)
{
	struct runs runs = { .view = { .env = env, .source = source } };
	int status;

	runs.view.group.is_run = env->repeat;
	status = measure(&runs);

	series_free(&runs.series);
	sample_free(&runs.all);
	sample_free(&runs.idle);
	view_free(&runs.view);
	return status;
}
