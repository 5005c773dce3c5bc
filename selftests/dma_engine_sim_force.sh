#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Taking an engine away from clients that use it, with and without leave.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

# Copies without end, until stop_copying.
start_copying() {
	modprobe dmatest device="$(< "$engine/dev_name")" timeout=2000 \
		threads_per_chan=2 noverify=1 "$@" run=1
}

stop_copying() {
	rmmod dmatest
}

# Holds every public channel there is, as long as it is loaded.
hold_public() {
	need_module async_tx
}

release_public() {
	rmmod async_tx
}

sim_has_no_user() {
	[[ $(< /sys/module/dma_engine_sim/refcnt) == "$1" ]]
}

busy_engine_stays_without_force() {
	put live 1
	start_copying
	fails_with "$EBUSY" put live 0
	expect live 1
	stop_copying
	put live 0
}

engine_held_by_the_public_table_stays_without_force() {
	put live 1
	hold_public
	fails_with "$EBUSY" put live 0
	release_public
	put live 0
}

# A folder and its open engine are one user each of the module.
force_lets_a_busy_client_go() {
	local users

	users=$(< /sys/module/dma_engine_sim/refcnt)
	put live 1
	start_copying
	poll_until 10 some_bytes_moved
	put live force
	expect live 0
	stop_copying
	sim_has_no_user "$users"
}

force_gives_back_what_the_public_table_held() {
	local users

	users=$(< /sys/module/dma_engine_sim/refcnt)
	put live 1
	hold_public
	put live force
	release_public
	sim_has_no_user "$users"
}

# Each closes the gate, the last client of the public table, while the engine goes.
clients_that_go_meanwhile_leave_nothing() {
	local users i

	need_module dma_gate
	users=$(< /sys/module/dma_engine_sim/refcnt)
	for i in {1..40}; do
		put live 1
		exec 9<> /dev/dma_gate
		put live force 9>&- &
		read -rt "0.0$((i + 9))" -u "$selftests_pause" || :
		exec 9>&-
		wait $! || return
		sim_has_no_user "$users" ||
			complain "round $i: a channel is held by nobody"
	done
}

# A minute's work by the clock, done at once.
force_does_not_wait_for_the_clock() {
	local moved

	put bytes_per_sec 100
	put style vchan
	put live 1
	start_copying transfer_size=6000
	put live force
	moved=$(truth bytes)
	stop_copying
	[[ $((moved % 6000)) == 0 ]]
}

a_forced_engine_comes_back() {
	put live 1
	start_copying
	put live force
	put live 1
	stop_copying
	dmatest iterations=10
	[[ $tests == 10 && $failures == 0 ]] || complain "$report"
	put live 0
}

every_device_is_gone_in_the_end() {
	local name

	put channels 4
	put live 1
	name=$(< "$engine/dev_name")
	start_copying
	put live force
	[[ -e /sys/bus/platform/devices/$name ]]
	stop_copying
	poll_until 10 test ! -e "/sys/bus/platform/devices/$name"
}

run_tests busy_engine_stays_without_force \
	engine_held_by_the_public_table_stays_without_force \
	force_lets_a_busy_client_go \
	force_gives_back_what_the_public_table_held \
	clients_that_go_meanwhile_leave_nothing \
	force_does_not_wait_for_the_clock \
	a_forced_engine_comes_back \
	every_device_is_gone_in_the_end
