#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. On the debug kernel each slab allocation that a module asks for fails once, one at
# a time, and every copy from and to a program: what was to be done fails cleanly or works, and
# works afterwards; nothing is leaked, and nothing reported. Of what has hundreds of them
# every 25th; or every $EVERY-th.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
tools=$here/../../tools
build=$(realpath "$here/../..")/build

"$tools/test/install-selftests" "$build"
"$tools/vm/run" --kernel debug --nodes 2 --cpus 2 --timeout 7200 -- \
	bash "$here/fail_nth_guest.sh" "$build/selftests/install/dma_affinity" "${EVERY-25}"
