#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coverage_guest.sh INSTALLED HOST_TESTS FARM EVERY [TEST]...: what `coverage` runs in the VM. What was
# counted is copied to /share after each test: the kernel keeps it when a module goes.
set -uo pipefail

installed=$1
host=$2
counts=/sys/kernel/debug/gcov$3
every=$4
tests=("${@:5}")
((${#tests[@]})) || mapfile -t tests < <("$installed/run_kselftest.sh" -l | sed -n 's/^dma_affinity://p')

# cp, and not tar: these files say that they are empty.
collect()
{
	(cd "$counts" && find dma_* -name '*.gcda' -exec cp --parents -t /share {} +)
	echo "# $1: $((SECONDS - begun)) s"
	begun=$SECONDS
}

begun=$SECONDS
# While no module is loaded yet.
[[ $every == 0 ]] || bash "$host/fail_nth_guest.sh" "$installed/dma_affinity" "$every"
collect fail_nth
for test in "${tests[@]}"; do
	"$installed/run_kselftest.sh" -o 7200 -t "dma_affinity:$test"
	collect "$test"
done
