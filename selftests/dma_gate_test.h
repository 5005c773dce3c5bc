/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of dma_gate share: an engine of their own, and the calls. */
#ifndef DMA_GATE_TEST_H
#define DMA_GATE_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/dma_gate.h>

#include "kselftest_harness.h"

#define DEVICE	"/dev/dma_gate"
#define ENGINES	"/sys/kernel/config/dma_engine_sim/"
#define KIB	1024UL
#define MIB	(1024UL * KIB)
#define MSEC	1000000LL
#define SEC	(1000 * MSEC)

/* Long enough for anything that should happen at all. */
#define PATIENCE_NS	(60 * SEC)

/* Returns 0 or an errno. */
static inline int write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
}

static inline int engine_set(const char *engine, const char *attr,
			     const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), ENGINES "%s/%s", engine, attr);
	return write_file(path, value);
}

static inline unsigned long long engine_get(const char *engine, const char *attr)
{
	unsigned long long value = ~0ULL;
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), ENGINES "%s/%s", engine, attr);
	file = fopen(path, "r");
	if (!file)
		return value;
	if (fscanf(file, "%llu", &value) != 1)
		value = ~0ULL;
	fclose(file);
	return value;
}

/* Takes its clients' channels away, if it has any. */
static inline void engine_remove(const char *engine)
{
	char path[PATH_MAX];

	engine_set(engine, "live", "force");
	snprintf(path, sizeof(path), ENGINES "%s", engine);
	rmdir(path);
}

/* Attributes come in pairs of name and value, up to NULL. Returns an errno. */
static inline int engine_create(const char *engine, ...)
{
	const char *attr;
	char path[PATH_MAX];
	va_list args;
	int err = 0;

	engine_remove(engine);
	snprintf(path, sizeof(path), ENGINES "%s", engine);
	if (mkdir(path, 0755))
		return errno;
	va_start(args, engine);
	while (!err && (attr = va_arg(args, const char *)))
		err = engine_set(engine, attr, va_arg(args, const char *));
	va_end(args);
	return err ? err : engine_set(engine, "live", "1");
}

static inline bool modules_loaded(void)
{
	if (!access(DEVICE, F_OK) && !access(ENGINES, F_OK))
		return true;
	return !system("modprobe -a dma_engine_sim dma_gate");
}

static inline int gate_open(void)
{
	return open(DEVICE, O_RDWR | O_CLOEXEC);
}

/* Returns 0 or an errno; *id may be left out. */
static inline int gate_copy_flags(int gate, const void *src, void *dst,
				  size_t len, unsigned int flags, uint64_t *id)
{
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.flags = flags,
		.src = (uintptr_t)src,
		.dst = (uintptr_t)dst,
		.len = len,
		.user_data = (uintptr_t)dst,
	};

	if (ioctl(gate, DMA_GATE_COPY, &copy))
		return errno;
	if (id)
		*id = copy.id;
	return 0;
}

/* By an engine or not at all. */
static inline int gate_copy(int gate, const void *src, void *dst, size_t len,
			    uint64_t *id)
{
	return gate_copy_flags(gate, src, dst, len, DMA_GATE_NO_FALLBACK, id);
}

static inline int gate_wait(int gate, uint64_t id, int64_t timeout_ns,
			    struct dma_gate_wait *result)
{
	*result = (struct dma_gate_wait){
		.size = sizeof(*result),
		.id = id,
		.timeout_ns = timeout_ns,
	};
	return ioctl(gate, DMA_GATE_WAIT, result) ? errno : 0;
}

/* Nobody else's memory, in pages of the smallest size. */
static inline void *pages_new(size_t len)
{
	void *pages = mmap(NULL, len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	madvise(pages, len, MADV_NOHUGEPAGE);
	return pages;
}

static inline void fill(void *buffer, size_t len, uint32_t seed)
{
	unsigned char *byte = buffer;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		byte[i] = seed >> 24;
	}
}

static inline long long file_value(const char *path, const char *key)
{
	size_t len = strlen(key);
	long long value = -1;
	char line[256];
	FILE *file = fopen(path, "r");

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, len) && strchr(" \t:", line[len]))
			value = strtoll(line + len + strspn(line + len, " \t:"),
					NULL, 10);
	fclose(file);
	return value;
}

/* Pages that are pinned anywhere in the system. */
static inline long long pins(void)
{
	/* Counted per CPU: add up. */
	write_file("/proc/sys/vm/stat_refresh", "1");
	return file_value("/proc/vmstat", "nr_foll_pin_acquired") -
	       file_value("/proc/vmstat", "nr_foll_pin_released");
}

/* What this process has pinned, in KiB. */
static inline long long own_pins(void)
{
	return file_value("/proc/self/status", "VmPin");
}

static inline bool pins_gone(void)
{
	return !pins();
}

/* Returns whether the condition came true within the bound. */
static inline bool poll_until(int seconds, bool (*condition)(void))
{
	for (int i = 0; i < 100 * seconds; i++) {
		if (condition())
			return true;
		usleep(10000);
	}
	return condition();
}

#endif
