#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own dmatest over simulated engines while dma_affinity watches: what it
# counts is what the engine did, to the byte. dmatest takes its channels for itself, so
# the engine is private, and its threads are bound.
set -euo pipefail
. "$(dirname "$0")/watched_lib.sh"

# A thread of dmatest that saw a failure, be it a refusal, ends with terminating what the
# others have in flight: that was submitted, too.
submitted_ops() {
	echo $(($(truth ops) + $(truth terminated)))
}

submitted_bytes() {
	echo $(($(truth bytes) + $(truth terminated_bytes)))
}

# counts_are_the_engines [BYTES]: but for so many.
counts_are_the_engines() {
	local but=${1:-0}

	poll_until 10 ops_are_submitted ||
		complain "ops: $(figure ops), truly $(submitted_ops)"
	poll_until 10 bytes_are_submitted "$but" ||
		complain "bytes: $(figure bytes), truly $(submitted_bytes), but $but"
	[[ $(truth ops) -gt 0 ]]
	nothing_is_lost
}

# Figures are a tick late while it ticks.
ops_are_submitted() {
	[[ $(figure ops) == "$(submitted_ops)" ]]
}

bytes_are_submitted() {
	[[ $(figure bytes) == $(($(submitted_bytes) + $1)) ]]
}

# counts STYLE: copies, xors and syndromes of random length by several threads.
counts() {
	put style "$1"
	put capabilities "memcpy xor pq"
	put channels 2
	put live 1
	dmatest iterations=100 threads_per_chan=2
	[[ $tests == 1200 && $failures == 0 ]] || complain "$failures of $tests failed: $report"
	counts_are_the_engines
}

plain_engine_is_counted_right() {
	counts plain
}

vchan_engine_is_counted_right() {
	counts vchan
}

# Its memcpy is an xor: two preps, one transfer.
nested_engine_is_counted_right() {
	counts nested
}

# At the first refusals it is a guess whose the submissions are, so the sum of their
# sizes is; then the results of the preps are seen.
refused_preps_are_not_counted() {
	local guessed

	put ring 1
	put latency_ns 20000000
	put live 1
	dmatest iterations=10 threads_per_chan=4
	[[ $(truth refused) -gt 0 ]]
	[[ $(figure ops) == "$(submitted_ops)" ]]
	guessed=$(($(figure bytes) - $(submitted_bytes)))
	dmatest iterations=20 threads_per_chan=4
	counts_are_the_engines "$guessed"
}

channels() {
	tail -n +2 "$watched/engines/$(< "$engine/dev_name")/channels"
}

# column N: the sum over all channels.
column() {
	channels | awk -v n="$1" '{ sum += $n } END { printf "%.0f\n", sum }'
}

# channels_with OPS: how many have done so many.
channels_with() {
	channels | awk -v ops="$1" '$3 == ops' | wc -l
}

channels_add_up() {
	put channels 3
	put live 1
	dmatest iterations=50
	counts_are_the_engines
	[[ $(column 2) == "$(truth bytes)" && $(column 3) == 150 ]]
	[[ $(channels_with 50) == 3 ]]
	[[ $(column 5) == "$(figure depth_ns)" ]]
}

polled_transfers_are_counted() {
	put live 1
	dmatest iterations=100 polled=1
	counts_are_the_engines
}

# Nobody used its channel since the engine came.
engine_unused_for_long_is_counted_right() {
	put live 1
	read -rt 2 -u "$selftests_pause" || :
	dmatest iterations=10
	counts_are_the_engines
}

# dmatest_thread_is STATE: so says the table.
dmatest_thread_is() {
	local tid state

	while read -r tid _ _ _ _ _ state _; do
		[[ -e /proc/$tid/comm && $(< "/proc/$tid/comm") == dma*chan* ]] || continue
		[[ $state == "$1" ]] && return
	done < "$watched/threads"
	return 1
}

threads_are_bound_and_stay() {
	local moves

	put live 1
	moves=$(< "$watched/stats/moves")
	modprobe dmatest device="$(< "$engine/dev_name")" threads_per_chan=2 run=1
	poll_until 20 dmatest_thread_is bound || complain "$(tr -s ' ' < "$watched/threads")"
	rmmod dmatest
	[[ $(< "$watched/stats/moves") == "$moves" ]]
	counts_are_the_engines
}

run_tests plain_engine_is_counted_right \
	vchan_engine_is_counted_right \
	nested_engine_is_counted_right \
	refused_preps_are_not_counted \
	channels_add_up \
	polled_transfers_are_counted \
	engine_unused_for_long_is_counted_right \
	threads_are_bound_and_stay
