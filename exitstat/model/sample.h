/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of all of exitstat: sources give samples, outputs show samples or
 * what changed between two of them.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/complain.h"
#include "model/hist.h"
#include "model/origin.h"
#include "model/reason.h"

/* Reasons that are not errors are lower than this, far above what is defined. */
#define END_REASONS	0x10000

/* More rows than any table has: more are not believable. */
#define MAX_ROWS	65537

/* The name of a phase, with its NUL. */
#define MARK_SIZE	32

/* A VM: PID-FD, and the name that people gave it, with their NULs. */
#define VM_ID_SIZE	24
#define VM_NAME_SIZE	256

/* What one read of a source gave.  To start with, all zeros. */
struct sample {
	bool has_times;		/* all times are known, and the accounts */
	uint64_t time_ns;	/* since the VM began, as far as is known */
	uint64_t uptime_ns;	/* of the guest's kernel; 0: not known, or a host */
	int64_t clock_ns;	/* the time of day, CLOCK_REALTIME; 0: not known */
	uint64_t epoch;		/* another one: counts began anew; 0: not known */
	uint64_t age;		/* of the VM in cycles; 0: not known */
	struct exit_stats_row all;	/* the total of the VM, or of the vCPU */
	uint64_t accounts[NR_ACCOUNTS];	/* where all time of the vCPUs went */
	uint64_t own;		/* exits by exitstat's reads so far, in the above */
	char mark[MARK_SIZE];	/* of the phase that begins here, or "" */
	bool anew;		/* in a recording: counts began anew before it */
	uint32_t nr_rows;
	uint32_t max_rows;	/* that there is memory for */
	struct exit_stats_row *rows;	/* that are not all zero, by reason, ascending */
	struct hists hists;	/* of the rows' reasons, if the source was asked */
};

/* CPUID of this guest, debugfs of a host, or a dump file. */
struct source {
	uint32_t isa;		/* KVM_CPUID_EXIT_STATS_ISA_*; known after a read */
	uint32_t tsc_khz;	/* of the cycles */
	uint32_t own_reason;	/* the reason that reads cause, if they do */
	const char *vm;		/* PID-FD on a host, or NULL */
	const char *name;	/* of that VM, "-" if it is not known; or NULL */
	int vcpu;		/* of that VM, or -1 */
	struct origin origin;
	bool wants_hists;	/* samples are to have histograms, where there are any */
	/*
	 * Fill a sample.  0, or 1 at the end of a dump, or -1 after a line on
	 * stderr.
	 */
	int (*read)(struct source *source, struct sample *sample);
	void (*close)(struct source *source);
};

/* Rows must be in ascending order of their reasons.  0, or -1 as above. */
int sample_add_row(struct sample *sample, const struct exit_stats_row *row);

/* How many of a row's times are known. */
static inline int sample_nr_times(const struct sample *sample)
{
	return sample->has_times ? NR_TIMES : 1;
}

/* What a reason costs in all (no more than fits), and a single exit of it. */
uint64_t row_cycles(const struct exit_stats_row *row);
double row_cost(const struct exit_stats_row *row);

/*
 * Did counts begin anew between the two?  Nothing can be subtracted then.  With
 * another epoch, but nothing that fell, it is the same VM, whose counting was
 * turned off and on: its counts went on.
 */
bool sample_is_anew(const struct sample *new, const struct sample *old);

/*
 * From the VM's start to its kernel's go by at most so many seconds, of firmware
 * and boot loader; and a guest's clock is wrong by at most so many.
 */
#define BOOT_SECONDS	60
#define RESTORE_SECONDS	2

/* Of what the counts since the VM's start are, as far as a guest can tell. */
enum history {
	HISTORY_PLAIN,		/* of this boot of this guest */
	HISTORY_REBOOTED,	/* of what ran before it, too */
	HISTORY_RESTORED,	/* of a part of it: the VM is younger */
	HISTORY_IMPOSSIBLE,	/* of more time than is known: rebooted or restored */
};

enum history sample_history(const struct sample *sample,
			    const struct source *source);

double sum_of_accounts(const struct sample *sample);

/* What changed of a row from @old to @new.  True if anything did. */
bool row_subtract(struct exit_stats_row *delta,
		  const struct exit_stats_row *new,
		  const struct exit_stats_row *old);

/* What changed from @old to @new; rows that did not move are left out. */
int sample_subtract(struct sample *delta, const struct sample *new,
		    const struct sample *old);

/* Exits and times; the reason stays. */
void row_add(struct exit_stats_row *sum, const struct exit_stats_row *row);

/* By reason, as a source has them. */
void sample_order(struct sample *sample);

/* Add another change to @sum, which both have their rows by reason.  0, or -1. */
int sample_add(struct sample *sum, const struct sample *change);

/*
 * Take the reads' own exits out of @sample, totals included, and the part of
 * their row's cycles that is theirs if all of its exits cost the same.
 */
void sample_remove_own(struct sample *sample, uint32_t own_reason);

/* Leave only rows of @nr @reasons, which ascend. */
void sample_restrict(struct sample *sample, const uint32_t *reasons, size_t nr);

/* The row of @reason, or NULL. */
const struct exit_stats_row *sample_find(const struct sample *sample,
					 uint32_t reason);

static inline double seconds_of(const struct sample *change)
{
	return (double)change->time_ns / 1e9;
}

/* What single exits of @reason cost, and of all reasons. */
void sample_tail(const struct sample *sample, uint32_t reason, struct tail *tail);
void sample_tail_of_all(const struct sample *sample, struct tail *tail);

/* The row whose costliest exit cost most; NULL if no exit's cost is known. */
const struct exit_stats_row *sample_worst(const struct sample *sample,
					  struct tail *worst);

/* How often @reason occurred in it, per second; 0 without a row. */
double sample_rate(const struct sample *sample, uint32_t reason);

/* The default is by cycles where all of them are known, else by exits. */
enum sort_key {
	SORT_DEFAULT,
	SORT_EXITS,
	SORT_CYCLES,
	SORT_COST,
	SORT_P99,	/* these two need a tail */
	SORT_MAX,
};

static inline bool sort_needs_tail(enum sort_key key)
{
	return key == SORT_P99 || key == SORT_MAX;
}

enum sort_key sample_sort_key(const struct sample *sample, enum sort_key key);

/* The first is of keys that need no tail, the second of those that do. */
double row_sort_value(const struct exit_stats_row *row, enum sort_key key);
double tail_sort_value(const struct tail *tail, enum sort_key key);

/* Of a row, or of all that the sample has. */
double sample_sort_value(const struct sample *sample,
			 const struct exit_stats_row *row, enum sort_key key);

/* Highest first, and the lower reason where two are alike. */
void sample_sort(struct sample *sample, enum sort_key key);

void sample_free(struct sample *sample);

#endif /* SAMPLE_H */
