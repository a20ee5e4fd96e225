// SPDX-License-Identifier: GPL-2.0-only
/* See source/vm-name.h. */
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "source/vm-name.h"
#include "source/vmm.h"

void vm_name_of(const struct vmm *vmm, char name[VM_NAME_SIZE])
{
	const char *known = vmm->name[0] ? vmm->name : vmm->comm;

	snprintf(name, VM_NAME_SIZE, "%s", known[0] ? known : "-");
}

void vm_name(const char *proc, uint32_t pid, char name[VM_NAME_SIZE])
{
	struct vmm vmm;

	vmm_read(proc, pid, &vmm);
	vm_name_of(&vmm, name);
}

/* As much of @wanted as a name has. */
static void as_name(const char *wanted, char name[VM_NAME_SIZE])
{
	snprintf(name, VM_NAME_SIZE, "%s", wanted);
	make_printable(name);
}

bool vm_name_is(const char *name, const char *wanted)
{
	char text[VM_NAME_SIZE];

	as_name(wanted, text);
	return strcmp(name, "-") && !strcmp(name, text);
}

bool vm_name_begins(const char *name, const char *wanted)
{
	char text[VM_NAME_SIZE];

	as_name(wanted, text);
	return strcmp(name, "-") && !strncmp(name, text, strlen(text));
}
