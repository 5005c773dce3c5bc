// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded: a /dev/dma_gate without a kernel, whose engine has copied when it
 * is asked. GATE says what is wrong with it: "missing", "none" where no engine
 * serves, "wrong" where each copy has one bit that differs, "error" where each
 * fails, "busy" where none is taken at first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include <linux/dma_gate.h>

#define LATENCY_NS 250000
#define FILES 64

/* What waits to be collected of each open file, which one thread uses. */
static struct agent {
	struct dma_gate_copy queue[DMA_GATE_MAX_REQUESTS];
	unsigned int first, nr;
	bool asked;
} agents[FILES];

static bool is_wrong(const char *how)
{
	const char *gate = getenv("GATE");

	return gate && !strcmp(gate, how);
}

static int fails(int error)
{
	errno = error;
	return -1;
}

int open(const char *path, int flags, ...)
{
	static int (*real)(const char *path, int flags, ...);
	va_list rest;
	int mode;

	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, int) : 0;
	va_end(rest);
	if (!strcmp(path, "/dev/dma_gate")) {
		if (is_wrong("missing"))
			return fails(ENOENT);
		path = "/dev/null";
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "open");
	return real(path, flags, mode);
}

static int copy(struct agent *agent, const struct dma_gate_copy *copy)
{
	unsigned int last = (agent->first + agent->nr) % DMA_GATE_MAX_REQUESTS;
	bool asked = agent->asked;

	agent->asked = true;
	if (is_wrong("none") && (copy->flags & DMA_GATE_NO_FALLBACK))
		return fails(ENODEV);
	if (is_wrong("busy") && !asked)
		return fails(EBUSY);
	if (agent->nr == DMA_GATE_MAX_REQUESTS)
		return fails(EAGAIN);
	memcpy((void *)(uintptr_t)copy->dst, (void *)(uintptr_t)copy->src, copy->len);
	if (is_wrong("wrong"))
		((unsigned char *)(uintptr_t)copy->dst)[0] ^= 1;
	agent->queue[last] = *copy;
	agent->nr++;
	return 0;
}

static int collect(struct agent *agent, struct dma_gate_wait *wait)
{
	const struct timespec latency = { .tv_nsec = LATENCY_NS };
	const struct dma_gate_copy *done = &agent->queue[agent->first];

	nanosleep(&latency, NULL);
	if (!agent->nr)
		return fails(wait->timeout_ns < 0 ? ENOENT : ETIME);
	agent->first = (agent->first + 1) % DMA_GATE_MAX_REQUESTS;
	agent->nr--;
	wait->user_data = done->user_data;
	wait->latency_ns = LATENCY_NS;
	wait->error = is_wrong("error") ? EIO : 0;
	wait->cpu_bytes = is_wrong("none") ? done->len : 0;
	wait->bytes = is_wrong("none") || wait->error ? 0 : done->len;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct agent *agent = &agents[fd % FILES];
	va_list rest;
	void *what;

	va_start(rest, request);
	what = va_arg(rest, void *);
	va_end(rest);
	if (request == DMA_GATE_COPY)
		return copy(agent, what);
	if (request == DMA_GATE_WAIT)
		return collect(agent, what);
	return fails(ENOTTY);
}
