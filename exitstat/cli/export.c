// SPDX-License-Identifier: GPL-2.0-only
/* The VMs of a host for Prometheus, once: on standard output, or into a file. */
#include <stdlib.h>
#include <string.h>

#include "base/atomic-file.h"
#include "base/clock.h"
#include "base/complain.h"
#include "cli/cli.h"
#include "output/export.h"
#include "source/debugfs.h"
#include "source/host.h"
#include "source/tsc.h"
#include "source/vmm.h"

/* 0, or -1 after a line on stderr. */
static int find_vms(struct export *export, const struct host *host, const char *proc)
{
	uint32_t pid;
	size_t i;

	export->vms = calloc(host->nr + 1, sizeof(*export->vms));
	if (!export->vms)
		return complain("out of memory");
	export->nr = host->nr;
	export->unreadable = host->nr_unreadable;
	for (i = 0; i < host->nr; i++) {
		struct export_vm *vm = &export->vms[i];

		vm->vm = &host->vms[i];
		vmm_read(proc, vm->vm->pid, &vm->vmm);
		/* A name like that could be another VM's label. */
		vm->named = vm->vmm.name[0] && !debugfs_is_vm(vm->vmm.name, &pid);
	}
	export_label(export);
	return 0;
}

static int write_file(const struct env *env, struct export *export)
{
	struct file file;

	if (file_open(&file, env->output ? env->output : "-"))
		return STATUS_FAILED;
	export_write(file.out, export);
	return file_close(&file, true) ? STATUS_FAILED : STATUS_OK;
}

int run_export(const struct env *env)
{
	struct export export = {
		.openmetrics = env->format == &openmetrics_format,
		.wants = {
			[DETAIL_REASONS] = !env->no_reasons,
			[DETAIL_VCPUS] = env->per_vcpu,
			[DETAIL_TAIL] = env->tail && !env->no_reasons,
		},
		.max_series = env->max_series,
		.tsc_khz = env->tsc_khz ? env->tsc_khz : measure_tsc_khz(),
		.began_ns = clock_ns(CLOCK_MONOTONIC),
	};
	struct host host = {
		.tsc_khz = export.tsc_khz, .wants_hists = export.wants[DETAIL_TAIL],
		.wants_vcpus = env->per_vcpu,
	};
	int status = host_read(&host, env->debugfs, env->proc);

	if (!status && find_vms(&export, &host, env->proc))
		status = STATUS_FAILED;
	if (!status)
		status = write_file(env, &export);
	free(export.vms);
	host_free(&host);
	return !status && export.unreadable ? STATUS_FAILED : status;
}
