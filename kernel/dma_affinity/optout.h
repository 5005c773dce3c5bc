/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that somebody has opted out: they are watched and never moved, until they
 * end. The file OPTED_OUT.
 */
#ifndef DAM_OPTOUT_H
#define DAM_OPTOUT_H

#include <linux/kobject.h>
#include <linux/types.h>

struct dam_thread;

extern struct kobj_attribute dam_optout_attr;

/**
 * dam_optout_init() - allocate the list
 * Return: 0 or -ENOMEM.
 */
int dam_optout_init(void);

/** dam_optout_exit() - free it; the file is gone */
void dam_optout_exit(void);

/**
 * dam_optout_look() - set a thread's opted_out, and the tid that it had
 * @t: the thread, new in the table, or with another tid than it had: it has done exec()
 *
 * Context: dam_lock held.
 */
void dam_optout_look(struct dam_thread *t);

#endif
