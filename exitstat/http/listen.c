// SPDX-License-Identifier: GPL-2.0-only
/* See http/listen.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/complain.h"
#include "base/parse.h"
#include "http/listen.h"

/* The first file that systemd hands over, by sd_listen_fds(3). */
#define FIRST_FILE	3

#define ADDRESS_SIZE	256

static bool number_in(const char *variable, uint64_t *number)
{
	const char *text = getenv(variable);

	return text && take_number(&text, INT32_MAX, number) && !*text;
}

/* The socket, or -1 without one, or -2 after a line on stderr. */
static int systemd_socket(void)
{
	uint64_t pid, files;

	if (!number_in("LISTEN_PID", &pid) || pid != (uint64_t)getpid() ||
	    !number_in("LISTEN_FDS", &files) || !files)
		return -1;
	if (files > 1) {
		complain("systemd gave %" PRIu64 " sockets: give one ListenStream",
			 files);
		return -2;
	}
	fcntl(FIRST_FILE, F_SETFD, FD_CLOEXEC);
	fcntl(FIRST_FILE, F_SETFL, fcntl(FIRST_FILE, F_GETFL) | O_NONBLOCK);
	return FIRST_FILE;
}

/* Split @text before its last colon, and take brackets away. */
static bool split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');
	const char *digits = colon ? colon + 1 : "";
	uint64_t number;

	if (!take_number(&digits, UINT16_MAX, &number) || *digits || !number)
		return false;
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (text[0] == '[') {
		*host = text + 1;
		if (colon[-1] != ']' || colon - text < 3)
			return false;
		colon[-1] = '\0';
	}
	return true;
}

static int bind_to(const struct addrinfo *info)
{
	int one = 1, none = 0, fd = socket(info->ai_family,
					   SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* All addresses are those of both families. */
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &none, sizeof(none));
	if (!bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	close(fd);
	return -1;
}

/* @host "" is all addresses; where there is no IPv6, those of IPv4. */
static int open_socket(const char *host, const char *port, bool *understood)
{
	static const int families[] = { AF_INET6, AF_INET };
	struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	}, *info;
	int i, fd = -1;

	*understood = false;
	for (i = 0; i < 2 && fd < 0; i++) {
		hints.ai_family = families[i];
		if (getaddrinfo(*host ? host : NULL, port, &hints, &info))
			continue;
		*understood = true;
		fd = bind_to(info);
		freeaddrinfo(info);
	}
	return fd;
}

int listen_to(const char *address)
{
	char text[ADDRESS_SIZE], *host, *port;
	bool understood = false;
	int fd = systemd_socket();

	if (fd != -1)
		return fd;
	if (strlen(address) < sizeof(text) && split(strcpy(text, address), &host, &port))
		fd = open_socket(host, port, &understood);
	if (!understood)
		return complain("--listen '%s' is not ADDRESS:PORT, in numbers", address);
	return fd < 0 ? complain("cannot listen to %s: %s", address, strerror(errno))
		      : fd;
}
