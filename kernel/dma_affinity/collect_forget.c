// SPDX-License-Identifier: GPL-2.0
/* What is forgotten while nobody looks: when the tick sleeps, and when MODE was off. */
#include <linux/string.h>

#include "hal/engine.h"
#include "collect.h"
#include "dam.h"
#include "threads.h"

void dam_collect_idle(struct dam_tick *k)
{
	struct dam_engine *e;
	u32 i, n = dam_engine_limit();

	lockdep_assert_held(&dam_lock);
	for (i = 0; i < n; i++) {
		e = dam_engine_at(i);
		if (!e)
			continue;
		WRITE_ONCE(e->predicted_known, false);
		memset(e->pending_due, 0, sizeof(e->pending_due));
		e->threads = 0;
		e->hot_ticks = 0;
		e->full_ticks = 0;
		e->light_ticks = 0;
	}
	k->rested = true;
}

void dam_collect_restart(struct dam_tick *k)
{
	struct dam_seasons *seasons = k->forecaster.seasons;
	struct dam_engine *e;
	u32 i;

	lockdep_assert_held(&dam_lock);
	memset(seasons, 0, sizeof(*seasons));
	k->forecaster = (struct dam_forecaster){ .seasons = seasons };
	memset(&k->ahead, 0, sizeof(k->ahead));
	for (i = 0; i < dam_engine_limit(); i++) {
		e = dam_engine_at(i);
		if (!e)
			continue;
		e->hot_ticks = 0;
		e->full_ticks = 0;
		e->light_ticks = 0;
		e->used = false;
		e->rest_bps = 0;
		e->guess_bps = 0;
		e->guess_ticks = 0;
		e->effective_bps = 0;
	}
	for (i = dam_thread_next(0); i < dam_threads_limit();
	     i = dam_thread_next(i + 1))
		dam_thread_restart(dam_thread_at(i));
	k->sequence = 0;
}
