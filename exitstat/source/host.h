/* SPDX-License-Identifier: GPL-2.0-only */
/* Read all VMs of a host. */
#ifndef SOURCE_HOST_H
#define SOURCE_HOST_H

#include "model/host.h"

/*
 * Read what the directories @debugfs and @proc have.  VMs that have ended are
 * dropped.  One that cannot be read is said on stderr, once, and hides no other.
 * Returns a status, after a line on stderr if it is not good.
 */
int host_read(struct host *host, const char *debugfs, const char *proc);

/* Forget the one in place @i of those that have ended; the last takes its place. */
void host_drop_ended(struct host *host, size_t i);

/* All VMs are gone. */
void host_forget(struct host *host);
void host_free(struct host *host);

#endif /* SOURCE_HOST_H */
