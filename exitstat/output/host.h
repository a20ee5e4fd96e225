/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs of a host, in each format. */
#ifndef OUTPUT_HOST_H
#define OUTPUT_HOST_H

#include <stdio.h>

#include "model/host.h"

/* Write a group.  0, or -1 after a line on stderr. */
int host_show_table(FILE *out, const struct host *host);
int host_show_csv(FILE *out, const struct host *host);
int host_show_json(FILE *out, const struct host *host);
int host_show_openmetrics(FILE *out, const struct host *host);

/* A reason of a VM. */
struct vm_row {
	const struct host_vm *vm;
	const struct exit_stats_row *row;
};

/* All of the host's, VM by VM, to be freed; NULL after a line on stderr. */
struct vm_row *host_make_rows(const struct host *host, size_t *nr);

#endif /* OUTPUT_HOST_H */
