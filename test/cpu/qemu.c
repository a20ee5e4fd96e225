// SPDX-License-Identifier: GPL-2.0-only
/*
 * SVM exits of QEMU's TCG 7.2, as Debian 12 has it. It exports its functions for
 * its modules, among them the one through which each #VMEXIT goes.
 */
#include "witness.h"

/* Of a CPUX86State. */
#define VMCB_POINTER	0x33f8

/* Whole instructions at the beginning of each. */
#define VMEXIT_MOVED	16
#define STORE_MOVED	15

static const struct code known[] = {
	CODE("cpu_vmexit", 0,
	     "\x41\x56\x41\x55\x49\x89\xd5\x41\x54"
	     "\x4c\x8d\xa7\x50\xec\xff\xff\x55\x89\xf5\x48\x89\xce\x53"
	     "\x48\x89\xfb\x4c\x89\xe7"),
	/* mov VMCB_POINTER(%rbx), %rax */
	CODE("cpu_vmexit", 0x2b, "\x48\x8b\x83\xf8\x33\x00\x00"),
	CODE("address_space_stb", 0,
	     "\x41\x56\x49\x89\xfe\x41\x55\x41\x89\xcd\x41\x54\x4d\x89\xc4"
	     "\x55\x48\x89\xf5\x53\x89\xd3\x48\x83\xec\x70"),
};

static void (*cpu_vmexit)(void *env, uint32_t code, uint64_t info, uintptr_t from);
static void (*address_space_stb)(void *space, uint64_t address, uint32_t value,
				 uint32_t attributes, uint32_t *result);
static void *address_space_io;

static void vmexit(void *env, uint32_t code, uint64_t info, uintptr_t from)
{
	count_exit(*(uint64_t *)((char *)env + VMCB_POINTER), code);
	cpu_vmexit(env, code, info, from);
}

static void store(void *space, uint64_t address, uint32_t value,
		  uint32_t attributes, uint32_t *result)
{
	if (space == address_space_io && address == MARK_PORT)
		count_mark();
	address_space_stb(space, address, value, attributes, result);
}

void attach_to_qemu(void)
{
	check_code(known, sizeof(known) / sizeof(*known));
	address_space_io = find_code("address_space_io");
	cpu_vmexit = detour("cpu_vmexit", VMEXIT_MOVED, vmexit);
	address_space_stb = detour("address_space_stb", STORE_MOVED, store);
}
