// SPDX-License-Identifier: GPL-2.0
#include "hal/device_dma.h"
#include "hal/dmaengine.h"
#include "hal/hook.h"
#include "hal/sources.h"

const char * const dam_source_names[DAM_SOURCES] = {
	[DAM_SOURCE_DMAENGINE] = "dmaengine",
	[DAM_SOURCE_DEVICE] = "device",
};

static const struct {
	int (*start)(void);
	void (*stop)(void);
	void (*enable)(bool on);
} sources[DAM_SOURCES] = {
	[DAM_SOURCE_DMAENGINE] = {
		dam_dmaengine_start, dam_dmaengine_stop, dam_hooks_enable,
	},
	[DAM_SOURCE_DEVICE] = {
		dam_device_dma_start, dam_device_dma_stop,
		dam_device_dma_enable,
	},
};

/* Protected by the caller: load, unload, or a store to SOURCES. */
static u32 running;

static void stop_all_but(u32 kept)
{
	int i;

	for (i = DAM_SOURCES; i-- > 0;)
		if (running & ~kept & BIT(i))
			sources[i].stop();
	running &= kept;
}

int dam_sources_set(u32 wanted)
{
	u32 before = running;
	int err, i;

	for (i = 0; i < DAM_SOURCES; i++) {
		if (!(wanted & ~running & BIT(i)))
			continue;
		err = sources[i].start();
		if (err) {
			stop_all_but(before);
			return err;
		}
		running |= BIT(i);
	}
	stop_all_but(wanted);
	return 0;
}

void dam_sources_enable(bool on)
{
	int i;

	for (i = 0; i < DAM_SOURCES; i++)
		sources[i].enable(on);
}
