// SPDX-License-Identifier: GPL-2.0
/*
 * What a device moves, and for whom, is seen where it is exact:
 *
 * storage controllers: bios, as they are queued to a disk below the device. The
 *	submitter is current, the bytes are those of the data. What is mapped
 *	includes the admin queue, and is mapped by whoever drains the queue.
 * network controllers: the statistics of their netdevs tell the bytes, for
 *	whole buffers are mapped before anything arrives. What is mapped to be
 *	sent tells whose it is.
 * all others: what is mapped for streaming. Mapped is not moved.
 *
 * Probes find a device by its address and charge it as a channel without a
 * dma_chan. They cannot make engines: the first one has it made by a work item;
 * until then what is charged waits in the tables.
 */
#include <linux/blkdev.h>
#include <linux/hashtable.h>
#include <linux/irq_work.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "hal/channel.h"
#include "hal/device_dma.h"
#include "hal/mapping.h"
#include "charge.h"
#include "dam.h"
#include "threads.h"
#include "tunables.h"

#define DEVICE_BITS	8
/* Some drivers ask the hardware for their statistics. */
#define NET_POLL_NS	(200 * NSEC_PER_MSEC)
/* pcie_bandwidth_available() counts in Mb/s */
#define MBITS_TO_BYTES	125000ULL

enum device_class { DEVICE_OTHER, DEVICE_STORAGE, DEVICE_NET };

/*
 * struct mapped - what one CPU mapped and unmapped; each only grows
 */
struct mapped {
	u64 maps;
	u64 unmaps;
	u64 map_bytes;
	u64 unmap_bytes;
};

/*
 * struct net_sum - sums over a device's netdevs, received and sent
 */
struct net_sum {
	u64 bytes;
	u64 packets;
};

/**
 * struct dam_device - a PCI device with a driver
 * @node: in the table of devices, RCU
 * @list: of all devices, devices_mutex
 * @dev: a reference is held
 * @class: how it is watched
 * @channel: stands for it in the tables of charge.c; has its engine
 * @seen: it did DMA: an engine is due
 * @mapped: written by probes
 * @maps_floor: lowest number of mappings seen: less those that are older than
 *	the hooks; as all below, dam_lock
 * @bytes_floor: likewise of bytes
 * @in_flight: mappings at the last tick
 * @net_ns: when its netdevs were asked last
 * @net: what they said
 */
struct dam_device {
	struct hlist_node node;
	struct list_head list;
	struct device *dev;
	enum device_class class;
	struct dam_channel channel;
	int seen;
	struct mapped __percpu *mapped;

	s64 maps_floor;
	s64 bytes_floor;
	u64 in_flight;
	u64 net_ns;
	struct net_sum net;
};

/**
 * struct provider - a PCI device that a dmaengine provider stands for
 * @list: of all, devices_mutex
 * @dev: compared as an address, valid while the provider is registered
 */
struct provider {
	struct list_head list;
	struct device *dev;
};

/*
 * Written under devices_mutex, the table read under RCU. Order: device lock >
 * class mutex > devices_mutex > dam_lock.
 */
static DEFINE_MUTEX(devices_mutex);
static DEFINE_HASHTABLE(table, DEVICE_BITS);
static LIST_HEAD(devices);
static LIST_HEAD(providers);
static bool watching;

/* Both must say so for the hooks to be armed. Order: before devices_mutex. */
static DEFINE_MUTEX(arm_mutex);
static bool enabled, started, armed;

static void appear(struct work_struct *work);
static DECLARE_WORK(appear_work, appear);

static void device_remove_locked(struct device *dev);

static void on_seen(struct irq_work *work)
{
	schedule_work(&appear_work);
}

static struct irq_work seen_work = IRQ_WORK_INIT(on_seen);

struct dam_device *dam_device_find(const struct device *dev)
{
	struct dam_device *d;

	hash_for_each_possible_rcu_notrace(table, d, node, (unsigned long)dev)
		if (d->dev == dev)
			return d;
	return NULL;
}

static void saw(struct dam_device *d)
{
	if (unlikely(!READ_ONCE(d->seen)) && !xchg(&d->seen, 1))
		irq_work_queue(&seen_work);
}

/* Buffers that wait for what arrives are no transfers. */
static bool waits(const struct dam_device *d, enum dma_data_direction dir)
{
	return d->class == DEVICE_NET && dir == DMA_FROM_DEVICE;
}

void dam_device_mapped(struct dam_device *d, size_t len,
		       enum dma_data_direction dir)
{
	this_cpu_add(d->mapped->map_bytes, len);
	saw(d);
	if (waits(d, dir))
		return;
	this_cpu_inc(d->mapped->maps);
	if (d->class != DEVICE_STORAGE)
		dam_charge_device(&d->channel, len);
}

void dam_device_unmapped(struct dam_device *d, size_t len,
			 enum dma_data_direction dir)
{
	this_cpu_add(d->mapped->unmap_bytes, len);
	if (!waits(d, dir))
		this_cpu_inc(d->mapped->unmaps);
}

void dam_device_queued(const struct device *disk, size_t len)
{
	struct dam_device *d = NULL;

	while (disk && !dev_is_pci(disk))
		disk = disk->parent;
	if (disk)
		d = dam_device_find(disk);
	if (!d || d->class != DEVICE_STORAGE)
		return;
	saw(d);
	dam_charge_device(&d->channel, len);
}

/*
 * What is unmapped is summed up first: each of those was mapped before, so that
 * the difference is never too small, and the floor never too low.
 */
static void count_mapped(struct dam_device *d, struct dam_reading *r)
{
	s64 maps = 0, bytes = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		maps -= READ_ONCE(per_cpu_ptr(d->mapped, cpu)->unmaps);
		bytes -= READ_ONCE(per_cpu_ptr(d->mapped, cpu)->unmap_bytes);
	}
	/* Of what was unmapped, the mapping is seen as well. */
	smp_rmb();
	for_each_possible_cpu(cpu) {
		maps += READ_ONCE(per_cpu_ptr(d->mapped, cpu)->maps);
		bytes += READ_ONCE(per_cpu_ptr(d->mapped, cpu)->map_bytes);
	}
	d->maps_floor = min(d->maps_floor, maps);
	d->bytes_floor = min(d->bytes_floor, bytes);
	r->in_flight = maps - d->maps_floor;
	r->mapped_bytes = bytes - d->bytes_floor;
}

static int sum_netdev(struct device *child, void *data)
{
	struct rtnl_link_stats64 stats;
	struct net_sum *sum = data;
	struct net_device *net;

	if (!child->class || strcmp(child->class->name, "net"))
		return 0;
	net = to_net_dev(child);
	/* Unregistering waits for readers before its driver undoes anything. */
	rcu_read_lock();
	if (net->reg_state == NETREG_REGISTERED) {
		dev_get_stats(net, &stats);
		sum->bytes += stats.rx_bytes + stats.tx_bytes;
		sum->packets += stats.rx_packets + stats.tx_packets;
	}
	rcu_read_unlock();
	return 0;
}

static void sum_netdevs(struct device *dev, struct net_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	device_for_each_child(dev, sum, sum_netdev);
}

/* What was charged says whose it was; how much it was the device knows. */
static void count_net(struct dam_device *d, struct dam_engine *e, u64 now_ns)
{
	struct net_sum sum;

	e->tick_bytes = 0;
	e->tick_ops = 0;
	if (now_ns - d->net_ns < NET_POLL_NS)
		return;
	d->net_ns = now_ns;
	sum_netdevs(d->dev, &sum);
	/* Less than before: a netdev has gone, or begins anew. Off, nothing counts. */
	if (dam_mode() != DAM_MODE_OFF && sum.bytes >= d->net.bytes &&
	    sum.packets >= d->net.packets) {
		e->tick_bytes = sum.bytes - d->net.bytes;
		e->tick_ops = sum.packets - d->net.packets;
	}
	d->net = sum;
}

static void device_read(struct dam_engine *e, u64 now_ns, u64 dt_ns,
			struct dam_reading *r)
{
	struct dam_device *d = e->source;

	count_mapped(d, r);
	r->depth_ns = dt_ns * (d->in_flight + r->in_flight) / 2;
	d->in_flight = r->in_flight;
	if (d->class == DEVICE_NET)
		count_net(d, e, now_ns);
}

static const struct dam_engine_ops device_ops = {
	.read = device_read,
	.depth_only = true,
};

/* The narrowest link on the way to it, one direction; 0: there is none. */
static u64 link_bps(struct device *dev)
{
	return pcie_bandwidth_available(to_pci_dev(dev), NULL, NULL, NULL) *
	       MBITS_TO_BYTES;
}

/* Return: false if it cannot be an engine. */
static bool appear_one(struct dam_device *d)
{
	struct dam_engine *e;

	e = dam_engine_create(d->dev, &device_ops, d, 0, true);
	if (IS_ERR(e)) {
		dev_warn(d->dev, "dma_affinity: not watched: error %ld\n",
			 PTR_ERR(e));
		return false;
	}
	WRITE_ONCE(e->capacity.bps, link_bps(d->dev));
	mutex_lock(&dam_lock);
	d->channel.engine = e;
	mutex_unlock(&dam_lock);
	return true;
}

static void appear(struct work_struct *work)
{
	struct dam_device *d, *next;

	mutex_lock(&devices_mutex);
	list_for_each_entry_safe(d, next, &devices, list)
		if (READ_ONCE(d->seen) && !d->channel.engine && !appear_one(d))
			device_remove_locked(d->dev);
	mutex_unlock(&devices_mutex);
}

static struct provider *provider_of(const struct device *dev)
{
	struct provider *p;

	list_for_each_entry(p, &providers, list)
		if (p->dev == dev)
			return p;
	return NULL;
}

static struct dam_device *device_of(const struct device *dev)
{
	struct dam_device *d;

	list_for_each_entry(d, &devices, list)
		if (d->dev == dev)
			return d;
	return NULL;
}

static enum device_class class_of(const struct pci_dev *pdev)
{
	switch (pdev->class >> 16) {
	case PCI_BASE_CLASS_STORAGE:
		return DEVICE_STORAGE;
	case PCI_BASE_CLASS_NETWORK:
		return DEVICE_NET;
	default:
		return DEVICE_OTHER;
	}
}

/* devices_mutex held */
static void device_add_locked(struct device *dev)
{
	struct dam_device *d;

	lockdep_assert_held(&devices_mutex);
	if (!watching || pci_is_bridge(to_pci_dev(dev)) || device_of(dev) ||
	    provider_of(dev))
		return;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		goto err_warn;
	d->mapped = alloc_percpu(struct mapped);
	if (!d->mapped)
		goto err_free;
	d->dev = get_device(dev);
	d->class = class_of(to_pci_dev(dev));
	if (d->class == DEVICE_NET)
		sum_netdevs(dev, &d->net);
	list_add_tail(&d->list, &devices);
	hash_add_rcu(table, &d->node, (unsigned long)dev);
	dam_memory_add(sizeof(*d) + sizeof(*d->mapped) * num_possible_cpus());
	return;

err_free:
	kfree(d);
err_warn:
	dev_warn(dev, "dma_affinity: not watched: no memory\n");
}

/* No probe finds it any more; devices_mutex held. */
static void device_free(struct dam_device *d)
{
	struct dam_engine *e = d->channel.engine;

	mutex_lock(&dam_lock);
	dam_charge_forget(&d->channel);
	if (e) {
		dam_threads_forget_engine(e->id);
		dam_engine_unlink(e);
	}
	mutex_unlock(&dam_lock);
	if (e)
		dam_engine_destroy(e);
	dam_memory_sub(sizeof(*d) + sizeof(*d->mapped) * num_possible_cpus());
	list_del(&d->list);
	free_percpu(d->mapped);
	put_device(d->dev);
	kfree(d);
}

static void device_remove_locked(struct device *dev)
{
	struct dam_device *d = device_of(dev);

	lockdep_assert_held(&devices_mutex);
	if (!d)
		return;
	hash_del_rcu(&d->node);
	synchronize_rcu();
	device_free(d);
}

/* Runs with the device's lock held. */
static int on_bus(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	mutex_lock(&devices_mutex);
	switch (event) {
	case BUS_NOTIFY_BIND_DRIVER:
		device_add_locked(dev);
		break;
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		device_remove_locked(dev);
		break;
	}
	mutex_unlock(&devices_mutex);
	return NOTIFY_OK;
}

static struct notifier_block bus_notifier = { .notifier_call = on_bus };

static int add_bound(struct device *dev, void *unused)
{
	device_lock(dev);
	if (dev->driver) {
		mutex_lock(&devices_mutex);
		device_add_locked(dev);
		mutex_unlock(&devices_mutex);
	}
	device_unlock(dev);
	return 0;
}

void dam_device_dma_yield(struct device *dev)
{
	struct provider *p;

	if (!dev_is_pci(dev))
		return;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return;
	mutex_lock(&devices_mutex);
	p->dev = dev;
	list_add(&p->list, &providers);
	device_remove_locked(dev);
	mutex_unlock(&devices_mutex);
}

void dam_device_dma_reclaim(struct device *dev)
{
	struct provider *p;

	if (!dev_is_pci(dev))
		return;
	mutex_lock(&devices_mutex);
	p = provider_of(dev);
	if (p) {
		list_del(&p->list);
		kfree(p);
	}
	if (dev->driver)
		device_add_locked(dev);
	mutex_unlock(&devices_mutex);
}

/* What was mapped and unmapped while nobody looked is not known. */
static void forget_mapped(void)
{
	struct dam_device *d;
	int cpu;

	mutex_lock(&devices_mutex);
	mutex_lock(&dam_lock);
	list_for_each_entry(d, &devices, list) {
		for_each_possible_cpu(cpu)
			memset(per_cpu_ptr(d->mapped, cpu), 0,
			       sizeof(*d->mapped));
		d->maps_floor = 0;
		d->bytes_floor = 0;
		d->in_flight = 0;
	}
	mutex_unlock(&dam_lock);
	mutex_unlock(&devices_mutex);
}

static void set_armed(void)
{
	bool on = enabled && started;

	lockdep_assert_held(&arm_mutex);
	if (on == armed)
		return;
	if (on) {
		forget_mapped();
		dam_mapping_arm();
	} else {
		dam_mapping_disarm();
	}
	armed = on;
}

void dam_device_dma_enable(bool on)
{
	mutex_lock(&arm_mutex);
	enabled = on;
	set_armed();
	mutex_unlock(&arm_mutex);
}

static void set_started(bool on)
{
	mutex_lock(&arm_mutex);
	started = on;
	set_armed();
	mutex_unlock(&arm_mutex);
}

static void set_watching(bool on)
{
	mutex_lock(&devices_mutex);
	watching = on;
	mutex_unlock(&devices_mutex);
}

int dam_device_dma_start(void)
{
	int err;

	set_watching(true);
	err = bus_register_notifier(&pci_bus_type, &bus_notifier);
	if (err) {
		set_watching(false);
		return err;
	}
	bus_for_each_dev(&pci_bus_type, NULL, NULL, add_bound);
	set_started(true);
	return 0;
}

void dam_device_dma_stop(void)
{
	struct dam_device *d, *next;

	set_started(false);
	bus_unregister_notifier(&pci_bus_type, &bus_notifier);
	set_watching(false);
	irq_work_sync(&seen_work);
	cancel_work_sync(&appear_work);
	mutex_lock(&devices_mutex);
	list_for_each_entry(d, &devices, list)
		hash_del_rcu(&d->node);
	synchronize_rcu();
	list_for_each_entry_safe(d, next, &devices, list)
		device_free(d);
	mutex_unlock(&devices_mutex);
}
