/* SPDX-License-Identifier: GPL-2.0-only */
/* Find out who runs a VM, and as what. */
#ifndef SOURCE_VMM_H
#define SOURCE_VMM_H

#include <stdint.h>

#include "model/vmm.h"

/*
 * Read what @proc has of the process @pid.  The name is that of QEMU's -name (which
 * libvirt and KubeVirt give, too), Firecracker's --id, the machine's scope, or the
 * socket of Cloud Hypervisor's API.
 */
void vmm_read(const char *proc, uint32_t pid, struct vmm *vmm);

#endif /* SOURCE_VMM_H */
