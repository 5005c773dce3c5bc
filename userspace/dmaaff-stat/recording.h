/* SPDX-License-Identifier: GPL-2.0 */
/* Events of dma_affinity, out of a recording or as they happen. */
#ifndef DMAAFF_STAT_RECORDING_H
#define DMAAFF_STAT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDING_NAME 64
#define RECORDING_SYSTEM "dma_affinity"

struct tep_event;
struct tep_record;
struct tracecmd_input;

/**
 * struct happening - an event of dma_affinity
 * @name: which, without "dma_affinity:"
 * @time_ns: on the trace's clock
 * @lost: events before it are not in the recording
 *
 * For happening_number() and happening_text() alone: the rest.
 */
struct happening {
	const char *name;
	uint64_t time_ns;
	bool lost;
	struct tep_event *event;
	struct tep_record *record;
};

/* A field that is a number, @absent where the event has none such. */
long long happening_number(const struct happening *what, const char *field, long long absent);

/* A field that is a string, made one that can be shown; "-" where there is none. */
const char *happening_text(const struct happening *what, const char *field,
			   char text[RECORDING_NAME]);

/* The bytes of a field that is an array, @size of them; NULL where there is none such. */
const void *happening_bytes(const struct happening *what, const char *field, size_t *size);

typedef void (*happening_fn)(const struct happening *what, void *data);

/**
 * struct recording_reader - who is told
 * @fn: called for each event of dma_affinity
 * @data: handed to it
 * @lost: events were lost since
 */
struct recording_reader {
	happening_fn fn;
	void *data;
	bool lost;
};

/* Tells @reader of an event, if it is one of dma_affinity; NULL: its kind is not known. */
void recording_tell(struct recording_reader *reader, struct tep_event *event,
		    struct tep_record *record);

/**
 * recording_read() - call @fn for each event of dma_affinity in a file
 *
 * Return: 0, or -1, explained on stderr.
 */
int recording_read(const char *path, happening_fn fn, void *data);

/**
 * recording_kernel() - what a recording was made on
 * @text: where that is written to
 *
 * Return: @text, or NULL where that is not known.
 */
const char *recording_kernel(const char *path, char text[RECORDING_NAME]);

/* libtracecmd exports it, but no header declares it: NULL where it does not. */
const char *tracecmd_get_uname(struct tracecmd_input *input) __attribute__((weak));

/**
 * struct recording_want - a kind of event
 * @event: its name; NULL ends a list
 * @filter: which of them, as the kernel's event filters have it; NULL for all
 */
struct recording_want {
	const char *event;
	const char *filter;
};

#define RECORDING_WHY 128

struct recording_watch;

/**
 * recording_watch_start() - enable events
 * @wants: which
 * @fn: called by recording_watch_look() for each
 * @data: handed to it
 * @why: what was wrong
 *
 * They are enabled in an instance of their own, so that other tracing goes on
 * undisturbed.
 * Return: to be ended; NULL, with @why.
 */
struct recording_watch *recording_watch_start(const struct recording_want *wants, happening_fn fn,
					      void *data, char why[RECORDING_WHY]);

/* Tells of what has happened since it was started, or looked at; does not wait. */
void recording_watch_look(struct recording_watch *watch);

/* @watch may be NULL. */
void recording_watch_end(struct recording_watch *watch);

/**
 * recording_live() - call @fn for each event that happens
 * @wants: which
 * @seconds: for how long, unless a signal asks to stop
 *
 * Return: 0, or -1, explained on stderr.
 */
int recording_live(const struct recording_want *wants, double seconds, happening_fn fn,
		   void *data);

#endif
