/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs of a host for Prometheus. */
#ifndef EXPORT_H
#define EXPORT_H

#include "model/host.h"

/* What a series can be left out of, in this order, where there are too many. */
enum detail {
	DETAIL_VMS,		/* the VM as a whole */
	DETAIL_REASONS,		/* each of its exit reasons */
	DETAIL_VCPUS,		/* each of its vCPUs */
	DETAIL_TAIL,		/* histograms of the reasons */
	NR_DETAILS
};

struct export_vm {
	const struct host_vm *vm;
	bool named;		/* by a name that cannot be another VM's PID-FD */
	const char *label;	/* its name, or PID-FD */
};

struct export {
	bool openmetrics;	/* else what Prometheus' text format 0.0.4 is */
	bool wants[NR_DETAILS];
	uint64_t max_series;
	uint32_t tsc_khz;
	bool up;		/* the host could be read */
	size_t unreadable, ended;	/* VMs; those that ended are in the table */
	int64_t began_ns;	/* CLOCK_MONOTONIC */
	struct export_vm *vms;
	size_t nr;
};

/*
 * Order the VMs, and give each a label that no other has.  That of two VMs of one name
 * the older one keeps; the other one's is its PID-FD.
 */
void export_label(struct export *export);

/*
 * Write all that is wanted, as long as that is at most max_series series; else less
 * detail of all VMs, and at last fewer VMs.
 */
void export_write(FILE *out, struct export *export);

#endif /* EXPORT_H */
