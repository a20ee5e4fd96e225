/* SPDX-License-Identifier: GPL-2.0-only */
/* All VMs of a host. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/delta.h"
#include "model/vmm.h"

struct vcpu_accounts {
	uint32_t vcpu;
	uint64_t accounts[NR_ACCOUNTS];
};

struct host_vm {
	char id[VM_ID_SIZE];	/* PID-FD */
	ino_t inode;		/* with it, no later VM of that name */
	uint64_t birth_ns;
	uint32_t pid;
	uint32_t isa;
	char name[VM_NAME_SIZE];	/* printable; "-" if it is not known */
	struct vmm vmm;
	char label[VM_NAME_SIZE];	/* for Prometheus; "" until it has one */
	unsigned int vcpus;
	int64_t created_ns;	/* the time of day */
	int64_t ended_ns;	/* CLOCK_MONOTONIC, when that was seen */
	bool seen;
	bool failed;		/* it could not be read, which was said */
	struct vcpu_accounts *accounts;	/* of its vCPUs by number, if these are wanted */
	size_t nr_accounts;
	struct delta samples;	/* of the last interval */
	struct sample change;
	struct exit_stats_row base;	/* where the screen counts from */
};

struct host {
	struct host_vm *vms;	/* behind nr are those that could not be read */
	size_t nr, nr_unreadable;
	size_t nr_without;	/* VMs of a KVM that has no statistics */
	struct host_vm *ended;	/* with what was read of them last */
	size_t nr_ended;
	double keep;		/* them for so many seconds */
	uint32_t tsc_khz;
	uint32_t isa;		/* of its CPU; 0: not known yet */
	bool wants_hists;	/* of its VMs, where there are any */
	bool wants_vcpus;
	uint64_t reads;
	int64_t read_ns;	/* when, and how long after the read before */
	int64_t elapsed_ns;
	int64_t clock_ns;	/* the time of day */
	struct sample all;	/* the sum of all changes, without rows and time */
	/* What is shown of it: */
	uint64_t groups;	/* before */
	bool since_start;
	bool with_clock;	/* for people, too */
	bool by_reason;		/* each VM's rows, which are in its change */
	enum sort_key sort;
};

#endif /* HOST_H */
