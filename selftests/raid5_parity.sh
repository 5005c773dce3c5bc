#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# md RAID 5 whose copies and parity a watched engine makes: no byte is wrong, the module
# counts what the engine did, and an engine that corrupts is found out.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/raid5_lib.sh"

raid5_tmp=$(mktemp -d)
raid5_bytes=$((3 << 20))
engine=$raid5_sim/raid5
watched=/sys/kernel/dma_affinity
# Of a full stripe: a page of each data chunk is copied, a page of parity is made of them.
stripe_ops=16

# complain WORD...: say why a test fails, and fail.
complain() {
	echo "# $*"
	return 1
}

write() {
	raid5_fio 0 || complain "fio: $(grep -hm 1 . "$raid5_tmp"/fio.md0*)"
}

no_byte_is_wrong() {
	write
	[[ $(raid5_mismatches 0) == 0 ]]
}

engine_does_all_the_work() {
	local ops

	ops=$(< "$engine/truth_ops")
	write
	ops=$(($(< "$engine/truth_ops") - ops))
	[[ $ops == $((raid5_bytes * stripe_ops / 49152)) ]] || complain "$ops transfers"
}

module_counts_what_the_engine_did() {
	local dir figure

	write
	dir=$watched/engines/$(< "$engine/dev_name")
	for figure in bytes ops; do
		[[ $(< "$dir/$figure") == "$(< "$engine/truth_$figure")" ]] ||
			complain "$figure: $(< "$dir/$figure"), truly $(< "$engine/truth_$figure")"
	done
	[[ $(< "$watched/stats/dropped") == 0 ]]
}

thread_is_listed() {
	grep -q "^$1 " "$watched/threads"
}

# It is listed for a second after its last submission, in which a slow machine may not look.
work_is_charged_to_the_thread_of_the_array() {
	for _ in 1 2 3 4 5; do
		raid5_fio 0
	done &
	poll_until 60 thread_is_listed "$(raid5_tid 0)"
	wait $!
}

corruption_is_seen() {
	echo $stripe_ops > "$engine/corrupt_next"
	! raid5_fio 0 || complain "fio saw nothing"
	[[ $(< "$engine/corrupt_next") == 0 ]]
	[[ $(raid5_mismatches 0) -gt 0 ]] || complain "md saw nothing"
}

repair_makes_it_right() {
	echo $stripe_ops > "$engine/corrupt_next"
	raid5_fio 0 || true
	raid5_sync 0 repair
	[[ $(raid5_mismatches 0) == 0 ]]
}

a_wrong_verdict_is_seen() {
	write
	echo 2 > "$engine/corrupt_next"
	[[ $(raid5_mismatches 0) -gt 0 ]]
	[[ $(raid5_mismatches 0) == 0 ]]
}

# dma_errors_shown N: async_tx of the kernel does not look whether its pages could be mapped. Where
# DMA-API debugging warns of that once it has nothing to say of others any more.
dma_errors_shown() {
	local shown=/sys/kernel/debug/dma-api/num_errors

	[[ ! -e $shown ]] || echo "$1" > "$shown"
}

need_module dma_engine_sim
need_module_anew dma_affinity
trap 'raid5_stop; rmmod dma_affinity; dma_errors_shown 1; rm -rf "$raid5_tmp"' EXIT
dma_errors_shown 0
raid5_engine raid5 -1 1000000000
raid5_disks 1
raid5_create 0

ktap_print_header
tests=(no_byte_is_wrong engine_does_all_the_work module_counts_what_the_engine_did
	work_is_charged_to_the_thread_of_the_array corruption_is_seen repair_makes_it_right
	a_wrong_verdict_is_seen)
ktap_set_plan ${#tests[@]}
for name in "${tests[@]}"; do
	run_test "$name"
	report "$name"
done
ktap_finished
