/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that somebody has opted out: they are watched and never moved, until they
 * end. The file OPTED_OUT.
 */
#ifndef DAM_OPTOUT_H
#define DAM_OPTOUT_H

#include <linux/kobject.h>
#include <linux/types.h>

struct task_struct;

extern struct kobj_attribute dam_optout_attr;

/**
 * dam_optout_init() - allocate the list
 * Return: 0 or -ENOMEM.
 */
int dam_optout_init(void);

/** dam_optout_exit() - free it; the file is gone */
void dam_optout_exit(void);

/**
 * dam_opted_out() - is a thread one of them
 * @task: the thread
 *
 * Context: dam_lock held.
 * Return: whether it is.
 */
bool dam_opted_out(struct task_struct *task);

#endif
