/* SPDX-License-Identifier: GPL-2.0-only */
/* What Prometheus is given of a host, once or again and again. */
#ifndef EXPORTER_H
#define EXPORTER_H

#include <stdio.h>

#include "cli/cli.h"
#include "model/host.h"

struct exporter {
	const struct env *env;
	struct host host;	/* as it was read last */
	bool failed;		/* that could not be read, which was said */
	int64_t began_ns;	/* to read, CLOCK_MONOTONIC */
};

void exporter_start(struct exporter *exporter, const struct env *env);

/*
 * Read the host.  Returns a status; after a line on stderr, when it first is not good.
 * Then there are no VMs.
 */
int exporter_read(struct exporter *exporter);

/* Write what was read, as OpenMetrics or as the older format.  0, or -1 as above. */
int exporter_write(const struct exporter *exporter, FILE *out, bool openmetrics);
void exporter_end(struct exporter *exporter);

/* Answer requests until a signal comes.  Returns a status, as above. */
int serve(struct exporter *exporter);

#endif /* EXPORTER_H */
