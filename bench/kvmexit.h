/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF program and its loader share. */
#ifndef KVMEXIT_H
#define KVMEXIT_H

/* A row for each reason up to SVM's highest exit code, and one for the rest. */
#define KVMEXIT_ROW_OTHER	0x404
#define KVMEXIT_NR_ROWS		(KVMEXIT_ROW_OTHER + 1)

#endif
