/* SPDX-License-Identifier: GPL-2.0 */
/* Interleaved transfers: chunks with gaps between them, frame by frame. */
#ifndef SIM_FRAMES_H
#define SIM_FRAMES_H

#include <linux/dmaengine.h>

struct sim_desc;
struct sim_engine;

bool sim_frames_len(const struct dma_interleaved_template *xt, size_t *len);
enum dmaengine_tx_result sim_frames_reachable(struct sim_engine *eng,
					      const struct sim_desc *desc);
void sim_frames_move(struct sim_engine *eng, const struct sim_desc *desc);
void sim_frames_corrupt(struct sim_engine *eng, const struct sim_desc *desc);

#endif
