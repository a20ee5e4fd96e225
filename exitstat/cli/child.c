// SPDX-License-Identifier: GPL-2.0-only
/* See cli/child.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/complain.h"
#include "base/status.h"
#include "cli/child.h"

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

int child_fork(struct child *child, char **arguments)
{
	int go[2], failure[2];

	if (pipe2(go, O_CLOEXEC) || pipe2(failure, O_CLOEXEC))
		return complain("cannot make a pipe: %s", strerror(errno));
	child->name = arguments[0];
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

static void restore(const struct child *child)
{
	signal(SIGINT, child->on_int);
	signal(SIGQUIT, child->on_quit);
}

int child_begin(struct child *child)
{
	int error = 0;

	/* ^C is for the command; what it cost is shown then, too. */
	child->on_int = signal(SIGINT, SIG_IGN);
	child->on_quit = signal(SIGQUIT, SIG_IGN);
	if (write(child->go, "", 1) != 1)
		error = EPIPE;
	else if (read(child->failure, &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(child->go);
	close(child->failure);
	if (!error)
		return 0;
	waitpid(child->pid, NULL, 0);
	restore(child);
	complain("cannot run %s: %s", child->name, strerror(error));
	return error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE;
}

bool child_has_ended(const struct child *child)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)child->pid, &info,
		       WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

int child_wait(const struct child *child)
{
	int status;

	while (waitpid(child->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return STATUS_FAILED;
	}
	restore(child);
	if (WIFSIGNALED(status))
		return STATUS_SIGNAL + WTERMSIG(status);
	return WEXITSTATUS(status);
}
