// SPDX-License-Identifier: GPL-2.0
#include "vm.h"

void exact_pack(struct cpio *cpio, const struct options *options, const struct kernel *kernel)
{
	(void)cpio; (void)options; (void)kernel;
	fail(STATUS_USAGE, "--exact is not available");
}
