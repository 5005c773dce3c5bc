/* SPDX-License-Identifier: GPL-2.0 */
/* What an operator sets. */
#ifndef DAM_TUNABLES_H
#define DAM_TUNABLES_H

#include <linux/sysfs.h>
#include <linux/types.h>

#include "policy/policy.h"

/**
 * enum dam_mode - how much is done
 * @DAM_MODE_OFF: nothing: no hook is armed
 * @DAM_MODE_MONITOR: watch and forecast
 * @DAM_MODE_ADVISE: decide and trace, move nothing
 * @DAM_MODE_MANAGE: move threads
 * @DAM_MODES: how many there are
 */
enum dam_mode {
	DAM_MODE_OFF,
	DAM_MODE_MONITOR,
	DAM_MODE_ADVISE,
	DAM_MODE_MANAGE,
	DAM_MODES,
};

extern const char * const dam_mode_names[DAM_MODES];

#define DAM_MOVES_AUTO	(-1)

/**
 * struct dam_tunables - each is one word, read by READ_ONCE()
 * @weight_latency_e4: 0 .. 10000 (5000)
 * @weight_throughput_e4: 0 .. 10000 (5000)
 * @energy_bias_e4: 0 .. 10000 (0)
 * @threshold_pct: 0 .. 100 (10)
 * @horizon_ms: 0 .. 10000 (30)
 * @interval_ms: 1 .. 1000 (10)
 * @history: 0 .. 4096 (256)
 * @max_moves: DAM_MOVES_AUTO or 0 .. 10000 a second
 * @holdoff_s: 0 .. 3600 (10)
 * @model: enum dam_model
 * @mode: enum dam_mode
 * @sources: bit per enum dam_source
 */
struct dam_tunables {
	int weight_latency_e4;
	int weight_throughput_e4;
	int energy_bias_e4;
	int threshold_pct;
	int horizon_ms;
	int interval_ms;
	int history;
	int max_moves;
	int holdoff_s;
	int model;
	int mode;
	int sources;
};

extern struct dam_tunables dam_tunables;
extern const struct attribute_group dam_tunables_group;

/**
 * dam_params() - the tunables as the policy takes them, at one moment
 * @engines: how many there are, for MAX_MOVES auto
 * @p: filled
 */
void dam_params(u32 engines, struct dam_params *p);

/** dam_mode() - any context */
static inline enum dam_mode dam_mode(void)
{
	return READ_ONCE(dam_tunables.mode);
}

#endif
