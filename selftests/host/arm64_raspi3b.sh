#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A real driver of private channels, bcm2835-dma as Debian builds it into its kernel, on the
# machine that QEMU models its engine on: what is counted is what dmatest did, and what the
# SD card's driver had done.
# $KERNELS names other kernels than both.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/arm64_lib.sh"

disk=$(mktemp)
trap 'rm -f "$disk"' EXIT
truncate -s 16M "$disk"
run_guests raspi3b arm64_raspi3b_guest.sh --add module:bcm2835 \
	--qemu -drive --qemu "if=sd,format=raw,file=$disk"
