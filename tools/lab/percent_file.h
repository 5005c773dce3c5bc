/* SPDX-License-Identifier: GPL-2.0 */
/* A load trace: a file with one percentage a line. */
#ifndef LAB_PERCENT_FILE_H
#define LAB_PERCENT_FILE_H

#include <stddef.h>

/* What no figure of a load is above */
#define PERCENT_MAX	400000.0

/**
 * struct percent_file - what was in it
 * @value: percentages, 0 .. PERCENT_MAX
 * @n: how many
 */
struct percent_file {
	double *value;
	size_t n;
};

/**
 * percent_file_read() - read all of it
 * @path: says what is wrong with it on stderr: PATH:LINE: what
 * @file: filled; to be given back by percent_file_free() in any case
 *
 * Return: 0, or -1 if anything is wrong.
 */
int percent_file_read(const char *path, struct percent_file *file);
void percent_file_free(struct percent_file *file);

#endif
