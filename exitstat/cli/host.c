// SPDX-License-Identifier: GPL-2.0-only
/* The VMs of a host, once or at intervals. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/complain.h"
#include "cli/cli.h"
#include "model/host.h"
#include "source/debugfs.h"
#include "source/tsc.h"

/* "-" if there is no such process; a process may choose its name. */
static void read_process_name(struct host_vm *vm)
{
	char path[32], *c;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%u/comm", vm->pid);
	in = fopen(path, "re");
	if (!in || !fgets(vm->name, sizeof(vm->name), in))
		strcpy(vm->name, "-");
	if (in)
		fclose(in);
	vm->name[strcspn(vm->name, "\n")] = '\0';
	for (c = vm->name; *c; c++) {
		if (!isascii(*c) || !isprint(*c))
			*c = '.';
	}
}

static unsigned int count_vcpus(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *vm = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	unsigned int nr = 0;

	if (!vm) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((entry = readdir(vm)))
		nr += !strncmp(entry->d_name, "vcpu", 4);
	closedir(vm);
	return nr;
}

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

/* 0, or 1 if it is gone, or -1. */
static int read_vm(struct host *host, int dir, const char *id)
{
	struct debugfs_file file = { .name = id };
	struct host_vm *vm;
	struct stat stat;
	int status;

	if (fstat(dir, &stat))
		return 1;
	vm = find_vm(host, id, stat.st_ino);
	if (!vm)
		return complain("out of memory");

	delta_turn(&vm->samples);
	file.birth_ns = vm->birth_ns;
	status = debugfs_read(dir, &file, &vm->samples.new);
	if (status)
		return status;
	vm->birth_ns = file.birth_ns;
	debugfs_is_vm(id, &vm->pid);
	vm->vcpus = count_vcpus(dir);
	read_process_name(vm);
	vm->seen = true;
	return delta_change(&vm->samples, false, &vm->change);
}

static void free_vm(struct host_vm *vm)
{
	delta_free(&vm->samples);
	sample_free(&vm->change);
}

static void drop_gone(struct host *host)
{
	size_t i, nr = 0;
	int time;

	memset(&host->all, 0, sizeof(host->all));
	for (i = 0; i < host->nr; i++) {
		if (!host->vms[i].seen) {
			free_vm(&host->vms[i]);
			continue;
		}
		for (time = 0; time < NR_TIMES; time++)
			host->all.times[time] +=
				host->vms[i].change.all.times[time];
		host->vms[nr] = host->vms[i];
		host->vms[nr++].seen = false;
	}
	host->nr = nr;
}

/* Read all VMs in @dir; @without is the name of one without statistics. */
static int read_vms(struct host *host, DIR *dir, char without[NAME_MAX + 1])
{
	struct dirent *entry;
	uint32_t pid;
	int fd, status = 0;

	without[0] = '\0';
	while (status >= 0 && (entry = readdir(dir))) {
		if (!debugfs_is_vm(entry->d_name, &pid))
			continue;
		fd = openat(dirfd(dir), entry->d_name,
			    O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		status = read_vm(host, fd, entry->d_name);
		close(fd);
		if (status > 0)
			strcpy(without, entry->d_name);
	}
	return status;
}

static int read_host(struct host *host, const char *debugfs)
{
	DIR *dir = opendir(debugfs);
	char without[NAME_MAX + 1];
	int status;

	if (!dir)
		return debugfs_explain(debugfs);
	status = read_vms(host, dir, without);
	closedir(dir);
	if (status < 0)
		return STATUS_FAILED;
	drop_gone(host);
	if (host->nr || !without[0] || host->groups)
		return STATUS_OK;
	complain("VM %s: KVM without exit statistics: use a patched kernel on this host",
		 without);
	return STATUS_NO_STATISTICS;
}

static int by_key(const void *left, const void *right, void *sort)
{
	const struct host_vm *a = left, *b = right;
	enum sort_key key = *(enum sort_key *)sort;
	double key_a = row_sort_value(&a->change.all, key);
	double key_b = row_sort_value(&b->change.all, key);

	if (key_a != key_b)
		return key_a < key_b ? 1 : -1;
	return strcmp(a->id, b->id);
}

static int show(struct host *host, const struct env *env, bool since_start)
{
	enum sort_key sort = env->sort;

	if (host->nr)
		sort = sample_sort_key(&host->vms[0].samples.new, sort);
	if (host->nr)
		qsort_r(host->vms, host->nr, sizeof(*host->vms), by_key, &sort);
	host->since_start = since_start;
	if (env->format->host(stdout, host) || flush_output(stdout))
		return STATUS_FAILED;
	host->groups++;
	return STATUS_OK;
}

static int run(struct host *host, const struct env *env)
{
	uint64_t shown = !env->skip_first;
	int status = read_host(host, env->debugfs);

	if (!status && !env->skip_first)
		status = show(host, env, true);
	for (; !status && env->interval && (!env->count || shown < env->count);
	     shown++) {
		wait_interval(env->interval);
		status = read_host(host, env->debugfs);
		if (!status)
			status = show(host, env, false);
	}
	return status;
}

int run_host(const struct env *env)
{
	struct host host = {
		.tsc_khz = env->tsc_khz ? env->tsc_khz : measure_tsc_khz(),
	};
	int status = run(&host, env);
	size_t i;

	for (i = 0; i < host.nr; i++)
		free_vm(&host.vms[i]);
	free(host.vms);
	return status;
}
