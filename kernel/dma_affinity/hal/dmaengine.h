/* SPDX-License-Identifier: GPL-2.0 */
/* The dmaengine source: any provider, now and later. */
#ifndef DAM_HAL_DMAENGINE_H
#define DAM_HAL_DMAENGINE_H

/**
 * dam_dmaengine_start() - find the providers, watch for later ones
 *
 * Registers and unregisters a provider of our own, once: it is how the class
 * of channels is found, and it makes the kernel rebalance its channel tables.
 *
 * Context: process, sleeps.
 * Return: 0 or a negative error, nothing kept.
 */
int dam_dmaengine_start(void);

/**
 * dam_dmaengine_stop() - forget all providers
 *
 * When it returns no probe runs and no engine of this source is left.
 */
void dam_dmaengine_stop(void);

#endif
