/* SPDX-License-Identifier: GPL-2.0-only */
/* An HTTP server of one document. */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct server {
	const char *address;	/* to listen to */
	double interval;	/* call tick() so often, in seconds; 0: never */
	void *context;
	void (*tick)(void *context);
	/* Write the document.  0, or -1 after a line on stderr. */
	int (*write)(void *context, FILE *out, bool openmetrics);
};

/* Serve until a signal comes.  Returns a status, after a line on stderr if not good. */
int server_run(const struct server *server);

#endif /* SERVER_H */
