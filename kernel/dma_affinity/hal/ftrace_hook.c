// SPDX-License-Identifier: GPL-2.0
#include <linux/string.h>

#include "hal/ftrace_hook.h"

int dam_ftrace_arm(struct ftrace_ops *ops, unsigned long addr,
		   ftrace_func_t func)
{
	int err;

	memset(ops, 0, sizeof(*ops));
	ops->func = func;
	/*
	 * PERMANENT: writing 0 to kernel.ftrace_enabled is refused instead of
	 * blinding us without a word.
	 */
	ops->flags = FTRACE_OPS_FL_PERMANENT;
	err = ftrace_set_filter_ip(ops, addr, 0, 0);
	if (err)
		return err;
	err = register_ftrace_function(ops);
	if (err)
		ftrace_free_filter(ops);
	return err;
}

void dam_ftrace_disarm(struct ftrace_ops *ops)
{
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
}
