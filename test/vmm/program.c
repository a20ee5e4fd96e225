// SPDX-License-Identifier: GPL-2.0-only
/* Makes guest programs of instructions that exit, or may. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

/* Enough for any slot. */
#define SLOT_SIZE	64

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };

const char * const program_modes[] = {
	"real", "protected", "PAE", "compatibility", "long",
};

/* Where a text is written to. */
struct writer {
	struct text *text;
	struct random *random;
	enum program_mode mode;
	bool svm;
};

/* splitmix64. */
uint64_t draw(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t below(struct random *random, uint32_t n)
{
	return (draw(random) >> 32) % n;
}

bool one_in(struct random *random, uint32_t n)
{
	return !below(random, n);
}

static void byte(struct writer *to, uint8_t value)
{
	to->text->bytes[to->text->size++] = value;
}

/* The bytes of @code, each two hexadecimal digits. */
static void bytes(struct writer *to, const char *code)
{
	unsigned int value;

	for (; sscanf(code, "%2x", &value) == 1; code += 2)
		byte(to, value);
}

static void word(struct writer *to, uint32_t value, int size)
{
	for (; size--; value >>= 8)
		byte(to, value);
}

/* The prefixes for 32 bits, which real mode needs. */
static void operand32(struct writer *to)
{
	if (to->mode == REAL_MODE)
		byte(to, 0x66);
}

static void address32(struct writer *to)
{
	if (to->mode == REAL_MODE)
		byte(to, 0x67);
}

static void load(struct writer *to, int reg, uint32_t value)
{
	operand32(to);
	byte(to, 0xb8 + reg);
	word(to, value, 4);
}

static uint32_t pick(struct writer *to, const uint32_t *from, size_t nr)
{
	return from[below(to->random, nr)];
}

#define PICK(to, array) pick(to, array, sizeof(array) / sizeof((array)[0]))

/* Small, a bit, or anything. */
static uint32_t any_value(struct writer *to)
{
	switch (below(to->random, 4)) {
	case 0: return 0;
	case 1: return below(to->random, 256);
	case 2: return 1u << below(to->random, 32);
	default: return draw(to->random);
	}
}

/* Where something else is than the guest's tables and code, or nothing. */
static uint32_t any_address(struct writer *to)
{
	uint32_t offset = below(to->random, PAGE) & ~7u;

	if (to->mode == REAL_MODE)
		return one_in(to->random, 8) ? draw(to->random) :
		       BUFFER_BASE + offset;
	switch (below(to->random, 12)) {
	case 0 ... 2: return BUFFER_BASE + offset;
	case 3 ... 5: return FAULT_BASE + below(to->random, 16) * PAGE + offset;
	case 6: return READ_ONLY_BASE + offset;
	case 7: return 0xfee00000 + (offset & ~0xfu);
	case 8: return 0xfec00000 + (offset & 0x1f);
	case 9: return 0xa0000 + offset;
	case 10: return 0x400000 + below(to->random, 1 << 20);
	default: return draw(to->random);
	}
}

static uint32_t any_leaf(struct writer *to)
{
	static const uint32_t bases[] = {
		0, 0, 0x80000000, 0x40000000, 0x40000100, 0x8fffffff,
	};

	if (one_in(to->random, 2))
		return KVM_CPUID_EXIT_STATS_SIGNATURE + below(to->random, 16);
	if (one_in(to->random, 8))
		return draw(to->random);
	return PICK(to, bases) + below(to->random, 0x21);
}

static void write_cpuid(struct writer *to)
{
	load(to, EAX, any_leaf(to));
	load(to, ECX, any_value(to));
	bytes(to, "0fa2");
}

static uint32_t any_port(struct writer *to)
{
	static const uint32_t ports[] = {
		0x20, 0x21, 0x40, 0x43, 0x60, 0x61, 0x70, 0x7e, 0x80, 0x92,
		0xa0, 0x3f8, 0x4d0, 0xb2, 0xcf8, 0xcfc,
	};

	return one_in(to->random, 2) ? PICK(to, ports) :
	       below(to->random, 1 << 16);
}

static void write_io(struct writer *to)
{
	uint32_t port = any_port(to);

	load(to, EAX, any_value(to));
	load(to, EDX, port);
	if (one_in(to->random, 3))
		byte(to, 0x66);
	if (port < 256 && one_in(to->random, 2)) {
		byte(to, 0xe4 + below(to->random, 4));
		byte(to, port);
	} else {
		byte(to, 0xec + below(to->random, 4));
	}
}

static void write_string_io(struct writer *to)
{
	load(to, EDX, any_port(to));
	load(to, ESI, any_address(to));
	load(to, EDI, any_address(to));
	load(to, ECX, 1 + below(to->random, 20));
	if (one_in(to->random, 8))
		byte(to, 0xfd);
	if (one_in(to->random, 2))
		byte(to, 0xf3);
	byte(to, 0x6c + below(to->random, 4));
	byte(to, 0xfc);
}

/* Where MSRs are: the first of some. */
static uint32_t any_msr(struct writer *to)
{
	static const uint32_t msrs[] = {
		0x10, 0x11, 0x1b, 0x3a, 0x48, 0x79, 0x8b, 0xc1, 0xe7, 0xfe,
		0x10a, 0x122, 0x140, 0x174, 0x179, 0x186, 0x198, 0x1a0, 0x1d9,
		0x1fc, 0x200, 0x250, 0x277, 0x2ff, 0x309, 0x345, 0x38d, 0x400,
		0x480, 0x488, 0x4d0, 0x560, 0x570, 0x6e0, 0x800, 0x80b, 0x830,
		0x838, 0xc80, 0xd90, 0xda0, 0x40000000, 0x40000020, 0x40000070,
		0x40000080, 0x40000090, 0x40000100, 0x4b564d00, 0x4b564d01,
		0x4b564d02, 0x4b564d03, 0x4b564d04, 0xc0000080, 0xc0000081,
		0xc0000100, 0xc0010000, 0xc0010010, 0xc0010015, 0xc001001f,
		0xc0010055, 0xc0010058, 0xc0010111, 0xc0010112, 0xc0010114,
		0xc0010117, 0xc0010140, 0xc0010200, 0xc0011020, 0xc0011029,
	};

	if (one_in(to->random, 8))
		return draw(to->random);
	return PICK(to, msrs) + below(to->random, 4);
}

static void write_msr(struct writer *to)
{
	load(to, ECX, any_msr(to));
	load(to, EAX, any_value(to));
	load(to, EDX, one_in(to->random, 2) ? 0 : any_value(to));
	bytes(to, one_in(to->random, 2) ? "0f32" : "0f30");
}

/*
 * MOV to a control register what it has, but for a bit: mostly one that leaves
 * the mode of the CPU as it is.
 */
static void write_cr_bit(struct writer *to, int cr, const uint32_t *bits,
			 size_t nr)
{
	uint32_t bit = one_in(to->random, 8) ? below(to->random, 32) :
		       pick(to, bits, nr);

	bytes(to, "0f20");
	byte(to, 0xc0 + 8 * cr);
	operand32(to);
	byte(to, 0x35);
	word(to, 1u << bit, 4);
	bytes(to, "0f22");
	byte(to, 0xc0 + 8 * cr);
}

static void write_cr(struct writer *to)
{
	static const uint32_t cr0[] = { 1, 2, 3, 5, 16, 18, 29, 30 };
	static const uint32_t cr4[] = { 0, 2, 3, 6, 7, 8, 9, 10, 13, 16, 18, 20 };

	switch (below(to->random, 5)) {
	case 0:
		write_cr_bit(to, 0, cr0, sizeof(cr0) / sizeof(cr0[0]));
		break;
	case 1:
		write_cr_bit(to, 4, cr4, sizeof(cr4) / sizeof(cr4[0]));
		break;
	case 2:
		bytes(to, "0f20d8" "0f22d8");
		break;
	case 3:
		load(to, EAX, any_value(to));
		bytes(to, to->mode == LONG_MODE ? "440f22c0" "440f20c0" :
						  "f00f22c0");
		break;
	default:
		load(to, EAX, any_value(to));
		byte(to, 0x0f);
		byte(to, 0x20 + 2 * one_in(to->random, 8));
		byte(to, 0xc0 + 8 * below(to->random, 8));
	}
}

/*
 * QEMU's TCG (7.2) does not see that VMRUN loads DR7, and crashes when a
 * breakpoint ends that it never began: enable none there.
 */
static void write_dr(struct writer *to)
{
	uint32_t value = any_value(to);

	load(to, EAX, to->svm ? value & ~0xffu : value);
	byte(to, 0x0f);
	byte(to, 0x21 + 2 * below(to->random, 2));
	byte(to, 0xc0 + 8 * below(to->random, 8));
}

/* Real mode reaches what is not its RAM by a segment. */
static void write_far_access(struct writer *to)
{
	load(to, EAX, below(to->random, 1 << 16));
	bytes(to, "8ec0" "26");
	byte(to, 0x88 + below(to->random, 4));
	byte(to, 0x05);
}

static void write_memory(struct writer *to)
{
	static const char * const accesses[] = {
		"8807", "8907", "8a07", "8b07", "8707", "ff07", "f00107",
		"0fb107", "a4", "a5", "f3aa", "f3a5", "0f1107", "0f2807",
		"660f6f07", "8f07", "ff37", "ff17", "ff27", "0fae07",
	};

	load(to, EAX, any_value(to));
	load(to, ECX, 1 + below(to->random, 8));
	load(to, ESI, any_address(to));
	load(to, EDI, any_address(to));
	if (to->mode == REAL_MODE && one_in(to->random, 2)) {
		write_far_access(to);
		return;
	}
	address32(to);
	/* The last of them rarely: they jump there. */
	bytes(to, accesses[below(to->random, one_in(to->random, 8) ? 20 : 17)]);
}

/* Registers of the local APIC; ICR with a vector, often to itself. */
static void write_apic(struct writer *to)
{
	static const uint32_t registers[] = {
		0x20, 0x80, 0xb0, 0xd0, 0xe0, 0xf0, 0x280, 0x310, 0x320, 0x350,
		0x360, 0x380, 0x3e0, 0x300, 0x300, 0x300,
	};
	uint32_t offset = PICK(to, registers);
	uint32_t value = any_value(to);

	if (offset == 0x300 && !one_in(to->random, 4))
		value = 0x40000 | below(to->random, 256);
	load(to, EAX, value);
	load(to, EDI, 0xfee00000 + offset);
	address32(to);
	bytes(to, one_in(to->random, 4) ? "8b07" : "8907");
}

/* Instructions of one byte and more that need nothing in a register. */
static void write_plain(struct writer *to)
{
	static const char * const codes[] = {
		"f4", "f4", "fbf4", "fa0fa2fb", "fb", "f390", "f390", "0f31", "0f31",
		"0f01f9", "0f33", "0f08", "0f09", "0f01c8", "0f01c9", "0f01d1",
		"0f01d0", "0f06", "0f0b", "cc", "ce", "f1", "0faa", "0f05",
		"0f34", "0f35", "0f01f8", "0fc7f0", "0fc7f8", "0f37", "0f77",
		"0f01e0", "0f01f0", "9c9d", "cf", "0f01ca", "0f01cb", "9b",
		"0faee8", "d9d0", "66f3900fae30", "0f01e8", "0f0d00", "66f4",
	};

	load(to, EAX, any_value(to));
	load(to, ECX, any_value(to) & 0xff);
	load(to, EDX, any_value(to));
	bytes(to, codes[below(to->random, sizeof(codes) / sizeof(codes[0]))]);
}

/* Those that make guests, with an operand where memory is, or none. */
static void write_virtual(struct writer *to)
{
	static const char * const codes[] = {
		"0f01c1", "0f01c1", "0f01c2", "0f01c3", "0f01c4", "0f01d4",
		"0f01d8", "0f01d9", "0f01d9", "0f01da", "0f01db", "0f01dc",
		"0f01dd", "0f01de", "0f01df",
	};
	static const char * const operands[] = {
		"f30fc737", "660fc737", "0fc737", "0fc73f", "0f7807", "0f7907",
		"660f388007", "660f388107", "660f388207",
	};

	load(to, EAX, one_in(to->random, 2) ? BUFFER_BASE : any_value(to));
	load(to, EBX, any_value(to));
	if (one_in(to->random, 2)) {
		bytes(to, codes[below(to->random, 15)]);
		return;
	}
	load(to, EDI, any_address(to));
	address32(to);
	bytes(to, operands[below(to->random, 9)]);
}

/* What allows a guest to make one: VMXON, or EFER.SVME and VMRUN. */
static void write_nest(struct writer *to)
{
	load(to, EDX, 0);
	if (to->svm) {
		load(to, ECX, 0xc0000080);
		bytes(to, "0f32");
		operand32(to);
		bytes(to, "0d00100000" "0f30");
		load(to, EAX, BUFFER_BASE);
		bytes(to, "0f01d8");
		return;
	}
	load(to, ECX, 0x3a);
	load(to, EAX, 5);
	bytes(to, "0f30" "0f20e0");
	operand32(to);
	bytes(to, "0d00200000" "0f22e0");
	load(to, EDI, BUFFER_BASE);
	address32(to);
	bytes(to, "f30fc737");
}

/* Tables of segments and interrupts; mostly a look. */
static void write_tables(struct writer *to)
{
	static const char * const codes[] = {
		"0f0107", "0f010f", "0f0007", "0f000f", "0f0027", "0f013f",
		"0f013f", "0f0117", "0f0017", "0f001f", "0f011f", "0f01f7",
	};
	uint32_t nr = one_in(to->random, 6) ? 12 : 7;

	load(to, EDI, any_address(to));
	address32(to);
	bytes(to, codes[below(to->random, nr)]);
}

static void write_int(struct writer *to)
{
	byte(to, 0xcd);
	byte(to, below(to->random, 256));
}

/* A task switch: in protected mode only. */
static void write_far_jump(struct writer *to)
{
	static const uint32_t selectors[] = {
		CODE32_SELECTOR, DATA_SELECTOR, TSS_SELECTOR, TSS_SELECTOR, 0,
	};

	byte(to, one_in(to->random, 2) ? 0xea : 0x9a);
	word(to, below(to->random, 1 << 16), to->mode == REAL_MODE ? 2 : 4);
	word(to, PICK(to, selectors), 2);
}

/* For a while, or until the VMM's time is up: see flags_of() in random.c. */
static void write_loop(struct writer *to)
{
	load(to, ECX, 1 + below(to->random, 1000));
	bytes(to, one_in(to->random, 8) ? "fb" "ebfe" : "e2fe");
}

static void write_raw(struct writer *to)
{
	int left = 1 + below(to->random, 8);

	while (left--)
		byte(to, draw(to->random));
}

static const struct {
	int weight;
	void (*write)(struct writer *to);
} kinds[] = {
	{ 8, write_cpuid }, { 8, write_io }, { 4, write_string_io },
	{ 10, write_msr }, { 8, write_cr }, { 4, write_dr },
	{ 10, write_memory }, { 5, write_apic }, { 14, write_plain },
	{ 8, write_virtual }, { 1, write_nest }, { 4, write_tables },
	{ 2, write_int }, { 2, write_far_jump }, { 1, write_loop },
	{ 4, write_raw },
};

static void write_any(struct writer *to)
{
	int sum = 0, at;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		sum += kinds[i].weight;
	at = below(to->random, sum);
	for (i = 0; at >= kinds[i].weight; i++)
		at -= kinds[i].weight;
	kinds[i].write(to);
}

static void begin_slot(struct writer *to)
{
	struct text *text = to->text;

	text->slots[text->nr_slots] = text->size;
	byte(to, 0xb8 + EBP);
	word(to, text->nr_slots, to->mode == REAL_MODE ? 2 : 4);
}

static void write_text(struct writer *to, uint32_t nr_slots)
{
	struct text *text = to->text;

	for (; text->nr_slots < nr_slots; text->nr_slots++) {
		begin_slot(to);
		write_any(to);
	}
	text->slots[nr_slots] = text->size;
	byte(to, 0xe6);
	byte(to, END_PORT);
	bytes(to, "ebfc");
}

static_assert((MAX_SLOTS + 1) * SLOT_SIZE <= CODE_SIZE);

void make_program(struct program *program, uint64_t seed, bool svm)
{
	struct writer to = { .random = &program->random, .svm = svm };
	int i;

	memset(program, 0, sizeof(*program));
	program->seed = seed;
	program->svm = svm;
	program->random.state = seed;
	program->mode = below(to.random, NR_PROGRAM_MODES);
	program->cpuid = below(to.random, NR_PROGRAM_CPUIDS);
	program->irqchip = one_in(to.random, 2);
	program->msrs_exit = one_in(to.random, 4);
	program->steps = one_in(to.random, 16);
	program->nr_vcpus = 1 + below(to.random, MAX_PROGRAM_VCPUS);
	to.mode = program->mode;
	for (i = 0; i < program->nr_vcpus; i++) {
		to.text = &program->texts[i];
		write_text(&to, 8 + below(to.random, MAX_SLOTS - 8 + 1));
	}
}

void print_program(const struct program *program)
{
	static const char * const cpuids[] = { "no", "some", "full" };
	uint32_t i;
	int vcpu;

	tap_note(&tap, "program %lu: %s mode, %s CPUID%s%s%s, %d vCPUs: vmm random %lu 1",
		 program->seed, program_modes[program->mode],
		 cpuids[program->cpuid], program->irqchip ? ", irqchip" : "",
		 program->msrs_exit ? ", MSRs to the VMM" : "",
		 program->steps ? ", single steps" : "", program->nr_vcpus,
		 program->seed);
	for (vcpu = 0; vcpu < program->nr_vcpus; vcpu++) {
		const struct text *text = &program->texts[vcpu];

		printf("# vCPU %d:", vcpu);
		for (i = 0; i < text->size; i++)
			printf("%s%02x", i % 4 ? "" : " ", text->bytes[i]);
		putchar('\n');
	}
}
