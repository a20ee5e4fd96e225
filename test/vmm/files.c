// SPDX-License-Identifier: GPL-2.0-only
/* What the host has: KVM's debugfs, its binary statistics, its parameters. */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "source/leaves.h"
#include "vmm.h"

#define PARAMETERS	"/sys/module/kvm/parameters/"

const char *account_name(uint32_t account)
{
	return account_names[account];
}

void debugfs_path(struct vm *vm, const char *name, char *path, size_t size)
{
	snprintf(path, size, "/sys/kernel/debug/kvm/%d-%d/%s", getpid(), vm->fd,
		 name);
}

FILE *open_debugfs(struct vm *vm, const char *name)
{
	char path[128];
	FILE *file;

	debugfs_path(vm, name, path, sizeof(path));
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	return file;
}

/* The row of @reason ("48", "-1", "-" for other), or of "total"; else zeros. */
struct row debugfs_row(struct vm *vm, const char *reason)
{
	FILE *file = open_debugfs(vm, "exit_stats");
	struct row row = {}, found = {};
	char line[128], number[32];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s %lu %lu %lu %lu", number, &row.exits,
			   &row.kernel, &row.vmm, &row.wait) == 5 &&
		    !strcmp(number, reason))
			found = row;
	}
	fclose(file);
	return found;
}

struct row debugfs_reason(struct vm *vm, uint32_t reason)
{
	char number[32];

	/* Those of SVM's error codes are negative. */
	snprintf(number, sizeof(number), "%d", (int)reason);
	return debugfs_row(vm, number);
}

/* Account @name, or "all" of them. */
uint64_t debugfs_account(struct vm *vm, const char *name)
{
	FILE *file = open_debugfs(vm, "exit_stats");
	uint64_t value, found = -1;
	char line[128], of[32];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "account %31s %lu", of, &value) == 2 &&
		    !strcmp(of, name))
			found = value;
	}
	fclose(file);
	return found;
}

struct accounts debugfs_accounts(struct vm *vm)
{
	struct accounts accounts;
	int i;

	for (i = 0; i < KVM_CPUID_EXIT_STATS_NR_ACCOUNTS; i++)
		accounts.of[i] = debugfs_account(vm, account_names[i]);
	return accounts;
}

/* One of KVM's own statistics of the VM. */
uint64_t debugfs_stat(struct vm *vm, const char *name)
{
	FILE *file = open_debugfs(vm, name);
	uint64_t value;

	if (fscanf(file, "%lu", &value) != 1)
		errx(1, "debugfs: %s is no number", name);
	fclose(file);
	return value;
}

static void read_at(int fd, void *to, size_t size, off_t offset)
{
	if (pread(fd, to, size, offset) != (ssize_t)size)
		err(1, "binary statistics");
}

/* Describe the statistic @name; false if there is none. */
static bool find_stat(int fd, const struct kvm_stats_header *header,
		      const char *name, struct kvm_stats_desc *found)
{
	size_t size = sizeof(*found) + header->name_size;
	struct kvm_stats_desc *desc = malloc(size);
	bool is_it = false;
	uint32_t i;

	if (!desc)
		err(1, "memory");
	for (i = 0; i < header->num_desc && !is_it; i++) {
		read_at(fd, desc, size, header->desc_offset + i * size);
		is_it = !strcmp(desc->name, name);
	}
	if (is_it)
		*found = *desc;
	free(desc);
	return is_it;
}

/*
 * The statistic @name of @owner, a vCPU or a VM, from the file that KVM gives
 * its VMM: up to @max values.  Returns how many; @flags are those of api.rst.
 */
int binary_stats(int owner, const char *name, uint64_t *values, int max,
		 uint32_t *flags)
{
	int fd = must(ioctl(owner, KVM_GET_STATS_FD, 0), "KVM_GET_STATS_FD");
	struct kvm_stats_header header;
	struct kvm_stats_desc desc;
	int nr = 0;

	read_at(fd, &header, sizeof(header), 0);
	if (find_stat(fd, &header, name, &desc)) {
		nr = desc.size < max ? desc.size : max;
		read_at(fd, values, nr * sizeof(*values),
			header.data_offset + desc.offset);
		*flags = desc.flags;
	}
	close(fd);
	return nr;
}

uint64_t binary_stat(struct vm *vm, const char *name)
{
	uint64_t value = -1;
	uint32_t flags;

	binary_stats(vm->fd, name, &value, 1, &flags);
	return value;
}

/* A parameter of kvm: whether it could be written. */
bool write_parameter(const char *name, const char *value)
{
	char path[128];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	written = write(fd, value, strlen(value));
	close(fd);
	return written > 0;
}

/* The first character of a parameter of kvm; 0 if it cannot be read. */
char read_parameter(const char *name)
{
	char path[128], value[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(value, sizeof(value), file))
		value[0] = 0;
	fclose(file);
	return value[0];
}

void set_counting(bool on)
{
	if (!write_parameter("exit_stats", on ? "1" : "0"))
		err(1, "exit_stats");
}

void set_histograms(bool on)
{
	if (!write_parameter("exit_stats_hist", on ? "1" : "0"))
		err(1, "exit_stats_hist");
}

/* How many lines of the log tell totals of this process' VMs. */
int log_lines(void)
{
	char command[64];
	FILE *dmesg;
	int lines;

	snprintf(command, sizeof(command),
		 "dmesg | grep -c 'exit_stats: VM %d: total'", getpid());
	dmesg = popen(command, "r");
	if (!dmesg || fscanf(dmesg, "%d", &lines) != 1)
		errx(1, "no dmesg");
	pclose(dmesg);
	return lines;
}
