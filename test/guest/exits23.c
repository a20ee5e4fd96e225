// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: exits23 out|cpuid [N]
 * Cause N (23) exits: port writes, as root, or CPUIDs; no other instruction of
 * this program exits. There is no C library in it: that executes CPUID when it
 * starts.
 */
#define PORT		0x80	/* for delays: no device is there */
#define NR_IOCTL	16
#define NR_EXIT		60
#define NR_IOPL		172
#define TIOCMBIS	0x5416
#define TIOCMBIC	0x5417
#define TIOCM_DTR	0x002

static long syscall3(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall" : "=a" (result)
		     : "a" (number), "D" (a), "S" (b), "d" (c)
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

/*
 * In a kernel without iopl(), change DTR of the serial port that stdin is, which
 * is one write to its register each time. It was set when that was opened.
 */
static long out(unsigned long nr)
{
	int line = TIOCM_DTR;
	unsigned long i;

	if (!syscall3(NR_IOPL, 3, 0, 0)) {
		while (nr--)
			asm volatile("outb %b0, %w1" : : "a" (0), "Nd" (PORT));
		return 0;
	}
	for (i = 0; i < nr; i++) {
		if (syscall3(NR_IOCTL, 0, i % 2 ? TIOCMBIS : TIOCMBIC,
			     (long)&line))
			return 3;
	}
	return 0;
}

static long run(const char *what, unsigned long nr)
{
	if (what[0] == 'c') {
		while (nr--)
			cpuid();
		return 0;
	}
	return what[0] == 'o' ? out(nr) : 2;
}

/* @stack: argc, then argv. */
__attribute__((used)) static void start(const long *stack)
{
	const char *const *argv = (const char *const *)(stack + 1);
	long status = 2;

	if (stack[0] == 2 || stack[0] == 3)
		status = run(argv[1], stack[0] == 3 ? parse(argv[2]) : 23);
	syscall3(NR_EXIT, status, 0, 0);
}

asm(".globl _start\n_start:\tmov %rsp, %rdi\n\tcall start\n");
