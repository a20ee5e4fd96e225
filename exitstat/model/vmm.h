/* SPDX-License-Identifier: GPL-2.0-only */
/* Who runs a VM, and as what. */
#ifndef MODEL_VMM_H
#define MODEL_VMM_H

#include "model/sample.h"

#define UUID_SIZE	37
#define COMM_SIZE	32
#define CGROUP_SIZE	512

/* All of it is printable ASCII; "" is what is not known. */
struct vmm {
	char name[VM_NAME_SIZE];	/* that people gave the VM */
	char uuid[UUID_SIZE];		/* of the VM, in small letters */
	char comm[COMM_SIZE];		/* of the process */
	char cgroup[CGROUP_SIZE];	/* its path */
	char pod[UUID_SIZE];		/* the UID of Kubernetes' pod that it is in */
};

#endif /* MODEL_VMM_H */
