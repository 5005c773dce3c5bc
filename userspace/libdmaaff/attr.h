/* SPDX-License-Identifier: GPL-2.0 */
/* One value: out of a sysfs file, or out of a column's text. */
#ifndef DMAAFF_ATTR_H
#define DMAAFF_ATTR_H

#include "dmaaff.h"

/* Makes a function part of the shared library's interface. */
#define DMAAFF_PUBLIC __attribute__((visibility("default")))

/* Longest path libsysfs takes, its terminator included. */
#define ATTR_PATH_MAX 256

/**
 * struct dmaaff - handle
 * @path: <sysfs>/kernel/dma_affinity
 */
struct dmaaff {
	char path[ATTR_PATH_MAX];
};

/**
 * attr_read() - the value of @dir/@name without its newline
 *
 * Return: to be released by free(); NULL with errno when it cannot be read.
 */
char *attr_read(const char *dir, const char *name);

struct dmaaff_u64 attr_u64(const char *dir, const char *name);
struct dmaaff_i64 attr_i64(const char *dir, const char *name);
struct dmaaff_real attr_real(const char *dir, const char *name);

/* The whole of @text is the number, or it is unknown. NULL is unknown. */
struct dmaaff_u64 parse_u64(const char *text);
struct dmaaff_i64 parse_i64(const char *text);
struct dmaaff_real parse_real(const char *text);

#endif
