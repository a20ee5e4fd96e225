// SPDX-License-Identifier: GPL-2.0-only
/*
 * Show a KVM guest its own exits, or check what the host tells of them.  Needs
 * no privilege.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "output/table.h"
#include "source/leaves.h"
#include "source/source.h"

#define PROGRAM "exitstat-test"

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_NO_INTERFACE = 4,
};

enum mode { MODE_TABLE, MODE_RAW, MODE_REPEAT, MODE_CHECK, MODE_HELP };

struct env {
	enum mode mode;
	bool emulated;
	uint32_t count;
	uint32_t leaf;
	uint32_t subleaf;
};

static const struct {
	const char *option;
	const char *numbers;
	int min_numbers;
	int max_numbers;
} modes[] = {
	[MODE_TABLE]	= { "the table", "no number", 0, 0 },
	[MODE_RAW]	= { "--raw", "LEAF [ECX]", 1, 2 },
	[MODE_REPEAT]	= { "--repeat", "COUNT LEAF [ECX]", 2, 3 },
	[MODE_CHECK]	= { "--check", "no number", 0, 0 },
	[MODE_HELP]	= { "--help", "no number", 0, 0 },
};

static const char help[] =
"usage: " PROGRAM " [--emulated]\n"
"       " PROGRAM " [--emulated] --check\n"
"       " PROGRAM " [--emulated] --raw LEAF [ECX]\n"
"       " PROGRAM " [--emulated] --repeat COUNT LEAF [ECX]\n"
"       " PROGRAM " --help\n"
"\n"
"Show how often this KVM guest exited to its host since it was made, why, and\n"
"how many cycles (ticks of the host's TSC) that cost: in the kernel, in the VMM,\n"
"and waiting. Total cycles are those in the kernel.\n"
"\n"
"  --check     prove the interface's promises, in KTAP\n"
"  --raw       execute one CPUID and print its four registers\n"
"  --repeat    execute CPUID COUNT times, print the last one's registers\n"
"  --emulated  execute each CPUID in KVM's instruction emulator; the host needs\n"
"              kvm.force_emulation_prefix=1\n"
"\n"
"LEAF, ECX and COUNT are numbers as in C: 10 or 0xa.\n"
"\n"
"Reading is an exit as well: the line\n"
"after the table says how many of the exits above it are this program's reads.\n"
"The C library executes CPUID too when a program starts; these are not in that\n"
"line's number.\n"
"\n"
"Status: 0 good, 1 a check or the output failed, 2 usage, 4 no exit statistics\n"
"here, or no emulation.\n";

__attribute__((format(printf, 1, 2), noreturn))
static void die_usage(const char *format, ...)
{
	va_list arguments;

	fputs(PROGRAM ": ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("; see --help\n", stderr);
	exit(STATUS_USAGE);
}

/* strtoul() would take spaces, signs, and the rest of a number that it knows. */
static uint32_t parse_number(const char *what, const char *text, uint32_t min)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end)
		die_usage("%s '%s' is not a number", what, text);
	if (errno || value < min || value > UINT32_MAX)
		die_usage("%s '%s' is not from %" PRIu32 " to 0x%" PRIx32, what,
			  text, min, UINT32_MAX);
	return (uint32_t)value;
}

static void parse_option(struct env *env, const char *option)
{
	size_t i;

	if (!strcmp(option, "--emulated")) {
		env->emulated = true;
		return;
	}

	for (i = MODE_RAW; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(option, modes[i].option))
			continue;
		if (env->mode != MODE_TABLE)
			die_usage("%s and %s exclude each other",
				  modes[env->mode].option, option);
		env->mode = i;
		return;
	}
	die_usage("unknown option '%s'", option);
}

static void parse_numbers(struct env *env, char **numbers, int nr)
{
	if (nr < modes[env->mode].min_numbers ||
	    nr > modes[env->mode].max_numbers)
		die_usage("%s takes %s", modes[env->mode].option,
			  modes[env->mode].numbers);

	if (env->mode == MODE_REPEAT) {
		env->count = parse_number("COUNT", *numbers++, 1);
		nr--;
	}
	if (nr > 0)
		env->leaf = parse_number("LEAF", numbers[0], 0);
	if (nr > 1)
		env->subleaf = parse_number("ECX", numbers[1], 0);
}

static struct env parse_arguments(int argc, char **argv)
{
	struct env env = { .mode = MODE_TABLE, .count = 1 };
	int i, nr = 0;

	/* The numbers move to the front, in their order. */
	for (i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			parse_option(&env, argv[i]);
		else
			argv[nr++] = argv[i];
	}
	parse_numbers(&env, argv, nr);
	return env;
}

/* Only what is safe in a signal handler. */
static void on_sigill(int signal)
{
	static const char text[] = PROGRAM
		": no emulation here: needs kvm.force_emulation_prefix=1 on the host\n";

	(void)signal;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(STATUS_FAILED);
	_exit(STATUS_NO_INTERFACE);
}

/* The totals are those of the host's log; the table is exitstat's. */
static int print_table(const struct exit_stats *es,
		       const struct exit_stats_snapshot *snapshot)
{
	const struct source source = {
		.isa = es->isa,
		.tsc_khz = es->tsc_khz,
		.own_reason = es->own_reason,
	};
	struct group group = { .since_start = true };

	if (guest_fill_sample(&group.sample, es, snapshot))
		return STATUS_FAILED;
	group.own = group.sample.own;
	sample_sort(&group.sample, SORT_EXITS);
	exit_stats_print_totals(stdout, es, snapshot);
	putchar('\n');
	table_show_rows(stdout, &source, &group);
	sample_free(&group.sample);
	return STATUS_OK;
}

static int run_table(struct exit_stats *es)
{
	struct exit_stats_snapshot snapshot = { 0 };
	int status = STATUS_FAILED;

	if (exit_stats_collect(es, &snapshot))
		fputs(PROGRAM ": out of memory\n", stderr);
	else
		status = print_table(es, &snapshot);
	exit_stats_free(&snapshot);
	return status;
}

/* Nothing but the CPUIDs happens in the loop, so that it can be measured. */
static int run_raw(struct exit_stats *es, const struct env *env)
{
	struct exit_stats_regs regs;
	uint32_t left = env->count;

	do {
		regs = es->cpuid(env->leaf, env->subleaf);
	} while (--left);

	printf("leaf 0x%" PRIx32 " ecx 0x%" PRIx32 ": eax 0x%08" PRIx32
	       " ebx 0x%08" PRIx32 " ecx 0x%08" PRIx32 " edx 0x%08" PRIx32 "\n",
	       env->leaf, env->subleaf, regs.eax, regs.ebx, regs.ecx, regs.edx);
	return STATUS_OK;
}

static int run(const struct env *env)
{
	struct exit_stats es = {
		.cpuid = env->emulated ? exit_stats_cpuid_emulated
				       : exit_stats_cpuid_native,
		.emulated = env->emulated,
	};
	enum exit_stats_status status;

	if (env->mode == MODE_HELP) {
		fputs(help, stdout);
		return STATUS_OK;
	}
	if (env->mode == MODE_RAW || env->mode == MODE_REPEAT)
		return run_raw(&es, env);

	status = exit_stats_open(&es);
	if (status != EXIT_STATS_OK) {
		fputs(PROGRAM ": ", stderr);
		exit_stats_explain(stderr, &es, status);
		return STATUS_NO_INTERFACE;
	}
	if (env->mode == MODE_CHECK)
		return run_checks(&es, stdout) ? STATUS_FAILED : STATUS_OK;
	return run_table(&es);
}

/* A full disk or a closed pipe may show as late as here. */
static int close_output(int status)
{
	bool failed = ferror(stdout);

	errno = EIO;
	if (fclose(stdout) || failed) {
		fprintf(stderr, PROGRAM ": cannot write the output: %s\n",
			strerror(errno));
		return STATUS_FAILED;
	}
	return status;
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	struct env env = parse_arguments(argc, argv);
	int status;

	/* Keep output, and the exits of the console, away from the reads. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	signal(SIGPIPE, SIG_IGN);
	if (env.emulated)
		signal(SIGILL, on_sigill);

	status = run(&env);
	return status == STATUS_NO_INTERFACE ? status : close_output(status);
}
