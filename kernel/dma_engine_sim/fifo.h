/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device at the far end of slave transfers: a register that swallows
 * what is written to it, and gives a stream of bytes when it is read.
 */
#ifndef SIM_FIFO_H
#define SIM_FIFO_H

#include <linux/dmaengine.h>

struct sim_desc;
struct sim_engine;

/* Bus widths, in bytes, as a mask of dma_slave_caps. */
#define SIM_FIFO_WIDTHS		(BIT(1) | BIT(2) | BIT(4) | BIT(8))

bool sim_fifo_reachable(struct sim_engine *eng, const struct sim_desc *desc);
void sim_fifo_move(struct sim_engine *eng, struct sim_desc *desc);
void sim_fifo_corrupt(struct sim_engine *eng, struct sim_desc *desc);

#endif
