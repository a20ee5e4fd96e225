/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a server listens. */
#ifndef LISTEN_H
#define LISTEN_H

/*
 * A socket that listens to @address, as 127.0.0.1:20479, [::1]:20479 or, on all
 * addresses, :20479; or the one that systemd gave, if there is one.  -1 after a line on
 * stderr.
 */
int listen_to(const char *address);

#endif /* LISTEN_H */
