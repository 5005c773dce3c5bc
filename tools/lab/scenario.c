// SPDX-License-Identifier: GPL-2.0
/* Scenarios made by code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

#define NS_PER_S	1000000000ULL
#define DISTANCE_NEAR	10
#define DISTANCE_FAR	20

const char * const scenario_kinds[SCENARIO_KINDS] = {
	"memcpy", "memset", "xor", "xor_val", "pq", "pq_val", "interrupt",
	"slave_sg", "cyclic", "interleaved", "dma_vec",
};

void scenario_init(struct scenario *s)
{
	u32 i, j;

	memset(s, 0, sizeof(*s));
	memset(s->cpu_node, 0xff, sizeof(s->cpu_node));
	s->duration_ns = 10 * NS_PER_S;
	for (i = 0; i < SCENARIO_NODES; i++)
		for (j = 0; j < SCENARIO_NODES; j++)
			s->distance[i][j] = i == j ? DISTANCE_NEAR : DISTANCE_FAR;
}

void scenario_free(struct scenario *s)
{
	u32 t;

	for (t = 0; t < s->n_threads; t++)
		free(s->threads[t].series_bps);
	s->n_threads = 0;
}

void scenario_cpus(struct scenario *s, int node, u32 n)
{
	while (n-- && s->n_cpus < SCENARIO_CPUS)
		s->cpu_node[s->n_cpus++] = node;
	if (node >= (int)s->n_nodes)
		s->n_nodes = node + 1;
}

u32 scenario_engine(struct scenario *s, u64 bps, int node)
{
	struct scenario_engine *e = &s->engines[s->n_engines];

	snprintf(e->name, sizeof(e->name), "e%u", s->n_engines);
	e->node = node;
	e->bps = bps;
	e->caps = 1;
	return s->n_engines++;
}

struct scenario_thread *scenario_thread(struct scenario *s, u16 start)
{
	struct scenario_thread *t = &s->threads[s->n_threads];

	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "t%u", s->n_threads++);
	t->start = start;
	t->runs = -1;
	t->size = 65536;
	t->depth = 1;
	t->demand = DEMAND_CLOSED;
	t->uneven = 0.5;
	t->kinds = 1;
	return t;
}

int scenario_find_engine(const struct scenario *s, const char *name)
{
	u32 e;

	for (e = 0; e < s->n_engines; e++)
		if (!strcmp(s->engines[e].name, name))
			return e;
	return -1;
}
