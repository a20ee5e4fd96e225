// SPDX-License-Identifier: GPL-2.0-only
/*
 * See when the emulator calls one of its functions: a jump is written over the
 * function's first instructions. Nothing is written unless the emulator's code is
 * the very one that this was written for.
 */
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "witness.h"

/* jmp *0(%rip), and where to: from anywhere to anywhere. */
static const uint8_t far_jump[] = { 0xff, 0x25, 0, 0, 0, 0 };
#define FAR_JUMP_SIZE	(sizeof(far_jump) + sizeof(void *))

/* jmp, and how far: what is written over the function. */
#define NEAR_JUMP	0xe9
#define NEAR_JUMP_SIZE	5
#define NEAR		(1ul << 30)

static void write_far_jump(uint8_t *at, const void *to)
{
	memcpy(at, far_jump, sizeof(far_jump));
	memcpy(at + sizeof(far_jump), &to, sizeof(to));
}

static void write_near_jump(uint8_t *at, const uint8_t *to)
{
	int32_t distance = to - (at + NEAR_JUMP_SIZE);

	*at = NEAR_JUMP;
	memcpy(at + 1, &distance, sizeof(distance));
}

static void print_bytes(const char *word, const uint8_t *bytes, size_t size)
{
	size_t i;

	fprintf(stderr, "witness: %s", word);
	for (i = 0; i < size; i++)
		fprintf(stderr, " %02x", bytes[i]);
	fputc('\n', stderr);
}

void *find_code(const char *symbol)
{
	uint8_t *at = dlsym(RTLD_DEFAULT, symbol);

	if (!at)
		errx(1, "witness: %s has no %s: this is not the version that the witness knows (see test/cpu)",
		     program_invocation_short_name, symbol);
	return at;
}

void check_code(const struct code *code, size_t nr)
{
	const uint8_t *at;

	for (; nr--; code++) {
		at = find_code(code->symbol) + code->offset;
		if (!memcmp(at, code->bytes, code->size))
			continue;
		print_bytes("expected", code->bytes, code->size);
		print_bytes("actual", at, code->size);
		errx(1, "witness: %s has other code at %s+%#zx: this is not the version that the witness knows (see test/cpu)",
		     program_invocation_short_name, code->symbol, code->offset);
	}
}

/* A page that a near jump from @code reaches. */
static uint8_t *page_near(const uint8_t *code, size_t page)
{
	uintptr_t at = (uintptr_t)code & -page, end = at - NEAR;
	uint8_t *near;

	for (at -= page; at > end; at -= page) {
		near = mmap((void *)at, page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			    -1, 0);
		if (near == (void *)at)
			return near;
	}
	errx(1, "witness: no room near the emulator's code");
}

/*
 * Have @symbol jump to @to. The first @moved bytes, which must be whole
 * instructions that run anywhere, and a jump to what follows them are what is
 * returned: @symbol as it was.
 */
void *detour(const char *symbol, size_t moved, void *to)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *from = find_code(symbol), *near = page_near(from, page);
	uint8_t *was = near + FAR_JUMP_SIZE;
	uint8_t *start = (void *)((uintptr_t)from & -page);
	size_t size = from + NEAR_JUMP_SIZE - start;

	write_far_jump(near, to);
	memcpy(was, from, moved);
	write_far_jump(was + moved, from + moved);
	if (mprotect(near, page, PROT_READ | PROT_EXEC) ||
	    mprotect(start, size, PROT_READ | PROT_WRITE | PROT_EXEC))
		err(1, "witness: %s", symbol);
	write_near_jump(from, near);
	if (mprotect(start, size, PROT_READ | PROT_EXEC))
		err(1, "witness: %s", symbol);
	return was;
}
