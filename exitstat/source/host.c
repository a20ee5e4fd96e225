// SPDX-License-Identifier: GPL-2.0-only
/* See source/host.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/complain.h"
#include "base/status.h"
#include "source/debugfs.h"
#include "source/host.h"
#include "source/vcpus.h"
#include "source/vm-name.h"
#include "source/vmm.h"

static struct host_vm *find_vm(struct host *host, const char *id, ino_t inode)
{
	struct host_vm *vms;
	size_t i;

	for (i = 0; i < host->nr; i++) {
		if (host->vms[i].inode == inode && !strcmp(host->vms[i].id, id))
			return &host->vms[i];
	}
	vms = reallocarray(host->vms, host->nr + 1, sizeof(*vms));
	if (!vms)
		return NULL;
	host->vms = vms;
	memset(&vms[host->nr], 0, sizeof(*vms));
	strcpy(vms[host->nr].id, id);
	vms[host->nr].inode = inode;
	return &vms[host->nr++];
}

/* 0, or 1 if it has no statistics, or has ended, or -1 with words in @why. */
static int read_table(const struct host *host, struct host_vm *vm, int dir, char *why,
		      size_t size)
{
	bool named = strcmp(vm->name, "-");
	char name[VM_ID_SIZE + VM_NAME_SIZE + 8];
	struct debugfs_file file = {
		.name = name, .birth_ns = vm->birth_ns, .isa = vm->isa,
		.wants_hists = host->wants_hists,
	};
	struct complaints before;
	int status;

	snprintf(name, sizeof(name), "VM %s%s%s%s", vm->id, named ? " (" : "",
		 named ? vm->name : "", named ? ")" : "");
	before = keep_complaints(why, size);
	delta_turn(&vm->samples);
	status = debugfs_read(dir, &file, &vm->samples.new);
	if (!status && host->wants_vcpus)
		status = vcpus_read(vm, dir);
	restore_complaints(before);
	if (status) {
		delta_turn(&vm->samples);
		/* What is read of a VM that ends may be an error, or cut. */
		return faccessat(dir, "exit_stats", F_OK, 0) &&
		       errno == ENOENT ? 1 : status;
	}
	vm->birth_ns = file.birth_ns;
	vm->isa = file.isa;
	return 0;
}

/* A VM's file never changes, and came to be with it. */
static int64_t find_creation(int dir)
{
	struct stat stat;

	if (fstatat(dir, "exit_stats", &stat, 0))
		return clock_ns(CLOCK_REALTIME);
	return stat.st_mtim.tv_sec * NS_PER_S + stat.st_mtim.tv_nsec;
}

/* 0, or 1 if it has no statistics, or has ended.  An error is said once. */
static int read_vm(const struct host *host, struct host_vm *vm, int dir,
		   const char *proc)
{
	unsigned int vcpus;
	char why[512];
	int status;

	if (!vm->birth_ns) {
		debugfs_is_vm(vm->id, &vm->pid);
		vm->isa = host->isa;
		vmm_read(proc, vm->pid, &vm->vmm);
		vm_name_of(&vm->vmm, vm->name);
		vm->created_ns = find_creation(dir);
	}
	status = read_table(host, vm, dir, why, sizeof(why));
	if (status < 0 && !vm->failed)
		complain("%s", why);
	vm->failed = status < 0;
	vm->seen = status <= 0;
	if (!status) {
		vcpus = vcpus_count(dir);
		/* Of a VM that ends, the vCPUs go first. */
		if (!faccessat(dir, "exit_stats", F_OK, 0))
			vm->vcpus = vcpus;
		vm->failed = delta_change(&vm->samples, false, &vm->change);
	}
	return status > 0;
}

static void free_vm(struct host_vm *vm)
{
	delta_free(&vm->samples);
	sample_free(&vm->change);
	free(vm->accounts);
}

/* What cannot be kept for want of memory is dropped. */
static void keep_vm(struct host *host, struct host_vm *vm)
{
	struct host_vm *ended = NULL;

	/* One that nothing was read of has nothing to keep. */
	if (host->keep && vm->birth_ns)
		ended = reallocarray(host->ended, host->nr_ended + 1,
				     sizeof(*ended));
	if (!ended) {
		free_vm(vm);
		return;
	}
	host->ended = ended;
	vm->ended_ns = host->read_ns;
	ended[host->nr_ended++] = *vm;
}

static void drop_ended(struct host *host)
{
	size_t i, nr = 0;

	for (i = 0; i < host->nr_ended; i++) {
		struct host_vm *vm = &host->ended[i];

		if ((double)(host->read_ns - vm->ended_ns) < host->keep * 1e9)
			host->ended[nr++] = *vm;
		else
			free_vm(vm);
	}
	host->nr_ended = nr;
}

/* Drop those that ended; those that could not be read go behind the others. */
static void sort_out(struct host *host)
{
	size_t i, nr = 0, readable = 0;

	for (i = 0; i < host->nr; i++) {
		if (host->vms[i].seen)
			host->vms[nr++] = host->vms[i];
		else
			keep_vm(host, &host->vms[i]);
	}
	for (i = 0; i < nr; i++) {
		struct host_vm vm = host->vms[i];

		vm.seen = false;
		host->vms[i] = host->vms[readable];
		host->vms[vm.failed ? i : readable] = vm;
		readable += !vm.failed;
	}
	host->nr = readable;
	host->nr_unreadable = nr - readable;
}

static void add_up(struct host *host)
{
	size_t i;
	int n;

	memset(&host->all, 0, sizeof(host->all));
	for (i = 0; i < host->nr; i++) {
		const struct sample *change = &host->vms[i].change;

		host->all.has_times |= change->has_times;
		host->all.all.exits += change->all.exits;
		for (n = 0; n < NR_TIMES; n++)
			host->all.all.times[n] += change->all.times[n];
		for (n = 0; n < NR_ACCOUNTS; n++)
			host->all.accounts[n] += change->accounts[n];
	}
}

/*
 * Read the VM in the directory @id.  @without becomes the name of one without
 * statistics.  0, or -1 after a line on stderr if there is more to it.
 */
static int read_entry(struct host *host, int debugfs, const char *id,
		      const char *proc, char without[VM_ID_SIZE])
{
	int fd = openat(debugfs, id, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct host_vm *vm;
	struct stat stat;

	/* It has ended meanwhile, or is no directory. */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &stat))
		return complain("cannot read VM %s: %s", id, strerror(errno));
	vm = find_vm(host, id, stat.st_ino);
	if (vm && read_vm(host, vm, fd, proc)) {
		strcpy(without, id);
		host->nr_without++;
	}
	close(fd);
	return vm ? 0 : complain("out of memory");
}

static int read_vms(struct host *host, DIR *dir, const char *proc,
		    char without[VM_ID_SIZE])
{
	struct dirent *entry;
	uint32_t pid;

	host->nr += host->nr_unreadable;
	host->nr_unreadable = host->nr_without = 0;
	while ((entry = readdir(dir))) {
		if (debugfs_is_vm(entry->d_name, &pid) &&
		    read_entry(host, dirfd(dir), entry->d_name, proc, without))
			return -1;
	}
	return 0;
}

static void take_time(struct host *host)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	host->elapsed_ns = now - host->read_ns;
	host->read_ns = now;
	host->clock_ns = clock_ns(CLOCK_REALTIME);
	host->reads++;
}

int host_read(struct host *host, const char *debugfs, const char *proc)
{
	DIR *dir = opendir(debugfs);
	char without[VM_ID_SIZE] = "";
	int status;

	if (!dir)
		return debugfs_explain(debugfs);
	take_time(host);
	/* Asking a CPU that is itself virtual is an exit. */
	if (!host->isa)
		host->isa = host_isa();
	status = read_vms(host, dir, proc, without);
	closedir(dir);
	drop_ended(host);
	sort_out(host);
	add_up(host);
	if (status)
		return STATUS_FAILED;
	if (host->nr || host->nr_unreadable || !without[0] || host->reads > 1)
		return STATUS_OK;
	complain("VM %s: KVM without exit statistics: use a patched kernel on this host",
		 without);
	return STATUS_NO_STATISTICS;
}

void host_drop_ended(struct host *host, size_t i)
{
	free_vm(&host->ended[i]);
	host->ended[i] = host->ended[--host->nr_ended];
}

void host_forget(struct host *host)
{
	size_t i;

	for (i = 0; i < host->nr + host->nr_unreadable; i++)
		free_vm(&host->vms[i]);
	for (i = 0; i < host->nr_ended; i++)
		free_vm(&host->ended[i]);
	host->nr = host->nr_unreadable = host->nr_ended = 0;
}

void host_free(struct host *host)
{
	host_forget(host);
	free(host->vms);
	free(host->ended);
}
