// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's first process: makes the root that COMMAND sees, runs COMMAND and
 * carries its output and its status to the host, each on a port of its own.
 *
 * The host leaves three files in the initramfs:
 *   /vm/setup    lines `word argument...`, see setup_words[]
 *   /vm/modules  paths of the modules to load first, in order
 *   /vm/argv     COMMAND's words, each ended by a NUL
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

static int status_port = -1;

/* On the port of the verdict. */
static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[600];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	port_write(status_port, line, strlen(line));
	port_drain();
}

/* Ends the run for a reason that is not COMMAND's. */
void die(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (status_port >= 0)
		say("vm %s\n", line);
	else
		dprintf(STDERR_FILENO, "init: %s\n", line);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

char *read_file(const char *path, size_t *size)
{
	size_t room = 4096, used = 0;
	char *text = malloc(room);
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !text)
		die("cannot read %s: %s", path, strerror(errno));
	while ((got = read(fd, text + used, room - used - 1)) > 0) {
		used += got;
		if (room - used < 2) {
			room *= 2;
			text = realloc(text, room);
			if (!text)
				die("no memory for %s", path);
		}
	}
	close(fd);
	text[used] = '\0';
	if (size)
		*size = used;
	return text;
}

static void load_modules(void)
{
	char *list = read_file("/vm/modules", NULL), *rest = list, *path;

	while ((path = strsep(&rest, "\n"))) {
		int fd;

		if (!*path)
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			die("cannot load %s: %s", path, strerror(errno));
		close(fd);
	}
	free(list);
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		die("cannot bring the loopback up: %s", strerror(errno));
	close(fd);
}

/* Words of the setup file that concern the root are root.c's; the rest is here. */
static void online_cpus(const char *count)
{
	for (int cpu = 1; cpu < atoi(count); cpu++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "1", 1) != 1)
			die("CPU %d does not come online: %s", cpu, strerror(errno));
		close(fd);
	}
}

static const struct {
	const char *word;
	void (*run)(const char *argument);
} setup_words[] = {
	{ "hostroot", root_from_host },
	{ "bind", root_bind },
	{ "mounts", root_mounts },
	{ "share", root_share },
	{ "share-copy", root_share_copy },
	{ "cpus", online_cpus },
	{ "path", command_path },
	{ "directory", command_directory },
	{ "libraries", command_libraries },
};

static void follow_setup(void)
{
	char *lines = read_file("/vm/setup", NULL), *rest = lines, *line;

	while ((line = strsep(&rest, "\n"))) {
		char *word = strsep(&line, " ");
		size_t i;

		if (!*word)
			continue;
		for (i = 0; i < sizeof(setup_words) / sizeof(*setup_words); i++) {
			if (!strcmp(word, setup_words[i].word)) {
				setup_words[i].run(line ? line : "");
				break;
			}
		}
		if (i == sizeof(setup_words) / sizeof(*setup_words))
			die("setup: unknown word '%s'", word);
	}
	free(lines);
}

int main(void)
{
	struct command command;
	int status;

	root_initial();
	load_modules();
	status_port = port_open("status");
	command_read(&command);
	follow_setup();
	loopback_up();
	status = command_run(&command);
	leaks_log();
	say("exit %d\n", status);
	reboot(RB_POWER_OFF);
	die("cannot power off: %s", strerror(errno));
}
