/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_SET_H
#define DMAAFF_STAT_SET_H

#include <stddef.h>

#include "dmaaff.h"
#include "options.h"

/* Each NAME=VALUE in turn, until one is refused. Return: an exit status. */
int set_run(const struct options *options);

/* What a file says, all of it or none. Return: an exit status. */
int apply_run(const struct options *options);

/* Why setting @name failed, by errno, in a line. */
void set_why(struct dmaaff *dmaaff, const char *name, const char *value, char *line, size_t size);

#endif
