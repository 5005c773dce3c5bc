/* SPDX-License-Identifier: GPL-2.0 */
/* The platform device behind an engine, for which clients map memory. */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

struct platform_device;

int sim_devices_init(void);
void sim_devices_exit(void);

struct platform_device *sim_device_create(int node);
void sim_device_destroy(struct platform_device *pdev);

#endif
