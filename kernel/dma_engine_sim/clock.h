/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The service-time model. An engine works on one transfer at a time, in the
 * order in which they were issued on any of its channels; a transfer ends at
 *
 *	max(now, end of the one before) + latency_ns + len / bytes_per_sec
 *
 * Its data is moved when its service begins, so that nothing but an interrupt lies between
 * the end of its service and its completion.
 *
 * A cyclic transfer queues up again after each of its periods. Whatever is
 * behind it on its channel, or on one that is paused, waits with the channel
 * and not in the engine's queue.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <linux/types.h>

struct sim_chan;
struct sim_desc;
struct sim_engine;

/* Transfers served at once, to let others in. */
#define SIM_SERVE_BATCH	64

void sim_clock_init(struct sim_engine *eng);
void sim_clock_exit(struct sim_engine *eng);

void sim_clock_issue(struct sim_chan *ch);
void sim_clock_begin(struct sim_engine *eng);
void sim_clock_serve(struct sim_engine *eng, unsigned int budget);
void sim_clock_withdraw(struct sim_chan *ch, struct list_head *list);
void sim_clock_pause(struct sim_chan *ch);
void sim_clock_resume(struct sim_chan *ch);
void sim_clock_wake(struct sim_engine *eng);
void sim_clock_drain(struct sim_engine *eng);
u64 sim_clock_busy_ns(const struct sim_engine *eng, u64 now_ns);

#endif
