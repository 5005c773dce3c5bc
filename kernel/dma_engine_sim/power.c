// SPDX-License-Identifier: GPL-2.0
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>

#include "clock.h"
#include "engine.h"
#include "power.h"

static bool sim_power_managed(const struct sim_engine *eng)
{
	return eng->params.autosuspend_ms >= 0;
}

/**
 * sim_power_init() - begin to manage the power of an engine's device
 * @eng: an engine with a device, not registered yet
 *
 * Context: may sleep.
 */
void sim_power_init(struct sim_engine *eng)
{
	struct device *dev = &eng->pdev->dev;

	eng->awake = !sim_power_managed(eng);
	if (!sim_power_managed(eng))
		return;
	dev_set_drvdata(dev, eng);
	pm_runtime_set_autosuspend_delay(dev, eng->params.autosuspend_ms);
	pm_runtime_use_autosuspend(dev);
	pm_runtime_enable(dev);
}

/**
 * sim_power_exit() - undo sim_power_init()
 * @eng: an engine to which nobody issues any more
 *
 * No callback runs any more once this returns.
 *
 * Context: may sleep.
 */
void sim_power_exit(struct sim_engine *eng)
{
	struct device *dev = &eng->pdev->dev;

	if (!sim_power_managed(eng))
		return;
	pm_runtime_dont_use_autosuspend(dev);
	pm_runtime_disable(dev);
}

/**
 * sim_power_get() - a transfer was issued: the engine has to be awake
 * @eng: the engine
 *
 * Asks for it, and does not wait.
 *
 * Context: any, under the engine's lock.
 */
void sim_power_get(struct sim_engine *eng)
{
	if (!eng->issued++ && sim_power_managed(eng))
		pm_runtime_get(&eng->pdev->dev);
}

/**
 * sim_power_put() - a transfer that was issued is no more
 * @eng: the engine
 *
 * Context: any, under the engine's lock.
 */
void sim_power_put(struct sim_engine *eng)
{
	if (--eng->issued || !sim_power_managed(eng))
		return;
	pm_runtime_mark_last_busy(&eng->pdev->dev);
	pm_runtime_put_autosuspend(&eng->pdev->dev);
}

/**
 * sim_power_suspend() - runtime_suspend of the devices
 * @dev: a device of an engine whose power is managed
 *
 * Context: may sleep.
 * Return: 0, or -EBUSY if something was issued since this was decided.
 */
int sim_power_suspend(struct device *dev)
{
	struct sim_engine *eng = dev_get_drvdata(dev);
	int ret = 0;

	spin_lock_irq(&eng->lock);
	if (eng->issued)
		ret = -EBUSY;
	else
		eng->awake = false;
	spin_unlock_irq(&eng->lock);
	return ret;
}

/**
 * sim_power_resume() - runtime_resume of the devices
 * @dev: a device of an engine whose power is managed
 *
 * Context: may sleep.
 * Return: 0.
 */
int sim_power_resume(struct device *dev)
{
	struct sim_engine *eng = dev_get_drvdata(dev);

	spin_lock_irq(&eng->lock);
	eng->awake = true;
	sim_clock_wake(eng);
	spin_unlock_irq(&eng->lock);
	return 0;
}
