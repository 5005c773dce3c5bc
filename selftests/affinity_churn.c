// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that come and go, up to 2,000 a second: each makes an engine copy a cache line,
 * collects that, and ends. Four threads bear them, one at a time each. Or, with a number as
 * argument, so many processes at a time: each makes engines copy 16 KiB again and again, bears
 * another one whenever there is room, and ends.
 *
 * The first line that it prints is its pid. It ends with stdin: then it prints how many there
 * were and how many bytes engines copied.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/dma_gate.h>

#define PARENTS		4
/* Two milliseconds for each of four: 2,000 a second at most. */
#define REST_US		2000
#define LINE		64
#define COPIES		32
#define HEAVY		(16UL << 10)

/* What processes share. */
struct tally {
	atomic_bool ended;
	atomic_bool failed;
	atomic_int alive;
	atomic_ulong born;
	atomic_ulong bytes;
};

static int gate, processes_max;
static struct tally *tally;

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
	atomic_store(&tally->failed, true);
	atomic_fetch_sub(&tally->alive, 1);
	exit(1);
}

static void open_gate(void)
{
	gate = open("/dev/dma_gate", O_RDWR | O_CLOEXEC);
	if (gate < 0)
		die("/dev/dma_gate");
}

/* No engine has a channel free for an instant when one comes or goes: the CPU may copy. */
static void copy_by_engine(const char *source, char *destination, size_t len)
{
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.src = (uintptr_t)source,
		.dst = (uintptr_t)destination,
		.len = len,
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
	atomic_fetch_add(&tally->bytes, wait.bytes);
}

static void *live(void *arg)
{
	struct parent *parent = arg;

	copy_by_engine(parent->source, parent->destination, LINE);
	atomic_fetch_add(&tally->born, 1);
	return NULL;
}

static void *bear(void *arg)
{
	pthread_t child;

	while (!atomic_load(&tally->ended)) {
		errno = pthread_create(&child, NULL, live, arg);
		if (errno)
			die("pthread_create");
		pthread_join(child, NULL);
		usleep(REST_US);
	}
	return NULL;
}

/* Until stdin ends: then all that come and go do, too. */
static void wait_for_end(void)
{
	char line[32];

	while (fgets(line, sizeof(line), stdin))
		;
	atomic_store(&tally->ended, true);
}

static void churn_threads(void)
{
	int i;

	open_gate();
	for (i = 0; i < PARENTS; i++) {
		errno = pthread_create(&parents[i].thread, NULL, bear, &parents[i]);
		if (errno)
			die("pthread_create");
	}
	printf("%d\n", getpid());
	wait_for_end();
	for (i = 0; i < PARENTS; i++)
		pthread_join(parents[i].thread, NULL);
}

static void bear_process(void);

static void live_as_process(void)
{
	char *memory;
	int i;

	open_gate();
	memory = aligned_alloc(HEAVY, 2 * HEAVY);
	if (!memory)
		die("memory");
	memset(memory, 1, 2 * HEAVY);
	for (i = 0; i < COPIES && !atomic_load(&tally->ended); i++) {
		copy_by_engine(memory, memory + HEAVY, HEAVY);
		bear_process();
	}
}

static void bear_process(void)
{
	pid_t pid;

	if (atomic_fetch_add(&tally->alive, 1) >= processes_max) {
		atomic_fetch_sub(&tally->alive, 1);
		return;
	}
	pid = fork();
	if (pid < 0) {
		atomic_fetch_sub(&tally->alive, 1);
		die("fork");
	}
	if (pid)
		return;
	atomic_fetch_add(&tally->born, 1);
	live_as_process();
	atomic_fetch_sub(&tally->alive, 1);
	_exit(0);
}

/* Those whose parent has ended become ours; none is waited for one by one. */
static void churn_processes(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	printf("%d\n", getpid());
	do {
		if (!atomic_load(&tally->alive))
			bear_process();
	} while (!poll(&input, 1, 10));
	wait_for_end();
	while (atomic_load(&tally->alive) > 0)
		usleep(REST_US);
}

int main(int argc, char **argv)
{
	setlinebuf(stdout);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (tally == MAP_FAILED) {
		perror("affinity_churn: mmap");
		return 1;
	}
	processes_max = argc > 1 ? atoi(argv[1]) : 0;
	if (processes_max > 0)
		churn_processes();
	else
		churn_threads();
	printf("%lu %lu\n", atomic_load(&tally->born), atomic_load(&tally->bytes));
	return atomic_load(&tally->failed);
}
