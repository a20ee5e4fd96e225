// SPDX-License-Identifier: GPL-2.0-only
/* Run a command, and report what the VM exited for meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

/* A process that waits to become the command. */
struct child {
	pid_t pid;
	int go;		/* takes a byte to let it begin */
	int failure;	/* gives the errno of an exec that failed */
};

/* In the child.  Nothing but the exec happens after the first sample. */
static void become(char **arguments, int go, int failure)
{
	char byte;
	int error;

	signal(SIGPIPE, SIG_DFL);
	if (read(go, &byte, 1) != 1)
		_exit(STATUS_FAILED);
	execvp(arguments[0], arguments);
	error = errno;
	if (write(failure, &error, sizeof(error)) < 0)
		_exit(STATUS_CANNOT_EXECUTE);
	_exit(STATUS_NOT_FOUND);
}

static int fork_child(struct child *child, char **arguments)
{
	int go[2], failure[2];

	if (pipe2(go, O_CLOEXEC) || pipe2(failure, O_CLOEXEC))
		return complain("cannot make a pipe: %s", strerror(errno));
	child->pid = fork();
	if (child->pid < 0)
		return complain("cannot fork: %s", strerror(errno));
	if (!child->pid) {
		close(go[1]);
		become(arguments, go[0], failure[1]);
	}
	close(go[0]);
	close(failure[1]);
	child->go = go[1];
	child->failure = failure[0];
	return 0;
}

/* Let it run.  Its status; @error is that of an exec that failed, or 0. */
static int run_child(const struct child *child, int *error)
{
	int status;

	if (write(child->go, "", 1) != 1)
		return STATUS_FAILED;
	if (read(child->failure, error, sizeof(*error)) != sizeof(*error))
		*error = 0;
	while (waitpid(child->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return STATUS_FAILED;
	}
	if (*error)
		return *error == ENOENT ? STATUS_NOT_FOUND
					: STATUS_CANNOT_EXECUTE;
	if (WIFSIGNALED(status))
		return STATUS_SIGNAL + WTERMSIG(status);
	return WEXITSTATUS(status);
}

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

static void say_what(const struct view *view, int status)
{
	const struct env *env = view->env;

	if (env->format != &table_format)
		return;
	fprintf(stderr, "\n%s, status %d. All of the VM is counted, not only the command.\n",
		env->arguments[0], status);
}

/* From the sample before the command to after it. */
static int run_and_show(struct view *view)
{
	struct child child = { 0 };
	int status, error = 0;

	if (fork_child(&child, view->env->arguments))
		return STATUS_FAILED;
	/* If this fails, the child ends without a byte to go on. */
	if (view_read(view))
		return STATUS_FAILED;
	/* ^C is for the command; what it cost is shown then, too. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	status = run_child(&child, &error);
	if (error) {
		complain("cannot run %s: %s", view->env->arguments[0],
			 strerror(error));
		return status;
	}
	if (view_read(view))
		return STATUS_FAILED;
	say_what(view, status);
	return view_show(view, stderr, false) ? STATUS_FAILED : status;
}

int run_command(const struct env *env, struct source *source)
{
	struct view view = { .env = env, .source = source };
	struct sample idle = { 0 };
	int status = view_start(&view);

	if (!status && env->baseline && measure_idle(&view, &idle))
		status = STATUS_FAILED;
	if (!status)
		status = run_and_show(&view);
	sample_free(&idle);
	view_free(&view);
	return status;
}
