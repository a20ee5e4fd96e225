/* SPDX-License-Identifier: GPL-2.0-only */
/* What people call a VM. */
#ifndef VM_NAME_H
#define VM_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "model/sample.h"

/* Where the kernel has the files of processes. */
#define PROC "/proc"

/*
 * The name of the VM whose VMM is the process @pid: that of QEMU's -name, or of
 * the machine's scope, or of the process; "-" if there is no such process.
 * @proc is PROC, or what takes its place.  All of it is printable ASCII; what is
 * not is a '.' there.
 */
void vm_name(const char *proc, uint32_t pid, char name[VM_NAME_SIZE]);

/* Is @name, which vm_name() gave, known, and @wanted, or does it begin so? */
bool vm_name_is(const char *name, const char *wanted);
bool vm_name_begins(const char *name, const char *wanted);

#endif /* VM_NAME_H */
