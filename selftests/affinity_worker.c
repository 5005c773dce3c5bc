// SPDX-License-Identifier: GPL-2.0
/*
 * One thread that makes engines copy memory, and bears children, when it is
 * told to. It reads commands from stdin, one a line, and answers each by one
 * line:
 *
 *	work	submit copies; it begins so
 *	rest	submit none
 *	fork	bear a process that does nothing; answers its pid
 *	fork N	the same, of that pid
 *	thread	bear a thread that does nothing; answers its tid
 *	vhost	have a worker of vhost born, named vhost-PID
 *	storm	bear processes, threads and workers of vhost until "calm"
 *	calm	answers how many children there are
 *	other	go on in another thread, while the first does nothing; answers its tid
 *	exec	begin anew, by exec(): in the other thread, that gets the first one's tid
 *
 * The first line that it prints is its own tid. It ends with stdin, and takes
 * its children with it. An argument of "rest" makes it begin so.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/dma_gate.h>
#include <linux/sched.h>
#include <linux/vhost.h>

#define LEN		(64UL << 10)
#define IN_FLIGHT	8
#define HUGE		(2UL << 20)
#define CHILDREN	300
#define VHOSTS		20

static pid_t children[CHILDREN];
static int born;
static pid_t last_thread;
static pthread_barrier_t barrier;
static bool working;

static void die(const char *what)
{
	fprintf(stderr, "affinity_worker: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Of the pid @number, or any if that is 0. */
static void bear_process(pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&number,
		.set_tid_size = !!number,
	};
	pid_t pid;

	if (born == CHILDREN)
		return;
	pid = number ? syscall(SYS_clone3, &args, sizeof(args)) : fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	children[born++] = pid;
}

static void *do_nothing(void *unused)
{
	last_thread = syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return unused;
}

static void bear_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	errno = pthread_create(&thread, &attr, do_nothing, NULL);
	if (errno)
		die("pthread_create");
	pthread_barrier_wait(&barrier);
	pthread_attr_destroy(&attr);
}

static void bear_vhost(void)
{
	int vhost = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);

	if (vhost < 0 || ioctl(vhost, VHOST_SET_OWNER))
		die("/dev/vhost-net");
}

/*
 * Each in flight has a destination of its own: engines may not write to the same memory at a
 * time. A channel table is built anew when an engine comes: try again.
 */
static void submit(int gate, char *memory, unsigned int place)
{
	struct dma_gate_copy copy = {
		.size = sizeof(copy),
		.flags = DMA_GATE_NO_FALLBACK,
		.src = (uintptr_t)memory,
		.dst = (uintptr_t)memory + LEN * (1 + place),
		.len = LEN,
		.user_data = place,
	};

	while (ioctl(gate, DMA_GATE_COPY, &copy)) {
		if (errno != ENODEV && errno != EINTR)
			die("copy");
		usleep(1000);
	}
}

/* Returns the place that is free again. */
static unsigned int collect(int gate)
{
	struct dma_gate_wait wait = {
		.size = sizeof(wait),
		.timeout_ns = -1,
	};

	while (ioctl(gate, DMA_GATE_WAIT, &wait))
		if (errno != EINTR)
			die("wait");
	return wait.user_data;
}

static void *go_on(void *unused);

static void go_on_in_another(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, go_on, NULL);
	if (errno)
		die("pthread_create");
	pthread_join(thread, NULL);
}

static void *go_on(void *unused)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	unsigned int places[IN_FLIGHT], in_flight = 0;
	int gate, i, threads = 0;
	char *memory, line[32];
	bool storm = false;

	gate = open("/dev/dma_gate", O_RDWR | O_CLOEXEC);
	if (gate < 0)
		die("/dev/dma_gate");
	/* In one piece where that can be had: a copy is one operation then. */
	memory = aligned_alloc(HUGE, HUGE);
	if (!memory)
		die("memory");
	madvise(memory, HUGE, MADV_HUGEPAGE);
	memset(memory, 1, (1 + IN_FLIGHT) * LEN);
	/* Pinned pages are copied by fork(): leave them to the parent. */
	madvise(memory, HUGE, MADV_DONTFORK);
	for (i = 0; i < IN_FLIGHT; i++)
		places[i] = i;
	printf("%ld\n", syscall(SYS_gettid));

	for (;;) {
		for (; working && in_flight < IN_FLIGHT; in_flight++)
			submit(gate, memory, places[in_flight]);
		if (in_flight)
			places[--in_flight] = collect(gate);
		if (storm && born < CHILDREN && threads < CHILDREN) {
			bear_process(0);
			bear_thread();
			if (++threads < VHOSTS)
				bear_vhost();
		}
		if (poll(&input, 1, working || in_flight || storm ? 0 : -1) < 1)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			break;
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "fork", 4)) {
			bear_process(atoi(line + 4));
			printf("%d\n", children[born - 1]);
		} else if (!strcmp(line, "thread")) {
			bear_thread();
			threads++;
			printf("%d\n", last_thread);
		} else if (!strcmp(line, "calm")) {
			storm = false;
			printf("%d\n", born + threads);
		} else if (!strcmp(line, "other")) {
			go_on_in_another();
			break;
		} else if (!strcmp(line, "exec")) {
			execl("/proc/self/exe", "affinity_worker", NULL);
			die("exec");
		} else {
			if (!strcmp(line, "storm"))
				storm = true;
			else if (!strcmp(line, "vhost"))
				bear_vhost();
			else
				working = !strcmp(line, "work");
			puts(line);
		}
	}
	return unused;
}

int main(int argc, char **argv)
{
	int i;

	setlinebuf(stdout);
	setvbuf(stdin, NULL, _IONBF, 0);
	pthread_barrier_init(&barrier, NULL, 2);
	working = argc < 2 || strcmp(argv[1], "rest");
	go_on(NULL);
	for (i = 0; i < born; i++)
		kill(children[i], SIGKILL);
	return 0;
}
