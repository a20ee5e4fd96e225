/* SPDX-License-Identifier: GPL-2.0-only */
/* What people call a VM. */
#ifndef VM_NAME_H
#define VM_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "model/vmm.h"

/* Where the kernel has the files of processes. */
#define PROC "/proc"

/* What people call the VM that @vmm runs: its name, else the process's, else "-". */
void vm_name_of(const struct vmm *vmm, char name[VM_NAME_SIZE]);

/* The same of the process @pid; @proc is PROC, or what takes its place. */
void vm_name(const char *proc, uint32_t pid, char name[VM_NAME_SIZE]);

/* Is @name, which vm_name() gave, known, and @wanted, or does it begin so? */
bool vm_name_is(const char *name, const char *wanted);
bool vm_name_begins(const char *name, const char *wanted);

#endif /* VM_NAME_H */
