// SPDX-License-Identifier: GPL-2.0
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/time64.h>

#include "hal/channel.h"
#include "hal/routes.h"
#include "dam.h"

/* The tables that exist: DMA_INTERRUPT and DMA_SLAVE have none. */
enum { TABLE_MEMCPY, TABLE_MEMSET, TABLE_XOR, TABLE_XOR_VAL, TABLE_PQ,
	TABLE_PQ_VAL, TABLE_ASYNC, TABLES };

static const enum dma_transaction_type table_type[TABLES] = {
	[TABLE_MEMCPY] = DMA_MEMCPY,
	[TABLE_MEMSET] = DMA_MEMSET,
	[TABLE_XOR] = DMA_XOR,
	[TABLE_XOR_VAL] = DMA_XOR_VAL,
	[TABLE_PQ] = DMA_PQ,
	[TABLE_PQ_VAL] = DMA_PQ_VAL,
	[TABLE_ASYNC] = DMA_ASYNC_TX,
};

static const s8 kind_table[DAM_KINDS] = {
	[DAM_KIND_MEMCPY] = TABLE_MEMCPY,
	[DAM_KIND_MEMSET] = TABLE_MEMSET,
	[DAM_KIND_XOR] = TABLE_XOR,
	[DAM_KIND_XOR_VAL] = TABLE_XOR_VAL,
	[DAM_KIND_PQ] = TABLE_PQ,
	[DAM_KIND_PQ_VAL] = TABLE_PQ_VAL,
	[DAM_KIND_INTERRUPT] = -1,
	[DAM_KIND_SLAVE_SG] = -1,
	[DAM_KIND_CYCLIC] = -1,
	[DAM_KIND_INTERLEAVED] = -1,
	[DAM_KIND_DMA_VEC] = -1,
};

/*
 * found[cpu * TABLES + table]: written by each CPU for itself, by interrupt,
 * and compared as an address only. route[]: the engine's id. Both are used
 * under dam_lock alone.
 */
static struct dma_chan **found;
static u16 *route;
static u64 read_ns;
static u32 epoch = 1;
static atomic_t stale = ATOMIC_INIT(1);

u32 dam_routes_via(enum dam_kind kind, const struct dma_chan *chan)
{
	u32 via = 0;

	if (dma_find_channel(DMA_ASYNC_TX) == chan)
		via |= DAM_VIA_ASYNC;
	if (kind_table[kind] >= 0 &&
	    dma_find_channel(table_type[kind_table[kind]]) == chan)
		via |= DAM_VIA_KIND;
	return via;
}

void dam_routes_stale(void)
{
	atomic_set(&stale, 1);
}

static void read_own(void *unused)
{
	struct dma_chan **row = &found[smp_processor_id() * TABLES];
	int t;

	for (t = 0; t < TABLES; t++)
		row[t] = dma_find_channel(table_type[t]);
}

u32 dam_routes_epoch(void)
{
	lockdep_assert_held(&dam_lock);
	return epoch;
}

void dam_routes_refresh(u64 now_ns)
{
	const struct cpumask *hk = housekeeping_cpumask(HK_TYPE_DOMAIN);
	struct dam_engine *e;
	int cpu, t;
	u32 i;

	lockdep_assert_held(&dam_lock);
	if (!atomic_xchg(&stale, 0) && now_ns - read_ns < NSEC_PER_SEC)
		return;
	read_ns = now_ns;
	epoch = max(epoch + 1, 1U);
	memset(found, 0, sizeof(*found) * TABLES * nr_cpu_ids);
	/* CPUs that go offline meanwhile keep the NULL of the line above. */
	on_each_cpu_mask(hk, read_own, NULL, true);

	for (i = 0; i < DAM_ENGINES_MAX; i++) {
		e = dam_engine_at(i);
		if (e)
			cpumask_clear(e->routed);
	}
	for_each_possible_cpu(cpu) {
		for (t = 0; t < TABLES; t++) {
			struct dma_chan *chan = found[cpu * TABLES + t];
			struct dam_channel *ch = NULL;
			u16 id = DAM_NO_ID;

			rcu_read_lock();
			if (chan)
				ch = dam_channel_find(chan);
			/* Linked engines stay while dam_lock is held. */
			if (ch && ch->engine->id != DAM_NO_ID) {
				id = ch->engine->id;
				cpumask_set_cpu(cpu, ch->engine->routed);
			}
			rcu_read_unlock();
			route[cpu * TABLES + t] = id;
		}
	}
}

static u32 tables_of(u32 kinds)
{
	const u32 parity = BIT(DAM_KIND_XOR) | BIT(DAM_KIND_XOR_VAL) |
			   BIT(DAM_KIND_PQ) | BIT(DAM_KIND_PQ_VAL);
	u32 tables = 0;
	int k;

	/* Where both tables agree the kinds tell who asks: parity is md's. */
	if ((kinds & DAM_VIA_ASYNC) &&
	    (!(kinds & DAM_VIA_KIND) || (kinds & parity)))
		return BIT(TABLE_ASYNC);
	for (k = 0; k < DAM_KINDS; k++)
		if ((kinds & BIT(k)) && kind_table[k] >= 0)
			tables |= BIT(kind_table[k]);
	return tables;
}

static bool cpu_reaches(int cpu, u32 tables, u16 id)
{
	int t;

	for (t = 0; t < TABLES; t++)
		if ((tables & BIT(t)) && route[cpu * TABLES + t] != id)
			return false;
	return tables;
}

bool dam_routes_serves(const struct dam_engine *e, u32 kinds)
{
	u32 tables = tables_of(kinds);
	int cpu;

	lockdep_assert_held(&dam_lock);
	for_each_cpu_and(cpu, cpu_online_mask, e->routed)
		if (cpu_reaches(cpu, tables, e->id))
			return true;
	return false;
}

bool dam_routes_cpus(const struct dam_engine *e, u32 kinds,
		     struct cpumask *out)
{
	u32 tables = tables_of(kinds);
	int cpu;

	lockdep_assert_held(&dam_lock);
	cpumask_clear(out);
	for_each_cpu_and(cpu, cpu_online_mask, e->routed)
		if (cpu_reaches(cpu, tables, e->id))
			cpumask_set_cpu(cpu, out);
	return !cpumask_empty(out);
}

int dam_routes_init(void)
{
	size_t n = (size_t)nr_cpu_ids * TABLES;
	size_t i;

	found = kvcalloc(n, sizeof(*found), GFP_KERNEL);
	route = kvcalloc(n, sizeof(*route), GFP_KERNEL);
	if (!found || !route) {
		dam_routes_exit();
		return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		route[i] = DAM_NO_ID;
	dam_memory_add(n * (sizeof(*found) + sizeof(*route)));
	return 0;
}

void dam_routes_exit(void)
{
	kvfree(found);
	kvfree(route);
}
