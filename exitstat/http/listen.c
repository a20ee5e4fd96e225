// SPDX-License-Identifier: GPL-2.0-only
/* See http/listen.h. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
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

static bool is_number_of(const char *variable, uint64_t wanted)
{
	const char *text = getenv(variable);
	uint64_t number;

	return text && take_number(&text, UINT32_MAX, &number) && !*text &&
	       number == wanted;
}

static int systemd_socket(void)
{
	if (!is_number_of("LISTEN_PID", getpid()) || !is_number_of("LISTEN_FDS", 1))
		return -1;
	fcntl(FIRST_FILE, F_SETFD, FD_CLOEXEC);
	fcntl(FIRST_FILE, F_SETFL, fcntl(FIRST_FILE, F_GETFL) | O_NONBLOCK);
	return FIRST_FILE;
}

/* Split @text before its last colon, and take brackets away. */
static int split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');

	if (!colon || !colon[1])
		return -1;
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	}
	return 0;
}

static int bind_to(const struct addrinfo *info)
{
	int one = 1, fd = socket(info->ai_family,
				 SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, SOMAXCONN))
		return fd;
	close(fd);
	return -1;
}

int listen_to(const char *address)
{
	struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	}, *info;
	char text[ADDRESS_SIZE], *host, *port;
	int fd = systemd_socket();

	if (fd >= 0)
		return fd;
	if (strlen(address) >= sizeof(text) || split(strcpy(text, address), &host, &port) ||
	    getaddrinfo(*host ? host : NULL, port, &hints, &info))
		return complain("--listen '%s' is not ADDRESS:PORT, in numbers", address);
	fd = bind_to(info);
	freeaddrinfo(info);
	return fd < 0 ? complain("cannot listen to %s: %s", address, strerror(errno))
		      : fd;
}
