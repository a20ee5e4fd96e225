// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a command while a BPF program counts VM exits, then print the counts. The
 * program, kvmexit.bpf.o, is part of this file, so that it runs anywhere.
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kvmexit.h"

/* The loader reads its header in place. */
asm(".section .rodata\n"
    ".balign 8\n"
    "program_start: .incbin \"kvmexit.bpf.o\"\n"
    "program_end:\n"
    ".previous");
extern const char program_start[], program_end[];

static struct bpf_object *load(void)
{
	struct bpf_object *object;

	object = bpf_object__open_mem(program_start,
				      program_end - program_start, NULL);
	if (!object)
		err(1, "kvmexit.bpf.o");
	if (bpf_object__load(object))
		err(1, "the kernel does not take the BPF program");
	return object;
}

static struct bpf_link *attach(struct bpf_object *object)
{
	struct bpf_program *program;
	struct bpf_link *link;

	program = bpf_object__find_program_by_name(object, "count_exit");
	link = program ? bpf_program__attach(program) : NULL;
	if (!link)
		err(1, "kvm:kvm_exit");
	return link;
}

/* The status of the command, as a shell has it. */
static int run(char **command)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(command[0], command);
		warn("%s", command[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* "kvmexit REASON EXITS" for each reason that there was. */
static void print_counts(struct bpf_object *object)
{
	int cpus = libbpf_num_possible_cpus(), cpu;
	uint64_t *values, sum;
	struct bpf_map *map;
	uint32_t row;

	map = bpf_object__find_map_by_name(object, "exits");
	if (!map || cpus <= 0)
		errx(1, "no map of exits");
	values = calloc(cpus, sizeof(*values));
	if (!values)
		err(1, "memory");
	for (row = 0; row < KVMEXIT_NR_ROWS; row++) {
		if (bpf_map_lookup_elem(bpf_map__fd(map), &row, values))
			err(1, "reason %u", row);
		sum = 0;
		for (cpu = 0; cpu < cpus; cpu++)
			sum += values[cpu];
		if (sum && row == KVMEXIT_ROW_OTHER)
			fprintf(stderr, "kvmexit other %ju\n", sum);
		else if (sum)
			fprintf(stderr, "kvmexit %u %ju\n", row, sum);
	}
	free(values);
}

static void usage(FILE *to)
{
	fprintf(to, "usage: kvmexit -- COMMAND [ARGUMENT...]\n"
		"Run COMMAND, and count the VM exits of all VMs meanwhile with a BPF program.\n"
		"Print \"kvmexit REASON EXITS\" lines on stderr; the status is COMMAND's.\n");
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_link *link;
	int status;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	if (argc < 3 || strcmp(argv[1], "--")) {
		usage(stderr);
		return 2;
	}
	object = load();
	link = attach(object);
	status = run(argv + 2);
	bpf_link__destroy(link);
	print_counts(object);
	bpf_object__close(object);
	return status;
}
