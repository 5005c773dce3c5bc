/* SPDX-License-Identifier: GPL-2.0 */
/* Which kinds of engine are watched. */
#ifndef DAM_HAL_SOURCES_H
#define DAM_HAL_SOURCES_H

#include <linux/bits.h>
#include <linux/types.h>

enum dam_source { DAM_SOURCE_DMAENGINE, DAM_SOURCE_DEVICE, DAM_SOURCES };

#define DAM_SOURCES_ALL		(BIT(DAM_SOURCES) - 1)

extern const char * const dam_source_names[DAM_SOURCES];

/**
 * dam_sources_set() - start and stop sources until these are running
 * @wanted: bit per enum dam_source
 *
 * Engines of a source that is stopped are gone when it returns. Context:
 * process, sleeps, dam_lock not held, one caller at a time.
 * Return: 0, or a negative error and what ran before runs again.
 */
int dam_sources_set(u32 wanted);

/**
 * dam_sources_enable() - arm or disarm all hooks (MODE off disarms)
 * @on: arm, or disarm
 *
 * What cannot be watched is said in the log. Context: process, sleeps.
 */
void dam_sources_enable(bool on);

#endif
