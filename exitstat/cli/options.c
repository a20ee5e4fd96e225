// SPDX-License-Identifier: GPL-2.0-only
/* The command line: verbs, options, and which verbs take which options. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "base/parse.h"
#include "cli/cli.h"
#include "source/debugfs.h"
#include "source/vm-name.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The first word, if it is one of these; else it is INTERVAL. */
static const struct verb {
	const char *name;	/* "" without one */
	const char *words;	/* that may follow */
	enum mode mode;
	const char *help;
} verbs[] = {
	{ "", "[INTERVAL [COUNT]]", MODE_TABLE, "this guest's exits" },
	{ "run", "-- COMMAND [ARGUMENT...]", MODE_COMMAND,
	  "exits while COMMAND runs" },
	{ "top", "[INTERVAL]", MODE_TOP,
	  "live, full screen; on a host: its VMs, and any one of them" },
	{ "host", "[INTERVAL [COUNT]]", MODE_HOST, "on a host: all its VMs" },
	{ "vm", "VM [INTERVAL [COUNT]]", MODE_TABLE,
	  "on a host: one of them, by its name, PID, or PID-FD" },
	{ "record", "-o FILE [INTERVAL [COUNT]] [-- COMMAND]", MODE_RECORD,
	  "into a file, until COMMAND ends, or ^C" },
	{ "mark", "[-m FIFO] NAME", MODE_MARK,
	  "say that a phase begins, to who records" },
	{ "report", "[-o FILE.html] FILE [FILE]", MODE_REPORT,
	  "a page of charts of what record wrote; of two, to compare them" },
	{ "diff", "A B", MODE_DIFF,
	  "compare two recordings, or two files of --json" },
	{ "export", "[INTERVAL]", MODE_EXPORT,
	  "on a host: all its VMs for Prometheus, once or by HTTP" },
	{ "reasons", "", MODE_REASONS, "list all exit reasons" },
};

#define IN(mode) (1u << MODE_##mode)

enum {
	OPTION_JSON = 256,
	OPTION_CSV,
	OPTION_OPENMETRICS,
	OPTION_BASELINE,
	OPTION_REASONS,
	OPTION_THRESHOLD,
	OPTION_HOST,
	OPTION_VM,
	OPTION_VCPU,
	OPTION_TOP,
	OPTION_INPUT,
	OPTION_DEBUGFS,
	OPTION_PROC,
	OPTION_TSC_KHZ,
	OPTION_TAIL,
	OPTION_PER_VCPU,
	OPTION_MAX_SERIES,
	OPTION_LISTEN,
	OPTION_KEEP,
	OPTION_ONCE,
};

/* An option: everything that is said of it. */
static const struct row {
	int id;			/* its letter, or one of the above */
	const char *name;	/* with its dashes */
	const char *value;	/* or NULL */
	unsigned int modes;	/* that take it; 0: all */
	const char *help;
} rows[] = {
	{ 'y', "-y", NULL, IN(TABLE) | IN(HOST),
	  "only intervals, not the table since the VM's start" },
	{ 't', "-t", NULL, IN(TABLE) | IN(COMMAND) | IN(HOST),
	  "with the time of day" },
	{ 'l', "-l", NULL, IN(TABLE), "a line for each table, for logs" },
	{ 'r', "-r", "REASON,...",
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(DIFF),
	  "only these exit reasons, by number or name; of a host: of each VM, or all; but with run: -r N runs COMMAND N times, for means" },
	{ OPTION_REASONS, "--reasons", "REASON,...",
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(DIFF) | IN(EXPORT),
	  "the same as -r, also with run; export takes all, or none" },
	{ 's', "-s", "KEY", IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(TOP),
	  "sort by exits, cycles (kernel, vmm and wait; the default), or cost (cycles per exit); with --tail also by p99, or max" },
	{ OPTION_ONCE, "--once", NULL, IN(EXPORT),
	  "write them, and end: so it is without --listen" },
	{ OPTION_LISTEN, "--listen", "ADDRESS:PORT", IN(EXPORT),
	  "answer Prometheus' requests; the socket that systemd gives comes first" },
	{ OPTION_KEEP, "--keep", "SECONDS", IN(EXPORT),
	  "with --listen: keep the last values of a VM that ended; VMs are read each INTERVAL (default: 5)" },
	{ OPTION_PER_VCPU, "--per-vcpu", NULL, IN(EXPORT),
	  "the time of each vCPU, not of the VM's together" },
	{ OPTION_MAX_SERIES, "--max-series", "N", IN(EXPORT),
	  "at most so many; else less detail, which is said (default: 50000)" },
	{ OPTION_TAIL, "--tail", NULL,
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(TOP) | IN(EXPORT),
	  "what single exits cost in the kernel: half of them no more than p50, 99 % p99, 99.9 % p99.9, none more than max" },
	{ OPTION_JSON, "--json", NULL,
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(DIFF),
	  "write JSON, an object for each table" },
	{ OPTION_CSV, "--csv", NULL, IN(TABLE) | IN(COMMAND) | IN(HOST),
	  "write comma-separated values" },
	{ OPTION_OPENMETRICS, "--openmetrics", NULL,
	  IN(TABLE) | IN(HOST) | IN(EXPORT),
	  "write OpenMetrics: counters since the VM's start only" },
	{ OPTION_BASELINE, "--baseline", "SECONDS", IN(COMMAND),
	  "first measure the idle VM, for comparison" },
	{ OPTION_THRESHOLD, "--threshold", "PERCENT", IN(DIFF),
	  "smaller changes are none" },
	{ 'o', "-o", "FILE", IN(RECORD) | IN(REPORT) | IN(COMMAND) | IN(EXPORT),
	  "where to write; - is standard output" },
	{ 'm', "-m", "FIFO", IN(RECORD) | IN(MARK),
	  "where others write names of phases, one a line, for record to mark" },
	{ OPTION_VM, "--vm", "VM", IN(TABLE) | IN(COMMAND) | IN(TOP) | IN(RECORD),
	  "on a host: of this VM, in place of the guest" },
	{ OPTION_VCPU, "--vcpu", "N",
	  IN(TABLE) | IN(COMMAND) | IN(TOP) | IN(RECORD), "one vCPU of it" },
	{ OPTION_INPUT, "--input", "FILE", IN(TABLE) | IN(TOP) | IN(RECORD),
	  "of what record wrote, in place of the guest" },
	{ OPTION_DEBUGFS, "--debugfs", "DIR",
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(TOP) | IN(RECORD) |
	  IN(EXPORT),
	  "on a host: in place of " DEBUGFS },
	{ OPTION_PROC, "--proc", "DIR",
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(TOP) | IN(RECORD) |
	  IN(EXPORT),
	  "on a host: in place of " PROC ", for the names of VMs" },
	{ OPTION_TSC_KHZ, "--tsc-khz", "N",
	  IN(TABLE) | IN(COMMAND) | IN(HOST) | IN(TOP) | IN(RECORD) |
	  IN(EXPORT),
	  "on a host: its TSC frequency, which is measured otherwise" },
	{ OPTION_HOST, "--host", NULL, 0, "the same as host; top --host shows it live" },
	{ OPTION_TOP, "--top", NULL, 0, "the same as top" },
	{ 'h', "--help", NULL, 0, "print this, and exit; also -h" },
	{ 'V', "--version", NULL, 0, "print the version, and exit; also -V" },
};

static const struct verb *find_verb(const char *word)
{
	size_t i;

	for (i = 1; word && i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i].name, word))
			return &verbs[i];
	}
	return NULL;
}

/* What was said so far, beside what is in struct env. */
struct said {
	struct env *env;
	const char *mode;	/* the word that chose it, or NULL */
	const struct verb *verb;	/* the first word, or NULL */
	const char *r;		/* the value of -r, whose meaning the mode knows */
	bool rows[ARRAY_SIZE(rows)];
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

static double parse_percent(const char *text)
{
	double percent;
	char *end;

	errno = 0;
	percent = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || *end || errno || percent > 1e6)
		die_usage("--threshold '%s' is not a number of percent", text);
	return percent;
}

static enum sort_key parse_sort(const char *text)
{
	static const char *const keys[] = {
		[SORT_EXITS]	= "exits",
		[SORT_CYCLES]	= "cycles",
		[SORT_COST]	= "cost",
		[SORT_P99]	= "p99",
		[SORT_MAX]	= "max",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i] && !strcmp(text, keys[i]))
			return i;
	}
	die_usage("-s '%s' is not exits, cycles, cost, p99 or max", text);
}

static void set_format(struct env *env, const struct format *format,
		       const char *word)
{
	if (env->format != &table_format)
		die_usage("%s cannot be combined with another format", word);
	env->format = format;
}

/* Any text may be a name. */
static const char *parse_vm(const char *text)
{
	if (!*text)
		die_usage("--vm needs a name, PID or PID-FD");
	return text;
}

#define HELP_COLUMN	24
#define HELP_WIDTH	79

/* A line of the help, or as many as @text needs beside @name. */
static void print_row(FILE *out, const char *name, const char *value,
		      const char *text)
{
	int column = fprintf(out, "  %s%s%s ", name, value ? " " : "",
			     value ? value : "");
	const char *end;

	column += fprintf(out, "%*s", HELP_COLUMN - 1 - column, "");
	for (; *text; text = end + strspn(end, " ")) {
		end = text + strcspn(text, " ");
		if (column + 1 + (end - text) > HELP_WIDTH)
			column = fprintf(out, "\n%*s", HELP_COLUMN - 1, "") - 1;
		column += fprintf(out, " %.*s", (int)(end - text), text);
	}
	fputc('\n', out);
}

static void print_usage(FILE *out, const char *begin, const struct verb *verb)
{
	fprintf(out, "%s exitstat %s%s[OPTION...] %s\n", begin, verb->name,
		verb->name[0] ? " " : "", verb->words);
}

/* Of one verb, with its options. */
static void print_help_of(FILE *out, const struct verb *verb)
{
	size_t i;

	print_usage(out, "usage:", verb);
	fprintf(out, "\n%c%s.\n\n", toupper((unsigned char)verb->help[0]),
		verb->help + 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].modes & 1u << verb->mode)
			print_row(out, rows[i].name, rows[i].value, rows[i].help);
	}
	fputs("\nexitstat --help is about all of it, exitstat(1) has examples.\n",
	      out);
}

static void print_help(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		print_usage(out, i ? "      " : "usage:", &verbs[i]);
	fputs("\nShow how often a KVM guest exited to its host, why, and what that cost: first\n"
	      "since the VM's start, then in each INTERVAL (seconds), COUNT tables in all.\n\n",
	      out);
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		print_row(out, i ? verbs[i].name : "(none)", NULL, verbs[i].help);
	fputc('\n', out);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		print_row(out, rows[i].name, rows[i].value, rows[i].help);
	fputs("\nStatus: 0 good, 1 failed, 2 usage, 3 diff found a difference, 4 no exit\n"
	      "statistics here; with COMMAND its own, 128 + N if signal N ended it, 126 or 127\n"
	      "if it could not be executed.\n",
	      out);
}

__attribute__((noreturn))
static void end_well(void)
{
	exit(flush_output(stdout) ? STATUS_FAILED : STATUS_OK);
}

/* top and --host, in any order, are top of a host. */
static void set_mode(struct said *said, enum mode mode, const char *word)
{
	enum mode was = said->env->mode;

	if (said->mode && ((was == MODE_TOP && mode == MODE_HOST) ||
			   (was == MODE_HOST && mode == MODE_TOP))) {
		said->env->host = true;
		mode = MODE_TOP;
		word = "top";
	} else if (said->mode) {
		die_usage("%s cannot be combined with %s", word, said->mode);
	}
	said->mode = word;
	said->env->mode = mode;
}

static void parse_option(struct said *said, int option, char *value)
{
	struct env *env = said->env;

	switch (option) {
	case OPTION_ONCE: env->once = true; break;
	case OPTION_LISTEN: env->listen = value; break;
	case OPTION_KEEP: env->keep = parse_seconds("--keep", value); break;
	case OPTION_PER_VCPU: env->per_vcpu = true; break;
	case OPTION_MAX_SERIES:
		env->max_series = parse_number("--max-series", value, 100, 10000000);
		break;
	case 'y': env->skip_first = true; break;
	case OPTION_TAIL: env->tail = true; break;
	case 'r': said->r = value; break;
	case OPTION_REASONS: env->reasons = value; break;
	case 't': env->with_clock = true; break;
	case 'l': set_format(env, &line_format, "-l"); break;
	case OPTION_THRESHOLD: env->threshold = parse_percent(value); break;
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
	case OPTION_HOST: set_mode(said, MODE_HOST, "--host"); break;
	case OPTION_VM: env->vm = parse_vm(value); break;
	case OPTION_VCPU:
		env->vcpu = parse_number("--vcpu", value, 0, INT32_MAX);
		break;
	case OPTION_TOP: set_mode(said, MODE_TOP, "--top"); break;
	case OPTION_INPUT: env->input = value; break;
	case OPTION_DEBUGFS: env->debugfs = value; break;
	case OPTION_PROC: env->proc = value; break;
	case OPTION_TSC_KHZ:
		env->tsc_khz = parse_number("--tsc-khz", value, 1, UINT32_MAX);
		break;
	case 'h':
		if (said->verb)
			print_help_of(stdout, said->verb);
		else
			print_help(stdout);
		end_well();
	case 'V': puts("exitstat " VERSION); end_well();
	}
}

/* What getopt_long() wants to have of the rows. */
static void fill_getopt(struct option *longs, char *letters)
{
	size_t i;

	*letters++ = ':';
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].id < OPTION_JSON) {
			*letters++ = rows[i].id;
			if (rows[i].value)
				*letters++ = ':';
		}
		if (rows[i].name[1] == '-')
			*longs++ = (struct option){
				.name = rows[i].name + 2,
				.has_arg = rows[i].value ? required_argument
							 : no_argument,
				.val = rows[i].id,
			};
	}
}

static void parse_options(struct said *said, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(rows) + 1] = { 0 };
	char letters[2 * ARRAY_SIZE(rows) + 2] = "";
	int option;
	size_t i;

	fill_getopt(longs, letters);
	opterr = 0;
	while ((option = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (option == ':')
			die_usage("%s needs a value", argv[optind - 1]);
		if (option == '?')
			die_usage("unknown option '%s'", argv[optind - 1]);
		for (i = 0; rows[i].id != option; i++)
			;
		said->rows[i] = true;
		parse_option(said, option, optarg);
	}
}

/* The words behind the verb, or all of them. */
static void parse_words(struct said *said, char **words, int nr)
{
	struct env *env = said->env;
	int most;

	if (env->mode == MODE_REPORT || env->mode == MODE_DIFF ||
	    env->mode == MODE_MARK) {
		env->arguments = words;
		env->nr_arguments = (size_t)nr;
		if (env->mode == MODE_REPORT && (nr < 1 || nr > 2))
			die_usage("report takes one FILE, or two to compare");
		if (env->mode == MODE_DIFF && nr != 2)
			die_usage("diff takes two FILEs");
		if (env->mode == MODE_MARK && nr != 1)
			die_usage("mark takes one NAME");
		return;
	}
	most = env->mode == MODE_REASONS ? 0 : env->mode == MODE_EXPORT ? 1 : 2;
	if (nr > most)
		die_usage("unexpected argument '%s'", words[most]);
	if (nr > 0)
		env->interval = parse_seconds("INTERVAL", words[0]);
	if (nr > 1)
		env->count = parse_number("COUNT", words[1], 1, UINT32_MAX);
}

static void parse_verb(struct said *said, char **words, int nr)
{
	const struct verb *verb = find_verb(nr ? words[0] : NULL);

	if (!verb) {
		if (nr && isalpha((unsigned char)words[0][0]))
			die_usage("'%s' is not a number of seconds from 0.01 to 86400, and no command",
				  words[0]);
		parse_words(said, words, nr);
		return;
	}
	words++, nr--;
	if (verb->mode == MODE_COMMAND && said->env->mode != MODE_COMMAND)
		die_usage("run needs -- COMMAND");
	if (verb->mode == MODE_RECORD && said->env->arguments)
		said->mode = NULL;
	if (verb->mode != MODE_COMMAND)
		set_mode(said, verb->mode, verb->name);
	if (!strcmp(verb->name, "vm")) {
		if (!nr || said->env->vm)
			die_usage("vm needs one name, PID or PID-FD");
		said->env->vm = parse_vm(*words++);
		nr--;
	}
	parse_words(said, words, nr);
}

/* The verbs that take a row: "run, host". Those of a VM are tables, too. */
static void verbs_of(const struct row *row, char *text, size_t size)
{
	size_t i, length = 0;

	text[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(verbs) && length < size; i++) {
		if (!(row->modes & 1u << verbs[i].mode) ||
		    (i && verbs[i].mode == MODE_TABLE))
			continue;
		length += snprintf(text + length, size - length, "%s%s",
				   length ? ", " : "",
				   i ? verbs[i].name : "tables");
	}
}

/* An option that the mode does not take would be ignored: it is a mistake. */
static void check_rows(const struct said *said)
{
	char text[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!said->rows[i] || !rows[i].modes ||
		    rows[i].modes & 1u << said->env->mode)
			continue;
		verbs_of(&rows[i], text, sizeof(text));
		die_usage("%s is for %s, not for %s", rows[i].name, text,
			  said->mode ? said->mode : "tables");
	}
}

/* With COMMAND, as with perf stat, it is how often that runs. */
static void set_r(struct said *said)
{
	struct env *env = said->env;

	if (!said->r)
		return;
	if (env->mode != MODE_COMMAND) {
		if (env->reasons)
			die_usage("-r and --reasons are the same");
		env->reasons = said->r;
		return;
	}
	if (!isdigit((unsigned char)said->r[0]))
		die_usage("-r '%s': with COMMAND, -r N is how often it runs, --reasons are exit reasons",
			  said->r);
	env->repeat = parse_number("-r", said->r, 1, 100000);
}

static bool is_of_host(const struct env *env)
{
	return env->debugfs || env->proc || env->tsc_khz;
}

static void complete_export(struct env *env)
{
	if (env->reasons && strcasecmp(env->reasons, "none"))
		die_usage("export takes --reasons all, or none, not '%s'",
			  env->reasons);
	env->no_reasons = env->reasons;
	if ((env->keep || env->interval) && !env->listen)
		die_usage("%s needs --listen", env->keep ? "--keep" : "INTERVAL");
	if (env->interval && !env->keep)
		die_usage("INTERVAL needs --keep");
	if (env->listen && env->once)
		die_usage("--listen cannot be combined with --once");
	if (env->listen && (env->output || env->format == &openmetrics_format))
		die_usage("--listen cannot be combined with %s",
			  env->output ? "-o" : "--openmetrics, which clients ask for");
}

/* What was not said, but follows. */
static void complete(struct env *env)
{
	if (env->mode == MODE_TOP && is_of_host(env) && !env->vm && !env->input)
		env->host = true;
	if (env->reasons && !strcasecmp(env->reasons, "all")) {
		env->reasons = NULL;
		env->all_reasons = true;
	}
	if (env->mode == MODE_EXPORT)
		complete_export(env);
}

static void check_combination(const struct env *env)
{
	if (env->mode == MODE_RECORD && env->arguments && env->count)
		die_usage("record has no COUNT with COMMAND, whose end it waits for");
	if (env->arguments && env->mode == MODE_RECORD && env->input)
		die_usage("--input cannot be combined with COMMAND");
	if (env->repeat && env->format == &table_format &&
	    (env->reasons || env->baseline))
		die_usage("the means of -r have no --reasons and no --baseline");
	if (env->tail && ((env->repeat && env->format == &table_format) ||
			  env->format == &line_format))
		die_usage("%s no --tail", env->repeat ? "the means of -r have"
						      : "the lines of -l have");
	if (sort_needs_tail(env->sort) && !env->tail)
		die_usage("-s p99 and -s max need --tail");
	if (env->mode == MODE_COMMAND && env->interval)
		die_usage("COMMAND has no intervals");
	if (env->skip_first && !env->interval)
		die_usage("-y needs an INTERVAL");
	if (env->vcpu >= 0 && !env->vm)
		die_usage("--vcpu needs --vm");
	if (is_of_host(env) && !env->vm && env->mode != MODE_HOST &&
	    env->mode != MODE_EXPORT && !env->host)
		die_usage("--debugfs, --proc and --tsc-khz need host or a VM");
	if (env->input && env->vm)
		die_usage("--input cannot be combined with a VM");
	if (env->host && (env->input || env->vm))
		die_usage("--host cannot be combined with %s",
			  env->input ? "--input" : "a VM");
	if (env->mode == MODE_RECORD && !env->output)
		die_usage("record needs -o FILE");
	if (env->mode == MODE_REPORT && !env->output &&
	    !strcmp(env->arguments[env->nr_arguments - 1], "-"))
		die_usage("report of standard input needs -o FILE.html");
	if (env->mode == MODE_TOP && env->count)
		die_usage("top takes no COUNT");
	if (env->format == &openmetrics_format && env->interval)
		die_usage("--openmetrics has counters since the VM's start only");
}

/*
 * All after "--" is the command; getopt_long() moves the other words to the end
 * of what is before it.
 */
struct env parse_arguments(int argc, char **argv)
{
	struct env env = {
		.format = &table_format, .vcpu = -1, .max_series = 50000,
	};
	struct said said = { .env = &env };
	int i;

	origin_set_command(env.command, argv);
	said.verb = find_verb(argc > 1 ? argv[1] : NULL);

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		;
	if (i < argc) {
		set_mode(&said, MODE_COMMAND, "-- COMMAND");
		env.arguments = argv + i + 1;
		if (i + 1 == argc)
			die_usage("no COMMAND after --");
		argv[i] = NULL;
	}

	parse_options(&said, i, argv);
	parse_verb(&said, argv + optind, i - optind);
	check_rows(&said);
	set_r(&said);
	complete(&env);
	check_combination(&env);
	if (!env.debugfs)
		env.debugfs = DEBUGFS;
	if (!env.proc)
		env.proc = PROC;
	return env;
}
