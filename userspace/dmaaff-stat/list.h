/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_LIST_H
#define DMAAFF_STAT_LIST_H

#include "options.h"

int list_engines(const struct options *options);
int list_threads(const struct options *options);
int list_history(const struct options *options);
int list_tunables(const struct options *options);

#endif
