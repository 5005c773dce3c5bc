// SPDX-License-Identifier: GPL-2.0
/* The guest's file systems. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define P9_OPTIONS "trans=virtio,version=9p2000.L,msize=524288"

static void make_directory(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		die("cannot make %s: %s", path, strerror(errno));
}

static void make_directories(const char *path)
{
	char *above = strdup(path);

	if (!above)
		die("no memory");
	for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		make_directory(above);
		*slash = '/';
	}
	make_directory(above);
	free(above);
}

static void mount_at(const char *source, const char *target, const char *type,
		     unsigned long flags, const char *options)
{
	if (mount(source, target, type, flags, options))
		die("cannot mount %s on %s: %s", type ? type : source, target, strerror(errno));
}

/* What modules and ports need, before there is a root. */
void root_initial(void)
{
	make_directory("/dev");
	make_directory("/proc");
	make_directory("/sys");
	/* An initramfs starts without devices, or, by the kernel's choice, with them. */
	if (mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755") && errno != EBUSY)
		die("cannot mount devtmpfs: %s", strerror(errno));
	mount_at("proc", "/proc", "proc", 0, NULL);
	mount_at("sysfs", "/sys", "sysfs", 0, NULL);
}

/* The host's root, read-only, under a layer that takes all writes and is lost at the end. */
void root_from_host(const char *unused)
{
	static const char * const kept[] = { "/dev", "/proc", "/sys" };

	(void)unused;
	make_directory("/host");
	make_directory("/layer");
	make_directory("/root");
	mount_at("hostroot", "/host", "9p", MS_RDONLY, P9_OPTIONS ",cache=loose");
	mount_at("layer", "/layer", "tmpfs", 0, "mode=0755");
	make_directory("/layer/upper");
	make_directory("/layer/work");
	mount_at("root", "/root", "overlay", 0,
		 "lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work");
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		char target[32];

		snprintf(target, sizeof(target), "/root%s", kept[i]);
		make_directory(target);
		mount_at(kept[i], target, NULL, MS_MOVE, NULL);
	}
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("cannot enter the host's root: %s", strerror(errno));
}

/* `SOURCE TARGET`: shows one folder of the host at another place. */
void root_bind(const char *source_and_target)
{
	char *source = strdup(source_and_target), *target = source ? strchr(source, ' ') : NULL;

	if (!target)
		die("bind wants two paths, not '%s'", source_and_target);
	*target++ = '\0';
	make_directories(target);
	mount_at(source, target, NULL, MS_BIND, NULL);
	free(source);
}

static void link_standard_streams(void)
{
	static const char * const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlink(links[i][0], links[i][1]) && errno != EEXIST)
			die("cannot link %s: %s", links[i][1], strerror(errno));
}

void root_mounts(const char *unused)
{
	(void)unused;
	make_directory("/dev/shm");
	make_directory("/dev/pts");
	make_directory("/run");
	make_directory("/tmp");
	mount_at("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_at("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666");
	mount_at("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	chmod("/tmp", 01777);
	make_directory("/run/lock");
	mount_at("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_at("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount_at("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	mount_at("configfs", "/sys/kernel/config", "configfs", 0, NULL);
	link_standard_streams();
}

void root_share(const char *unused)
{
	(void)unused;
	make_directory("/share");
	mount_at("share", "/share", "9p", 0, P9_OPTIONS ",cache=none");
}

/* The copy came with the initramfs: the same bytes, and nothing to write back to. */
void root_share_copy(const char *unused)
{
	(void)unused;
	mount_at("/share", "/share", NULL, MS_BIND, NULL);
	mount_at("none", "/share", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}
