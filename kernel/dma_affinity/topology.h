/* SPDX-License-Identifier: GPL-2.0 */
/* Nodes, distances, and how busy the CPUs are. */
#ifndef DAM_TOPOLOGY_H
#define DAM_TOPOLOGY_H

#include <linux/cpumask.h>
#include <linux/types.h>

int dam_topology_init(void);
void dam_topology_exit(void);

/** dam_topology_nodes() - one above the highest possible node, at most
 * DAM_MAX_NODES
 */
u32 dam_topology_nodes(void);

/** dam_topology_distances() - nodes x nodes, 10 = local; constant */
const u8 *dam_topology_distances(void);

/**
 * dam_topology_sample() - measure how busy CPUs are, at most ten times a second
 * @now_ns: time of the tick
 *
 * Context: process, dam_lock held.
 * Return: it was.
 */
bool dam_topology_sample(u64 now_ns);

/**
 * dam_topology_pressure() - mean share of time that the CPUs of @mask work
 * @mask: some CPUs
 *
 * Context: dam_lock held.
 * Return: Q16, 0 .. 65536.
 */
u32 dam_topology_pressure(const struct cpumask *mask);

/**
 * dam_topology_known() - dam_topology_pressure() tells of the present
 *
 * Context: dam_lock held.
 * Return: false for a moment after the tick has slept.
 */
bool dam_topology_known(void);

/**
 * dam_topology_confine() - reduce a mask to one node if two CPUs remain
 * @mask: in and out
 * @node: the node preferred, -1 none
 *
 * Context: any.
 */
void dam_topology_confine(struct cpumask *mask, int node);

#endif
