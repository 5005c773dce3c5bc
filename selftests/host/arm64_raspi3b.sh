#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A real driver of private channels, bcm2835-dma as Debian builds it into its kernel, on the
# machine that QEMU models its engine on: what is counted is what dmatest did.
# $KERNELS names other kernels than both.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/arm64_lib.sh"

run_guests raspi3b arm64_raspi3b_guest.sh
