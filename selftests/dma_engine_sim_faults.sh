#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Engines that hang and engines that are slow.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

a_transfer_that_hangs_never_completes() {
	local style

	for style in plain vchan; do
		put style $style
		put live 1
		put hang_next 1
		client memcpy timeout_ms=1000
		gives timeouts=1 terminated=1 ops=0
		expect hang_next 0
		expect truth_ops 0
		put live 0
	done
}

waiting_for_it_is_not_work() {
	local busy depth

	put live 1
	hang memcpy
	busy=$(truth busy_ns)
	depth=$(truth depth_ns)
	expect truth_busy_ns "$busy"
	[[ $(truth depth_ns) -gt $depth ]]
	give_up
}

a_channel_works_again_once_terminated() {
	put ring 4
	put live 1
	put hang_next 3
	for _ in 1 2 3; do
		client memcpy mode=batch:4 timeout_ms=1000
	done
	client memcpy ops=20 mode=batch:4
	gives ops=20 refused=0 corrupt=0
}

what_is_behind_it_waits() {
	put live 1
	put hang_next 1
	client memcpy ops=4 mode=batch:4 timeout_ms=1000
	gives timeouts=1 terminated=4 ops=0
	expect truth_bytes 0
}

what_is_issued_later_waits_too() {
	put live 1
	hang memcpy chan=public
	client memcpy chan=public timeout_ms=1000
	gives timeouts=1 terminated=1
	give_up
}

a_cycle_hangs() {
	put capabilities cyclic
	put live 1
	put hang_next 1
	client cyclic parts=4 periods=10 timeout_ms=1000
	gives timeouts=1 periods=0 terminated=1
}

other_channels_go_on() {
	put channels 2
	put live 1
	hang memcpy ops=8 mode=batch:8
	client memcpy ops=20 mode=batch:4
	gives ops=20 corrupt=0
	expect truth_ops 20
	give_up
	expect truth_ops 20
}

# Both would be refused if they shared one.
each_channel_has_its_ring() {
	put channels 2
	put ring 8
	put live 1
	hang memcpy ops=8 mode=batch:8
	client memcpy ops=8 mode=batch:8
	gives ops=8 refused=0
	expect truth_refused 0
	give_up
}

force_completes_what_hangs() {
	put style vchan
	put live 1
	hang memcpy ops=4 mode=batch:4
	put live force
	wait "$hanging"
	result=$(< "$client_files/result")
	gives ops=4 corrupt=0 timeouts=0
	expect truth_ops 4
}

# busy NS: by so much longer has the engine worked than when last asked.
busy() {
	local now

	now=$(truth busy_ns)
	[[ $((now - busy_before)) == "$1" ]] || complain "busy for $((now - busy_before)) ns, not $1"
	busy_before=$now
}

slow_engines_take_their_time() {
	busy_before=0
	put latency_ns 700
	put bytes_per_sec 500000000
	put live 1
	client memcpy ops=10 mode=batch:5
	busy $((10 * (700 + 4096 * 2)))
	put slow_percent 250
	client memcpy ops=10 mode=batch:5
	busy $((10 * (700 + 4096 * 2) * 5 / 2))
	put slow_percent 50
	client memcpy ops=10 mode=batch:5
	busy $((10 * (700 + 4096 * 2) / 2))
}

slowness_stays_when_the_engine_goes() {
	put live 1
	keeps slow_percent 300
	put live 0
	expect slow_percent 300
	put live 1
	expect slow_percent 300
}

run_tests a_transfer_that_hangs_never_completes \
	waiting_for_it_is_not_work \
	a_channel_works_again_once_terminated \
	what_is_behind_it_waits \
	what_is_issued_later_waits_too \
	a_cycle_hangs \
	other_channels_go_on \
	each_channel_has_its_ring \
	force_completes_what_hangs \
	slow_engines_take_their_time \
	slowness_stays_when_the_engine_goes
