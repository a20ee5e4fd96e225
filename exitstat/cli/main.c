// SPDX-License-Identifier: GPL-2.0-only
/* What the VM exits of KVM guests cost: the command line. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "base/parse.h"
#include "cli/cli.h"
#include "source/debugfs.h"
#include "source/source.h"

static const char help[] =
"usage: exitstat [OPTION...] [INTERVAL [COUNT]]\n"
"       exitstat [OPTION...] -- COMMAND [ARGUMENT...]\n"
"       exitstat --host [OPTION...] [INTERVAL [COUNT]]\n"
"       exitstat --vm PID [--vcpu N] [OPTION...] [INTERVAL [COUNT]]\n"
"       exitstat --top [--vm PID]\n"
"       exitstat record -o FILE [-m FIFO] [--vm PID] [INTERVAL [COUNT]]\n"
"       exitstat report [-o FILE.html] FILE\n"
"\n"
"Show how often a KVM guest exited to its host, why, and what that cost: from\n"
"inside the guest, or on the host. First since the VM's start, then in each\n"
"INTERVAL (seconds); with COMMAND, while that ran.\n"
"\n"
"  -y                   not the table since the VM's start, only intervals\n"
"  -r REASON,...        only these exit reasons, by number or name\n"
"  -s KEY               sort by exits, cycles (kernel, vmm and wait; the\n"
"                       default), or cost (cycles per exit)\n"
"  --json, --csv, --openmetrics\n"
"                       for machines\n"
"  --baseline SECONDS   measure the idle VM before COMMAND runs\n"
"  -o FILE              where record and report write; - is standard output\n"
"  -m FIFO              where others write names of phases, a line each, for\n"
"                       record to mark\n"
"  --host               all VMs of this host, from debugfs\n"
"  --vm PID             a VM of this host; PID-FD where a process has several\n"
"  --vcpu N             one vCPU of it\n"
"  --top                live, full screen\n"
"  --input FILE         what record wrote, in place of CPUID\n"
"  --debugfs DIR        in place of " DEBUGFS "\n"
"  --tsc-khz N          the host's TSC frequency, which is measured otherwise\n"
"  --help, --version\n"
"\n"
"Status: 0 good, 1 failed, 2 usage, 4 no exit statistics here; with COMMAND its\n"
"own, 128 + N if signal N ended it, 126 or 127 if it could not be executed.\n";

enum option_value {
	OPTION_JSON = 256,
	OPTION_CSV,
	OPTION_OPENMETRICS,
	OPTION_BASELINE,
	OPTION_HOST,
	OPTION_VM,
	OPTION_VCPU,
	OPTION_TOP,
	OPTION_INPUT,
	OPTION_DEBUGFS,
	OPTION_TSC_KHZ,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "openmetrics", no_argument, NULL, OPTION_OPENMETRICS },
	{ "baseline", required_argument, NULL, OPTION_BASELINE },
	{ "host", no_argument, NULL, OPTION_HOST },
	{ "vm", required_argument, NULL, OPTION_VM },
	{ "vcpu", required_argument, NULL, OPTION_VCPU },
	{ "top", no_argument, NULL, OPTION_TOP },
	{ "input", required_argument, NULL, OPTION_INPUT },
	{ "debugfs", required_argument, NULL, OPTION_DEBUGFS },
	{ "tsc-khz", required_argument, NULL, OPTION_TSC_KHZ },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 }
};

__attribute__((format(printf, 1, 2), noreturn))
static void die_usage(const char *format, ...)
{
	va_list arguments;

	fputs("exitstat: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("; see --help\n", stderr);
	exit(STATUS_USAGE);
}

static uint64_t parse_number(const char *what, const char *text, uint64_t min,
			     uint64_t max)
{
	const char *end = text;
	uint64_t value;

	if (!take_number(&end, max, &value) || *end || value < min)
		die_usage("%s '%s' is not a number from %" PRIu64 " to %" PRIu64,
			  what, text, min, max);
	return value;
}

/* As 1 or 0.25: strtod() would take spaces, signs, and infinity. */
static double parse_seconds(const char *what, const char *text)
{
	size_t length = strspn(text, "0123456789.");
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || text[length] || *end || errno ||
	    seconds < 0.01 || seconds > 86400)
		die_usage("%s '%s' is not a number of seconds from 0.01 to 86400",
			  what, text);
	return seconds;
}

static enum sort_key parse_sort(const char *text)
{
	static const char *const keys[] = {
		[SORT_EXITS]	= "exits",
		[SORT_CYCLES]	= "cycles",
		[SORT_COST]	= "cost",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i] && !strcmp(text, keys[i]))
			return i;
	}
	die_usage("-s '%s' is not exits, cycles or cost", text);
}

static void set_mode(struct env *env, enum mode mode, const char *word)
{
	if (env->mode != MODE_TABLE)
		die_usage("%s cannot be with what is before it", word);
	env->mode = mode;
}

static void set_format(struct env *env, const struct format *format,
		       const char *word)
{
	if (env->format != &table_format)
		die_usage("%s cannot be with another format", word);
	env->format = format;
}

/* PID or PID-FD. */
static const char *parse_vm(const char *text)
{
	const char *end = text;
	uint64_t number;

	if (!take_number(&end, INT32_MAX, &number) ||
	    (take_word(&end, "-") && !take_number(&end, INT32_MAX, &number)) ||
	    *end)
		die_usage("--vm '%s' is not PID or PID-FD", text);
	return text;
}

/* Does not return. */
static void print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(flush_output(stdout) ? STATUS_FAILED : STATUS_OK);
}

static void parse_option(struct env *env, int option, char *value)
{
	switch (option) {
	case 'y': env->skip_first = true; break;
	case 'r': env->reasons = value; break;
	case 's': env->sort = parse_sort(value); break;
	case 'o': env->output = value; break;
	case 'm': env->marks = value; break;
	case OPTION_JSON: set_format(env, &json_format, "--json"); break;
	case OPTION_CSV: set_format(env, &csv_format, "--csv"); break;
	case OPTION_OPENMETRICS:
		set_format(env, &openmetrics_format, "--openmetrics");
		break;
	case OPTION_BASELINE:
		env->baseline = parse_seconds("--baseline", value);
		break;
	case OPTION_HOST: set_mode(env, MODE_HOST, "--host"); break;
	case OPTION_VM: env->vm = parse_vm(value); break;
	case OPTION_VCPU:
		env->vcpu = parse_number("--vcpu", value, 0, INT32_MAX);
		break;
	case OPTION_TOP: set_mode(env, MODE_TOP, "--top"); break;
	case OPTION_INPUT: env->input = value; break;
	case OPTION_DEBUGFS: env->debugfs = value; break;
	case OPTION_TSC_KHZ:
		env->tsc_khz = parse_number("--tsc-khz", value, 1, UINT32_MAX);
		break;
	case OPTION_HELP: print_and_exit(help); break;
	case OPTION_VERSION: print_and_exit("exitstat " VERSION "\n"); break;
	}
}

static void parse_options(struct env *env, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":yr:s:o:m:", options, NULL)) !=
	       -1) {
		if (option == ':')
			die_usage("%s needs a value", argv[optind - 1]);
		if (option == '?')
			die_usage("unknown option '%s'", argv[optind - 1]);
		parse_option(env, option, optarg);
	}
}

/* A verb, or INTERVAL and COUNT. */
static void parse_words(struct env *env, char **words, int nr)
{
	if (nr && !strcmp(words[0], "record")) {
		set_mode(env, MODE_RECORD, "record");
		words++, nr--;
	} else if (nr && !strcmp(words[0], "report")) {
		set_mode(env, MODE_REPORT, "report");
		env->arguments = words + 1;
		if (nr != 2)
			die_usage("report takes one FILE");
		return;
	}

	if (nr > 2)
		die_usage("'%s' is one word too many", words[2]);
	if (nr > 0)
		env->interval = parse_seconds("INTERVAL", words[0]);
	if (nr > 1)
		env->count = parse_number("COUNT", words[1], 1, UINT32_MAX);
}

static void check_combination(const struct env *env)
{
	bool writes_tables = env->mode == MODE_TABLE || env->mode == MODE_HOST;

	if (env->mode == MODE_COMMAND && (env->interval || env->skip_first))
		die_usage("COMMAND has no intervals");
	if (env->skip_first && !env->interval)
		die_usage("-y needs an INTERVAL");
	if (env->baseline && env->mode != MODE_COMMAND)
		die_usage("--baseline needs -- COMMAND");
	if (env->vcpu >= 0 && !env->vm)
		die_usage("--vcpu needs --vm");
	if ((env->debugfs || env->tsc_khz) && !env->vm && env->mode != MODE_HOST)
		die_usage("--debugfs and --tsc-khz need --host or --vm");
	if (env->mode == MODE_HOST && (env->vm || env->reasons))
		die_usage("--host shows whole VMs: no --vm, no -r");
	if (env->input && (env->vm || env->mode == MODE_HOST ||
			   env->mode == MODE_COMMAND))
		die_usage("--input takes the place of --vm, --host and COMMAND");
	if (env->mode == MODE_RECORD && !env->output)
		die_usage("record needs -o FILE");
	if (env->mode == MODE_TOP && (env->reasons || env->count))
		die_usage("--top takes neither -r nor COUNT");
	if (env->marks && env->mode != MODE_RECORD)
		die_usage("-m is for record");
	if (env->output && env->mode != MODE_RECORD && env->mode != MODE_REPORT)
		die_usage("-o is for record and report");
	if (env->format == &openmetrics_format &&
	    (env->interval || env->mode == MODE_COMMAND))
		die_usage("--openmetrics has counters since the VM's start only");
	if (env->format != &table_format && !writes_tables &&
	    env->mode != MODE_COMMAND)
		die_usage("there is no such format of that");
}

/*
 * All after "--" is the command; getopt_long() moves the other words to the end
 * of what is before it.
 */
static struct env parse_arguments(int argc, char **argv)
{
	struct env env = {
		.format = &table_format, .vcpu = -1,
	};
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		;
	if (i < argc) {
		set_mode(&env, MODE_COMMAND, "--");
		env.arguments = argv + i + 1;
		if (i + 1 == argc)
			die_usage("there is no COMMAND after --");
		argv[i] = NULL;
	}

	parse_options(&env, i, argv);
	parse_words(&env, argv + optind, i - optind);
	check_combination(&env);
	if (!env.debugfs)
		env.debugfs = DEBUGFS;
	return env;
}

static struct source *open_source(const struct env *env, int *status)
{
	struct source *source;

	*status = STATUS_FAILED;
	if (env->input)
		source = recording_open(env->input);
	else if (env->vm)
		source = vm_open(env->debugfs, env->vm, env->vcpu, env->tsc_khz,
				 status);
	else
		source = guest_open(status);
	return source;
}

static int run(const struct env *env)
{
	static int (*const runs[])(const struct env *, struct source *) = {
		[MODE_TABLE]	= run_intervals,
		[MODE_COMMAND]	= run_command,
		[MODE_TOP]	= run_top,
		[MODE_RECORD]	= run_record,
	};
	struct source *source;
	int status;

	if (env->mode == MODE_HOST)
		return run_host(env);
	if (env->mode == MODE_REPORT)
		return run_report(env);

	source = open_source(env, &status);
	if (!source)
		return status;
	status = runs[env->mode](env, source);
	source->close(source);
	return status;
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	struct env env = parse_arguments(argc, argv);

	/* Keep output, and the exits of the console, away from the reads. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	signal(SIGPIPE, SIG_IGN);
	return run(&env);
}
