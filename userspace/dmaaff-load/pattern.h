/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What buffers hold, so that a wrong byte says where it came from: each 8-byte
 * word names the thread, the copy and its own offset.
 */
#ifndef DMAAFF_LOAD_PATTERN_H
#define DMAAFF_LOAD_PATTERN_H

#include <stddef.h>
#include <stdint.h>

void pattern_fill(void *buffer, size_t size, unsigned int thread, uint64_t copy);

/* Returns 0 when every byte is right; else says what is wrong, -1. */
int pattern_check(const void *buffer, size_t size, unsigned int thread,
		  uint64_t copy);

#endif
