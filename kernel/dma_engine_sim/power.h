/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runtime power management. An engine with an autosuspend_ms is suspended at
 * first, and whenever nothing was issued for so long. What is issued meanwhile
 * waits with its channel; the resume callback has it served.
 */
#ifndef SIM_POWER_H
#define SIM_POWER_H

struct device;
struct sim_engine;

void sim_power_init(struct sim_engine *eng);
void sim_power_exit(struct sim_engine *eng);

void sim_power_get(struct sim_engine *eng);
void sim_power_put(struct sim_engine *eng);

int sim_power_suspend(struct device *dev);
int sim_power_resume(struct device *dev);

#endif
