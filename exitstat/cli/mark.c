// SPDX-License-Identifier: GPL-2.0-only
/* exitstat mark: a phase begins, in the recording that another exitstat makes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "source/source.h"

static int check_name(const char *name)
{
	size_t length = strlen(name), i;

	for (i = 0; i < length && is_mark_character(name[i]); i++)
		;
	if (length && i == length && length < MARK_SIZE)
		return STATUS_OK;
	complain("'%s' is no name of a phase: it has 1 to %d letters, digits, _ . + or -",
		 name, MARK_SIZE - 1);
	return STATUS_USAGE;
}

/* Whoever records has it open; nobody waits for one who does not. */
static int open_fifo(const char *name)
{
	int fd = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENXIO)
		return complain("no exitstat record reads %s", name);
	if (fd < 0)
		return complain("cannot write %s: %s", name, strerror(errno));
	if (!fstat(fd, &st) && S_ISFIFO(st.st_mode))
		return fd;
	close(fd);
	return complain("%s is no FIFO", name);
}

int run_mark(const struct env *env)
{
	const char *fifo = env->marks ? env->marks : getenv(MARKS_VARIABLE);
	char line[MARK_SIZE + 1];
	int fd, length, status = check_name(env->arguments[0]);

	if (status)
		return status;
	if (!fifo) {
		complain("which recording? Say mark -m FIFO, as its record has it, or run this in a command of record");
		return STATUS_USAGE;
	}
	fd = open_fifo(fifo);
	if (fd < 0)
		return STATUS_FAILED;
	length = snprintf(line, sizeof(line), "%s\n", env->arguments[0]);
	if (write(fd, line, length) != length) {
		complain("cannot write %s: %s", fifo, strerror(errno));
		status = STATUS_FAILED;
	}
	close(fd);
	return status;
}
