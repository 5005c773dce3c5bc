// SPDX-License-Identifier: GPL-2.0
/* How far off forecasts are on loads of random shape; printed, not judged. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"
#include "shapes.h"

#define TICKS	3000
#define FIRST	500
#define SEEDS	40
#define HORIZON	10
#define PERCENT	10000000.0

static struct dam_seasons seasons;

/* Mean absolute error over the last value's */
static double ratio(const double *y, enum dam_model m)
{
	struct dam_forecaster c = { .seasons = &seasons };
	double miss = 0, miss_last = 0, made[HORIZON];
	struct dam_forecast f = { 0 };
	int i;

	memset(&seasons, 0, sizeof(seasons));
	for (i = 0; i < TICKS; i++) {
		if (i >= FIRST) {
			miss += fabs(made[i % HORIZON] - y[i]);
			miss_last += fabs(y[i - HORIZON] - y[i]);
		}
		dam_forecast_prepare(&c, HORIZON, m);
		made[i % HORIZON] =
			(double)dam_forecast_update(&c, &f, (u64)(y[i] * PERCENT)) /
			PERCENT;
	}
	return miss / miss_last;
}

/* The same for who knows all but the noise */
static double ratio_of_knowing(const double *y, const double *known)
{
	double miss = 0, miss_last = 0;
	int i;

	for (i = FIRST; i < TICKS; i++) {
		miss += fabs(known[i] - y[i]);
		miss_last += fabs(y[i - HORIZON] - y[i]);
	}
	return miss / miss_last;
}

static void row(enum lab_shape shape)
{
	double sum[DAM_MODELS + 1] = { 0 }, y[TICKS], known[TICKS];
	double worst = 0, one = 0, knowing = 0;
	enum dam_model m;
	u64 seed;

	for (seed = 0; seed < SEEDS; seed++) {
		lab_shape_trace(shape, seed, y, known, TICKS);
		knowing += ratio_of_knowing(y, known);
		for (m = 0; m <= DAM_MODEL_AUTO; m++) {
			one = ratio(y, m);
			sum[m] += one;
		}
		worst = fmax(worst, one);
	}
	printf("%-8s", lab_shape_names[shape]);
	for (m = 0; m <= DAM_MODEL_AUTO; m++)
		printf(" %8.3f", sum[m] / SEEDS);
	printf(" %8.3f", worst);
	if (shape < LAB_WALK)
		printf(" %8.3f", knowing / SEEDS);
	putchar('\n');
}

int main(void)
{
	enum lab_shape shape;

	printf("%-8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "", "last", "ewma", "holt",
	       "kalman", "seasonal", "auto", "worst", "known");
	for (shape = 0; shape < LAB_SHAPES; shape++)
		row(shape);
	return 0;
}
