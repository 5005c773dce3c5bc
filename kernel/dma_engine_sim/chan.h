/* SPDX-License-Identifier: GPL-2.0 */
/* The life of a transfer on its channel, from tx_submit to the callback. */
#ifndef SIM_CHAN_H
#define SIM_CHAN_H

#include <linux/dmaengine.h>

struct sim_chan;
struct sim_desc;
struct sim_engine;

void sim_chan_init(struct sim_engine *eng, struct sim_chan *ch);
void sim_chan_setup(struct dma_device *dma);

dma_cookie_t sim_chan_submit(struct dma_async_tx_descriptor *tx);
void sim_chan_completed(struct sim_desc *desc);
void sim_chan_period(struct sim_desc *desc);
void sim_chan_terminated(struct sim_desc *desc);

struct sim_desc **sim_chan_inflight(struct sim_chan *ch, dma_cookie_t cookie);

/* status.c */
enum dma_status sim_chan_status(struct dma_chan *chan, dma_cookie_t cookie,
				struct dma_tx_state *state);

#endif
