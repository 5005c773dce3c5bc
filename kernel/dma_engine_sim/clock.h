/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The service-time model. An engine works on one transfer at a time, in the
 * order in which they were issued on any of its channels; a transfer ends at
 *
 *	max(now, end of the one before) + latency_ns + len / bytes_per_sec
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <linux/types.h>

struct sim_chan;
struct sim_desc;
struct sim_engine;

void sim_clock_init(struct sim_engine *eng);
void sim_clock_exit(struct sim_engine *eng);

void sim_clock_issue(struct sim_engine *eng, struct list_head *list);
void sim_clock_serve(struct sim_engine *eng, unsigned int budget);
void sim_clock_withdraw(struct sim_chan *ch);
void sim_clock_drain(struct sim_engine *eng);
u64 sim_clock_busy_ns(const struct sim_engine *eng, u64 now_ns);

#endif
