/* SPDX-License-Identifier: GPL-2.0 */
/* What probes charged since the last tick, to engines and threads. */
#ifndef DAM_FOLD_H
#define DAM_FOLD_H

#include <linux/types.h>

/**
 * struct dam_fold - what is remembered from tick to tick
 * @now_ns: time of the tick
 * @stamp: dam_stamp() of it
 * @movable_ns: when a movable thread's DMA was folded last
 * @quiet_ns: when @quiet_bytes began to be counted
 * @quiet_bytes: what devices moved by themselves for movable threads since
 */
struct dam_fold {
	u64 now_ns;
	u64 movable_ns;
	u64 quiet_ns;
	u64 quiet_bytes;
	u32 stamp;
};

/**
 * dam_fold() - all that was charged since the last call
 * @f: now_ns is set; movable_ns is, if it was so
 *
 * Adds to engines' and threads' figures of this tick; adopts threads.
 * Context: process, dam_lock held.
 */
void dam_fold(struct dam_fold *f);

/**
 * dam_fold_asleep() - the same while the tick sleeps
 * @now_ns: CLOCK_MONOTONIC
 *
 * What threads did is not of the tick that will come; those that cannot
 * wake it are not adopted. Context: process, dam_lock held.
 * Return: a movable thread has submitted enough to wake it.
 */
bool dam_fold_asleep(u64 now_ns);

#endif
