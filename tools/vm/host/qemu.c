// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "vm.h"

/*
 * Of no consequence but to the wait: a waiting loop is by far the slowest thing to do under
 * -icount. So calibrations and self-tests are spared, and CPUs start once the guest asks for
 * them (where the kernel itself starts them, 6.1 hangs).
 */
#define EXACT_SPEED " tsc=reliable lpj=4000000 cryptomgr.notests maxcpus=1"

/* Leaves the kernel no source of chance. */
#define EXACT_ARGUMENTS " nokaslr norandmaps random.trust_cpu=off" \
			" random.trust_bootloader=off" EXACT_SPEED

/*
 * At boot a PC's kernel counts the ticks of a while, and panics where there were too few: the
 * host may have been busy elsewhere.
 */
#define NO_TIMER_CHECK " no_timer_check"

/* A machine without a core of its own is not hung because it stands still for a while. */
#define PATIENCE " watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"

/* The kernel takes 2047 bytes and silently cuts the rest. */
#define COMMAND_LINE_MAX 2047

static void add(struct words *words, const char *option, const char *value)
{
	words_add(words, option);
	words_add(words, value);
}

/* In QEMU's option lists a comma within a value is written twice. */
static char *escape(const char *value)
{
	char *escaped = malloc(2 * strlen(value) + 1), *to = escaped;

	if (!escaped)
		fail(STATUS_VM, "no memory");
	for (; *value; value++) {
		*to++ = *value;
		if (*value == ',')
			*to++ = ',';
	}
	*to = '\0';
	return escaped;
}

/*
 * Before 8.1 a CPU may translate an instruction while another one patches it, and keep what
 * was there before for good: in a guest that arms kprobes that is an Oops, sooner or later.
 * Such a QEMU runs the CPUs in turns.
 */
static bool sees_patched_code;

void qemu_check(const struct options *options)
{
	char *argv[] = { (char *)options->machine->qemu, "--version", NULL };
	struct words lines = lines_of(argv);
	int major = 0, minor = 0;

	if (lines.count)
		sscanf(lines.at[0], "QEMU emulator version %d.%d", &major, &minor);
	sees_patched_code = major > 8 || (major == 8 && minor >= 1);
}

/* A board is as it is. */
static void add_board(struct words *words, const struct options *options,
		      const struct kernel *kernel)
{
	const struct machine *machine = options->machine;

	add(words, "-M", machine->name);
	add(words, "-accel", sees_patched_code ? "tcg,thread=multi" : "tcg,thread=single");
	if (!machine->memory_mib)
		add(words, "-m", text("%d", options->memory_mib));
	if (machine->device_tree)
		add(words, "-dtb", text("%s/%s", kernel->folder, machine->device_tree));
}

/*
 * QEMU 7.2 may save half of a pointer as flags where an interrupt follows cmpxchg16b, which the
 * slab allocator uses: a single step that nobody has asked for, or worse. So there is none.
 */
#define CPU "max,-cx16"
#define EXACT_CPU CPU ",-rdrand,-rdseed"

static void add_machine(struct words *words, const struct options *options)
{
	int per_node = options->cpus / options->nodes;

	add(words, "-M", options->machine->name);
	if (options->exact) {
		add(words, "-accel", "tcg,thread=single");
		add(words, "-icount", "shift=0,sleep=off");
		add(words, "-seed", "1");
		add(words, "-rtc", "base=2026-01-01,clock=vm");
		add(words, "-cpu", EXACT_CPU);
	} else {
		add(words, "-accel",
		    sees_patched_code ? "tcg,thread=multi" : "tcg,thread=single");
		add(words, "-cpu", CPU);
	}
	add(words, "-m", text("%d", options->nodes * options->memory_mib));
	add(words, "-smp", text("%d,sockets=%d,cores=%d,threads=1", options->cpus, options->nodes,
				per_node));
	for (int node = 0; node < options->nodes; node++) {
		add(words, "-object", text("memory-backend-ram,id=m%d,size=%dM", node,
					   options->memory_mib));
		add(words, "-numa", text("node,nodeid=%d,cpus=%d-%d,memdev=m%d", node,
					 node * per_node, (node + 1) * per_node - 1, node));
	}
}

/*
 * All channels end in plain files: those never make the guest wait, so that what reads
 * them cannot change what --exact repeats.
 */
static void add_channels(struct words *words, const struct machine *machine)
{
	static const char * const ports[] = { "status", "out", "err" };

	add(words, "-chardev", "file,id=console,path=console.log");
	add(words, "-serial", "chardev:console");
	if (machine->wire) {
		add(words, "-chardev", "file,id=wire,path=wire");
		add(words, "-serial", "chardev:wire");
		return;
	}
	add(words, "-device", machine->ports);
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		add(words, "-chardev", text("file,id=%s,path=%s", ports[i], ports[i]));
		add(words, "-device",
		    text("virtserialport,chardev=%s,name=%s", ports[i], ports[i]));
	}
}

static void add_folder(struct words *words, const char *tag, const char *path, const char *more)
{
	add(words, "-fsdev", text("local,id=%s,path=%s,security_model=none,multidevs=remap%s", tag,
				  escape(path), more));
	add(words, "-device", text("virtio-9p-pci,fsdev=%s,mount_tag=%s", tag, tag));
}

static char *command_line(const struct options *options)
{
	char *line = text("console=%s ignore_loglevel panic=-1 oops=panic" PATIENCE "%s%s",
			  options->machine->console, options->exact ? EXACT_ARGUMENTS : "",
			  /* What is written to the log is kept whole: see guest/leaks.c. */
			  kernel_watches(options->kernel) ? " printk.devkmsg=on" : "");

	if (options->machine->board)
		line = text("%s maxcpus=%d", line, options->cpus);
	else if (!options->exact)
		line = text("%s" NO_TIMER_CHECK, line);
	for (size_t i = 0; i < options->append.count; i++)
		line = text("%s %s", line, options->append.at[i]);
	if (strlen(line) > COMMAND_LINE_MAX)
		fail(STATUS_USAGE, "the kernel takes %d bytes of arguments: shorten --append",
		     COMMAND_LINE_MAX);
	return line;
}

pid_t qemu_start(const char *folder, const struct options *options, const struct kernel *kernel)
{
	struct words words = { 0 };
	pid_t pid;

	words_add(&words, options->machine->qemu);
	words_add(&words, "-nodefaults");
	words_add(&words, "-no-user-config");
	words_add(&words, "-no-reboot");
	add(&words, "-display", "none");
	if (options->machine->board)
		add_board(&words, options, kernel);
	else
		add_machine(&words, options);
	add(&words, "-kernel", text("%s/%s", kernel->folder, options->machine->image));
	add(&words, "-initrd", "initramfs");
	add(&words, "-append", command_line(options));
	add_channels(&words, options->machine);
	if (!options->packed) {
		add_folder(&words, "hostroot", "/", ",readonly=on");
		if (options->share)
			add_folder(&words, "share", options->share, "");
	}
	for (size_t i = 0; i < options->qemu.count; i++)
		words_add(&words, options->qemu.at[i]);

	pid = fork();
	if (pid < 0)
		fail(STATUS_VM, "cannot fork: %m");
	if (!pid) {
		int null = open("/dev/null", O_RDONLY), log;

		/* A runner that is killed outright must not leave a machine running. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		if (chdir(folder))
			_exit(126);
		log = open("qemu.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
		dup2(null, STDIN_FILENO);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		execvp(options->machine->qemu, words.at);
		dprintf(log, "%s: %s: run tools/setup\n", options->machine->qemu, strerror(errno));
		_exit(127);
	}
	return pid;
}
