// SPDX-License-Identifier: GPL-2.0-only
/* The source that a host has of a VM, or of one of its vCPUs: debugfs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/complain.h"
#include "base/parse.h"
#include "base/status.h"
#include "source/debugfs.h"
#include "source/source.h"
#include "source/tsc.h"

struct vm {
	struct source source;
	int dir;
	char id[NAME_MAX + 1];	/* PID-FD */
	char *name;		/* as "VM 47-12 vCPU 3" */
	struct debugfs_file file;
};

static int vm_read(struct source *source, struct sample *sample)
{
	struct vm *vm = (struct vm *)source;
	int status = debugfs_read(vm->dir, &vm->file, sample);

	source->isa = vm->file.isa;
	return status > 0 ? complain("%s is gone", vm->name) : status;
}

static void vm_close(struct source *source)
{
	struct vm *vm = (struct vm *)source;

	if (vm->dir >= 0)
		close(vm->dir);
	free(vm->name);
	free(vm);
}

/* Is @name, PID-FD, what was asked for as PID or as PID-FD? */
static bool is_wanted(const char *name, const char *wanted)
{
	size_t length = strlen(wanted);
	uint32_t pid;

	if (!debugfs_is_vm(name, &pid))
		return false;
	return !strcmp(name, wanted) ||
	       (!strncmp(name, wanted, length) && name[length] == '-');
}

/* Find PID-FD of the one VM that @wanted means.  Returns a status. */
static int find_vm(DIR *dir, const char *wanted, char name[NAME_MAX + 1])
{
	struct dirent *entry;

	name[0] = '\0';
	while ((entry = readdir(dir))) {
		if (!is_wanted(entry->d_name, wanted))
			continue;
		if (name[0]) {
			complain("process %s has several VMs: say --vm %s or --vm %s",
				 wanted, name, entry->d_name);
			return STATUS_FAILED;
		}
		strcpy(name, entry->d_name);
	}
	if (name[0])
		return STATUS_OK;
	complain("there is no VM %s: see exitstat --host", wanted);
	return STATUS_FAILED;
}

/* Keep the directory: a later VM of the same name is another. */
static int open_dir(struct vm *vm, int debugfs, const char *name, int vcpu)
{
	char path[NAME_MAX + 32];
	int length = snprintf(path, sizeof(path), "%s", name);

	if (vcpu >= 0)
		snprintf(path + length, sizeof(path) - length, "/vcpu%d", vcpu);
	vm->dir = openat(debugfs, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (vm->dir < 0) {
		complain("VM %s has no vCPU %d", name, vcpu);
		return STATUS_FAILED;
	}
	if (!faccessat(vm->dir, "exit_stats", F_OK, 0))
		return STATUS_OK;
	complain("VM %s: KVM without exit statistics: use a patched kernel on this host",
		 name);
	return STATUS_NO_STATISTICS;
}

int vm_next_vcpu(const struct source *source, int after)
{
	const struct vm *vm = (const struct vm *)source;
	int next = -1, fd = openat(vm->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t vcpu;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (take_word(&name, "vcpu") &&
		    take_number(&name, INT32_MAX, &vcpu) && !*name &&
		    (int)vcpu > after && (next < 0 || (int)vcpu < next))
			next = (int)vcpu;
	}
	closedir(dir);
	return next;
}

struct source *vm_open_vcpu(const struct source *source, int vcpu)
{
	const struct vm *vm = (const struct vm *)source;
	struct vm *opened = calloc(1, sizeof(*opened));
	char path[32];

	if (!opened)
		return NULL;
	*opened = (struct vm){ .source = vm->source };
	snprintf(path, sizeof(path), "vcpu%d", vcpu);
	opened->dir = openat(vm->dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (opened->dir < 0 ||
	    asprintf(&opened->name, "%s vCPU %d", vm->name, vcpu) < 0) {
		opened->name = NULL;
		vm_close(&opened->source);
		return NULL;
	}
	return &opened->source;
}

static int find_and_open(struct vm *vm, const char *debugfs, const char *wanted,
			 int vcpu)
{
	DIR *dir = opendir(debugfs);
	int status;

	if (!dir)
		return debugfs_explain(debugfs);
	status = find_vm(dir, wanted, vm->id);
	if (!status)
		status = open_dir(vm, dirfd(dir), vm->id, vcpu);
	closedir(dir);
	if (status)
		return status;

	if ((vcpu < 0 ? asprintf(&vm->name, "VM %s", vm->id)
		      : asprintf(&vm->name, "VM %s vCPU %d", vm->id,
				 vcpu)) < 0)
		vm->name = NULL;
	if (vm->name)
		return STATUS_OK;
	complain("out of memory");
	return STATUS_FAILED;
}

static uint32_t count_vcpus(const struct source *source)
{
	uint32_t nr = 0;
	int vcpu = -1;

	while ((vcpu = vm_next_vcpu(source, vcpu)) >= 0)
		nr++;
	return nr;
}

struct source *vm_open(const char *debugfs, const char *wanted, int vcpu,
		       uint32_t tsc_khz, int *status)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	*status = STATUS_FAILED;
	if (!vm) {
		complain("out of memory");
		return NULL;
	}
	vm->dir = -1;
	vm->source.read = vm_read;
	vm->source.close = vm_close;
	*status = find_and_open(vm, debugfs, wanted, vcpu);
	if (*status) {
		vm_close(&vm->source);
		return NULL;
	}
	vm->file.name = vm->name;
	vm->file.isa = host_isa();
	vm->source.vm = vm->id;
	vm->source.vcpu = vcpu;
	vm->source.tsc_khz = tsc_khz ? tsc_khz : measure_tsc_khz();
	origin_here(&vm->source.origin);
	origin_set(vm->source.origin.vm, vm->id);
	vm->source.origin.vcpus = vcpu < 0 ? count_vcpus(&vm->source) : 1;
	return &vm->source;
}
