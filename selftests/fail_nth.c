// SPDX-License-Identifier: GPL-2.0
/*
 * Does one thing again and again, and has its first point fail at which it can, then its second,
 * and so on until none is left (see Documentation/fault-injection; which points there are is set
 * in debugfs). Each time it must fail cleanly or work, and what has worked is undone. At last,
 * when nothing fails, it must work. For the debug kernel.
 *
 *	fail_nth [-e N] load FILE			a module
 *	fail_nth [-e N] mkdir FOLDER			of configfs
 *	fail_nth [-e N] write FILE VALUE OLD_VALUE	to a file of sysfs or configfs
 *	fail_nth [-e N] open FILE
 *	fail_nth [-e N] copy				4 KiB, by /dev/dma_gate
 *
 * -e: every Nth point only. Prints "P points: failed F times, worked W times". Status 0, or 1 if
 * there was none, or it could not be undone, or did not work in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/dma_gate.h>

#define FAIL_NTH	"/proc/thread-self/fail-nth"
/* Far more than anything has. */
#define POINTS_MAX	10000
#define BYTES		4096

/* run() and undo() return 0 or an errno. undo() comes after failures, too, with undo_failed. */
struct operation {
	const char *name;
	int words;
	int (*run)(char **words);
	int (*undo)(char **words);
	int undo_failed;
};

/* Opened before anything may fail. */
static int fail_fd = -1;
static int module_fd = -1;
static int gate = -1;

static int opened = -1;
static char source[BYTES], destination[BYTES];

static int result(long status)
{
	return status < 0 ? errno : 0;
}

static int load(char **words)
{
	(void)words;
	return result(syscall(SYS_finit_module, module_fd, "", 0));
}

/* Its name is that of its file. */
static int unload(char **words)
{
	const char *slash = strrchr(words[0], '/');
	char name[64];

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : words[0]);
	name[strcspn(name, ".")] = '\0';
	return result(syscall(SYS_delete_module, name, 0));
}

static int make_folder(char **words)
{
	return result(mkdir(words[0], 0755));
}

static int remove_folder(char **words)
{
	return result(rmdir(words[0]));
}

static int write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = result(write(fd, word, strlen(word)));
	close(fd);
	return error;
}

static int write_new(char **words)
{
	return write_word(words[0], words[1]);
}

static int write_old(char **words)
{
	return write_word(words[0], words[2]);
}

static int open_file(char **words)
{
	opened = open(words[0], O_RDWR | O_CLOEXEC);
	return result(opened);
}

static int close_file(char **words)
{
	(void)words;
	return result(close(opened));
}

static int copy(char **words)
{
	struct dma_gate_copy order = {
		.size = sizeof(order),
		.flags = DMA_GATE_NO_FALLBACK,
		.src = (uintptr_t)source,
		.dst = (uintptr_t)destination,
		.len = BYTES,
	};
	struct dma_gate_wait wait = { .size = sizeof(wait), .timeout_ns = -1 };

	(void)words;
	memset(destination, 0, BYTES);
	if (ioctl(gate, DMA_GATE_COPY, &order) || ioctl(gate, DMA_GATE_WAIT, &wait))
		return errno;
	if (wait.error)
		return wait.error;
	return memcmp(source, destination, BYTES) ? EILSEQ : 0;
}

/* What was submitted and could not be collected. */
static int collect(char **words)
{
	struct dma_gate_wait wait;

	(void)words;
	do {
		wait = (struct dma_gate_wait){ .size = sizeof(wait), .timeout_ns = -1 };
	} while (!ioctl(gate, DMA_GATE_WAIT, &wait));
	return errno == ENOENT ? 0 : errno;
}

static const struct operation operations[] = {
	{ "load", 1, load, unload, 0 },
	{ "mkdir", 1, make_folder, remove_folder, 0 },
	{ "write", 3, write_new, write_old, 0 },
	{ "open", 1, open_file, close_file, 0 },
	{ "copy", 0, copy, collect, 1 },
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, "usage: fail_nth [-e N] load FILE | mkdir FOLDER | write FILE VALUE OLD_VALUE | open FILE | copy\n");
	exit(2);
}

static const struct operation *find(int argc, char **argv)
{
	for (size_t i = 0; argc > 0 && i < sizeof(operations) / sizeof(*operations); i++)
		if (!strcmp(argv[0], operations[i].name) && argc - 1 == operations[i].words)
			return &operations[i];
	usage();
}

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

/* The nth point from now on fails; with 0 none. */
static void arm(int n)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", n);
	if (pwrite(fail_fd, number, strlen(number), 0) < 0) {
		perror(FAIL_NTH);
		exit(2);
	}
}

/* Whether there were as many points as it was armed for. */
static int has_failed(void)
{
	char number[16] = "";

	if (pread(fail_fd, number, sizeof(number) - 1, 0) <= 0) {
		perror(FAIL_NTH);
		exit(2);
	}
	arm(0);
	return !atoi(number);
}

static void must(const char *what, int n, int error)
{
	if (!error)
		return;
	printf("%s, at point %d: %s\n", what, n, strerror(error));
	exit(1);
}

int main(int argc, char **argv)
{
	int failed = 0, worked = 0, every = 1, left = 0, n, error, option;
	const struct operation *operation;
	char **words;

	while ((option = getopt(argc, argv, "e:")) == 'e')
		every = atoi(optarg);
	if (option != -1 || every < 1)
		usage();
	operation = find(argc - optind, argv + optind);
	words = argv + optind + 1;
	memset(source, 'x', BYTES);
	fail_fd = must_open(FAIL_NTH, O_RDWR);
	if (operation->run == load)
		module_fd = must_open(words[0], O_RDONLY);
	if (operation->run == copy)
		gate = must_open("/dev/dma_gate", O_RDWR);

	for (n = 1; !left && n < POINTS_MAX; n += every) {
		arm(n);
		error = operation->run(words);
		left = !has_failed();
		if (left)
			must("it fails though nothing failed", n, error);
		if (error)
			failed++;
		else
			worked++;
		if (!error || operation->undo_failed)
			must("it cannot be undone", n, operation->undo(words));
	}
	/* The last one was beyond them. */
	printf("%d points%s: failed %d times, worked %d times\n", n - every - 1,
	       every > 1 ? " at most, not each of them tried" : "", failed, worked);
	return !left || n - every < 2;
}
