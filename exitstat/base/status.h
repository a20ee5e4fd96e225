/* SPDX-License-Identifier: GPL-2.0-only */
/* The statuses that exitstat exits with. */
#ifndef STATUS_H
#define STATUS_H

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_DIFFERENT = 3,
	STATUS_NO_STATISTICS = 4,
	STATUS_CANNOT_EXECUTE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128,
};

#endif /* STATUS_H */
