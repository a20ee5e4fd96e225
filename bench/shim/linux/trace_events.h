/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_TRACE_EVENTS_H
#define SHIM_LINUX_TRACE_EVENTS_H

struct trace_print_flags;

#endif
