/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdio.h>

struct exit_stats;

/*
 * Prove the interface's promises from inside the guest, a verdict each on @out,
 * in KTAP.  Returns how many were broken.
 */
unsigned int run_checks(struct exit_stats *es, FILE *out);

#endif /* CHECKS_H */
