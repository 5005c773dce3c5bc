// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "shapes.h"

const char * const lab_shape_names[LAB_SHAPES] = {
	[LAB_RAMP] = "ramp",
	[LAB_SINE] = "sine",
	[LAB_SQUARE] = "square",
	[LAB_NOISE] = "noise",
	[LAB_WALK] = "walk",
	[LAB_ON_OFF] = "on-off",
	[LAB_BURSTS] = "bursts",
};

static double uniform(struct lab_random *r, double lo, double hi)
{
	return lo + (hi - lo) * lab_random_unit(r);
}

static double gauss(struct lab_random *r)
{
	/* 1 - u: never the logarithm of 0 */
	return sqrt(-2 * log(1 - lab_random_unit(r))) *
	       cos(2 * M_PI * lab_random_unit(r));
}

static double exponential(struct lab_random *r, double mean)
{
	return -mean * log(1 - lab_random_unit(r));
}

/* Pareto: most are near @least, few are far above */
static double pareto(struct lab_random *r, double least, double tail)
{
	return least * pow(1 - lab_random_unit(r), -1 / tail);
}

static void ramp(struct lab_random *r, double *y, u32 n)
{
	double slope = uniform(r, 0.25, 2), from = uniform(r, 0, 20);
	double height = uniform(r, 60, 100);
	u64 kind = lab_random_in(r, 0, 2);
	u32 i;

	for (i = 0; i < n; i++) {
		double at = slope * i;

		if (kind == 1)
			at = fmod(at, height);
		else if (kind == 2)
			at = height - fabs(fmod(at, 2 * height) - height);
		y[i] = from + at;
	}
}

static void wave(struct lab_random *r, double *y, u32 n, bool square)
{
	double period = uniform(r, 30, 300), duty = uniform(r, 0.3, 0.7);
	double amplitude = uniform(r, 30, 45), phase = lab_random_unit(r);
	u32 i;

	for (i = 0; i < n; i++) {
		double at = i / period + phase;

		if (square)
			y[i] = at - floor(at) < duty ? amplitude : -amplitude;
		else
			y[i] = amplitude * sin(2 * M_PI * at);
		y[i] += 50;
	}
}

static void walk(struct lab_random *r, double *y, u32 n)
{
	double step = uniform(r, 0.5, 4), at = uniform(r, 20, 80);
	u32 i;

	for (i = 0; i < n; i++) {
		at += step * gauss(r);
		at = fabs(at);
		if (at > 100)
			at = 200 - at;
		y[i] = at;
	}
}

static void on_off(struct lab_random *r, double *y, u32 n)
{
	double mean = uniform(r, 10, 100), left = 0;
	double lo = uniform(r, 0, 20), hi = uniform(r, 60, 100);
	bool on = false;
	u32 i;

	for (i = 0; i < n; i++, left--) {
		if (left < 1) {
			on = !on;
			left += 1 + exponential(r, mean);
		}
		y[i] = on ? hi : lo;
	}
}

static void bursts(struct lab_random *r, double *y, u32 n)
{
	double gap = uniform(r, 5, 60), tail = uniform(r, 1.2, 2);
	double least = uniform(r, 2, 10), level = 0, left = 0;
	bool on = true;
	u32 i;

	for (i = 0; i < n; i++, left--) {
		if (left < 1) {
			on = !on;
			left += on ? fmin(pareto(r, 2, tail), 500) :
				     1 + exponential(r, gap);
			level = on ? fmin(pareto(r, least, tail), 100) : 2;
		}
		y[i] = level;
	}
}

void lab_shape_trace(enum lab_shape shape, u64 seed, double *y, double *known, u32 n)
{
	struct lab_random r = { .state = seed * LAB_SHAPES + shape };
	double noise = uniform(&r, 2, 6), level = uniform(&r, 30, 80);
	u32 i;

	switch (shape) {
	case LAB_RAMP:
		ramp(&r, y, n);
		break;
	case LAB_SINE:
	case LAB_SQUARE:
		wave(&r, y, n, shape == LAB_SQUARE);
		break;
	case LAB_WALK:
		walk(&r, y, n);
		break;
	case LAB_ON_OFF:
		on_off(&r, y, n);
		break;
	case LAB_BURSTS:
		bursts(&r, y, n);
		break;
	default:
		for (i = 0; i < n; i++)
			y[i] = level;
		break;
	}
	/* walks, on-off and bursts are what they are, every other time */
	if (shape >= LAB_WALK && seed & 1)
		noise = 0;
	if (known)
		memcpy(known, y, n * sizeof(*y));
	for (i = 0; i < n; i++)
		y[i] = fmax(y[i] + noise * gauss(&r), 0);
}
