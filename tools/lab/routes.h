/* SPDX-License-Identifier: GPL-2.0 */
/* Which engine serves which CPU, as the kernel's channel tables say. */
#ifndef LAB_ROUTES_H
#define LAB_ROUTES_H

#include "sim.h"

/** routes_find() - fill @routes, by kind and engine, for a scenario */
void routes_find(const struct scenario *s, struct sim_route (*routes)[SCENARIO_ENGINES]);

#endif
