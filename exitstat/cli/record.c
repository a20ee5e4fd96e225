// SPDX-License-Identifier: GPL-2.0-only
/*
 * exitstat record: a sample every interval, in a file that is there only when
 * it is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/clock.h"
#include "base/complain.h"
#include "base/signals.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "source/source.h"

#define DEFAULT_INTERVAL	1.0
#define MAX_MARKS		64

struct recorder {
	const struct env *env;
	struct source *source;
	struct file file;
	struct child child;
	char *directory;	/* that was made for the command's marks, or NULL */
	char *fifo;		/* where names of phases come from, or NULL */
	int marks;		/* it, open, or -1 */
	bool made_marks;
	char line[MARK_SIZE];	/* of these, as far as it has come */
	size_t length;
	struct delta samples;
	uint64_t taken;
	bool unwritten;		/* what went to the file did not arrive */
	int command_status;
};

/*
 * The FIFO may be there, or is made.  It is open for writing, too, so that it
 * does not end when a writer does.
 */
static int open_marks(struct recorder *rec)
{
	const char *name = rec->fifo;
	struct stat st;

	if (!name)
		return 0;
	rec->made_marks = !mkfifo(name, 0600);
	if (!rec->made_marks && errno != EEXIST)
		return complain("cannot make %s: %s", name, strerror(errno));
	rec->marks = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (rec->marks < 0)
		return complain("cannot read %s: %s", name, strerror(errno));
	if (fstat(rec->marks, &st) || !S_ISFIFO(st.st_mode))
		return complain("%s is no FIFO", name);
	return 0;
}

/* A command always has a FIFO, whose name is in its environment. */
static int choose_fifo(struct recorder *rec)
{
	const char *temporary = getenv("TMPDIR");
	const struct env *env = rec->env;

	if (env->marks) {
		rec->fifo = strdup(env->marks);
	} else if (env->arguments) {
		if (asprintf(&rec->directory, "%s/exitstat.XXXXXX",
			     temporary ? temporary : "/tmp") < 0)
			rec->directory = NULL;
		if (rec->directory && !mkdtemp(rec->directory))
			return complain("cannot make %s: %s", rec->directory,
					strerror(errno));
		if (!rec->directory ||
		    asprintf(&rec->fifo, "%s/marks", rec->directory) < 0)
			rec->fifo = NULL;
	} else {
		return 0;
	}
	return rec->fifo ? 0 : complain("out of memory");
}

/* The command may change its directory. */
static int name_fifo(const struct recorder *rec)
{
	char *path = realpath(rec->fifo, NULL);
	int status = path ? setenv(MARKS_VARIABLE, path, 1) : -1;

	if (status)
		complain("cannot name %s: %s", rec->fifo, strerror(errno));
	free(path);
	return status;
}

static void remove_marks(struct recorder *rec)
{
	if (rec->marks >= 0)
		close(rec->marks);
	if (rec->made_marks)
		unlink(rec->fifo);
	if (rec->directory)
		rmdir(rec->directory);
	free(rec->directory);
	free(rec->fifo);
}

static int cannot_write(struct recorder *rec)
{
	rec->unwritten = true;
	return complain("cannot write %s: %s", rec->env->output,
			strerror(errno));
}

/* 0, or 1 at the end of the source or if this was the last, or -1. */
static int take_sample(struct recorder *rec, const char *mark)
{
	struct delta *samples = &rec->samples;
	int status;

	/*
	 * A dump that is recorded again brings its own marks.  The old sample was
	 * written, and becomes the new one.
	 */
	samples->old.mark[0] = '\0';
	status = delta_read(samples, rec->source);
	if (status)
		return status;
	if (!rec->taken++)
		recording_write_header(rec->file.out, rec->source, &samples->new);
	if (*mark)
		snprintf(samples->new.mark, MARK_SIZE, "%s", mark);
	recording_write_sample(rec->file.out, samples);

	/* Who reads a pipe wants to see it now; a full disk ends this now. */
	if (fflush(rec->file.out))
		return cannot_write(rec);
	return rec->taken == rec->env->count;
}

/*
 * A whole line of the FIFO is a mark, and has a sample of its own.  Only what is
 * there now is taken, and not too much at once: whoever writes without end shall
 * not keep this from ending.
 */
static int take_marks(struct recorder *rec)
{
	int status = 0, left = 0, marks = 0;
	char c;

	if (ioctl(rec->marks, FIONREAD, &left))
		left = 0;
	while (!status && left-- > 0 && marks < MAX_MARKS &&
	       read(rec->marks, &c, 1) == 1) {
		if (c == '\n') {
			rec->line[rec->length] = '\0';
			rec->length = 0;
			marks++;
			status = take_sample(rec, rec->line);
		} else if (rec->length < MARK_SIZE - 1) {
			rec->line[rec->length++] = is_mark_character(c) ? c : '_';
		}
	}
	return status;
}

static bool is_over(const struct recorder *rec)
{
	return stopped || (rec->child.pid && child_has_ended(&rec->child));
}

/* Marks are taken meanwhile.  0, or 1 when all is done, or -1. */
static int wait_until(struct recorder *rec, int64_t when,
		      const sigset_t *waiting)
{
	int status = 0;

	/* At least once, or a signal would not be heard of. */
	do {
		if (wait_for_input(rec->marks, when, waiting))
			status = take_marks(rec);
		/* Where there is input, signals are not let in. */
		wait_for_input(-1, 0, waiting);
	} while (!status && !is_over(rec) && when > clock_ns(CLOCK_MONOTONIC));
	return status;
}

/*
 * The last sample is taken after the signal that ends it, so that all that was
 * is in the recording.  An interval that was missed is not made up for.
 */
static int take_samples(struct recorder *rec, const sigset_t *waiting)
{
	double seconds = rec->env->interval;
	int64_t next = clock_ns(CLOCK_MONOTONIC);
	int status = 0;

	while (!status && !is_over(rec)) {
		next = next_tick(next, seconds > 0 ? seconds : DEFAULT_INTERVAL);
		status = wait_until(rec, next, waiting);
		/* What a command marked before it ended may still be there. */
		if (!status && is_over(rec) && rec->marks >= 0)
			status = take_marks(rec);
		if (!status)
			status = take_sample(rec, "");
	}
	return status;
}

/*
 * The command runs from the first sample to before the last.  A signal that ends
 * the recording ends the command, too, as it does with perf record.  A VM that
 * ends, or a full disk, does not: that is no reason to break the command's work.
 */
static int take_samples_of_command(struct recorder *rec, const sigset_t *waiting)
{
	int status = child_begin(&rec->child);

	if (status) {
		rec->command_status = status;
		rec->taken = 0;
		return -1;
	}
	status = take_samples(rec, waiting);
	if (stopped)
		kill(rec->child.pid, stopped);
	rec->command_status = child_wait(&rec->child);
	return status;
}

/* A FIFO opens once somebody reads it; a signal ends that, too. */
static int open_output(struct recorder *rec, const sigset_t *waiting)
{
	sigset_t blocked;
	int status;

	sigprocmask(SIG_SETMASK, waiting, &blocked);
	status = file_open(&rec->file, rec->env->output);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	return status;
}

/*
 * Samples that were taken before a VM ended are whole, and worth keeping.  Those
 * on a disk that is full are not.
 */
static int record(struct recorder *rec)
{
	sigset_t waiting;
	bool good;
	int status;

	if (choose_fifo(rec) || open_marks(rec))
		return -1;
	if (rec->env->arguments &&
	    (name_fifo(rec) || child_fork(&rec->child, rec->env->arguments)))
		return -1;
	catch_signals(&waiting);
	if (open_output(rec, &waiting))
		return -1;
	status = take_sample(rec, "");
	if (!status)
		status = rec->env->arguments ?
			 take_samples_of_command(rec, &waiting) :
			 take_samples(rec, &waiting);
	good = rec->taken && !rec->unwritten;
	return file_close(&rec->file, good) || status < 0 ? -1 : 0;
}

int run_record(const struct env *env, struct source *source)
{
	struct recorder rec = { .env = env, .source = source, .marks = -1 };
	struct origin *origin = &source->origin;
	int status;

	/* A recording that is recorded again keeps its own. */
	if (!env->input) {
		origin_set(origin->exitstat, VERSION);
		origin_set(origin->command, env->command);
	}
	source->wants_hists = true;
	status = record(&rec);
	remove_marks(&rec);
	delta_free(&rec.samples);
	if (rec.command_status)
		return rec.command_status;
	return status ? STATUS_FAILED : STATUS_OK;
}
