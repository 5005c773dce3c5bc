#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ENERGY_BIAS: light load is packed, so that an engine suspends, and spread again when it
# grows. Both engines suspend when they have had nothing to do for a while.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

setup() {
	engine_create left node=0 bytes_per_sec="$speed" autosuspend_ms=300
	engine_create right node=1 bytes_per_sec="$speed" autosuspend_ms=300
	modprobe dma_affinity
	put "engines/$(dev left)/CAPACITY" "$speed"
	put "engines/$(dev right)/CAPACITY" "$speed"
}

# A fifth of each engine: a thread on node 0 that may go anywhere, and one that stays on
# node 1.
light_load() {
	load --threads 1 --depth 1 --size 16K --rate 1M --start-cpus 0-1
	load --threads 1 --depth 1 --size 16K --rate 1M --cpus 2-3
	poll_until 20 at_least "engines/$(dev right)/threads" 1 || complain "no load"
}

# The thread that may go anywhere, by the last column of the table of threads.
free_thread() {
	local columns

	while read -ra columns; do
		((0x${columns[-1]} != 0x$all_cpus)) || echo "${columns[0]}"
	done < <(table threads)
}

# Sets $packed to the thread that is. Load that comes unevenly, as it does on a busy host, is spread
# for a while.
packed() {
	put ENERGY_BIAS 1
	light_load
	moves_come 1 1
	poll_until 20 finds_free_thread || complain "none is free: $(table threads)"
	poll_until 60 has_mask "$packed" c ||
		complain "its mask is $(mask "$packed"): $(table history)"
}

# All threads are forgotten where everything stands still for a second.
finds_free_thread() {
	packed=$(free_thread)
	[[ -n $packed ]]
}

light_load_is_packed_and_an_engine_suspends() {
	packed
	poll_until 40 reads "engines/$(dev left)/runtime_status" suspended ||
		complain "left is $(get "engines/$(dev left)/runtime_status"): $(table history)"
	poll_until 40 reads "engines/$(dev right)/runtime_status" active ||
		complain "right is not active"
}

# The scheduler may bring them together, and then they are balanced.
without_a_bias_both_engines_are_used() {
	light_load
	pass_ticks 200
	poll_until 40 both_awake || complain "$(table threads) $(table history)"
}

both_awake() {
	reads "engines/$(dev left)/runtime_status" active &&
		reads "engines/$(dev right)/runtime_status" active
}

what_grows_is_spread_again() {
	local moves

	packed
	moves=$(get stats/moves)
	load --threads 2 --depth 2 --cpus 2-3
	poll_until 60 at_least stats/moves $((moves + 1)) ||
		complain "$(table threads) $(table history)"
	poll_until 40 reads "engines/$(dev left)/runtime_status" active
}

masks_are_given_back_when_there_is_no_bias_any_more() {
	packed
	put ENERGY_BIAS 0
	poll_until 20 has_mask "$packed" "$all_cpus" || complain "its mask is $(mask "$packed")"
}

run_tests light_load_is_packed_and_an_engine_suspends \
	without_a_bias_both_engines_are_used \
	what_grows_is_spread_again \
	masks_are_given_back_when_there_is_no_bias_any_more
