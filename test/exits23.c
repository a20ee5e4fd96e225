// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: exits23 out|cpuid [N]
 * Cause N (23) exits: port writes, as root, or CPUIDs; no other instruction of
 * this program exits. There is no C library in it: that executes CPUID when it
 * starts.
 */
#define PORT		0x80	/* for delays: no device is there */
#define NR_EXIT		60
#define NR_IOPL		172

static long syscall1(long number, long argument)
{
	long result;

	asm volatile("syscall" : "=a" (result)
		     : "a" (number), "D" (argument)
		     : "rcx", "r11", "memory");
	return result;
}

static unsigned long parse(const char *text)
{
	unsigned long number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		number = 10 * number + (*text - '0');
	return number;
}

static void cpuid(void)
{
	unsigned int eax = 0, ecx = 0;

	asm volatile("cpuid" : "+a" (eax), "+c" (ecx) : : "ebx", "edx");
}

static long run(const char *what, unsigned long nr)
{
	if (what[0] == 'c') {
		while (nr--)
			cpuid();
		return 0;
	}
	if (what[0] != 'o' || syscall1(NR_IOPL, 3))
		return 2;
	while (nr--)
		asm volatile("outb %b0, %w1" : : "a" (0), "Nd" (PORT));
	return 0;
}

/* @stack: argc, then argv. */
__attribute__((used)) static void start(const long *stack)
{
	const char *const *argv = (const char *const *)(stack + 1);
	long status = 2;

	if (stack[0] == 2 || stack[0] == 3)
		status = run(argv[1], stack[0] == 3 ? parse(argv[2]) : 23);
	syscall1(NR_EXIT, status);
}

asm(".globl _start\n_start:\tmov %rsp, %rdi\n\tcall start\n");
