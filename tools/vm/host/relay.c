// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU appends COMMAND's output to two files; what they gain is handed on at once.
 * All waiting is in one ppoll(), where alone signals arrive.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vm.h"

enum { OUT, ERR, STREAMS };

/* A pipe that polls as writable takes this much without waiting. */
#define CHUNK 4096

/* Handed on, the head of a file is given back to the file system in steps of this size. */
#define PUNCH (1 << 20)

/* After COMMAND has ended, the machine has so long to power off. */
#define POWER_OFF_S 60

struct stream {
	int from;
	int to;
	off_t done;
	off_t punched;
};

static volatile sig_atomic_t signal_seen;

static void note_signal(int signal)
{
	signal_seen = signal;
}

void relay_prepare(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int relay_file(const char *folder, const char *name)
{
	char *path = text("%s/%s", folder, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		fail(STATUS_VM, "cannot open %s: %m", path);
	free(path);
	return fd;
}

static bool has_more(const struct stream *stream)
{
	return lseek(stream->from, 0, SEEK_END) > stream->done;
}

/* Hands on one chunk; false if nobody reads it any more. */
static bool hand_on(struct stream *stream)
{
	char bytes[CHUNK];
	ssize_t got = pread(stream->from, bytes, sizeof(bytes), stream->done), done;

	if (got <= 0)
		return true;
	done = write(stream->to, bytes, got);
	if (done < 0)
		return errno == EAGAIN || errno == EINTR;
	stream->done += done;
	if (stream->done - stream->punched >= PUNCH) {
		/* Saves room where the file system can do it. */
		fallocate(stream->from, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, stream->punched,
			  stream->done - stream->punched);
		stream->punched = stream->done;
	}
	return true;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void drop_events(int watch)
{
	char events[4096];

	while (read(watch, events, sizeof(events)) > 0)
		;
}

void relay(struct outcome *outcome, const char *folder, pid_t qemu, int timeout_s)
{
	struct stream streams[STREAMS] = {
		{ .from = relay_file(folder, "out"), .to = STDOUT_FILENO },
		{ .from = relay_file(folder, "err"), .to = STDERR_FILENO },
	};
	int status = relay_file(folder, "status");
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int process = syscall(SYS_pidfd_open, qemu, 0);
	time_t deadline = now_s() + timeout_s;
	bool ended = false, finished = false;
	sigset_t nothing;

	if (watch < 0 || inotify_add_watch(watch, folder, IN_MODIFY) < 0 || process < 0)
		fail(STATUS_VM, "cannot watch the machine: %m");
	sigemptyset(&nothing);
	for (;;) {
		struct pollfd polls[STREAMS + 2] = {
			[STREAMS] = { .fd = watch, .events = POLLIN },
			[STREAMS + 1] = { .fd = ended ? -1 : process, .events = POLLIN },
		};
		struct timespec second = { .tv_sec = 1 };
		bool more = false;

		wire_sort();
		for (int i = 0; i < STREAMS; i++) {
			bool here = has_more(&streams[i]);

			polls[i].fd = here ? streams[i].to : -1;
			polls[i].events = POLLOUT;
			more |= here;
		}
		if (ended && !more)
			break;
		if (ppoll(polls, STREAMS + 2, &second, &nothing) < 0 && errno != EINTR)
			fail(STATUS_VM, "cannot wait for the machine: %m");

		drop_events(watch);
		for (int i = 0; i < STREAMS; i++)
			if (polls[i].revents && !hand_on(&streams[i]))
				outcome->reader_gone = true;
		if (!finished && lseek(status, 0, SEEK_END) > 0) {
			finished = true;
			if (deadline > now_s() + POWER_OFF_S)
				deadline = now_s() + POWER_OFF_S;
		}
		if (!ended && waitpid(qemu, &outcome->qemu_status, WNOHANG) == qemu)
			ended = true;
		if (signal_seen || outcome->reader_gone)
			break;
		if (!ended && now_s() >= deadline) {
			outcome->timed_out = true;
			kill(qemu, SIGKILL);
		}
	}
	outcome->interrupted_by = signal_seen;
	if (!ended) {
		kill(qemu, SIGKILL);
		waitpid(qemu, &outcome->qemu_status, 0);
	}
	for (int i = 0; i < STREAMS; i++)
		close(streams[i].from);
	close(status);
	close(watch);
	close(process);
}
