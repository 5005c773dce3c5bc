// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that come and go, up to 2,000 a second: each makes an engine copy a cache line,
 * collects that, and ends. Four threads bear them, one at a time each. The first line that
 * it prints is its pid. It ends with stdin: then it prints how many there were and how many
 * bytes engines copied.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/dma_gate.h>

#define PARENTS		4
/* Two milliseconds for each of four: 2,000 a second at most. */
#define REST_US		2000
#define LINE		64

static int gate;
static atomic_bool ended;
static atomic_ulong threads, bytes;

/* Its own lines: no two transfers in flight may share one. */
struct parent {
	pthread_t thread;
	char source[LINE] __attribute__((aligned(LINE)));
	char destination[LINE] __attribute__((aligned(LINE)));
};

static struct parent parents[PARENTS];

static void die(const char *what)
{
	fprintf(stderr, "affinity_churn: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* No engine has a channel free for an instant when one comes or goes: the CPU may copy. */
static void *live(void *arg)
{
	struct parent *parent = arg;
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.src = (uintptr_t)parent->source,
		.dst = (uintptr_t)parent->destination,
		.len = LINE,
	};
	struct dma_gate_wait wait = { .size = sizeof(wait), .timeout_ns = -1 };

	if (ioctl(gate, DMA_GATE_COPY, &copy))
		die("copy");
	wait.id = copy.id;
	if (ioctl(gate, DMA_GATE_WAIT, &wait))
		die("wait");
	errno = wait.error;
	if (wait.error && wait.error != ENODEV)
		die("engine");
	atomic_fetch_add(&threads, 1);
	atomic_fetch_add(&bytes, wait.bytes);
	return NULL;
}

static void *bear(void *arg)
{
	pthread_t child;

	while (!atomic_load(&ended)) {
		errno = pthread_create(&child, NULL, live, arg);
		if (errno)
			die("pthread_create");
		pthread_join(child, NULL);
		usleep(REST_US);
	}
	return NULL;
}

int main(void)
{
	char line[32];
	int i;

	setlinebuf(stdout);
	gate = open("/dev/dma_gate", O_RDWR | O_CLOEXEC);
	if (gate < 0)
		die("/dev/dma_gate");
	for (i = 0; i < PARENTS; i++) {
		errno = pthread_create(&parents[i].thread, NULL, bear, &parents[i]);
		if (errno)
			die("pthread_create");
	}
	printf("%d\n", getpid());
	while (fgets(line, sizeof(line), stdin))
		;
	atomic_store(&ended, true);
	for (i = 0; i < PARENTS; i++)
		pthread_join(parents[i].thread, NULL);
	printf("%lu %lu\n", atomic_load(&threads), atomic_load(&bytes));
	return 0;
}
