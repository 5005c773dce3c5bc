#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Engines that are suspended when they have nothing to do, and resumed by whatever is
# issued, from wherever.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

hour=3600000

# power FILE: of the engine's device.
power() {
	echo "$(< "/sys/bus/platform/devices/$(< "$engine/dev_name")/power/$1")"
}

engine_is() {
	[[ $(power runtime_status) == "$1" ]]
}

# becomes STATUS: sooner or later.
becomes() {
	poll_until 20 engine_is "$1" || complain "it is $(power runtime_status), not $1"
}

an_engine_without_it_is_not_managed() {
	put live 1
	engine_is unsupported
	client memcpy
	engine_is unsupported
}

an_engine_begins_suspended() {
	put autosuspend_ms 0
	put live 1
	engine_is suspended
}

an_idle_engine_is_suspended() {
	put autosuspend_ms 0
	put live 1
	client memcpy ops=10
	gives ops=10 corrupt=0
	becomes suspended
}

an_engine_waits_before_it_is_suspended() {
	put autosuspend_ms $hour
	put live 1
	client memcpy
	engine_is active
	[[ $(power autosuspend_delay_ms) == "$hour" ]]
}

work_under_way_keeps_it_awake() {
	put autosuspend_ms 0
	put live 1
	hang memcpy
	becomes active
	if poll_until 1 engine_is suspended; then
		complain "it is suspended"
	fi
	give_up
	becomes suspended
}

submissions_from_anywhere_resume_it() {
	local context

	put autosuspend_ms 0
	put resume_ns 100000
	put live 1
	for context in task kworker softirq hardirq; do
		becomes suspended
		client memcpy ops=30 context=$context
		gives ops=30 corrupt=0 errors=0
	done
	expect truth_ops 120
}

resuming_takes_its_time_once() {
	put autosuspend_ms $hour
	put resume_ns 5000000
	put latency_ns 700
	put bytes_per_sec 500000000
	put live 1
	client memcpy ops=10 mode=batch:5
	expect truth_busy_ns $((5000000 + 10 * (700 + 4096 * 2)))
}

each_resume_takes_its_time() {
	local _

	put autosuspend_ms 0
	put resume_ns 5000000
	put latency_ns 700
	put bytes_per_sec 500000000
	put live 1
	for _ in 1 2 3; do
		becomes suspended
		client memcpy ops=4 mode=batch:4
	done
	expect truth_busy_ns $((3 * 5000000 + 12 * (700 + 4096 * 2)))
}

what_is_terminated_before_it_woke_is_not_done() {
	put autosuspend_ms 0
	put resume_ns 1000000000
	put live 1
	client memcpy ops=8 mode=terminate:4
	gives terminated=8 ops=0
	becomes suspended
	expect truth_bytes 0
}

force_does_not_wait_for_the_resume() {
	local name users

	users=$(< /sys/module/dma_engine_sim/refcnt)
	put autosuspend_ms 0
	put resume_ns 1000000000
	put bytes_per_sec 1000
	put live 1
	name=$(< "$engine/dev_name")
	need_module dma_client_test
	echo "memcpy chan=$name ops=100 mode=batch:100" > "$client_files/run" &
	poll_until 20 engine_is active
	put live force
	wait $!
	result=$(< "$client_files/result")
	gives ops=100 corrupt=0
	poll_until 20 test ! -e "/sys/bus/platform/devices/$name"
	[[ $(< /sys/module/dma_engine_sim/refcnt) == "$users" ]]
}

its_user_may_keep_it_awake() {
	put autosuspend_ms 0
	put live 1
	echo on > "/sys/bus/platform/devices/$(< "$engine/dev_name")/power/control"
	becomes active
	client memcpy ops=10
	gives ops=10
	engine_is active
}

run_tests an_engine_without_it_is_not_managed \
	an_engine_begins_suspended \
	an_idle_engine_is_suspended \
	an_engine_waits_before_it_is_suspended \
	work_under_way_keeps_it_awake \
	submissions_from_anywhere_resume_it \
	resuming_takes_its_time_once \
	each_resume_takes_its_time \
	what_is_terminated_before_it_woke_is_not_done \
	force_does_not_wait_for_the_resume \
	its_user_may_keep_it_awake
