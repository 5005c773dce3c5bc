/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VM_GUEST_H
#define VM_GUEST_H

#include <stddef.h>

/* init.c */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
char *read_file(const char *path, size_t *size);

/*
 * port.c: opens the port of that name for writing: a virtio port, or where /vm/wire names a
 * serial line, a share of that. Neither returns without success.
 */
int port_open(const char *name);
void port_write(int port, const char *bytes, size_t size);
/* Waits until all has left. */
void port_drain(void);

/* root.c: the file system that COMMAND sees; each takes its line of /vm/setup. */
void root_initial(void);
void root_from_host(const char *unused);
void root_bind(const char *source_and_target);
void root_mounts(const char *unused);
void root_share(const char *unused);
void root_share_copy(const char *unused);

/* command.c: what is run, read before the root changes. */
struct command {
	char **argv;
};

void command_path(const char *path);
void command_directory(const char *directory);
void command_libraries(const char *path);
void command_read(struct command *command);
int command_run(const struct command *command);

/* leaks.c */
void leaks_log(void);

#endif
