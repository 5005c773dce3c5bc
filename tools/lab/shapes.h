/* SPDX-License-Identifier: GPL-2.0 */
/* Load traces of random shape, the same for the same seed on every machine. */
#ifndef LAB_SHAPES_H
#define LAB_SHAPES_H

#include "random.h"

/**
 * enum lab_shape - a class of load
 * @LAB_RAMP: a ramp without end, a saw or a triangle, 0.25 to 2 points a tick
 * @LAB_SINE: periods of 30 to 300 ticks
 * @LAB_SQUARE: the same, and its duty cycle
 * @LAB_NOISE: a constant
 * @LAB_WALK: a random walk
 * @LAB_ON_OFF: two levels, exponentially distributed times
 * @LAB_BURSTS: bursts with heavy-tailed heights and lengths
 * @LAB_SHAPES: how many there are
 */
enum lab_shape {
	LAB_RAMP,
	LAB_SINE,
	LAB_SQUARE,
	LAB_NOISE,
	LAB_WALK,
	LAB_ON_OFF,
	LAB_BURSTS,
	LAB_SHAPES,
};

extern const char * const lab_shape_names[LAB_SHAPES];

/**
 * lab_shape_trace() - make a trace
 * @shape: its class
 * @seed: its parameters, and its noise of 2 to 6 points
 * @y: filled with percentages, 0 and more
 * @known: filled with the same without noise, or NULL
 * @n: how many
 */
void lab_shape_trace(enum lab_shape shape, u64 seed, double *y, double *known, u32 n);

#endif
