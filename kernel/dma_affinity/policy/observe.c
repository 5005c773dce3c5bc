// SPDX-License-Identifier: GPL-2.0
/* What a thread did in a tick, what it asks for, and what it will ask for. */
#include "observe.h"

void dam_observe(const struct dam_forecaster *c, struct dam_demand *d,
		 struct dam_forecast *f, const struct dam_service *s,
		 struct dam_thread_view *v, u64 bps)
{
	bps = min_t(u64, bps, DAM_BPS_MAX);
	/* in order: everybody on the engine waits as long */
	v->outstanding = mul_u64_u64_shr(bps, s->wait_q30, 30);
	/* a closed loop submits what was completed */
	v->now_bps = demand_take(d, bps, bps, v->outstanding, s->wait_ns,
				 s->busy_q16, s->capacity_bps);
	v->pred_bps = forecast_take(c, f, v->now_bps);
}
