// SPDX-License-Identifier: GPL-2.0-only
/* The VMs of a host for Prometheus, by HTTP.  Compiled only with HTTP=1. */
#include "cli/exporter.h"
#include "http/server.h"

#define DEFAULT_INTERVAL	5.0

/* That it failed is said once; until it works again there are no VMs. */
static void read_again(void *context)
{
	exporter_read(context);
}

static int write_fresh(void *context, FILE *out, bool openmetrics)
{
	exporter_read(context);
	return exporter_write(context, out, openmetrics);
}

int serve(struct exporter *exporter)
{
	const struct env *env = exporter->env;
	double interval = env->interval ? env->interval : DEFAULT_INTERVAL;
	const struct server server = {
		.address = env->listen, .context = exporter,
		.interval = env->keep ? interval : 0, .tick = read_again, .write = write_fresh,
	};

	return server_run(&server);
}
