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

/* jmp *0(%rip), and where to. */
static const uint8_t jump_code[] = { 0xff, 0x25, 0, 0, 0, 0 };

#define JUMP_SIZE	(sizeof(jump_code) + sizeof(void *))
#define TRAMPOLINE_SIZE	64

static void write_jump(uint8_t *at, const void *to)
{
	memcpy(at, jump_code, sizeof(jump_code));
	memcpy(at + sizeof(jump_code), &to, sizeof(to));
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

/*
 * Have @symbol jump to @to. The first @moved bytes, which must be whole
 * instructions that run anywhere, and a jump to what follows them are what is
 * returned: @symbol as it was.
 */
void *detour(const char *symbol, size_t moved, void *to)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint8_t *from = find_code(symbol), *trampoline;
	uint8_t *start = (void *)((uintptr_t)from & -page);
	size_t size = from + JUMP_SIZE - start;

	trampoline = mmap(NULL, TRAMPOLINE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (trampoline == MAP_FAILED)
		err(1, "witness: memory");
	memcpy(trampoline, from, moved);
	write_jump(trampoline + moved, from + moved);
	if (mprotect(trampoline, TRAMPOLINE_SIZE, PROT_READ | PROT_EXEC) ||
	    mprotect(start, size, PROT_READ | PROT_WRITE | PROT_EXEC))
		err(1, "witness: %s", symbol);
	write_jump(from, to);
	if (mprotect(start, size, PROT_READ | PROT_EXEC))
		err(1, "witness: %s", symbol);
	return trampoline;
}
