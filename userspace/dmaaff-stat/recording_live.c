// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

#include "message.h"
#include "pace.h"
#include "recording.h"

#define SLICE 0.05

struct recording_watch {
	struct recording_reader reader;
	struct tracefs_instance *instance;
	struct tep_handle *tep;
};

static int from_kernel(struct tep_event *event, struct tep_record *record, int cpu, void *data)
{
	(void)cpu;
	recording_tell(data, event, record);
	return 0;
}

static int enable(struct recording_watch *watch, const struct recording_want *want)
{
	struct tep_event *event = NULL;

	if (want->filter) {
		event = tep_find_event_by_name(watch->tep, RECORDING_SYSTEM, want->event);
		if (!event ||
		    tracefs_event_filter_apply(watch->instance, event, want->filter) < 0)
			return -1;
	}
	return tracefs_event_enable(watch->instance, RECORDING_SYSTEM, want->event);
}

static int begin(struct recording_watch *watch, const struct recording_want *wants, char *why)
{
	static const char *const systems[] = { RECORDING_SYSTEM, NULL };
	char name[64];

	snprintf(name, sizeof(name), "dmaaff-stat-%d", (int)getpid());
	watch->instance = tracefs_instance_create(name);
	if (!watch->instance) {
		snprintf(why, RECORDING_WHY, "cannot trace: %s",
			 errno == EACCES || errno == EPERM ? "for root only: use sudo" :
			 "is tracefs mounted at /sys/kernel/tracing?");
		return -1;
	}
	watch->tep = tracefs_local_events_system(NULL, systems);
	if (!watch->tep) {
		snprintf(why, RECORDING_WHY, "the events of dma_affinity cannot be read");
		return -1;
	}
	for (; wants->event; wants++) {
		if (enable(watch, wants)) {
			snprintf(why, RECORDING_WHY, "cannot enable " RECORDING_SYSTEM ":%s: %s",
				 wants->event, strerror(errno));
			return -1;
		}
	}
	return 0;
}

struct recording_watch *recording_watch_start(const struct recording_want *wants, happening_fn fn,
					      void *data, char why[RECORDING_WHY])
{
	struct recording_watch *watch = calloc(1, sizeof(*watch));

	if (!watch) {
		snprintf(why, RECORDING_WHY, "%s", strerror(errno));
		return NULL;
	}
	watch->reader = (struct recording_reader){ .fn = fn, .data = data };
	if (begin(watch, wants, why)) {
		recording_watch_end(watch);
		return NULL;
	}
	return watch;
}

void recording_watch_look(struct recording_watch *watch)
{
	tracefs_iterate_raw_events(watch->tep, watch->instance, NULL, 0, from_kernel,
				   &watch->reader);
}

void recording_watch_end(struct recording_watch *watch)
{
	if (!watch)
		return;
	if (watch->instance) {
		tracefs_event_disable(watch->instance, RECORDING_SYSTEM, NULL);
		tracefs_instance_destroy(watch->instance);
		tracefs_instance_free(watch->instance);
	}
	tep_free(watch->tep);
	free(watch);
}

int recording_live(const struct recording_want *wants, double seconds, happening_fn fn, void *data)
{
	char why[RECORDING_WHY];
	struct recording_watch *watch = recording_watch_start(wants, fn, data, why);

	if (!watch) {
		message("%s", why);
		return -1;
	}
	for (; seconds > 0 && pace_wait(SLICE); seconds -= SLICE)
		recording_watch_look(watch);
	recording_watch_end(watch);
	return 0;
}
