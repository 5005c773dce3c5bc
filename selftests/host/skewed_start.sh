#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. The bars of a skewed start, in the exact mode of tools/vm/run,
# where time is counted in instructions: what is asserted here about time is
# asserted nowhere else.
# $KERNEL names another kernel than both.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
vm=$here/../../tools/vm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

. "${KSFT_DIR:-$("$vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

# run KERNEL FILE: one run, its digits to FILE.
run() {
	"$vm/run" --kernel "$1" --exact --nodes 2 --cpus 4 \
		--add "$here/skewed_start_guest.sh" -- \
		"$here/skewed_start_guest.sh" > "$2"
}

# figure NAME: of the run under test.
figure() {
	awk -v name="$1" '$1 == name { print $2 }' "$scratch/first"
}

# at_least N M, is_1_8_times N M, same N M: of numbers, which a failed run has not.
at_least() {
	[[ -n $1 && -n $2 && $1 -ge $2 ]]
}

is_1_8_times() {
	[[ -n $1 && -n $2 && $((10 * $1)) -ge $((18 * $2)) ]]
}

same() {
	[[ -n $1 && $1 == "$2" ]]
}

# check NAME COMMAND...
check() {
	local name="$kernel $1"

	shift
	if "$@"; then
		ktap_test_pass "$name"
		return
	fi
	echo "# it is not so: $*"
	sed "s/^/# /" "$scratch/first"
	ktap_test_fail "$name"
}

# With the digits of a first run, and of a second one.
test_kernel() {
	run "$kernel" "$scratch/first" || echo "# the first run failed"
	run "$kernel" "$scratch/second" || echo "# the second run failed"

	check off_is_a_skewed_start same "$(figure off_is_skewed)" 1
	check manage_moves_1_8_times_what_off_does is_1_8_times \
		"$(figure manage_bytes_after_first_second)" \
		"$(figure off_bytes_after_first_second)"
	check bytes_off_are_those_of_the_engines same \
		"$(figure off_load_bytes)" "$(figure off_truth_bytes)"
	check bytes_managed_are_those_of_the_engines same \
		"$(figure manage_load_bytes)" "$(figure manage_truth_bytes)"
	check ticks_80_times_a_second at_least \
		"$(figure manage_ticks_in_two_seconds)" 160
	check does_not_tick_when_off same "$(figure off_ticks_in_two_seconds)" 0
	check does_not_tick_without_dma same "$(figure ticks_when_idle)" 0
	check drops_nothing same "$(figure dropped)" 0
	if diff "$scratch/first" "$scratch/second" > "$scratch/diff"; then
		ktap_test_pass "$kernel has_the_same_digits_on_every_run"
	else
		sed 's/^/# /' "$scratch/diff"
		ktap_test_fail "$kernel has_the_same_digits_on_every_run"
	fi
}

read -ra kernels <<< "${KERNEL:-6.12 6.1}"
ktap_print_header
ktap_set_plan $((9 * ${#kernels[@]}))
for kernel in "${kernels[@]}"; do
	test_kernel
done
ktap_finished
