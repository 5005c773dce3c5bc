// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel can tell leaked memory (kmemleak) it is asked to, once what COMMAND left
 * running is gone and all modules that can go are unloaded: what only they knew is leaked as
 * well. The reports go to the kernel's log, where the host finds them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"

/* kmemleak trusts nothing younger than five seconds. */
#define AGE_S 6

static void scan(void)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "scan", 4) < 0)
		die("kmemleak does not scan: %s", strerror(errno));
	close(fd);
}

static void end_processes(void)
{
	kill(-1, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

/* Those that others use go once these have gone. */
static int unload_some(void)
{
	char *list = read_file("/proc/modules", NULL), *rest = list, *line;
	int gone = 0;

	while ((line = strsep(&rest, "\n")))
		gone += *line && !syscall(SYS_delete_module, strsep(&line, " "), O_NONBLOCK);
	free(list);
	return gone;
}

/* A line a record, or the log would cut it short. */
static void log_reports(void)
{
	char *reports = read_file(KMEMLEAK, NULL), *rest = reports, *line;
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	while ((line = strsep(&rest, "\n")))
		if (*line)
			dprintf(fd, "%s\n", line);
	close(fd);
	free(reports);
}

void leaks_log(void)
{
	if (access(KMEMLEAK, W_OK))
		return;
	end_processes();
	while (unload_some())
		;
	sleep(AGE_S);
	/* What has changed since the last time, as all has at first, is not reported. */
	scan();
	scan();
	log_reports();
}
