#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two md RAID 5 arrays drown one engine while its twin idles, and the module moves one
# of their threads over: counted in bytes that engines moved, in the exact VM.
# $KERNELS names other kernels than both.
set -euo pipefail

root=$(realpath "$(dirname "$(realpath "$0")")/../..")
selftests=$root/selftests
kernel=$("$root/tools/vm/kernels" --path 6.12)
. "${KSFT_DIR:-$kernel/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

out=$(mktemp)
trap 'rm -f "$out"' EXIT

# run_guest KERNEL
run_guest() {
	"$root/tools/vm/run" --kernel "$1" --exact --nodes 2 --cpus 4 \
		--add "$selftests/raid5_lib.sh" --add "$selftests/host/raid5_balance_guest.sh" \
		--add mdadm --add fio --add module:brd --add module:raid456 \
		-- sh "$selftests/host/raid5_balance_guest.sh" > "$out"
}

# of KEY: its value.
of() {
	sed -n "s/^$1 //p" "$out"
}

# at_least PERCENT KEY OF: one rate by the other.
at_least() {
	echo "# $2 $(of "$2"), $3 $(of "$3") bytes/s"
	[[ $((100 * $(of "$2"))) -ge $(($1 * $(of "$3"))) ]]
}

# Started on node 0, with the module off: the baseline.
skewed_start_is_balanced() {
	at_least 160 node0.manage node0.off
}

left_to_the_scheduler_it_is_balanced() {
	at_least 160 free.manage node0.off
}

no_byte_is_wrong() {
	[[ $(of wrong) == 0 ]]
}

parity_is_right() {
	[[ $(of mismatches) == "0 0" ]]
}

nothing_is_dropped() {
	[[ $(of dropped) == 0 ]]
}

masks_are_given_back() {
	[[ $(of masks) == "f f" ]]
}

read -ra kernels <<< "${KERNELS:-6.12 6.1}"
tests=(skewed_start_is_balanced left_to_the_scheduler_it_is_balanced no_byte_is_wrong
	parity_is_right nothing_is_dropped masks_are_given_back)

ktap_print_header
ktap_set_plan $((${#kernels[@]} * ${#tests[@]}))
for kernel in "${kernels[@]}"; do
	run_guest "$kernel" || ktap_exit_fail_msg "the guest failed: $(tail -n 1 "$out")"
	for name in "${tests[@]}"; do
		ktap_test_result "${name}_on_$kernel" "$name"
	done
done
ktap_finished
