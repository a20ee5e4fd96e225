/* SPDX-License-Identifier: GPL-2.0-only */
/* A command that runs between two samples. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* A process that waits to become the command. */
struct child {
	pid_t pid;
	const char *name;
	int go;		/* takes a byte to let it begin */
	int failure;	/* gives the errno of an exec that failed */
	void (*on_int)(int signal);	/* before it ran */
	void (*on_quit)(int signal);
};

/* 0, or -1 after a line on stderr. */
int child_fork(struct child *child, char **arguments);

/* Let it begin.  0, or, after a line on stderr, the status to exit with. */
int child_begin(struct child *child);

/* Has it ended?  One that was stopped has not. */
bool child_has_ended(const struct child *child);

/* Its status as a shell has it, once it has ended. */
int child_wait(const struct child *child);

#endif /* CHILD_H */
