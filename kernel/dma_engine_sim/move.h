/* SPDX-License-Identifier: GPL-2.0 */
/* What an engine does to memory. */
#ifndef SIM_MOVE_H
#define SIM_MOVE_H

#include <linux/dmaengine.h>

struct sim_desc;
struct sim_engine;

enum dmaengine_tx_result sim_move(struct sim_engine *eng,
				  struct sim_desc *desc, bool corrupt);

#endif
