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
#include "source/vm-name.h"

struct vm {
	struct source source;
	int dir;
	char id[VM_ID_SIZE];
	char called[VM_NAME_SIZE];
	char *name;		/* as "VM 47-12 vCPU 3" */
	struct debugfs_file file;
};

static int vm_read(struct source *source, struct sample *sample)
{
	struct vm *vm = (struct vm *)source;
	int status;

	vm->file.wants_hists = source->wants_hists;
	status = debugfs_read(vm->dir, &vm->file, sample);
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

/* What a VM may be asked for by; what is said before and behind that of several. */
struct way {
	bool (*is_wanted)(const char *id, const char *name, const char *wanted);
	bool needs_name;
	const char *before, *behind;
};

static bool is_id(const char *id, const char *name, const char *wanted)
{
	(void)name;
	return !strcmp(id, wanted);
}

static bool is_pid(const char *id, const char *name, const char *wanted)
{
	size_t length = strlen(wanted);

	(void)name;
	return !strncmp(id, wanted, length) && id[length] == '-';
}

static bool is_name(const char *id, const char *name, const char *wanted)
{
	(void)id;
	return vm_name_is(name, wanted);
}

/* A table or a screen may have cut the name. */
static bool begins_name(const char *id, const char *name, const char *wanted)
{
	(void)id;
	return vm_name_begins(name, wanted);
}

/* The first of these that any VM answers to is what was meant. */
static const struct way ways[] = {
	{ is_id, false, "", "" },
	{ is_pid, false, "process ", " has several VMs" },
	{ is_name, true, "several VMs are called ", "" },
	{ begins_name, true, "the names of several VMs begin with ", "" },
};

/* More are not listed in a message. */
#define MAX_LISTED	8

struct found {
	size_t nr;
	char ids[MAX_LISTED][VM_ID_SIZE];
};

static void find_by(const struct way *way, DIR *dir, const char *proc,
		    const char *wanted, struct found *found)
{
	char name[VM_NAME_SIZE] = "-";
	struct dirent *entry;
	uint32_t pid;

	rewinddir(dir);
	while ((entry = readdir(dir))) {
		if (!debugfs_is_vm(entry->d_name, &pid))
			continue;
		if (way->needs_name)
			vm_name(proc, pid, name);
		if (!way->is_wanted(entry->d_name, name, wanted))
			continue;
		if (found->nr < MAX_LISTED)
			strcpy(found->ids[found->nr], entry->d_name);
		found->nr++;
	}
}

static int compare_ids(const void *left, const void *right)
{
	return strcmp(left, right);
}

static int complain_of_several(const struct way *way, const char *wanted,
			       struct found *found)
{
	size_t i, nr = found->nr < MAX_LISTED ? found->nr : MAX_LISTED;
	char list[MAX_LISTED * (VM_ID_SIZE + 12)];
	int length = 0;

	qsort(found->ids, nr, sizeof(found->ids[0]), compare_ids);
	for (i = 0; i < nr; i++)
		length += snprintf(list + length, sizeof(list) - length,
				   "%s--vm %s", !i ? "" : i < found->nr - 1 ?
				   ", " : " or ", found->ids[i]);
	complain("%s%s%s: say %s%s", way->before, wanted, way->behind, list,
		 nr < found->nr ? " ..." : "");
	return STATUS_FAILED;
}

/* Find PID-FD of the one VM that @wanted means.  Returns a status. */
static int find_vm(DIR *dir, const char *proc, const char *wanted,
		   char id[VM_ID_SIZE])
{
	struct found found = { 0 };
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		find_by(&ways[i], dir, proc, wanted, &found);
		if (found.nr > 1)
			return complain_of_several(&ways[i], wanted, &found);
		if (found.nr) {
			strcpy(id, found.ids[0]);
			return STATUS_OK;
		}
	}
	complain("there is no VM %s: see exitstat --host", wanted);
	return STATUS_FAILED;
}

/* Keep the directory: a later VM of the same name is another. */
static int open_dir(struct vm *vm, int debugfs, const char *name, int vcpu)
{
	char path[VM_ID_SIZE + 32];
	int length = snprintf(path, sizeof(path), "%s", name);

	if (vcpu >= 0)
		snprintf(path + length, sizeof(path) - length, "/vcpu%d", vcpu);
	vm->dir = openat(debugfs, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (vm->dir < 0 && errno == ENOENT) {
		vcpu < 0 ? complain("VM %s is gone", name)
			 : complain("VM %s has no vCPU %d", name, vcpu);
		return STATUS_FAILED;
	}
	if (vm->dir >= 0 && !faccessat(vm->dir, "exit_stats", F_OK, 0))
		return STATUS_OK;
	if (errno != ENOENT) {
		snprintf(path, sizeof(path), "VM %s", name);
		return debugfs_explain(path);
	}
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
	opened->file.name = opened->name;
	return &opened->source;
}

static int find_and_open(struct vm *vm, const char *debugfs, const char *proc,
			 const char *wanted, int vcpu)
{
	DIR *dir = opendir(debugfs);
	uint32_t pid;
	int status;

	if (!dir)
		return debugfs_explain(debugfs);
	status = find_vm(dir, proc, wanted, vm->id);
	if (!status)
		status = open_dir(vm, dirfd(dir), vm->id, vcpu);
	closedir(dir);
	if (status)
		return status;

	debugfs_is_vm(vm->id, &pid);
	vm_name(proc, pid, vm->called);
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

struct source *vm_open(const char *debugfs, const char *proc,
		       const char *wanted, int vcpu, uint32_t tsc_khz,
		       int *status)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	char names[NAME_MAX + VM_NAME_SIZE + 2];

	*status = STATUS_FAILED;
	if (!vm) {
		complain("out of memory");
		return NULL;
	}
	vm->dir = -1;
	vm->source.read = vm_read;
	vm->source.close = vm_close;
	*status = find_and_open(vm, debugfs, proc, wanted, vcpu);
	if (*status) {
		vm_close(&vm->source);
		return NULL;
	}
	vm->file.name = vm->name;
	vm->file.isa = host_isa();
	vm->source.vm = vm->id;
	vm->source.name = vm->called;
	vm->source.vcpu = vcpu;
	vm->source.tsc_khz = tsc_khz ? tsc_khz : measure_tsc_khz();
	origin_here(&vm->source.origin);
	snprintf(names, sizeof(names), "%s %s", vm->id, vm->called);
	origin_set(vm->source.origin.vm, names);
	vm->source.origin.vcpus = vcpu < 0 ? count_vcpus(&vm->source) : 1;
	return &vm->source;
}
