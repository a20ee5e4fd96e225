/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSC_H
#define TSC_H

#include <stdint.h>

/* The frequency of this host's TSC, measured. */
uint32_t measure_tsc_khz(void);

#endif /* TSC_H */
