// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel_stat.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/tick.h>
#include <linux/topology.h>

#include "policy/policy.h"
#include "dam.h"
#include "topology.h"
#include "trace.h"

#define SAMPLE_NS	(100 * NSEC_PER_MSEC)

struct cpu_load {
	u64 idle_ns;
	u32 busy_q16;
};

static struct cpu_load *loads;
static u8 *distances;
static u32 nodes;
static u64 sampled_ns;
/* loads[] tells of the present; the tick may have slept. */
static bool known;

u32 dam_topology_nodes(void)
{
	return nodes;
}

const u8 *dam_topology_distances(void)
{
	return distances;
}

static u64 idle_ns(int cpu)
{
	u64 idle = get_cpu_idle_time_us(cpu, NULL);
	u64 iowait = get_cpu_iowait_time_us(cpu, NULL);
	struct kernel_cpustat k;

	if (idle != -1ULL && iowait != -1ULL)
		return (idle + iowait) * NSEC_PER_USEC;
	/* Without a tickless idle the statistics are kept at each tick. */
	kcpustat_cpu_fetch(&k, cpu);
	return k.cpustat[CPUTIME_IDLE] + k.cpustat[CPUTIME_IOWAIT];
}

static u32 node_pressure(int node)
{
	return dam_topology_pressure(cpumask_of_node(node));
}

bool dam_topology_sample(u64 now_ns)
{
	u64 dt = now_ns - sampled_ns, idle;
	bool recent = dt <= 2 * SAMPLE_NS;
	u32 node;
	int cpu;

	lockdep_assert_held(&dam_lock);
	if (dt < SAMPLE_NS)
		return false;
	for_each_online_cpu(cpu) {
		struct cpu_load *l = &loads[cpu];

		idle = idle_ns(cpu);
		/* After a pause one interval says nothing of the present. */
		if (recent && idle >= l->idle_ns) {
			u64 free = min(idle - l->idle_ns, dt);
			u32 busy = 65536 - div64_u64(free << 16, dt);

			l->busy_q16 = known ? (l->busy_q16 + busy) / 2 :
					      busy;
		}
		l->idle_ns = idle;
	}
	known = recent;
	sampled_ns = now_ns;
	if (trace_node_sample_enabled())
		for_each_online_node(node)
			trace_node_sample(node, node_pressure(node));
	return true;
}

bool dam_topology_known(void)
{
	lockdep_assert_held(&dam_lock);
	return known;
}

u32 dam_topology_pressure(const struct cpumask *mask)
{
	u64 sum = 0;
	u32 n = 0;
	int cpu;

	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		sum += loads[cpu].busy_q16;
		n++;
	}
	return n ? div_u64(sum, n) : 0;
}

void dam_topology_confine(struct cpumask *mask, int node)
{
	int best = -1, cpu, n;
	u32 most = 1;

	if (node >= 0 && node_online(node)) {
		n = 0;
		for_each_cpu_and(cpu, mask, cpumask_of_node(node))
			n++;
		if (n >= 2) {
			cpumask_and(mask, mask, cpumask_of_node(node));
			return;
		}
	}
	for_each_online_node(node) {
		n = 0;
		for_each_cpu_and(cpu, mask, cpumask_of_node(node))
			n++;
		if (n > most) {
			most = n;
			best = node;
		}
	}
	if (best >= 0)
		cpumask_and(mask, mask, cpumask_of_node(best));
}

int dam_topology_init(void)
{
	u32 a, b;

	nodes = min_t(u32, nr_node_ids, DAM_MAX_NODES);
	loads = kvcalloc(nr_cpu_ids, sizeof(*loads), GFP_KERNEL);
	distances = kcalloc(nodes, nodes, GFP_KERNEL);
	if (!loads || !distances) {
		dam_topology_exit();
		return -ENOMEM;
	}
	for (a = 0; a < nodes; a++)
		for (b = 0; b < nodes; b++)
			distances[a * nodes + b] =
				min(node_distance(a, b), 255);
	dam_memory_add(nr_cpu_ids * sizeof(*loads) + nodes * nodes);
	return 0;
}

void dam_topology_exit(void)
{
	kvfree(loads);
	kfree(distances);
}
