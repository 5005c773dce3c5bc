/* SPDX-License-Identifier: GPL-2.0 */
/* One scenario under each policy, side by side. */
#ifndef LAB_COMPARE_H
#define LAB_COMPARE_H

#include "trial.h"

/** compare_head() - print what the columns are */
void compare_head(void);

/** compare_row() - run @scenario under each policy and print what came of it */
void compare_row(const char *name, const struct scenario *scenario, u64 seed);

#endif
