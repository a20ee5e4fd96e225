// SPDX-License-Identifier: GPL-2.0-only
/* See base/atomic-file.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/complain.h"

/* The mode that a file made by a shell would have. */
static void set_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0666 & ~mask);
}

static int cannot_write(const struct file *file)
{
	return complain("cannot write %s: %s", file->name,
			strerror(errno ? errno : EIO));
}

/* A terminal, a pipe or a device: no file may take its place. */
static bool is_special(const char *name)
{
	struct stat st;

	return !stat(name, &st) && !S_ISREG(st.st_mode);
}

static int open_special(struct file *file)
{
	file->out = fopen(file->name, "we");
	return file->out ? 0 : cannot_write(file);
}

int file_open(struct file *file, const char *name)
{
	int fd;

	file->name = name;
	file->temporary = NULL;
	file->out = stdout;
	if (!strcmp(name, "-"))
		return 0;
	if (is_special(name))
		return open_special(file);

	if (asprintf(&file->temporary, "%s.XXXXXX", name) < 0)
		return complain("out of memory");
	fd = mkostemp(file->temporary, O_CLOEXEC);
	if (fd < 0) {
		cannot_write(file);
		free(file->temporary);
		return -1;
	}
	set_mode(fd);
	file->out = fdopen(fd, "w");
	if (file->out)
		return 0;
	cannot_write(file);
	close(fd);
	unlink(file->temporary);
	free(file->temporary);
	return -1;
}

int file_close(struct file *file, bool good)
{
	int status = 0;

	errno = 0;
	/* Whoever said that it is no good told why. */
	if ((ferror(file->out) | fclose(file->out)) && good)
		status = cannot_write(file);
	if (!file->temporary)
		return status;

	if (good && !status && rename(file->temporary, file->name))
		status = cannot_write(file);
	if (!good || status)
		unlink(file->temporary);
	free(file->temporary);
	return status;
}
