// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm.h>

#include "device.h"
#include "power.h"

#define SIM_DEVICE_NAME	"dma_engine_sim"

static DEFINE_IDA(sim_device_ids);

static int sim_device_probe(struct platform_device *pdev)
{
	/* Data is moved by physical address, which an IOMMU would remap. */
	if (device_iommu_mapped(&pdev->dev))
		return -ENXIO;
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	return dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
}

static const struct dev_pm_ops sim_device_pm = {
	RUNTIME_PM_OPS(sim_power_suspend, sim_power_resume, NULL)
};

/*
 * The dmaengine core reads the owner of the module from here, so a device
 * has to stay bound while its engine is registered.
 */
static struct platform_driver sim_driver = {
	.probe = sim_device_probe,
	.driver = {
		.name = SIM_DEVICE_NAME,
		.pm = pm_ptr(&sim_device_pm),
		.suppress_bind_attrs = true,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

/**
 * sim_devices_init() - register the driver
 *
 * Return: 0 or a negative error.
 */
int sim_devices_init(void)
{
	return platform_driver_register(&sim_driver);
}

/** sim_devices_exit() - undo sim_devices_init(), all devices being gone */
void sim_devices_exit(void)
{
	platform_driver_unregister(&sim_driver);
	ida_destroy(&sim_device_ids);
}

/**
 * sim_device_create() - a device bound to this module's driver
 * @node: its NUMA node, or NUMA_NO_NODE
 *
 * Context: may sleep.
 * Return: the device, or an error pointer.
 */
struct platform_device *sim_device_create(int node)
{
	struct platform_device *pdev;
	int id, ret;
	bool bound;

	id = ida_alloc(&sim_device_ids, GFP_KERNEL);
	if (id < 0)
		return ERR_PTR(id);
	pdev = platform_device_alloc(SIM_DEVICE_NAME, id);
	if (!pdev) {
		ret = -ENOMEM;
		goto err_id;
	}
	set_dev_node(&pdev->dev, node);
	ret = platform_device_add(pdev);
	if (ret) {
		platform_device_put(pdev);
		goto err_id;
	}
	device_lock(&pdev->dev);
	bound = pdev->dev.driver;
	device_unlock(&pdev->dev);
	if (!bound) {
		platform_device_unregister(pdev);
		ret = -ENXIO;
		goto err_id;
	}
	return pdev;

err_id:
	ida_free(&sim_device_ids, id);
	return ERR_PTR(ret);
}

/**
 * sim_device_destroy() - undo sim_device_create()
 * @pdev: a device no engine is registered for
 *
 * Context: may sleep.
 */
void sim_device_destroy(struct platform_device *pdev)
{
	int id = pdev->id;

	platform_device_unregister(pdev);
	ida_free(&sim_device_ids, id);
}
