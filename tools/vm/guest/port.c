// SPDX-License-Identifier: GPL-2.0
/* virtio ports: plain character devices, so that every byte arrives as it was written. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define CLASS "/sys/class/virtio-ports"

/* The host announces ports after the driver is ready, so one may not be there yet. */
#define WAIT_STEP_MS 2
#define WAIT_STEPS 5000

static int has_name(const char *port, const char *name)
{
	char path[300], text[64] = "";
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), CLASS "/%s/name", port);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got > 0)
		text[strcspn(text, "\n")] = '\0';
	return got > 0 && !strcmp(text, name);
}

static int open_now(const char *name)
{
	struct dirent *entry;
	DIR *class = opendir(CLASS);
	int fd = -1;

	if (!class)
		return -1;
	while (fd < 0 && (entry = readdir(class))) {
		char path[300];

		if (!has_name(entry->d_name, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	closedir(class);
	return fd;
}

int port_open(const char *name)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };

	for (int i = 0; i < WAIT_STEPS; i++) {
		int fd = open_now(name);

		if (fd >= 0)
			return fd;
		nanosleep(&step, NULL);
	}
	die("port '%s' did not come", name);
}
