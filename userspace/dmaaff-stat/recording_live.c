// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

#include "message.h"
#include "pace.h"
#include "recording.h"

#define SLICE 0.05

static int from_kernel(struct tep_event *event, struct tep_record *record, int cpu, void *data)
{
	(void)cpu;
	recording_tell(data, event, record);
	return 0;
}

static int follow(struct tracefs_instance *instance, struct tep_handle *tep,
		  const char *const *events, double seconds, struct recording_reader *reader)
{
	for (; *events; events++) {
		if (tracefs_event_enable(instance, RECORDING_SYSTEM, *events)) {
			message("cannot enable " RECORDING_SYSTEM ":%s: %s", *events,
				strerror(errno));
			return -1;
		}
	}
	for (; seconds > 0 && pace_wait(SLICE); seconds -= SLICE)
		tracefs_iterate_raw_events(tep, instance, NULL, 0, from_kernel, reader);
	return 0;
}

int recording_live(const char *const *events, double seconds, happening_fn fn, void *data)
{
	static const char *const systems[] = { RECORDING_SYSTEM, NULL };
	struct recording_reader reader = { .fn = fn, .data = data };
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	char name[64];
	int result = -1;

	snprintf(name, sizeof(name), "dmaaff-stat-%d", (int)getpid());
	instance = tracefs_instance_create(name);
	if (!instance) {
		message("cannot trace: %s", errno == EACCES || errno == EPERM ?
			"for root only: use sudo" : "is tracefs mounted at /sys/kernel/tracing?");
		return -1;
	}
	tep = tracefs_local_events_system(NULL, systems);
	if (tep)
		result = follow(instance, tep, events, seconds, &reader);
	else
		message("the events of dma_affinity cannot be read");
	tep_free(tep);
	tracefs_event_disable(instance, RECORDING_SYSTEM, NULL);
	tracefs_instance_destroy(instance);
	tracefs_instance_free(instance);
	return result;
}
