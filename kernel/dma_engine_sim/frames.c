// SPDX-License-Identifier: GPL-2.0
#include <linux/overflow.h>

#include "desc.h"
#include "engine.h"
#include "frames.h"
#include "memory.h"

typedef enum dmaengine_tx_result (*sim_chunk_t)(struct sim_engine *eng,
						dma_addr_t dst, dma_addr_t src,
						size_t len);

/* Calls @chunk for each chunk of each frame, until one is not right. */
static enum dmaengine_tx_result
sim_frames_each(struct sim_engine *eng, struct dma_interleaved_template *xt,
		sim_chunk_t chunk)
{
	enum dmaengine_tx_result outcome = DMA_TRANS_NOERROR;
	dma_addr_t src = xt->src_start, dst = xt->dst_start;
	size_t frame, i;

	for (frame = 0; frame < xt->numf; frame++)
		for (i = 0; i < xt->frame_size; i++) {
			struct data_chunk *at = &xt->sgl[i];

			outcome = chunk(eng, dst, src, at->size);
			if (outcome != DMA_TRANS_NOERROR)
				return outcome;
			src += at->size + dmaengine_get_src_icg(xt, at);
			dst += at->size + dmaengine_get_dst_icg(xt, at);
		}
	return outcome;
}

static enum dmaengine_tx_result sim_chunk_reachable(struct sim_engine *eng,
						    dma_addr_t dst,
						    dma_addr_t src, size_t len)
{
	if (!sim_is_ram(eng, src, len))
		return DMA_TRANS_READ_FAILED;
	if (!sim_is_ram(eng, dst, len))
		return DMA_TRANS_WRITE_FAILED;
	return DMA_TRANS_NOERROR;
}

static enum dmaengine_tx_result sim_chunk_copy(struct sim_engine *eng,
					       dma_addr_t dst, dma_addr_t src,
					       size_t len)
{
	sim_copy(eng, dst, src, len);
	return DMA_TRANS_NOERROR;
}

/**
 * sim_frames_len() - how much an interleaved transfer moves
 * @xt: the template
 * @len: bytes, without the gaps
 *
 * Return: there is something to move, by memory to memory in frames that an
 * engine can follow.
 */
bool sim_frames_len(const struct dma_interleaved_template *xt, size_t *len)
{
	size_t frame = 0, i;

	if (xt->dir != DMA_MEM_TO_MEM || !xt->src_inc || !xt->dst_inc)
		return false;
	for (i = 0; i < xt->frame_size; i++)
		if (!xt->sgl[i].size ||
		    check_add_overflow(frame, xt->sgl[i].size, &frame))
			return false;
	return !check_mul_overflow(frame, xt->numf, len) && *len;
}

/**
 * sim_frames_reachable() - is all that an interleaved transfer names memory?
 * @eng: the engine
 * @desc: the transfer
 *
 * Context: any.
 * Return: DMA_TRANS_NOERROR if it is.
 */
enum dmaengine_tx_result sim_frames_reachable(struct sim_engine *eng,
					      const struct sim_desc *desc)
{
	return sim_frames_each(eng, desc->xt, sim_chunk_reachable);
}

/**
 * sim_frames_move() - move the data of an interleaved transfer
 * @eng: the engine
 * @desc: the transfer
 *
 * Context: any, without the engine's lock.
 */
void sim_frames_move(struct sim_engine *eng, const struct sim_desc *desc)
{
	sim_frames_each(eng, desc->xt, sim_chunk_copy);
}

/**
 * sim_frames_corrupt() - make wrong what sim_frames_move() did
 * @eng: the engine
 * @desc: the transfer
 *
 * Context: any, without the engine's lock.
 */
void sim_frames_corrupt(struct sim_engine *eng, const struct sim_desc *desc)
{
	sim_flip_byte(eng, desc->xt->dst_start + desc->xt->sgl[0].size / 2);
}
