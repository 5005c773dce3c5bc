/* SPDX-License-Identifier: GPL-2.0 */
/* The memory that clients mapped, by the addresses they give. */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <linux/types.h>

struct sim_engine;

bool sim_is_ram(struct sim_engine *eng, dma_addr_t addr, size_t len);
void *sim_map(struct sim_engine *eng, dma_addr_t addr, size_t *len);
void sim_unmap(void *va);
void sim_copy(struct sim_engine *eng, dma_addr_t dst, dma_addr_t src,
	      size_t left);
void sim_flip_byte(struct sim_engine *eng, dma_addr_t addr);

#endif
