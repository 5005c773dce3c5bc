/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/kernel/dma_affinity */
#ifndef DAM_SYSFS_H
#define DAM_SYSFS_H

#include <linux/kobject.h>

extern const struct kobj_type dam_engine_ktype;

/** dam_sysfs_init() - the folder and engines/, still without files */
int dam_sysfs_init(void);
void dam_sysfs_exit(void);

/**
 * dam_sysfs_publish() - the files; from now on there are readers and writers
 * Return: 0 or a negative error, nothing kept.
 */
int dam_sysfs_publish(void);

/** dam_sysfs_hide() - waits until the last of them has left */
void dam_sysfs_hide(void);

#endif
