// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <trace-cmd.h>
#include <unistd.h>

#include "message.h"
#include "recording.h"
#include "text.h"

/* The record may be shorter than its kind says. */
static bool fits(const struct happening *what, const struct tep_format_field *format)
{
	return format->offset >= 0 && format->size >= 0 &&
	       format->offset + (long long)format->size <= what->record->size;
}

long long happening_number(const struct happening *what, const char *field, long long absent)
{
	struct tep_format_field *format = tep_find_field(what->event, field);
	unsigned long long value;

	if (!format || !fits(what, format) ||
	    tep_read_number_field(format, what->record->data, &value))
		return absent;
	/* The library does not extend the sign of a shorter field. */
	if ((format->flags & TEP_FIELD_IS_SIGNED) && format->size == 4)
		return (int32_t)value;
	return value;
}

const void *happening_bytes(const struct happening *what, const char *field, size_t *size)
{
	const struct tep_format_field *format = tep_find_field(what->event, field);
	const char *raw, *data = what->record->data;
	int length = 0;

	if (!format || !fits(what, format))
		return NULL;
	raw = tep_get_field_raw(NULL, what->event, field, what->record, &length, 0);
	if (!raw || length < 0 || raw < data || raw - data + (long long)length > what->record->size)
		return NULL;
	*size = length;
	return raw;
}

const char *happening_text(const struct happening *what, const char *field,
			   char text[RECORDING_NAME])
{
	size_t size = 0;
	const char *raw = happening_bytes(what, field, &size);

	snprintf(text, RECORDING_NAME, "%.*s", raw ? (int)size : 1, raw ? raw : "-");
	text_make_clean(text);
	return text;
}

void recording_tell(struct recording_reader *reader, struct tep_event *event,
		    struct tep_record *record)
{
	struct happening what = {
		.name = event ? event->name : NULL,
		.time_ns = record->ts,
		.event = event,
		.record = record,
	};

	reader->lost |= record->missed_events;
	if (!event || strcmp(event->system, RECORDING_SYSTEM) != 0)
		return;
	what.lost = reader->lost;
	reader->lost = false;
	reader->fn(&what, reader->data);
}

static int from_file(struct tracecmd_input *input, struct tep_record *record, int cpu, void *data)
{
	(void)cpu;
	recording_tell(data, tep_find_event_by_record(tracecmd_get_tep(input), record), record);
	return 0;
}

int recording_read(const char *path, happening_fn fn, void *data)
{
	struct recording_reader reader = { .fn = fn, .data = data };
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

/* From "Linux HOST RELEASE MACHINE": a page that goes elsewhere need not tell the host. */
const char *recording_kernel(const char *path, char text[RECORDING_NAME])
{
	struct tracecmd_input *input = NULL;
	const char *uname = NULL, *release;

	if (tracecmd_get_uname)
		input = tracecmd_open(path, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (input)
		uname = tracecmd_get_uname(input);
	release = uname ? strchr(uname, ' ') : NULL;
	release = release ? strchr(release + 1, ' ') : NULL;
	snprintf(text, RECORDING_NAME, "Linux%s", release ? release : "");
	text_make_clean(text);
	tracecmd_close(input);
	return release ? text : NULL;
}
