/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MODULEPARAM_H
#define SHIM_LINUX_MODULEPARAM_H

#include <linux/compiler.h>

/* Nobody sets a parameter here. */
struct kernel_param;

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *value, const struct kernel_param *param);
	int (*get)(char *buffer, const struct kernel_param *param);
};

#define KERNEL_PARAM_OPS_FL_NOARG 1

static inline int param_set_bool(const char *value,
				 const struct kernel_param *param)
{
	return 0;
}

static inline int param_get_bool(char *buffer, const struct kernel_param *param)
{
	return 0;
}

#define module_param_cb(name, ops, value, mode)				\
	static const void * const param_##name[] __attribute__((__unused__)) = \
		{ ops, value }
#define MODULE_PARM_DESC(name, text) struct described_##name

#endif
