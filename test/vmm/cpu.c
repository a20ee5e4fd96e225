// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated CPU as a witness, as L1 sees it. L1 has the emulator copy what its CPU
 * has counted (a mark), and says what the CPU must have counted between two marks (a
 * claim); test/cpu/compare compares them on the host.
 *
 * CPU_WITNESS in the environment names L1's files, .marks with a line for each mark
 * and .claims. Without it this is not L1, and nothing is done.
 */
#include <cpuid.h>
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/mark.h"
#include "vmm.h"

#define DEBUGFS		"/sys/kernel/debug/kvm"
#define L1D_FLUSH	"/sys/module/kvm_intel/parameters/vmentry_l1d_flush"

static int open_file(const char *suffix)
{
	char path[128];

	snprintf(path, sizeof(path), "%s.%s", getenv("CPU_WITNESS"), suffix);
	return must(open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644), path);
}

/* The number of the copy, from 1; or 0. */
int mark_cpu(void)
{
	uint32_t regs[4];
	int fd, nr;

	if (!getenv("CPU_WITNESS"))
		return 0;
	__cpuid(MARK_LEAF, regs[0], regs[1], regs[2], regs[3]);
	fd = open_file("marks");
	must(write(fd, "\n", 1), "a mark");
	nr = must(lseek(fd, 0, SEEK_END), "a mark");
	close(fd);
	return nr;
}

/* For what L1 says the CPU must have counted. */
FILE *open_claims(void)
{
	FILE *to = fdopen(open_file("claims"), "a");

	if (!to)
		err(1, "the claims");
	return to;
}

/* Of the table at @path: the exits of each reason and in all, and the accounts. */
static void claim_table(FILE *to, const char *path, const char *what)
{
	char line[128], first[32], second[32], name[64];
	FILE *table = fopen(path, "r");

	if (!table)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), table)) {
		if (sscanf(line, "account %31s %63s", first, name) == 2)
			fprintf(to, "cpu account %s %s %s\n", what, first, name);
		else if (sscanf(line, "%31s %31s %*s %*s %*s %63s", first, second,
				name) >= 2 && strtoull(second, NULL, 10))
			fprintf(to, "cpu row %s %s %s\n", what,
				strcmp(first, "-") ? first : name, second);
	}
	fclose(table);
}

static void claim_vcpus(FILE *to, const char *vm)
{
	char pattern[160], what[32];
	glob_t tables;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/vcpu*/exit_stats", vm);
	if (glob(pattern, 0, NULL, &tables))
		return;
	for (i = 0; i < tables.gl_pathc; i++) {
		sscanf(tables.gl_pathv[i] + strlen(vm) + 1, "%31[^/]", what);
		claim_table(to, tables.gl_pathv[i], what);
	}
	globfree(&tables);
}

/* KVM may flush the first cache before an entry. */
static bool flushes_l1d(void)
{
	FILE *file = fopen(L1D_FLUSH, "r");
	char mode[32] = "never";

	if (!file)
		return false;
	if (fscanf(file, "%31s", mode) != 1)
		err(1, L1D_FLUSH);
	fclose(file);
	return strcmp(mode, "never");
}

static const char *vm_of(int pid)
{
	static char path[128];
	char pattern[64];
	glob_t vms;

	snprintf(pattern, sizeof(pattern), DEBUGFS "/%d-*", pid);
	if (glob(pattern, 0, NULL, &vms) || vms.gl_pathc != 1)
		errx(1, "process %d has not just one VM", pid);
	snprintf(path, sizeof(path), "%s", vms.gl_pathv[0]);
	globfree(&vms);
	return path;
}

/*
 * What debugfs has of the VM of process @pid, whose vCPUs stand still, the CPU must
 * have counted since mark @first, which is older than the VM. The verdict is
 * "cpu-agrees: @name", when L1 has ended.
 */
void claim_cpu(int pid, int first, const char *name)
{
	char table[160];
	const char *vm;
	FILE *to;

	if (!first)
		return;
	vm = vm_of(pid);
	to = open_claims();
	fprintf(to, "cpu compare %s %d %d %s\n",
		access("/sys/module/kvm_intel", F_OK) ? "svm" : "vmx", first,
		mark_cpu(), name);
	if (flushes_l1d())
		fprintf(to, "cpu l1d-flush\n");
	/* Without it, all of the CPU's exits since the first mark must be this VM's. */
	if (getenv("CPU_OTHERS"))
		fprintf(to, "cpu others\n");
	/* Then another CPU's time may be in any account, or a sanitizer's. */
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1 || getenv("CPU_NO_TIMES"))
		fprintf(to, "cpu no-times\n");
	/* It may have slept, or KVM emulated it, for long after its last exit. */
	if (getenv("CPU_ANY_END"))
		fprintf(to, "cpu any-end\n");
	snprintf(table, sizeof(table), "%s/exit_stats", vm);
	claim_table(to, table, "vm");
	claim_vcpus(to, vm);
	fclose(to);
}
