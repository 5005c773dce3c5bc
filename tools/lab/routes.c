// SPDX-License-Identifier: GPL-2.0
/*
 * Which engine serves which CPU: for each kind of transfer, each CPU in turn
 * takes an engine of its own node if there is one, of any otherwise, and of
 * those the one that was taken least so far.
 */
#include <string.h>

#include "routes.h"

static int pick(const struct scenario *s, u32 kind, int node, const u32 *taken)
{
	int near = -1, any = -1;
	u32 e;

	for (e = 0; e < s->n_engines; e++) {
		const struct scenario_engine *v = &s->engines[e];

		if (!(v->caps & (1U << kind)))
			continue;
		if (any < 0 || taken[e] < taken[any])
			any = e;
		if ((v->node < 0 || v->node == node) &&
		    (near < 0 || taken[e] < taken[near]))
			near = e;
	}
	return near >= 0 ? near : any;
}

/* Beside the engine if it serves a CPU there, else on the node it serves most */
static void settle(struct sim_route *r, const u32 on_node[SCENARIO_NODES], int own)
{
	int node;

	r->node = -1;
	if (own >= 0 && on_node[own]) {
		r->node = own;
		r->on_node = on_node[own];
		return;
	}
	for (node = 0; node < SCENARIO_NODES; node++) {
		if (on_node[node] <= r->on_node)
			continue;
		r->node = node;
		r->on_node = on_node[node];
	}
}

void routes_find(const struct scenario *s, struct sim_route (*routes)[SCENARIO_ENGINES])
{
	static u32 on_node[SCENARIO_ENGINES][SCENARIO_NODES];
	u32 taken[SCENARIO_ENGINES] = { 0 };
	u32 kind, cpu, e;

	memset(routes, 0, sizeof(*routes) * SCENARIO_KINDS);
	for (kind = 0; kind < SCENARIO_KINDS; kind++) {
		memset(on_node, 0, sizeof(on_node));
		for (cpu = 0; cpu < s->n_cpus; cpu++) {
			int best, node = s->cpu_node[cpu];

			best = node < 0 ? -1 : pick(s, kind, node, taken);
			if (best < 0)
				continue;
			taken[best]++;
			routes[kind][best].cpus++;
			on_node[best][node]++;
		}
		for (e = 0; e < s->n_engines; e++)
			settle(&routes[kind][e], on_node[e], s->engines[e].node);
	}
}
