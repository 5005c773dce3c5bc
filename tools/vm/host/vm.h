/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VM_HOST_H
#define VM_HOST_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Exit statuses of the runner's own; the rest is COMMAND's. */
enum {
	STATUS_USAGE = 2,
	STATUS_VM = 125,
};

/* A list of words, ended by a NULL as exec wants it. */
struct words {
	char **at;
	size_t count;
};

/* A kind of machine; see machine.c. */
struct machine {
	const char *arch;
	const char *name;		/* QEMU's */
	const char *qemu;		/* the program */
	const char *init;		/* of build/vm */
	const char *image;		/* of the kernel's folder */
	const char *device_tree;	/* there, or NULL: QEMU brings it */
	const char *console;
	const char *ports;		/* the device that has virtio ports, or NULL: */
	const char *wire;		/* the serial line that stands for them */
	const char * const *modules;	/* what init needs first */
	int cpus;			/* at most; 0: any number */
	int memory_mib;			/* it always has, or 0 */
	bool board;			/* a real one: no nodes, none of the host's files */
};

struct options {
	const char *root;		/* of the repository */
	const char *build;		/* the build folder */
	const struct machine *machine;
	const char *kernel;
	int nodes;
	int cpus;
	int memory_mib;			/* of each node */
	int timeout_s;
	bool exact;
	bool packed;			/* of files only those in the initramfs are there */
	const char *log;		/* where to keep the kernel's log, or NULL */
	char *share;			/* real path, or NULL */
	struct words append;
	struct words qemu;
	struct words add;
	char **command;
};

/* A kernel as it lies on this machine; tools/vm/modtree says where. */
struct kernel {
	char *folder;			/* vmlinuz and the rest */
	char *release;
	char *modules;			/* for modprobe -d: the image's modules and ours */
};

/* What a finished run left behind; see relay.c. */
struct outcome {
	bool timed_out;
	int interrupted_by;		/* a signal, or 0 */
	bool reader_gone;		/* nobody reads our output any more */
	int qemu_status;		/* as of waitpid */
};

/* text.c: prints `vm: ...` on stderr and ends with that status. */
void fail(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void words_add(struct words *words, const char *word);
/* Lines that a program prints; if it does not end with 0 the last says why, and the run fails. */
struct words lines_of(char *const argv[]);
/* The same, but what the program prints goes to stderr as it comes. */
void run(char *const argv[]);

/* machine.c: without a name the usual one of that architecture; fails if there is none. */
const struct machine *machine_find(const char *arch, const char *name);

/* options.c */
void options_parse(struct options *options, int argc, char **argv);

/* cpio.c: an archive of the `newc` kind whose bytes depend on its contents alone. */
struct cpio;
struct cpio *cpio_create(const char *path);
void cpio_directory(struct cpio *cpio, const char *path);
void cpio_link(struct cpio *cpio, const char *path, const char *target);
void cpio_bytes(struct cpio *cpio, const char *path, const void *bytes, size_t size);
void cpio_file(struct cpio *cpio, const char *path, const char *source);
void cpio_tree(struct cpio *cpio, const char *path, const char *source);
bool cpio_has(struct cpio *cpio, const char *path);
void cpio_finish(struct cpio *cpio);

/* kernel.c */
/* True of a kernel that is built here, to watch for faults. */
bool kernel_watches(const char *name);
void kernel_find(struct kernel *kernel, const struct options *options);
/* Paths of a module and of all it needs, in the order to load them; none if built in. */
struct words kernel_module_files(const struct kernel *kernel, const char *name);

/* initramfs.c: the guest's first file system; packed.c: the rest, if there is no other. */
void initramfs_write(const char *path, const struct options *options, const struct kernel *kernel);
void packed_pack(struct cpio *cpio, const struct options *options, const struct kernel *kernel);

/* program.c */
char *program_find(const struct options *options, const char *name);
void program_pack(struct cpio *cpio, const struct options *options, const char *path,
		  const char *source);

/* qemu.c: finds out about it; starts it in the folder of the run, where its files are to lie. */
void qemu_check(const struct options *options);
pid_t qemu_start(const char *folder, const struct options *options, const struct kernel *kernel);

/* relay.c: hands on COMMAND's output while it comes, until qemu has ended; a file of the run. */
int relay_file(const char *folder, const char *name);
void relay_prepare(void);
void relay(struct outcome *outcome, const char *folder, pid_t qemu, int timeout_s);

/* wire.c: ports of a machine that has none; does nothing before wire_open(). */
void wire_open(const char *folder);
void wire_sort(void);

/* verdict.c: the exit status; *reason says why it is STATUS_VM. */
int verdict(const char *folder, const struct outcome *outcome, const struct options *options,
	    char **reason);

#endif
