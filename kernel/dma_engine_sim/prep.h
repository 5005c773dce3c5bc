/* SPDX-License-Identifier: GPL-2.0 */
/* The device_prep_* functions. */
#ifndef SIM_PREP_H
#define SIM_PREP_H

#include <linux/dmaengine.h>

#include "desc.h"

struct sim_params;

/**
 * struct sim_request - what the prep functions have in common
 * @op: what to do
 * @len: bytes of each buffer; of a cyclic transfer, of a period; 0 if there
 *	is something wrong with the request
 * @total: of a cyclic transfer, bytes of all periods, else 0
 * @dst: two entries, or NULL
 * @src: @src_cnt entries
 * @src_cnt: how many sources
 * @coef: @src_cnt factors, or NULL
 * @value: the byte of a memset
 * @result: where a check puts its verdict
 * @dir: of slave and cyclic transfers
 * @segs: pieces, allocated, or NULL
 * @seg_cnt: entries of @segs
 * @xt: frames, allocated, or NULL
 * @flags: the client's
 */
struct sim_request {
	enum sim_op op;
	size_t len;
	size_t total;
	const dma_addr_t *dst;
	const dma_addr_t *src;
	unsigned int src_cnt;
	const u8 *coef;
	u8 value;
	enum sum_check_flags *result;
	enum dma_transfer_direction dir;
	struct sim_segment *segs;
	unsigned int seg_cnt;
	struct dma_interleaved_template *xt;
	unsigned long flags;
};

struct dma_async_tx_descriptor *sim_prep(struct dma_chan *chan,
					 const struct sim_request *req);

void sim_prep_setup(struct dma_device *dma, const struct sim_params *params);

/* prep_slave.c */
void sim_prep_slave_setup(struct dma_device *dma);

#endif
