/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM's debugfs on a host. */
#ifndef DEBUGFS_H
#define DEBUGFS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/sample.h"

/* Where a host's kernel has the directories of its VMs. */
#define DEBUGFS "/sys/kernel/debug/kvm"

/*
 * Read a table as KVM writes it; one without a line is that of a VM without a
 * vCPU.  Sets @isa if the names tell.  0, or -1 after a line on stderr.
 */
int debugfs_parse(FILE *in, const char *name, struct sample *sample,
		  uint32_t *isa);

/*
 * Read the table of histograms beside it; one without a line has none.  0, or -1
 * as above.
 */
int debugfs_parse_hists(FILE *in, const char *name, struct hists *hists);

/*
 * What lines of both tables have: a reason ("-" is REASON_OTHER) or a number,
 * right-aligned, and a space.
 */
bool debugfs_take_reason(const char **text, uint32_t *reason);
bool debugfs_take_column(const char **text, uint64_t *number);

/* A VM or vCPU. */
struct debugfs_file {
	const char *name;	/* for people */
	uint64_t birth_ns;	/* on the clock that no one sets; 0: not known yet */
	uint32_t isa;
	bool wants_hists;	/* where KVM has them */
};

/*
 * Read the table in the directory @dir.  0, or 1 if the VM is gone (no line on
 * stderr), or -1 after a line on stderr.
 */
int debugfs_read(int dir, struct debugfs_file *file, struct sample *sample);

/* The directories of VMs are PID-FD.  False if @name is no such one. */
bool debugfs_is_vm(const char *name, uint32_t *pid);

/* Say why @path cannot be read, from errno.  Returns the status to exit with. */
int debugfs_explain(const char *path);

/* What this host's CPU has; a table whose rows have names tells better. */
uint32_t host_isa(void);

#endif /* DEBUGFS_H */
