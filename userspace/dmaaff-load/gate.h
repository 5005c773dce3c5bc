/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of /dev/dma_gate. */
#ifndef DMAAFF_LOAD_GATE_H
#define DMAAFF_LOAD_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/dma_gate.h>

#define GATE_PATH "/dev/dma_gate"

/* Each returns 0 (gate_open: a descriptor) or a negative errno. */
int gate_open(void);
int gate_copy(int fd, const void *src, void *dst, size_t len, bool fallback,
	      uint64_t user_data);
int gate_wait(int fd, int64_t timeout_ns, struct dma_gate_wait *result);

#endif
