/* SPDX-License-Identifier: GPL-2.0 */
/* The module's tree, and what to say when it cannot be read. */
#ifndef DMAAFF_STAT_MODULE_H
#define DMAAFF_STAT_MODULE_H

#include "dmaaff.h"

/* Return: NULL, explained on stderr. @root: NULL for the usual tree. */
struct dmaaff *module_open(const char *root);

/* Says on stderr why @what could not be read, by errno. */
void module_explain(const struct dmaaff *dmaaff, const char *what);

#endif
