/* SPDX-License-Identifier: GPL-2.0 */
/* The device_prep_* functions. */
#ifndef SIM_PREP_H
#define SIM_PREP_H

#include <linux/dmaengine.h>

struct sim_params;

void sim_prep_setup(struct dma_device *dma, const struct sim_params *params);

#endif
