/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The second source of engines: PCI devices that do DMA by themselves. A device
 * is known from the moment its driver is bound, and becomes an engine with the
 * first memory that is mapped for it.
 */
#ifndef DAM_HAL_DEVICE_DMA_H
#define DAM_HAL_DEVICE_DMA_H

#include <linux/dma-direction.h>
#include <linux/types.h>

struct dam_device;
struct device;

/**
 * dam_device_dma_start() - watch the devices that are there, and later ones
 *
 * Context: process, sleeps, takes each PCI device's lock.
 * Return: 0 or a negative error, nothing kept.
 */
int dam_device_dma_start(void);

/**
 * dam_device_dma_stop() - forget them
 *
 * When it returns no probe runs and no engine of this source is left.
 */
void dam_device_dma_stop(void);

/**
 * dam_device_dma_enable() - arm or disarm the hooks (MODE off disarms)
 * @on: arm, once the source is started, or disarm
 *
 * Context: process, sleeps, takes cpus_read_lock.
 */
void dam_device_dma_enable(bool on);

/**
 * dam_device_dma_yield() - a dmaengine provider stands for the device
 * @dev: what is mapped for it is its clients' transfers: not counted twice
 *
 * Context: process, sleeps; the class mutex may be held.
 */
void dam_device_dma_yield(struct device *dev);

/** dam_device_dma_reclaim() - undo one dam_device_dma_yield() */
void dam_device_dma_reclaim(struct device *dev);

/**
 * dam_device_find() - the device at that address, or NULL
 * @dev: address of any device
 *
 * Context: any, preemption disabled; valid until it is enabled again.
 * Return: the device, or NULL: not one of ours.
 */
struct dam_device *dam_device_find(const struct device *dev);

/**
 * dam_device_mapped() - memory was mapped for a device
 * @d: the device
 * @len: bytes
 * @dir: who may write
 *
 * Context: any, preemption disabled.
 */
void dam_device_mapped(struct dam_device *d, size_t len,
		       enum dma_data_direction dir);

/** dam_device_unmapped() - the reverse; arguments and context as above */
void dam_device_unmapped(struct dam_device *d, size_t len,
			 enum dma_data_direction dir);

/**
 * dam_device_queued() - a block device was given something to read or write
 * @disk: the disk's device, kept by the caller
 * @len: bytes
 *
 * Context: any, preemption disabled.
 */
void dam_device_queued(const struct device *disk, size_t len);

#endif
