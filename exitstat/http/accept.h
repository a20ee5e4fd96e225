/* SPDX-License-Identifier: GPL-2.0-only */
/* What an HTTP client wants to get. */
#ifndef ACCEPT_H
#define ACCEPT_H

#include <stdbool.h>

/*
 * Does the header @accept (NULL: there was none) prefer OpenMetrics to text/plain?
 * Of two that are alike to it, it gets the text.
 */
bool accepts_openmetrics(const char *accept);

#endif /* ACCEPT_H */
