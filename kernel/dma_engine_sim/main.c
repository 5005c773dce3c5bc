// SPDX-License-Identifier: GPL-2.0
/* Simulated dmaengine providers: load and unload. */
#include <linux/module.h>

#include "config.h"
#include "device.h"
#include "engine.h"

static int __init sim_init(void)
{
	int ret;

	ret = sim_engines_init();
	if (ret)
		return ret;
	ret = sim_devices_init();
	if (ret)
		goto err_engines;
	ret = sim_config_init();
	if (ret)
		goto err_devices;
	return 0;

err_devices:
	sim_devices_exit();
err_engines:
	sim_engines_exit();
	return ret;
}

static void __exit sim_exit(void)
{
	sim_config_exit();
	/* Devices of engines that were forced down may yet be on their way. */
	sim_engines_exit();
	sim_devices_exit();
}

module_init(sim_init);
module_exit(sim_exit);
MODULE_DESCRIPTION("Simulated dmaengine providers, made through configfs");
MODULE_AUTHOR("dma_affinity maintainers");
MODULE_LICENSE("GPL");
