// SPDX-License-Identifier: GPL-2.0
/*
 * virtio ports: plain character devices, so that every byte arrives as it was written. A
 * machine without them has a serial line, which all ports share: see host/wire.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
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

/* Where on the line the ports' bytes begin: as in host/wire.c. */
#define WIRE_MARK "\nwire\n"

/* The line, and the letter of each port that is written there. */
static int wire = -1;
static char wire_letters[8];
static int wire_ports;

/* The driver comes with the kernel, but may be late. */
static void wire_open(void)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };
	char *path = read_file("/vm/wire", NULL);
	struct termios raw;

	for (int i = 0; wire < 0 && i < WAIT_STEPS; i++) {
		wire = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
		if (wire < 0)
			nanosleep(&step, NULL);
	}
	if (wire < 0 || tcgetattr(wire, &raw))
		die("cannot open %s: %s", path, strerror(errno));
	cfmakeraw(&raw);
	raw.c_cflag |= CLOCAL;
	cfsetspeed(&raw, B115200);
	if (tcsetattr(wire, TCSANOW, &raw))
		die("cannot set up %s: %s", path, strerror(errno));
	free(path);
}

static void write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			die("a port failed: %s", strerror(errno));
		if (done > 0) {
			bytes += done;
			size -= done;
		}
	}
}

static int wire_port(const char *name)
{
	if (wire < 0) {
		wire_open();
		write_all(wire, WIRE_MARK, strlen(WIRE_MARK));
	}
	wire_letters[wire_ports] = *name;
	return wire_ports++;
}

void port_write(int port, const char *bytes, size_t size)
{
	char header[8];
	size_t part;

	if (wire < 0) {
		write_all(port, bytes, size);
		return;
	}
	for (; size; bytes += part, size -= part) {
		part = size < 0xffff ? size : 0xffff;
		snprintf(header, sizeof(header), "%c%04zx", wire_letters[port], part);
		write_all(wire, header, strlen(header));
		write_all(wire, bytes, part);
	}
}

void port_drain(void)
{
	if (wire >= 0)
		tcdrain(wire);
}

int port_open(const char *name)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };

	if (!access("/vm/wire", R_OK))
		return wire_port(name);
	for (int i = 0; i < WAIT_STEPS; i++) {
		int fd = open_now(name);

		if (fd >= 0)
			return fd;
		nanosleep(&step, NULL);
	}
	die("port '%s' did not come", name);
}
