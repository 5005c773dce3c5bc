// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vm.h"

#define TRY " (see tools/vm/run --help)"

static const char help[] =
"usage: tools/vm/run [OPTION]... -- COMMAND [ARG...]\n"
"Boots a stock Debian kernel in QEMU and runs COMMAND in it as root.\n"
"\n"
"  --kernel NAME      6.1, 6.12 (also without a word), debug: 6.12 with all checks of its own,\n"
"                     or kcsan: one that watches for data races. These are built here when they\n"
"                     are first asked for (15 minutes of CPU time)\n"
"  --arch amd64|arm64 the architecture (amd64)\n"
"  --machine NAME     of arm64: xlnx-versal-virt (also without a word) or raspi3b, as real\n"
"                     ones: up to 2 and 4 CPUs, one node, and nothing of the host is there\n"
"                     but what is packed\n"
"  --nodes N          NUMA nodes (1)\n"
"  --cpus N           CPUs (2), in contiguous equal blocks per node\n"
"  --memory MIB       memory of each node (1024; 512 with --exact or more than two nodes)\n"
"  --exact            repeat bit for bit: one instruction takes one nanosecond, idle time\n"
"                     is skipped, and nothing of the host is there but what is packed\n"
"  --timeout S        seconds of real time after which the VM is killed (600)\n"
"  --share DIR        DIR at /share, writable; where files are packed a read-only copy\n"
"  --add FILE         to what is packed: FILE, at the path it has here\n"
"  --add PROGRAM      under --exact: a program of $PATH, with its libraries\n"
"  --add module:NAME  to what is packed: a kernel module, with those it needs\n"
"  --append STR       more arguments for the kernel\n"
"  --qemu ARG         one more argument for QEMU\n"
"  --log FILE         keep the kernel's log in FILE\n"
"  -h, --help         this text\n"
"--append, --qemu and --add may be given several times.\n"
"\n"
"COMMAND sees the host's root (what it writes there is lost), or where files are packed: sh and\n"
"busybox's tools, modprobe, and all of build/. Modules of build/ are in place, and programs but\n"
"for arm64.\n"
"configfs, tracefs, debugfs and cgroup2 are mounted, the loopback is up, stdin is empty.\n"
"\n"
"stdout and stderr are COMMAND's, unaltered, as they come. The exit status is COMMAND's,\n"
"126, 127 and 128+n as in sh; 125 if the VM itself died or hung, or if the kernel's log\n"
"holds a report of a fault (the debug kernel looks for memory leaks at the end, after it has\n"
"unloaded what it can; of data races those of our modules count): a last line `vm: ...` on\n"
"stderr says so and where the log is.\n"
"2: the command line was wrong.\n";

enum {
	OPT_KERNEL = 256, OPT_ARCH, OPT_MACHINE, OPT_NODES, OPT_CPUS, OPT_MEMORY, OPT_EXACT,
	OPT_TIMEOUT, OPT_SHARE, OPT_ADD, OPT_APPEND, OPT_QEMU, OPT_LOG,
};

static const struct option known[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "arch", required_argument, NULL, OPT_ARCH },
	{ "machine", required_argument, NULL, OPT_MACHINE },
	{ "nodes", required_argument, NULL, OPT_NODES },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "exact", no_argument, NULL, OPT_EXACT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "share", required_argument, NULL, OPT_SHARE },
	{ "add", required_argument, NULL, OPT_ADD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int number(const char *option, const char *word, int low, int high)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (errno || end == word || *end || value < low || value > high)
		fail(STATUS_USAGE, "%s takes a number from %d to %d, not '%s'", option, low, high,
		     word);
	return value;
}

static void check_kernel(const char *kernel)
{
	if (strcmp(kernel, "6.1") && strcmp(kernel, "6.12") && !kernel_watches(kernel))
		fail(STATUS_USAGE, "no kernel '%s': use 6.1, 6.12, debug or kcsan", kernel);
}

static char *shared_folder(const char *path)
{
	char *real = realpath(path, NULL);
	struct stat about;

	if (!real || stat(real, &about))
		fail(STATUS_USAGE, "--share %s: %m", path);
	if (!S_ISDIR(about.st_mode))
		fail(STATUS_USAGE, "--share %s: not a directory", path);
	return real;
}

/* Found out now rather than after the run. */
static void check_log(const char *path)
{
	FILE *log = path ? fopen(path, "ae") : NULL;

	if (log)
		fclose(log);
	else if (path)
		fail(STATUS_USAGE, "--log %s: %m", path);
}

/* A board is as it is. */
static void check_board(const struct options *options)
{
	const struct machine *machine = options->machine;

	if (options->exact)
		fail(STATUS_USAGE, "--exact is for amd64");
	if (options->nodes > 1 || options->cpus > machine->cpus)
		fail(STATUS_USAGE, "%s has 1 node and %d CPUs", machine->name, machine->cpus);
	if (options->memory_mib && machine->memory_mib)
		fail(STATUS_USAGE, "%s always has %d MiB of memory: no --memory", machine->name,
		     machine->memory_mib);
}

static void check_whole(struct options *options)
{
	if (options->machine->board)
		check_board(options);
	if (kernel_watches(options->kernel) &&
	    (options->machine->board || options->exact))
		fail(STATUS_USAGE, "the %s kernel is for amd64, and not for --exact",
		     options->kernel);
	options->packed = options->exact || options->machine->board;
	if (options->cpus % options->nodes)
		fail(STATUS_USAGE,
		     "%d nodes cannot share %d CPUs equally: make --cpus a multiple of %d",
		     options->nodes, options->cpus, options->nodes);
	if (options->add.count && !options->packed)
		fail(STATUS_USAGE,
		     "--add is for --exact and arm64: without them all files of this machine are there");
	if (!options->command[0])
		fail(STATUS_USAGE, "no COMMAND to run" TRY);
	check_log(options->log);
	if (!options->memory_mib)
		options->memory_mib = options->nodes > 2 || options->exact ? 512 : 1024;
}

void options_parse(struct options *options, int argc, char **argv)
{
	const char *arch = "amd64", *machine = NULL;
	int option;

	options->kernel = "6.12";
	options->nodes = 1;
	options->cpus = 2;
	options->timeout_s = 600;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:h", known, NULL)) != -1) {
		switch (option) {
		case OPT_KERNEL:
			check_kernel(optarg);
			options->kernel = optarg;
			break;
		case OPT_ARCH:
			arch = optarg;
			break;
		case OPT_MACHINE:
			machine = optarg;
			break;
		case OPT_NODES:
			options->nodes = number("--nodes", optarg, 1, 64);
			break;
		case OPT_CPUS:
			options->cpus = number("--cpus", optarg, 1, 255);
			break;
		case OPT_MEMORY:
			options->memory_mib = number("--memory", optarg, 128, 1048576);
			break;
		case OPT_EXACT:
			options->exact = true;
			break;
		case OPT_TIMEOUT:
			options->timeout_s = number("--timeout", optarg, 1, 1000000);
			break;
		case OPT_SHARE:
			options->share = shared_folder(optarg);
			break;
		case OPT_ADD:
			words_add(&options->add, optarg);
			break;
		case OPT_APPEND:
			words_add(&options->append, optarg);
			break;
		case OPT_QEMU:
			words_add(&options->qemu, optarg);
			break;
		case OPT_LOG:
			options->log = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		case ':':
			fail(STATUS_USAGE, "%s needs a value" TRY, argv[optind - 1]);
		default:
			fail(STATUS_USAGE, "unknown option '%s'" TRY, argv[optind - 1]);
		}
	}
	options->command = argv + optind;
	options->machine = machine_find(arch, machine);
	check_whole(options);
}
