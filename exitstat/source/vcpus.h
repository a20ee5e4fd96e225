/* SPDX-License-Identifier: GPL-2.0-only */
/* The vCPUs of a VM, in its directory in debugfs. */
#ifndef VCPUS_H
#define VCPUS_H

#include "model/host.h"

unsigned int vcpus_count(int dir);

/*
 * Read the accounts of each.  0, or 1 if the VM is gone, or -1 after a line on stderr;
 * if it is not 0, @vm has what it had.
 */
int vcpus_read(struct host_vm *vm, int dir);

#endif /* VCPUS_H */
