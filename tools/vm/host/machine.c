// SPDX-License-Identifier: GPL-2.0
/* The machines there are, each as far as it differs from the others. */
#include <string.h>

#include "vm.h"

static const char * const pci_modules[] = { "virtio_pci", "virtio_console", "configfs", NULL };
static const char * const mmio_modules[] = { "virtio_mmio", "virtio_console", "configfs", NULL };
/* Nothing else powers it off. */
static const char * const raspi_modules[] = { "bcm2835_wdt", "configfs", NULL };

static const struct machine machines[] = {
	{
		.arch = "amd64",
		.name = "q35",
		.qemu = "qemu-system-x86_64",
		.init = "init",
		.image = "vmlinux",
		.console = "ttyS0",
		/* Without ioeventfd a port is served at once, not when QEMU finds the time. */
		.ports = "virtio-serial-pci,ioeventfd=off",
		.modules = pci_modules,
	},
	{
		.arch = "arm64",
		.board = true,
		.name = "xlnx-versal-virt",
		.qemu = "qemu-system-aarch64",
		.init = "init-arm64",
		.image = "vmlinuz",
		.console = "ttyAMA0",
		.ports = "virtio-serial-device",
		.modules = mmio_modules,
		.cpus = 2,
	},
	{
		.arch = "arm64",
		.board = true,
		.name = "raspi3b",
		.qemu = "qemu-system-aarch64",
		.init = "init-arm64",
		.image = "vmlinuz",
		.device_tree = "dtb/broadcom/bcm2837-rpi-3-b.dtb",
		.console = "ttyAMA0,115200",
		.wire = "/dev/ttyS1",
		.modules = raspi_modules,
		.cpus = 4,
		.memory_mib = 1024,
	},
};

const struct machine *machine_find(const char *arch, const char *name)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(machines[i].arch, arch) && (!name || !strcmp(machines[i].name, name)))
			return &machines[i];
	if (name)
		fail(STATUS_USAGE, "no machine '%s' of %s: see tools/vm/run --help", name, arch);
	fail(STATUS_USAGE, "no architecture '%s': use amd64 or arm64", arch);
}
