// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "gate.h"

int gate_open(void)
{
	int fd = open(GATE_PATH, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int gate_copy(int fd, const void *src, void *dst, size_t len, bool fallback,
	      uint64_t user_data)
{
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.flags = fallback ? 0 : DMA_GATE_NO_FALLBACK,
		.src = (uintptr_t)src,
		.dst = (uintptr_t)dst,
		.len = len,
		.user_data = user_data,
	};

	return ioctl(fd, DMA_GATE_COPY, &copy) ? -errno : 0;
}

int gate_wait(int fd, int64_t timeout_ns, struct dma_gate_wait *result)
{
	*result = (struct dma_gate_wait){
		.size = sizeof(*result),
		.timeout_ns = timeout_ns,
	};
	return ioctl(fd, DMA_GATE_WAIT, result) ? -errno : 0;
}
