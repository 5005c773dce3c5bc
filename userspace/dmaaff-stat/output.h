/* SPDX-License-Identifier: GPL-2.0 */
/* Where reports go. */
#ifndef DMAAFF_STAT_OUTPUT_H
#define DMAAFF_STAT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Opens @path instead of stdout, unless it is NULL. Return: 0, or -1, explained on stderr. */
int output_open(const char *path);

/* Nothing is shown of a report before it is whole; one that began is finished. */
int output_put(const char *text, size_t size);

/* A whole text to stdout. Return: an exit status. */
int output_text(const char *text);

/* Lines of the terminal that reports go to, 0 when they go to none. */
size_t output_lines(void);

/* They go to a terminal that shows colours, and NO_COLOR is not set. */
bool output_colour(void);

/**
 * output_replace() - write a file that is never seen half-written
 *
 * Return: 0, or -1, explained on stderr.
 */
int output_replace(const char *path, const char *text, size_t size);

#endif
