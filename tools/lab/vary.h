/* SPDX-License-Identifier: GPL-2.0 */
/* The same scenario with other numbers, so that no constant fits one file alone. */
#ifndef LAB_VARY_H
#define LAB_VARY_H

#include "scenario.h"

/**
 * vary() - change a scenario, but not what it shows
 * @s: changed
 * @seed: 0 changes nothing
 *
 * Engines become up to twice as fast or slow, and what threads ask with them;
 * operations larger or smaller; periods longer or shorter; each rate and moment
 * a little different.
 */
void vary(struct scenario *s, u64 seed);

/**
 * vary_any() - a machine and a load drawn at random
 * @s: filled
 * @seed: of what is drawn
 */
void vary_any(struct scenario *s, u64 seed);

#endif
