// SPDX-License-Identifier: GPL-2.0-only
/* exitstat: what the VM exits of KVM guests cost. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "source/leaves.h"
#include "source/source.h"

static struct source *open_source(const struct env *env, int *status)
{
	struct source *source;

	*status = STATUS_FAILED;
	if (env->input)
		source = recording_open(env->input);
	else if (env->vm)
		source = vm_open(env->debugfs, env->proc, env->vm, env->vcpu,
				 env->tsc_khz, status);
	else
		source = guest_open(status);
	return source;
}

/*
 * Is top to list the VMs of this host?  Where there is no hypervisor, or one that
 * tells nothing but runs a host, there is nothing else to show.
 */
static bool lists_vms(const struct env *env)
{
	struct exit_stats es = { .cpuid = exit_stats_cpuid_native };

	if (env->mode != MODE_TOP || env->vm || env->input)
		return false;
	if (env->host)
		return true;
	switch (exit_stats_open(&es)) {
	case EXIT_STATS_OK: return false;
	case EXIT_STATS_NO_HYPERVISOR: return true;
	default: return !access(env->debugfs, R_OK);
	}
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
	if (env->mode == MODE_DIFF)
		return run_diff(env);
	if (env->mode == MODE_MARK)
		return run_mark(env);
	if (env->mode == MODE_EXPORT)
		return run_export(env);
	if (env->mode == MODE_REASONS)
		return run_reasons();

	if (lists_vms(env))
		return run_top(env, NULL);
	source = open_source(env, &status);
	if (!source)
		return status;
	status = runs[env->mode](env, source);
	source->close(source);
	return status;
}

/*
 * Where one of the first three files is closed, the next file that is opened
 * would be it: lines of stderr would be in a recording.  What is opened here in
 * their place takes nothing, and a command does not get it.
 */
static void keep_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	struct env env;

	keep_standard_files();
	env = parse_arguments(argc, argv);
	/* Keep output, and the exits of the console, away from the reads. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	signal(SIGPIPE, SIG_IGN);
	/* Where it was ignored, no command would have a status. */
	signal(SIGCHLD, SIG_DFL);
	return run(&env);
}
