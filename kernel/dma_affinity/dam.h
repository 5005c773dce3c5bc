/* SPDX-License-Identifier: GPL-2.0 */
/* What every file of dma_affinity shares: the lock, the counters, the words. */
#ifndef DAM_DAM_H
#define DAM_DAM_H

#include <linux/atomic.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/time64.h>
#include <linux/types.h>

/*
 * Protects the registry of engines, the table of threads, those opted out,
 * the outcomes and the figures of the tick. It is never held while a mask is set, a hook is
 * armed or disarmed, or a kobject is deleted, and no cpuhp callback, probe or
 * watchdog takes it. Lock order: class mutex > hook mutex > cpus_read_lock >
 * dam_lock.
 */
extern struct mutex dam_lock;

/**
 * struct dam_stats - stats/, counted since load
 * @ticks: ticks run
 * @overruns: ticks that took longer than SAMPLE_INTERVAL
 * @moves: masks narrowed for a decision
 * @successes: moves that brought at least half of what they promised
 * @failures: moves that brought less than a quarter
 * @reverts: masks given back because a move failed or its engine went away
 * @dropped: submissions, forks or threads that could not be recorded
 * @tick_ns: mean duration of a tick
 * @memory_bytes: held by the module's tables, engines and channels
 */
struct dam_stats {
	atomic64_t ticks;
	atomic64_t overruns;
	atomic64_t moves;
	atomic64_t successes;
	atomic64_t failures;
	atomic64_t reverts;
	atomic64_t dropped;
	atomic64_t tick_ns;
	atomic64_t memory_bytes;
};

extern struct dam_stats dam_stats;

static inline void dam_memory_add(u64 bytes)
{
	atomic64_add(bytes, &dam_stats.memory_bytes);
}

static inline void dam_memory_sub(u64 bytes)
{
	atomic64_sub(bytes, &dam_stats.memory_bytes);
}

static inline void dam_drop(u64 n)
{
	if (n)
		atomic64_add(n, &dam_stats.dropped);
}

/**
 * dam_share_q16() - a part of a time, which may be days
 * @part_ns: more than @whole_ns counts as all of it
 * @whole_ns: above 0
 * Return: 0 .. 65536.
 */
static inline u32 dam_share_q16(u64 part_ns, u64 whole_ns)
{
	return mul_u64_u64_div_u64(min(part_ns, whole_ns), 65536, whole_ns);
}

#endif
