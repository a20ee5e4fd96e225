/* SPDX-License-Identifier: GPL-2.0-only */
/* What --top shows, and how. */
#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/track.h"
#include "model/host.h"

#define DELAY_SIZE	8
#define WHY_SIZE	256

/* A VM, a reason, or a vCPU. */
struct line {
	char id[VM_ID_SIZE];
	const char *name;
	ino_t inode;			/* of the VM */
	unsigned int vcpus;		/* of the VM */
	uint32_t order;			/* of those that are alike */
	struct exit_stats_row now, since;
	struct tail tail;		/* of what happens now */
	uint64_t now_ns;		/* in which that was; 0: not known yet */
};

struct top {
	const struct env *env;
	struct host *host;		/* whose VMs are listed, or NULL */
	struct track all;		/* of a VM; without a source: that list */
	struct track *vcpus;		/* while by_vcpu */
	size_t nr_vcpus;
	enum sort_key sort;
	double interval;		/* seconds */
	bool by_vcpu;
	bool tail;			/* show what single exits cost */
	bool paused;
	bool refresh;			/* now */
	bool ended;			/* no more samples will come of the VM */
	bool help;
	bool reset;			/* counts are not those since the start */
	bool host_reset;		/* the list's, while a VM is shown */
	int64_t reset_ns;		/* when the list's were */
	bool asking;			/* for a new interval: */
	char delay[DELAY_SIZE];
	const char *message;		/* until the next key, or NULL */
	char why[WHY_SIZE];		/* the VM's last complaint */
	/* The rows of what is shown, sorted, and which of them are on the screen. */
	struct line *lines;
	size_t nr_lines, first, page;
	/* The VM that the cursor is on; without an ID that of the first row. */
	char selected[VM_ID_SIZE];
	ino_t selected_inode;
	size_t cursor;			/* its row */
};

static inline bool top_lists_vms(const struct top *top)
{
	return !top->all.source;
}

/* Are all times known of what is shown? */
static inline bool top_has_times(const struct top *top)
{
	return top_lists_vms(top) ? top->host->all.has_times
				  : top->all.samples.new.has_times;
}

/* Make the rows of what was read last, and find the cursor's.  0, or -1. */
int top_make_lines(struct top *top);

/* Read histograms, and show them, or do not. */
void top_set_tail(struct top *top, bool tail);

/* Where there are none, say so, and show none. */
void top_check_tail(struct top *top);

/* Move the cursor, or the rows, if @key does that; to all rows' ends at most. */
bool top_move(struct top *top, int key);

/* Have the cursor on the screen, and no room left where there are more rows. */
void top_scroll(struct top *top);

/* Draw what the rows are. */
void top_draw(struct top *top);

/* Go into the VM on which the cursor is, and back to all of them. */
void top_enter(struct top *top);
void top_leave(struct top *top);

/* Each returns 0, or 1 to quit, or -1 after a line on stderr. */
int top_show_vcpus(struct top *top);
void top_drop_vcpus(struct top *top);
int top_reset(struct top *top);
int top_handle_key(struct top *top, int key);

#endif /* TOP_H */
