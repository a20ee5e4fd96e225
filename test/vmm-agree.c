// SPDX-License-Identifier: GPL-2.0-only
/* All that tells of a VM's exits tells the same: leaves, host's files, log. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <unistd.h>

#include "vmm.h"

#define LOG_SIZE	(1 << 18)
#define READ_ALL	3	/* of syslog(2) */

static void read_at(int fd, void *to, size_t size, off_t offset)
{
	if (pread(fd, to, size, offset) != (ssize_t)size)
		err(1, "binary statistics");
}

/* The vCPU's statistic @name, from the file that KVM gives its VMM. */
static uint64_t binary_stat(struct vcpu *vcpu, const char *name)
{
	int fd = must(ioctl(vcpu->fd, KVM_GET_STATS_FD, 0), "KVM_GET_STATS_FD");
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	uint64_t value = -1;
	size_t size;
	uint32_t i;

	read_at(fd, &header, sizeof(header), 0);
	size = sizeof(*desc) + header.name_size;
	desc = malloc(size);
	if (!desc)
		err(1, "memory");
	for (i = 0; i < header.num_desc; i++) {
		read_at(fd, desc, size, header.desc_offset + i * size);
		if (!strcmp(desc->name, name))
			read_at(fd, &value, sizeof(value),
				header.data_offset + desc->offset);
	}
	free(desc);
	close(fd);
	return value;
}

static bool is_logged(const char *what, uint64_t value)
{
	char *log = calloc(1, LOG_SIZE), line[128];
	bool found;

	if (!log)
		err(1, "memory");
	must(klogctl(READ_ALL, log, LOG_SIZE - 1), "syslog");
	snprintf(line, sizeof(line), "exit_stats: VM %d: total %s %lu\n",
		 getpid(), what, value);
	found = strstr(log, line);
	free(log);
	return found;
}

static uint64_t total(struct vm *vm, uint32_t leaf)
{
	struct regs r = cpuid(vm, leaf, 0);

	return (uint64_t)r.ebx << 32 |
	       (leaf == KVM_CPUID_EXIT_STATS_TOTAL_EXITS ? r.eax : r.ecx);
}

/*
 * What a leaf tells, over what the host told before: the exits of the read (one)
 * and of the interrupts that may have come before it. So try some times.
 */
static uint64_t ahead(struct vm *vm, uint32_t leaf, const char *stat,
		      uint64_t *value)
{
	uint64_t before, least = -1;
	int i;

	for (i = 0; i < 4; i++) {
		before = binary_stat(&vm->vcpus[0], stat);
		*value = total(vm, leaf);
		if (*value - before < least)
			least = *value - before;
	}
	return least;
}

void tests_agree(void)
{
	uint64_t exits, cycles;
	struct vm vm;

	make_vm(&vm, REAL);
	verdict_is(ahead(&vm, KVM_CPUID_EXIT_STATS_TOTAL_EXITS,
			 "exit_stats_exits", &exits), 1,
		   "vmm-agree-leaf-and-binary-exits");
	verdict_is(ahead(&vm, KVM_CPUID_EXIT_STATS_TOTAL_KERNEL,
			 "exit_stats_cycles", &cycles), 0,
		   "vmm-agree-leaf-and-binary-cycles");
	verdict(is_logged("exits", exits), "vmm-agree-leaf-and-dmesg-exits");
	verdict(is_logged("cycles", cycles), "vmm-agree-leaf-and-dmesg-cycles");

	exits = binary_stat(&vm.vcpus[0], "exit_stats_exits");
	cycles = binary_stat(&vm.vcpus[0], "exit_stats_cycles");
	verdict_is(debugfs_row(&vm, "total").exits, exits,
		   "vmm-agree-table-and-binary-exits");
	verdict_is(debugfs_row(&vm, "total").cycles, cycles,
		   "vmm-agree-table-and-binary-cycles");
	verdict_is(debugfs_stat(&vm, "exit_stats_exits"), exits,
		   "vmm-agree-debugfs-and-binary-exits");
	verdict_is(debugfs_stat(&vm, "exit_stats_cycles"), cycles,
		   "vmm-agree-debugfs-and-binary-cycles");
	verdict_is(debugfs_stat(&vm, "exits"), exits,
		   "vmm-agree-with-kvm-stat-exits");
	end_vm(&vm);
}
