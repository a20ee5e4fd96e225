/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SEQLOCK_H
#define SHIM_LINUX_SEQLOCK_H

#include <linux/compiler.h>

/* Nothing that record does overflows a count. */
typedef unsigned int seqcount_t;

#define seqcount_init(seq) ((void)(seq))
#define raw_write_seqcount_begin(seq) ((void)(seq))
#define raw_write_seqcount_end(seq) ((void)(seq))
#define read_seqcount_begin(seq) ((void)(seq), 0u)
#define read_seqcount_retry(seq, start) ((void)(seq), (start) != 0)

#endif
