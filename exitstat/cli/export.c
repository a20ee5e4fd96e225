// SPDX-License-Identifier: GPL-2.0-only
/* The VMs of a host for Prometheus: on standard output, in a file, by HTTP. */
#include <stdlib.h>
#include <string.h>

#include "base/atomic-file.h"
#include "base/clock.h"
#include "base/complain.h"
#include "cli/exporter.h"
#include "output/export.h"
#include "source/debugfs.h"
#include "source/host.h"
#include "source/tsc.h"

void exporter_start(struct exporter *exporter, const struct env *env)
{
	*exporter = (struct exporter){
		.env = env,
		.host = {
			.tsc_khz = env->tsc_khz ? env->tsc_khz : measure_tsc_khz(),
			.wants_hists = env->tail && !env->no_reasons,
			.wants_vcpus = env->per_vcpu,
			.keep = env->keep,
		},
	};
}

void exporter_end(struct exporter *exporter)
{
	host_free(&exporter->host);
}

int exporter_read(struct exporter *exporter)
{
	struct host *host = &exporter->host;
	char why[512];
	int status;

	keep_complaints(exporter->failed ? why : NULL, sizeof(why));
	status = host_read(host, exporter->env->debugfs, exporter->env->proc);
	keep_complaints(NULL, 0);
	/* What was read before is no answer now. */
	if (status)
		host_forget(host);
	exporter->failed = status;
	return status;
}

static void add_vms(struct export *export, const struct host_vm *vms, size_t nr)
{
	uint32_t pid;
	size_t i;

	for (i = 0; i < nr; i++) {
		struct export_vm *vm = &export->vms[export->nr++];

		vm->vm = &vms[i];
		/* A name like that could be another VM's label. */
		vm->named = vms[i].vmm.name[0] &&
			    !debugfs_is_vm(vms[i].vmm.name, &pid);
	}
}

int exporter_write(const struct exporter *exporter, FILE *out, bool openmetrics)
{
	const struct host *host = &exporter->host;
	struct export export = {
		.openmetrics = openmetrics,
		.wants = {
			[DETAIL_REASONS] = !exporter->env->no_reasons,
			[DETAIL_VCPUS] = host->wants_vcpus,
			[DETAIL_TAIL] = host->wants_hists,
		},
		.max_series = exporter->env->max_series,
		.tsc_khz = host->tsc_khz, .began_ns = host->read_ns,
		.up = !exporter->failed, .unreadable = host->nr_unreadable, .ended = host->nr_ended,
		.vms = calloc(host->nr + host->nr_ended + 1, sizeof(*export.vms)),
	};

	if (!export.vms)
		return complain("out of memory");
	add_vms(&export, host->vms, host->nr);
	add_vms(&export, host->ended, host->nr_ended);
	export_label(&export);
	export_write(out, &export);
	free(export.vms);
	return 0;
}

static int write_file(const struct exporter *exporter)
{
	const struct env *env = exporter->env;
	struct file file;
	int status;

	if (file_open(&file, env->output ? env->output : "-"))
		return STATUS_FAILED;
	status = exporter_write(exporter, file.out,
				env->format == &openmetrics_format);
	return file_close(&file, !status) || status ? STATUS_FAILED : STATUS_OK;
}

static int write_once(struct exporter *exporter)
{
	int status = exporter_read(exporter);

	if (!status)
		status = write_file(exporter);
	return !status && exporter->host.nr_unreadable ? STATUS_FAILED : status;
}

#ifndef WITH_HTTP
int serve(struct exporter *exporter)
{
	(void)exporter;
	complain("this exitstat has no --listen: build it with HTTP=1, or use Debian's package");
	return STATUS_USAGE;
}
#endif

int run_export(const struct env *env)
{
	struct exporter exporter;
	int status;

	exporter_start(&exporter, env);
	status = env->listen ? serve(&exporter) : write_once(&exporter);
	exporter_end(&exporter);
	return status;
}
