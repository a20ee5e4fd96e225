// SPDX-License-Identifier: GPL-2.0-only
/* See http/server.h.  One thread answers, and ticks: what both read needs no lock. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/complain.h"
#include "base/signals.h"
#include "base/status.h"
#include "http/accept.h"
#include "http/listen.h"
#include "http/server.h"

/*
 * Each has its own answer in memory, of up to some 15 MB; and takes no longer, so that
 * those who say or read little by little shut nobody out for long.
 */
#define MAX_CONNECTIONS	8
#define MAX_SECONDS	5

#define TEXT_TYPE	"text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS_TYPE	"application/openmetrics-text; version=1.0.0; charset=utf-8"
#define PAGE_TYPE	"text/html; charset=utf-8"

static const char page[] =
	"<!doctype html><title>exitstat</title><h1>exitstat</h1>"
	"<p>VM exits of this host, for Prometheus: <a href=\"/metrics\">/metrics</a></p>\n";

struct connection {
	int fd;
	int64_t ends;		/* CLOCK_MONOTONIC, at the latest; 0: not in use */
};

static struct connection connections[MAX_CONNECTIONS];

/* MHD has its own limit: there always is a place. */
static void note_connection(void *context, struct MHD_Connection *connection,
			    void **place, enum MHD_ConnectionNotificationCode code)
{
	struct connection *at = *place;
	int i;

	(void)context;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED && at)
		at->ends = 0;
	for (i = 0; code == MHD_CONNECTION_NOTIFY_STARTED && i < MAX_CONNECTIONS; i++) {
		at = &connections[i];
		if (at->ends)
			continue;
		at->fd = MHD_get_connection_info(connection,
				MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		at->ends = clock_ns(CLOCK_MONOTONIC) + MAX_SECONDS * NS_PER_S;
		*place = at;
		return;
	}
}

/* End those that took too long: when the next one has.  INT64_MAX: there is none. */
static int64_t end_connections(void)
{
	int64_t next = INT64_MAX, now = clock_ns(CLOCK_MONOTONIC);
	int i;

	for (i = 0; i < MAX_CONNECTIONS; i++) {
		struct connection *at = &connections[i];

		if (!at->ends)
			continue;
		if (at->ends <= now) {
			/* MHD sees that, and forgets it. */
			shutdown(at->fd, SHUT_RDWR);
			at->ends = now + MAX_SECONDS * NS_PER_S;
		}
		if (at->ends < next)
			next = at->ends;
	}
	return next;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      const char *type, struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection,
				   unsigned int status, const char *type,
				   const char *text)
{
	return answer(connection, status, type,
		      MHD_create_response_from_buffer(strlen(text), (void *)text,
						      MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result answer_metrics(const struct server *server,
				      struct MHD_Connection *connection)
{
	bool openmetrics = accepts_openmetrics(
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					    MHD_HTTP_HEADER_ACCEPT));
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int status = out ? server->write(server->context, out, openmetrics) : -1;

	if (out && fclose(out))
		status = -1;
	if (status) {
		free(text);
		return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, TEXT_TYPE,
				   "could not read the VMs: see the log\n");
	}
	return answer(connection, MHD_HTTP_OK,
		      openmetrics ? OPENMETRICS_TYPE : TEXT_TYPE,
		      MHD_create_response_from_buffer(size, text,
						      MHD_RESPMEM_MUST_FREE));
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method, const char *version,
			      const char *data, size_t *size, void **state)
{
	static char begun;

	(void)version;
	(void)data;
	/* The first call is for the header alone; a body is read, and thrown away. */
	if (!*state || *size) {
		*state = &begun;
		*size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, TEXT_TYPE,
				   "GET and HEAD only\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(context, connection);
	if (!strcmp(url, "/"))
		return answer_text(connection, MHD_HTTP_OK, PAGE_TYPE, page);
	return answer_text(connection, MHD_HTTP_NOT_FOUND, TEXT_TYPE,
			   "there is only /metrics\n");
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * When the server wants to run, a tick is due, or a connection has taken too long.  At
 * least each second: where it had its most connections, MHD does not tell its epoll of
 * new ones before it runs once more.
 */
static int64_t next_run(struct MHD_Daemon *daemon, int64_t tick)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	int64_t when = earlier(end_connections(), now + NS_PER_S);
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) == MHD_YES)
		when = earlier(when, now + (int64_t)ms * (NS_PER_S / 1000));
	return tick ? earlier(when, tick) : when;
}

static void run(const struct server *server, struct MHD_Daemon *daemon)
{
	int fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	int64_t tick = 0;
	sigset_t waiting;

	catch_signals(&waiting);
	if (server->interval)
		tick = next_tick(0, server->interval);
	while (!stopped) {
		wait_for_input(fd, next_run(daemon, tick), &waiting);
		MHD_run(daemon);
		if (!tick || clock_ns(CLOCK_MONOTONIC) < tick)
			continue;
		server->tick(server->context);
		tick = next_tick(tick, server->interval);
	}
}

int server_run(const struct server *server)
{
	struct MHD_Daemon *daemon;
	int fd = listen_to(server->address);

	if (fd < 0)
		return STATUS_FAILED;
	daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, (void *)server,
				  MHD_OPTION_LISTEN_SOCKET, fd,
				  MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
				  MHD_OPTION_NOTIFY_CONNECTION, note_connection, NULL,
				  MHD_OPTION_END);
	if (!daemon) {
		close(fd);
		complain("cannot start an HTTP server on %s", server->address);
		return STATUS_FAILED;
	}
	run(server, daemon);
	MHD_stop_daemon(daemon);
	return STATUS_OK;
}
