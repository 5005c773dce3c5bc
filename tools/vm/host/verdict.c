// SPDX-License-Identifier: GPL-2.0
/* What a run's files say of how it went. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

/* Of what a kernel reports; each is found anywhere in a line of its log. */
static const char * const reports[] = {
	"BUG: ", "kernel BUG at ", "WARNING: ", "Oops", "Kernel panic", "general protection fault",
	"KASAN: ", "KCSAN: ", "UBSAN: ", "KFENCE: ", "DMA-API: ", "INFO: task ", "stall on CPU",
	"detected stalls", "unreferenced object", "new suspected memory leaks",
	"INFO: trying to register", "refcount_t: ", "list_add corruption",
	"list_del corruption", "ODEBUG: ",
};

/* Lines that look like a report and are none; of data races, between what is the kernel's own. */
static const char * const harmless[] = {
	"DMA-API: preallocated", "DMA-API: debugging enabled",
	"race in ktime_get_mono_fast_ns / timekeeping_update",
	"race in hrtimer_wakeup / schedule_hrtimeout_range_clock",
};

static bool holds_any(const char *line, const char * const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

static FILE *open_in(const char *folder, const char *name)
{
	char *path = text("%s/%s", folder, name);
	FILE *file = fopen(path, "re");

	free(path);
	return file;
}

/* The whole of a report of a data race, to its last line: does it name a module of ours? */
static bool is_race_of_ours(FILE *log)
{
	char *line = NULL;
	bool ours = false, ended = false;
	size_t room = 0;

	while (!ended && getline(&line, &room, log) > 0) {
		ours = ours || strstr(line, " [dma_");
		ended = strstr(line, "==========");
	}
	free(line);
	return ours;
}

static bool is_report(const char *line, FILE *log)
{
	if (!holds_any(line, reports, sizeof(reports) / sizeof(*reports)) ||
	    holds_any(line, harmless, sizeof(harmless) / sizeof(*harmless)))
		return false;
	/* Of races the kernel has some of its own. */
	return !strstr(line, "BUG: KCSAN: ") || strstr(line, " [dma_") || is_race_of_ours(log);
}

static char *first_report(const char *folder)
{
	FILE *log = open_in(folder, "console.log");
	char *line = NULL, *found = NULL;
	size_t room = 0;

	while (log && !found && getline(&line, &room, log) > 0) {
		if (!is_report(line, log))
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		found = text("%s", line);
	}
	free(line);
	if (log)
		fclose(log);
	return found;
}

/* The last line, without its end; "" if there is none. */
static char *last_line(const char *folder, const char *name)
{
	FILE *file = open_in(folder, name);
	char *line = NULL, *last = text("%s", "");
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		free(last);
		last = text("%s", line);
	}
	free(line);
	if (file)
		fclose(file);
	return last;
}

int verdict(const char *folder, const struct outcome *outcome, const struct options *options,
	    char **reason)
{
	char *said = last_line(folder, "status"), *report;
	int status;

	*reason = NULL;
	if (outcome->interrupted_by)
		return 128 + outcome->interrupted_by;
	if (outcome->reader_gone)
		return 128 + SIGPIPE;

	report = first_report(folder);
	if (report) {
		*reason = text("the kernel reports a fault: %s", report);
	} else if (sscanf(said, "exit %d", &status) == 1) {
		if (!outcome->timed_out)
			return status;
		*reason = text("COMMAND ended with %d, but the machine does not power off", status);
	} else if (!strncmp(said, "vm ", 3)) {
		*reason = text("the guest could not be set up: %s", said + 3);
	} else if (outcome->timed_out) {
		*reason = text("no end after %d s: killed (--timeout)", options->timeout_s);
	} else {
		char *last = last_line(folder, "qemu.log");

		*reason = text("the machine died before COMMAND ended%s%s",
			       *last ? ": " : "", last);
	}
	return STATUS_VM;
}
