/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks on the kernel's mapping of memory for devices, and on the queueing of
 * bios: tracepoints where the kernel has them, else the functions themselves.
 */
#ifndef DAM_HAL_MAPPING_H
#define DAM_HAL_MAPPING_H

/**
 * dam_mapping_arm() - tell hal/device_dma.c from now on
 *
 * What cannot be watched is said in the log. Context: process, sleeps, takes
 * cpus_read_lock; one caller at a time.
 */
void dam_mapping_arm(void);

/** dam_mapping_disarm() - no hook runs when it returns; context as above */
void dam_mapping_disarm(void);

#endif
