// SPDX-License-Identifier: GPL-2.0
/* dma_affinity: load and unload. */
#include <linux/module.h>

#include "hal/clock.h"
#include "hal/routes.h"
#include "hal/sources.h"
#include "affinity.h"
#include "charge.h"
#include "dam.h"
#include "history.h"
#include "lineage.h"
#include "moved.h"
#include "optout.h"
#include "sysfs.h"
#include "tables.h"
#include "threads.h"
#include "tick.h"
#include "topology.h"
#include "watch.h"

/* What it protects is said in dam.h. */
DEFINE_MUTEX(dam_lock);
struct dam_stats dam_stats;

static uint max_threads = 4096;
module_param(max_threads, uint, 0444);
MODULE_PARM_DESC(max_threads,
		 "threads that can be watched at a time (64-1048576, default 4096)");

static int __init dam_init(void)
{
	int err;

	if (max_threads < 64 || max_threads > 1048576) {
		pr_err("dma_affinity: max_threads=%u is not within 64-1048576\n",
		       max_threads);
		return -EINVAL;
	}
	dam_clock_init();
	err = dam_topology_init();
	if (err)
		return err;
	err = dam_optout_init();
	if (err)
		goto err_topology;
	err = dam_threads_init(max_threads);
	if (err)
		goto err_optout;
	err = dam_charge_init(dam_tick_wake);
	if (err)
		goto err_threads;
	err = dam_history_init();
	if (err)
		goto err_charge;
	err = dam_routes_init();
	if (err)
		goto err_history;
	err = dam_tables_init();
	if (err)
		goto err_routes;
	err = dam_moved_init(max_threads);
	if (err)
		goto err_tables;
	err = dam_affinity_init(max_threads, dam_moved_places());
	if (err)
		goto err_moved;
	err = dam_sysfs_init();
	if (err)
		goto err_affinity;
	err = dam_watch_start();
	if (err)
		goto err_sysfs;
	err = dam_tick_start(max_threads);
	if (err)
		goto err_watch;
	err = dam_sources_set(DAM_SOURCES_ALL);
	if (err)
		goto err_tick;
	/* Engines share functions: not before the last engine is known. */
	dam_sources_enable(true);
	err = dam_sysfs_publish();
	if (err)
		goto err_sources;
	return 0;

err_sources:
	dam_sources_set(0);
err_tick:
	dam_tick_stop();
err_watch:
	dam_watch_stop();
err_sysfs:
	dam_sysfs_exit();
err_affinity:
	dam_affinity_exit();
err_moved:
	dam_moved_exit();
err_tables:
	dam_tables_exit();
err_routes:
	dam_routes_exit();
err_history:
	dam_history_exit();
err_charge:
	dam_charge_exit();
err_threads:
	dam_threads_exit();
err_optout:
	dam_optout_exit();
err_topology:
	dam_topology_exit();
	return err;
}

static void __exit dam_exit(void)
{
	dam_sysfs_hide();
	dam_sources_set(0);
	dam_tick_stop();
	/* Masks are back; forks that copied one are watched to their end. */
	dam_lineage_drain();
	dam_watch_stop();
	dam_sysfs_exit();
	dam_affinity_exit();
	dam_moved_exit();
	dam_tables_exit();
	dam_routes_exit();
	dam_history_exit();
	dam_charge_exit();
	dam_threads_exit();
	dam_optout_exit();
	dam_topology_exit();
}

module_init(dam_init);
module_exit(dam_exit);

MODULE_DESCRIPTION("Moves DMA-heavy threads to CPUs whose DMA engines have room");
MODULE_AUTHOR("dma_affinity maintainers");
MODULE_LICENSE("GPL");
