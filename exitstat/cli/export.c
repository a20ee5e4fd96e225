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

#define KHZ_PER_MHZ	1000

/*
 * It is measured a little differently each time, and then all seconds would be fewer
 * after a start, or more: a counter that falls has begun anew, to Prometheus.
 */
static uint32_t whole_mhz(uint32_t khz)
{
	uint32_t mhz = (khz + KHZ_PER_MHZ / 2) / KHZ_PER_MHZ;

	return mhz * KHZ_PER_MHZ;
}

void exporter_start(struct exporter *exporter, const struct env *env)
{
	*exporter = (struct exporter){
		.env = env,
		.host = {
			.tsc_khz = env->tsc_khz ? env->tsc_khz
						: whole_mhz(measure_tsc_khz()),
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

/* Has a VM that lives this label? */
static bool is_taken(const struct host *host, const char *label)
{
	size_t i;

	for (i = 0; i < host->nr + host->nr_unreadable; i++) {
		if (!strcmp(host->vms[i].label, label))
			return true;
	}
	return false;
}

/* What it was called before goes on with the VM that is called so now. */
static void drop_namesakes(struct host *host, const char *label)
{
	size_t i;

	for (i = 0; i < host->nr_ended; i++) {
		if (!strcmp(host->ended[i].label, label))
			host_drop_ended(host, i--);
	}
}

/*
 * A VM keeps the label that it got first: its series go on.  That is its name, unless
 * a VM that lives has it.  A name like PID-FD could be another VM's label.
 */
static void label_vm(struct host *host, struct host_vm *vm)
{
	const char *name = vm->vmm.name;
	uint32_t pid;

	if (!name[0] || debugfs_is_vm(name, &pid) ||
	    is_taken(host, name))
		name = vm->id;
	strcpy(vm->label, name);
	drop_namesakes(host, name);
}

static int by_age(const void *left, const void *right)
{
	const struct host_vm *a = left, *b = right;

	if (a->created_ns != b->created_ns)
		return a->created_ns < b->created_ns ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Of VMs that are new, the oldest chooses first. */
static void label_vms(struct host *host)
{
	size_t i;

	if (host->nr)
		qsort(host->vms, host->nr, sizeof(*host->vms), by_age);
	for (i = 0; i < host->nr; i++) {
		if (!host->vms[i].label[0])
			label_vm(host, &host->vms[i]);
	}
}

int exporter_read(struct exporter *exporter)
{
	struct host *host = &exporter->host;
	struct complaints before = { 0 };
	char why[512];
	int status;

	exporter->began_ns = clock_ns(CLOCK_MONOTONIC);
	if (exporter->failed)
		before = keep_complaints(why, sizeof(why));
	status = host_read(host, exporter->env->debugfs, exporter->env->proc);
	if (exporter->failed)
		restore_complaints(before);
	/* What was read before is no answer now. */
	if (status)
		host_forget(host);
	label_vms(host);
	exporter->failed = status;
	return status;
}

static void add_vms(struct export *export, const struct host_vm *vms, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		export->vms[export->nr++] = &vms[i];
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
		.tsc_khz = host->tsc_khz, .began_ns = exporter->began_ns,
		.up = !exporter->failed &&
		      (host->nr || host->nr_unreadable || !host->nr_without),
		.unreadable = host->nr_unreadable, .without = host->nr_without,
		.ended = host->nr_ended,
		.vms = calloc(host->nr + host->nr_ended + 1, sizeof(*export.vms)),
	};

	if (!export.vms)
		return complain("out of memory");
	add_vms(&export, host->vms, host->nr);
	add_vms(&export, host->ended, host->nr_ended);
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

/* A file says, too, that KVM could not be read: nobody is to take an old one for new. */
static int write_once(struct exporter *exporter)
{
	int status = exporter_read(exporter), written = STATUS_OK;

	if (!status || exporter->env->output)
		written = write_file(exporter);
	if (!status)
		status = written;
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
