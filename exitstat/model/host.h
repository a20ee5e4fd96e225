/* SPDX-License-Identifier: GPL-2.0-only */
/* All VMs of a host. */
#ifndef HOST_H
#define HOST_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/delta.h"

struct host_vm {
	char id[NAME_MAX + 1];	/* PID-FD */
	ino_t inode;		/* with it, no later VM of that name */
	uint64_t birth_ns;
	uint32_t pid;
	char name[17];		/* of the process; printable */
	unsigned int vcpus;
	bool seen;
	struct delta samples;	/* of the last interval */
	struct sample change;
};

struct host {
	struct host_vm *vms;
	size_t nr;
	uint32_t tsc_khz;
	struct exit_stats_row all;	/* of all deltas */
	uint64_t groups;	/* shown before */
	bool since_start;
};

#endif /* HOST_H */
