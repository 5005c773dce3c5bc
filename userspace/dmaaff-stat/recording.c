// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <trace-cmd.h>
#include <unistd.h>

#include "message.h"
#include "pace.h"
#include "recording.h"
#include "text.h"

#define SYSTEM "dma_affinity"
#define SLICE 0.05

struct reader {
	happening_fn fn;
	void *data;
};

long long happening_number(const struct happening *what, const char *field, long long absent)
{
	struct tep_format_field *format = tep_find_field(what->event, field);
	unsigned long long value;

	if (!format || tep_read_number_field(format, what->record->data, &value))
		return absent;
	/* The library does not extend the sign of a shorter field. */
	if ((format->flags & TEP_FIELD_IS_SIGNED) && format->size == 4)
		return (int32_t)value;
	return value;
}

const char *happening_text(const struct happening *what, const char *field,
			   char text[RECORDING_NAME])
{
	int size = 0;
	const char *raw = tep_get_field_raw(NULL, what->event, field, what->record, &size, 0);

	snprintf(text, RECORDING_NAME, "%.*s", raw ? size : 1, raw ? raw : "-");
	text_make_clean(text);
	return text;
}

static void tell(const struct reader *reader, struct tep_event *event, struct tep_record *record)
{
	struct happening what = {
		.name = event ? event->name : NULL,
		.time_ns = record->ts,
		.event = event,
		.record = record,
	};

	if (event && !strcmp(event->system, SYSTEM))
		reader->fn(&what, reader->data);
}

static int from_file(struct tracecmd_input *input, struct tep_record *record, int cpu, void *data)
{
	(void)cpu;
	tell(data, tep_find_event_by_record(tracecmd_get_tep(input), record), record);
	return 0;
}

int recording_read(const char *path, happening_fn fn, void *data)
{
	struct reader reader = { fn, data };
	struct tracecmd_input *input;
	int result;

	if (access(path, R_OK)) {
		message("cannot read %s: %s", path, strerror(errno));
		return -1;
	}
	tracecmd_set_loglevel(TEP_LOG_NONE);
	input = tracecmd_open(path, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!input) {
		message("%s is no recording of trace-cmd's", path);
		return -1;
	}
	result = tracecmd_iterate_events(input, NULL, 0, from_file, &reader);
	tracecmd_close(input);
	if (result)
		message("%s could not be read to its end", path);
	return result ? -1 : 0;
}

static int from_kernel(struct tep_event *event, struct tep_record *record, int cpu, void *data)
{
	(void)cpu;
	tell(data, event, record);
	return 0;
}

static int follow(struct tracefs_instance *instance, struct tep_handle *tep,
		  const char *const *events, double seconds, struct reader *reader)
{
	for (; *events; events++) {
		if (tracefs_event_enable(instance, SYSTEM, *events)) {
			message("cannot enable " SYSTEM ":%s: %s", *events, strerror(errno));
			return -1;
		}
	}
	for (; seconds > 0 && pace_wait(SLICE); seconds -= SLICE)
		tracefs_iterate_raw_events(tep, instance, NULL, 0, from_kernel, reader);
	return 0;
}

int recording_live(const char *const *events, double seconds, happening_fn fn, void *data)
{
	static const char *const systems[] = { SYSTEM, NULL };
	struct reader reader = { fn, data };
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
	tracefs_event_disable(instance, SYSTEM, NULL);
	tracefs_instance_destroy(instance);
	tracefs_instance_free(instance);
	return result;
}
