// SPDX-License-Identifier: GPL-2.0-only
/* See source/vcpus.h. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/complain.h"
#include "base/parse.h"
#include "source/debugfs.h"
#include "source/vcpus.h"

/* What is read before it is known whether all of it can be. */
struct vcpus {
	const struct host_vm *vm;
	struct vcpu_accounts *of;
	size_t nr;
};

static DIR *open_entries(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (!entries && fd >= 0)
		close(fd);
	return entries;
}

unsigned int vcpus_count(int dir)
{
	DIR *entries = open_entries(dir);
	struct dirent *entry;
	unsigned int nr = 0;

	while (entries && (entry = readdir(entries)))
		nr += !strncmp(entry->d_name, "vcpu", 4);
	if (entries)
		closedir(entries);
	return nr;
}

static int add(struct vcpus *vcpus, uint32_t number, const struct sample *sample)
{
	struct vcpu_accounts *of = reallocarray(vcpus->of, vcpus->nr + 1, sizeof(*of));

	if (!of)
		return complain("out of memory");
	vcpus->of = of;
	of += vcpus->nr++;
	of->vcpu = number;
	memcpy(of->accounts, sample->accounts, sizeof(of->accounts));
	return 0;
}

/* Read what is in @name, if that is a vCPU's.  One that is gone has nothing. */
static int read_entry(struct vcpus *vcpus, int dir, const char *name)
{
	char words[VM_ID_SIZE + 32];
	struct debugfs_file file = {
		.name = words, .birth_ns = 1, .isa = vcpus->vm->isa,
	};
	struct sample sample = { 0 };
	const char *number = name;
	uint64_t vcpu;
	int fd, status;

	if (!take_word(&number, "vcpu") ||
	    !take_number(&number, UINT32_MAX, &vcpu) || *number)
		return 0;
	snprintf(words, sizeof(words), "VM %s %.24s", vcpus->vm->id, name);
	fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	status = fd < 0 ? 1 : debugfs_read(fd, &file, &sample);
	if (!status)
		status = add(vcpus, vcpu, &sample);
	sample_free(&sample);
	if (fd >= 0)
		close(fd);
	return status < 0 ? -1 : 0;
}

static int by_vcpu(const void *left, const void *right)
{
	const struct vcpu_accounts *a = left, *b = right;

	return a->vcpu < b->vcpu ? -1 : a->vcpu > b->vcpu;
}

int vcpus_read(struct host_vm *vm, int dir)
{
	struct vcpus vcpus = { .vm = vm };
	DIR *entries = open_entries(dir);
	struct dirent *entry;
	int status = !entries;

	while (!status && (entry = readdir(entries)))
		status = read_entry(&vcpus, dir, entry->d_name);
	if (entries)
		closedir(entries);
	/* Of a VM that ends, the vCPUs go before its own file. */
	if (!status && faccessat(dir, "exit_stats", F_OK, 0))
		status = 1;
	if (status) {
		free(vcpus.of);
		return status;
	}
	if (vcpus.nr)
		qsort(vcpus.of, vcpus.nr, sizeof(*vcpus.of), by_vcpu);
	free(vm->accounts);
	vm->accounts = vcpus.of;
	vm->nr_accounts = vcpus.nr;
	return 0;
}
