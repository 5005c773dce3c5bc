#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A real driver of public engines, zynqmp_dma as it is in Linux, on the machine that QEMU
# models its engines on: what is counted is what dmatest did.
# $KERNELS names other kernels than both.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/arm64_lib.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The C library's headers for arm64 may be older than ours.
aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Werror -pthread -static \
	"-D__aligned_s64=__s64 __attribute__((aligned(8)))" -I"$root/kernel/include/uapi" \
	-o "$scratch/affinity_worker" "$root/selftests/affinity_worker.c"
run_guests xlnx-versal-virt arm64_versal_guest.sh --add "$scratch/affinity_worker"
