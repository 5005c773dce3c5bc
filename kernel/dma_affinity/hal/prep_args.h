/* SPDX-License-Identifier: GPL-2.0 */
/* How much a prep function was asked for, by its arguments. */
#ifndef DAM_HAL_PREP_ARGS_H
#define DAM_HAL_PREP_ARGS_H

#include <linux/ptrace.h>
#include <linux/types.h>

#include "hal/engine.h"
#include "compat.h"

/* Which argument is the length; 0, which is the channel: none is. */
extern const u8 dam_prep_len_arg[DAM_KINDS];

/**
 * dam_prep_len_of() - bytes of a transfer that is described in memory
 * @kind: of transfer
 * @what: second argument of the prep function
 * @n: third argument
 *
 * Context: any, during the call.
 * Return: bytes; 0 where @kind has none.
 */
u64 dam_prep_len_of(enum dam_kind kind, const void *what, unsigned int n);

/**
 * dam_prep_len() - bytes asked for
 * @kind: of transfer
 * @regs: at the function's entry
 *
 * Context: any, during the call.
 * Return: bytes. What a cyclic transfer moves in its first round.
 */
static inline u64 dam_prep_len(enum dam_kind kind, struct pt_regs *regs)
{
	if (dam_prep_len_arg[kind])
		return regs_get_kernel_argument(regs, dam_prep_len_arg[kind]);
	return dam_prep_len_of(kind,
			       (void *)regs_get_kernel_argument(regs, 1),
			       regs_get_kernel_argument(regs, 2));
}

/* The same, for an ftrace hook. */
static __always_inline u64 dam_prep_len_ftrace(enum dam_kind kind,
					       struct ftrace_regs *fregs)
{
	if (likely(dam_prep_len_arg[kind]))
		return dam_ftrace_arg(fregs, dam_prep_len_arg[kind]);
	return dam_prep_len_of(kind, (void *)dam_ftrace_arg(fregs, 1),
			       dam_ftrace_arg(fregs, 2));
}

#endif
