#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two md RAID 5 arrays drown one engine while its twin idles, and the module moves one
# of their threads over: counted in bytes that engines moved, in the exact VM.
# $KERNEL names another kernel than 6.12.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$here/../..
. "${KSFT_DIR:-$("$root/tools/vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

out=$(mktemp)
trap 'rm -f "$out"' EXIT

run_guest() {
	"$root/tools/vm/run" --kernel "${KERNEL:-6.12}" --exact --nodes 2 --cpus 4 \
		--add "$here/../raid5_lib.sh" --add "$here/raid5_guest" \
		--add mdadm --add fio --add module:brd --add module:raid456 \
		-- sh "$here/raid5_guest" > "$out"
}

# of KEY: its value.
of() {
	sed -n "s/^$1 //p" "$out"
}

# at_least PERCENT KEY OF: one rate by the other.
at_least() {
	echo "# $2 $(of "$2"), $3 $(of "$3") bytes/s"
	[ $((100 * $(of "$2"))) -ge $(($1 * $(of "$3"))) ]
}

# Started on node 0, with the module off: the baseline.
skewed_start_is_balanced() {
	at_least 160 node0.manage node0.off
}

left_to_the_scheduler_it_is_balanced() {
	at_least 160 free.manage node0.off
}

no_byte_is_wrong() {
	[ "$(of wrong)" = 0 ]
}

parity_is_right() {
	[ "$(of mismatches)" = "0 0" ]
}

nothing_is_dropped() {
	[ "$(of dropped)" = 0 ]
}

masks_are_given_back() {
	[ "$(of masks)" = "f f" ]
}

tests=(skewed_start_is_balanced left_to_the_scheduler_it_is_balanced no_byte_is_wrong
	parity_is_right nothing_is_dropped masks_are_given_back)

ktap_print_header
ktap_set_plan ${#tests[@]}
if ! run_guest; then
	ktap_exit_fail_msg "the guest failed: $(tail -n 1 "$out")"
fi
for name in "${tests[@]}"; do
	ktap_test_result "$name" "$name"
done
ktap_finished
