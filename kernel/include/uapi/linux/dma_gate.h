/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/dma_gate: the DMA engine that serves the caller's CPU copies between
 * two buffers of the caller.
 *
 * Each open of the device is an agent of its own: it has its own requests and
 * its own limits. A request is submitted with DMA_GATE_COPY and stays with the
 * agent until it is collected with DMA_GATE_WAIT; closing the device waits for
 * what is in flight and forgets the results.
 *
 * poll(), select() and epoll report the device readable (POLLIN) while a result
 * waits to be collected: DMA_GATE_WAIT with id 0 will not block then, unless
 * another thread is faster. DMA_GATE_EVENTFD has a request signal an eventfd.
 *
 * Every structure begins with its own size, set by the caller, so that fields
 * can be appended: a field that the caller does not know is taken as zero, and
 * a field that the kernel does not know must be zero, or the call fails with
 * E2BIG.
 *
 * Errors common to all calls:
 *
 *	EFAULT	the structure cannot be read or written
 *	EINVAL	size is smaller than the structure's first version, a flag is
 *		unknown, or a reserved field is not zero
 *	E2BIG	size is above a page, or an unknown trailing field is not zero
 *	ENOTTY	no such call
 */
#ifndef _UAPI_LINUX_DMA_GATE_H
#define _UAPI_LINUX_DMA_GATE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DMA_GATE_TYPE		0xDA

/* The most bytes that one request may copy. */
#define DMA_GATE_MAX_LEN	(64U << 20)

/* The most requests that one agent may have submitted and not collected. */
#define DMA_GATE_MAX_REQUESTS	256U

/* Fail with ENODEV where no engine can serve; without it, the CPU copies. */
#define DMA_GATE_NO_FALLBACK	0x1U

/* Add 1 to an eventfd when the request is done. */
#define DMA_GATE_EVENTFD	0x2U

/**
 * struct dma_gate_copy - what to copy (DMA_GATE_COPY)
 * @size: sizeof(struct dma_gate_copy)
 * @flags: any of DMA_GATE_NO_FALLBACK, DMA_GATE_EVENTFD
 * @src: address of the first byte to read
 * @dst: address of the first byte to write
 * @len: how many bytes, 1 to DMA_GATE_MAX_LEN
 * @user_data: anything; DMA_GATE_WAIT gives it back
 * @id: set by the kernel: names the request within the agent, never 0
 * @eventfd: with DMA_GATE_EVENTFD the eventfd to signal, else 0. It may be closed
 *	when the call has returned
 * @reserved: must be 0
 *
 * The engine is the one that serves DMA_MEMCPY on the CPU that the calling
 * thread runs on at that moment. Any alignment will do; an engine that asks for
 * aligned addresses counts as no engine for others. Both buffers stay pinned
 * until the copy is done: munmap() or mprotect() meanwhile changes nothing, and
 * what the source holds at that time is what is copied. Two addresses of the
 * same page are not seen as an overlap; what is copied then is undefined. So is
 * what a destination holds if it shares a cache line with that of another request
 * in flight.
 *
 * Where the engine cannot be used and DMA_GATE_NO_FALLBACK is not given, the
 * CPU has made the copy when the call returns; the request is collected like
 * any other and says so in cpu_bytes.
 *
 * Return: 0, or -1 and errno, with nothing copied:
 *
 *	EINVAL	len is 0, an address plus len overflows, or the buffers overlap;
 *		eventfd is none, or is given without its flag
 *	EBADF	eventfd is not open
 *	E2BIG	len is above DMA_GATE_MAX_LEN
 *	EFAULT	a buffer is not mapped, not readable (src), not writable (dst),
 *		or not memory that can be pinned
 *	EAGAIN	DMA_GATE_MAX_REQUESTS requests wait to be collected
 *	ENOMEM	no memory, or the pinned pages would exceed RLIMIT_MEMLOCK (not
 *		applied with CAP_IPC_LOCK)
 *	ENODEV	with DMA_GATE_NO_FALLBACK: no engine serves this CPU, or it
 *		cannot copy at this alignment, or it went away
 *	EBUSY	the engine's queue was full and took nothing for 5 seconds
 *	EIO	the engine refused the transfer, or its memory cannot be mapped
 *	EINTR	a signal came before anything was submitted; submit again
 *
 * Once a part of a request is with the engine, the call returns 0: whatever
 * happens to the rest is told by DMA_GATE_WAIT.
 */
struct dma_gate_copy {
	__u32 size;
	__u32 flags;
	__aligned_u64 src;
	__aligned_u64 dst;
	__aligned_u64 len;
	__aligned_u64 user_data;
	__aligned_u64 id;
	__s32 eventfd;
	__u32 reserved;
};

/**
 * struct dma_gate_wait - collect one request (DMA_GATE_WAIT)
 * @size: sizeof(struct dma_gate_wait)
 * @flags: must be 0
 * @id: the request to collect, or 0 for whichever is done first; set by the
 *	kernel to the one collected
 * @timeout_ns: how long to wait; 0 does not wait, negative waits for ever
 * @user_data: set by the kernel: what DMA_GATE_COPY was given
 * @bytes: set by the kernel: bytes that an engine copied
 * @cpu_bytes: set by the kernel: bytes that the CPU copied
 * @latency_ns: set by the kernel: time from submission to completion
 * @error: set by the kernel: 0 or an errno that says why bytes + cpu_bytes is
 *	less than len:
 *	EIO	the engine reported an error or dropped the transfer; what the
 *		destination holds is undefined
 *	ENODEV	the engine went away
 *	EBUSY	the engine took a part, then nothing for 5 seconds
 *	EINTR	the caller was killed when a part was with the engine
 * @reserved: set to 0 by the kernel
 *
 * Return: 0 with a request collected, which may have failed: see @error. Or -1
 * and errno, with nothing collected and nothing lost:
 *
 *	ENOENT	no such request, or id is 0 and there is none at all
 *	ETIME	not done within timeout_ns
 *	EINTR	a signal came
 */
struct dma_gate_wait {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_s64 timeout_ns;
	__aligned_u64 user_data;
	__aligned_u64 bytes;
	__aligned_u64 cpu_bytes;
	__aligned_u64 latency_ns;
	__u32 error;
	__u32 reserved;
};

/* No size in the numbers: the structures may grow. */
#define DMA_GATE_COPY	_IO(DMA_GATE_TYPE, 0x00)
#define DMA_GATE_WAIT	_IO(DMA_GATE_TYPE, 0x01)

#endif /* _UAPI_LINUX_DMA_GATE_H */
