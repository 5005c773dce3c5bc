// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "pace.h"

#define SECOND 1000000000

static volatile sig_atomic_t stop;
static int64_t deadline_ns;

static void on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

void pace_start(void)
{
	struct sigaction stopping = {
		.sa_handler = on_stop,
		.sa_flags = SA_RESTART | SA_RESETHAND,
	};
	struct sigaction dying = { .sa_handler = SIG_DFL };

	sigaction(SIGINT, &stopping, NULL);
	sigaction(SIGTERM, &stopping, NULL);
	/* A parent may have left it ignored; a closed pipe ends this program quietly. */
	sigaction(SIGPIPE, &dying, NULL);
	deadline_ns = now_ns();
}

bool pace_wait(double seconds)
{
	int64_t step = seconds * SECOND, left;
	sigset_t stops, before;

	/* A signal between the test of stop and the sleep must end the sleep. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigprocmask(SIG_BLOCK, &stops, &before);

	deadline_ns += step;
	left = now_ns() - deadline_ns;
	if (left > 0)
		deadline_ns += (left + step - 1) / step * step;
	while (!stop && (left = deadline_ns - now_ns()) > 0) {
		struct timespec timeout = { left / SECOND, left % SECOND };

		ppoll(NULL, 0, &timeout, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return !stop;
}

bool pace_stopped(void)
{
	return stop;
}
