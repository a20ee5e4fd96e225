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

struct export {
	bool openmetrics;	/* else what Prometheus' text format 0.0.4 is */
	bool wants[NR_DETAILS];
	uint64_t max_series;
	uint32_t tsc_khz;
	bool up;		/* the host could be read */
	size_t unreadable, without, ended;	/* VMs; only the last are in the table */
	int64_t began_ns;	/* CLOCK_MONOTONIC */
	const struct host_vm **vms;
	size_t nr;
};

/*
 * Write all that is wanted, as long as that is at most max_series series; else less
 * detail of all VMs, and at last not those that have ended, nor the youngest.  The VMs
 * have their labels, and are ordered by these.
 */
void export_write(FILE *out, struct export *export);

#endif /* EXPORT_H */
