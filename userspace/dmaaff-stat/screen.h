/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMAAFF_STAT_SCREEN_H
#define DMAAFF_STAT_SCREEN_H

#include <stddef.h>

/* Lines of the terminal that stdout is, 0 when it is none. */
size_t screen_lines(void);

#endif
