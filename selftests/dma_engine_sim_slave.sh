#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Slave, cyclic and interleaved transfers: what is to arrive does, in memory or at the
# device, and the engine's figures are exact.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

# able STYLE: an engine of that style that can do all of it.
able() {
	put style "$1"
	put channels 2
	put capabilities "memcpy xor sg cyclic interleaved"
	put live 1
}

# arrives ORDER...: 30 transfers of 6000 bytes, whole, in every style.
arrives() {
	local style

	for style in plain vchan nested; do
		able $style
		client "$@" ops=30 size=6000
		gives ops=30 bytes=180000 refused=0 errors=0 corrupt=0
		expect truth_ops 30
		expect truth_bytes 180000
		gives crc="$(truth sent_crc)"
		put live 0
	done
}

# both_ways OP: of one piece, and of some that lie anywhere.
both_ways() {
	local dir parts

	for dir in to_dev from_dev; do
		for parts in 1 7; do
			arrives "$1" dir=$dir parts=$parts mode=batch:4
		done
	done
}

scatter_lists_arrive() {
	both_ways slave_sg
}

vectors_arrive() {
	both_ways dma_vec
}

scatter_lists_of_interrupts_arrive() {
	arrives slave_sg dir=from_dev parts=3 context=hardirq mode=batch:4
	arrives slave_sg dir=to_dev parts=3 context=softirq mode=batch:4
}

frames_arrive_and_gaps_stay() {
	arrives interleaved parts=1
	arrives interleaved parts=6 gap=100 mode=batch:4
	arrives interleaved parts=6 gap=3 context=hardirq
}

a_list_is_one_transfer() {
	put latency_ns 700
	put bytes_per_sec 500000000
	able plain
	client slave_sg ops=10 size=8192 parts=8
	expect truth_ops 10
	expect truth_busy_ns $((10 * (700 + 8192 * 2)))
}

# refuses_to_prepare ORDER...: prep returns NULL.
refuses_to_prepare() {
	fails_with "Input/output error" client "$@"
}

a_device_of_unknown_width_is_refused() {
	able plain
	refuses_to_prepare slave_sg width=0
	refuses_to_prepare cyclic width=0
	expect truth_refused 2
}

a_width_that_is_none_is_refused() {
	local width

	able plain
	for width in 3 16 128; do
		fails_with "$EINVAL" client slave_sg width=$width
	done
}

lengths_that_do_not_fit_the_width_are_refused() {
	able plain
	refuses_to_prepare slave_sg width=8 size=4100
	refuses_to_prepare slave_sg width=4 size=4098
	refuses_to_prepare cyclic width=4 size=4096 parts=3
	client slave_sg width=1 size=4099
	expect truth_bytes 4099
}

what_the_engine_cannot_do_finds_no_channel() {
	local order

	put live 1
	for order in slave_sg cyclic interleaved; do
		fails_with "No such device" client $order
	done
}

# The periods that were moved and not called back are the engine's lead.
each_period_calls_back() {
	local dir bytes

	for dir in to_dev from_dev; do
		able vchan
		client cyclic dir=$dir size=8192 parts=4 periods=50
		gives periods=50 bytes=102400 ops=0 corrupt=0 terminated=1
		expect truth_ops 0
		bytes=$(truth bytes)
		[[ $bytes -ge 102400 && $((bytes % 2048)) == 0 ]] || complain "$bytes bytes"
		awk -v tid="$BASHPID" -v bytes="$bytes" '$1 != tid || $2 != bytes || $3 != 0 { exit 1 }' "$engine/truth_threads"
		put live 0
	done
}

a_terminated_cycle_has_ended() {
	local bytes depth

	able plain
	client cyclic size=4096 parts=4 periods=10
	bytes=$(truth bytes)
	depth=$(truth depth_ns)
	client memcpy ops=5
	expect truth_bytes $((bytes + 5 * 4096))
	[[ $(truth depth_ns) == $((depth + $(truth latency_ns))) ]]
}

# A period of 10 ms of the engine's time, of which the copies get their share.
a_cycle_leaves_the_engine_to_other_channels() {
	able plain
	need_module dma_client_test
	echo "cyclic chan=$(< "$engine/dev_name") size=20000 parts=2 periods=1000000" > "$client_files/run" &
	poll_until 20 some_bytes_moved
	client memcpy ops=20 mode=batch:4
	gives ops=20 corrupt=0
	kill -KILL $!
	wait $! 2> /dev/null || true
}

a_paused_channel_stands_still() {
	local order

	put latency_ns 2000000
	able vchan
	for order in memcpy slave_sg interleaved; do
		client $order ops=20 mode=pause:10
		gives ops=20 ran_on=0 corrupt=0
	done
	client cyclic parts=4 periods=10 mode=pause
	gives periods=10 ran_on=0
}

terminated_lists_are_not_moved() {
	local order

	put latency_ns 1000000000
	for order in slave_sg interleaved; do
		able vchan
		client $order ops=8 parts=4 mode=terminate:4
		gives terminated=8 ops=0
		client $order ops=8 parts=4 mode=drop:8
		gives dropped=8
		expect truth_bytes 0
		put live 0
	done
}

corruption_reaches_memory_and_device() {
	able plain
	put corrupt_next 2
	client slave_sg dir=from_dev parts=3 ops=4
	gives corrupt=2
	put corrupt_next 2
	client interleaved parts=3 size=6000 ops=4
	gives corrupt=2
	put live 0
	put live 1
	put corrupt_next 1
	client slave_sg dir=to_dev parts=3 ops=4
	gives corrupt=0 ops=4
	[[ $result != *" crc=$(truth sent_crc) "* ]]
}

failed_lists_move_nothing() {
	able plain
	put fail_next 3
	client slave_sg dir=from_dev ops=10
	gives ops=7 errors=3 corrupt=0
	expect truth_errors 3
	expect truth_bytes $((7 * 4096))
}

# It would never end; the client's waiting does.
force_ends_a_cycle() {
	able plain
	need_module dma_client_test
	echo "cyclic chan=$(< "$engine/dev_name") parts=4 periods=1000000 timeout_ms=3000" > "$client_files/run" &
	poll_until 20 some_bytes_moved
	put live force
	wait $!
	result=$(< "$client_files/result")
	gives timeouts=1
}

names=(scatter_lists_arrive
	scatter_lists_of_interrupts_arrive
	frames_arrive_and_gaps_stay
	a_list_is_one_transfer
	a_device_of_unknown_width_is_refused
	a_width_that_is_none_is_refused
	lengths_that_do_not_fit_the_width_are_refused
	what_the_engine_cannot_do_finds_no_channel
	each_period_calls_back
	a_terminated_cycle_has_ended
	a_cycle_leaves_the_engine_to_other_channels
	a_paused_channel_stands_still
	terminated_lists_are_not_moved
	corruption_reaches_memory_and_device
	failed_lists_move_nothing
	force_ends_a_cycle)
# Vectors came with Linux 6.11.
printf '%s\n' 6.11 "$(uname -r)" | sort -CV && names+=(vectors_arrive)
run_tests "${names[@]}"
