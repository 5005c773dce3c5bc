/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tick of a thread at rest, which most are: inline, for a call would cost half as much
 * as the work. What it is about stands in observe.c.
 *
 * A part of policy.h, and to be included through it: what is said there of
 * contexts and scales holds here.
 */
#ifndef DAM_REST_H
#define DAM_REST_H

#define DEMAND_BUSY_Q16		58982		/* 0.9 */
#define DEMAND_STRAY_SPREADS	4
/* Distances may add up to so many times the spread, and that is taken for this share */
#define DAM_DRIFT_SPREADS		16
#define DAM_DRIFT_SHIFT		6
#define DAM_DRIFT_MAX		BIT(29)
/* After so many ticks at rest their mean is what it asks */
#define DAM_REST_TICKS		64

/* For dam_observe() alone: a tick of any other thread. Its outstanding is known, @bps clamped */
void dam_observe_all(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, const struct dam_service *s,
		     struct dam_thread_view *v, u64 bps);

/*
 * For dam_rest() alone: a tick that is far from the mean, by @off units, or on a busy engine
 * Return: true if that ends the rest.
 */
bool dam_rest_strays(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, const struct dam_service *s,
		     struct dam_thread_view *v, u64 off);

/* For dam_rest() alone: perhaps the last of too many ticks to one side. Return: as above */
bool dam_rest_drifts(const struct dam_forecaster *c, struct dam_demand *d,
		     struct dam_forecast *f, struct dam_thread_view *v);

/* For dam_rest() alone: after so many ticks the mean is taken anew */
void dam_rest_again(const struct dam_forecaster *c, struct dam_demand *d,
		    struct dam_forecast *f, struct dam_thread_view *v);

/* So far from the mean: a quarter, as for a step, or many times the spread */
static inline u32 demand_stray(const struct dam_demand *d)
{
	return max_t(u32, d->smooth / 4, d->spread * DEMAND_STRAY_SPREADS);
}

static inline u32 dam_drift_band(const struct dam_demand *d)
{
	return min_t(u32, max_t(u32, d->smooth >> DAM_DRIFT_SHIFT, d->spread) *
			  DAM_DRIFT_SPREADS, DAM_DRIFT_MAX);
}

/* In order: everybody on the engine waits as long */
static inline u64 dam_outstanding(const struct dam_service *s, u64 bps)
{
	return mul_u64_u64_shr(bps, s->wait_q30, 30);
}

/* As dam_observe_all(). Return: false if the tick is to be observed in full */
static inline bool dam_rest(const struct dam_forecaster *c, struct dam_demand *d,
			    struct dam_forecast *f, const struct dam_service *s,
			    struct dam_thread_view *v, u64 bps)
{
	u64 band = demand_stray(d), off;
	s32 drift;

	off = dam_to_units(bps, d->shift) - d->smooth;
	if (unlikely(off + band > 2 * band || s->busy_q16 > DEMAND_BUSY_Q16) &&
	    dam_rest_strays(c, d, f, s, v, off))
		return false;
	drift = (s32)d->far + (s32)off;
	d->far = drift;
	d->run++;
	band = dam_drift_band(d);
	if (unlikely(drift + band > 2 * band) && dam_rest_drifts(c, d, f, v))
		return false;
	if (unlikely(d->run == DAM_REST_TICKS))
		dam_rest_again(c, d, f, v);
	return true;
}

#endif
