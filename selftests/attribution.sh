#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who is charged with what: every kind of prep and every context that a client can
# submit from, by a client that says what it did (dma_client_test).
set -euo pipefail
. "$(dirname "$0")/watched_lib.sh"

# engine_for CAPABILITIES [ATTRIBUTE=VALUE]...
engine_for() {
	local setting

	put capabilities "$1"
	shift
	for setting; do
		put "${setting%%=*}" "${setting#*=}"
	done
	put live 1
}

# did NAME: what the client did is what $result says.
did() {
	grep -oE "(^| )$1=[0-9]+" <<< "$result" | grep -oE "[0-9]+"
}

# counted NAME FIGURE: what the client calls NAME is FIGURE of the module.
counted() {
	poll_until 20 is_counted "$1" "$2" ||
		complain "$2 is $(figure "$2"), the client's $1 $(did "$1")"
	[[ $(did "$1") -gt 0 ]]
}

is_counted() {
	[[ $(figure "$2") == "$(did "$1")" ]]
}

# charged OP [NAME=VALUE]...: all of it is counted, and nothing else.
charged() {
	client "$@"
	counted ops ops
	counted bytes bytes
	nothing_is_lost
}

copies_of_a_thread() {
	engine_for memcpy
	charged memcpy ops=1000 size=4096
	[[ $(figure irq_bytes) == 0 && $(figure softirq_bytes) == 0 ]]
}

lists_of_a_slave() {
	engine_for sg
	charged slave_sg ops=50 size=16384 parts=16 dir=to_dev width=4
}

vectors() {
	engine_for sg
	charged dma_vec ops=50 size=16384 parts=4 dir=to_dev width=4
}

frames() {
	engine_for interleaved
	charged interleaved ops=50 size=16384 parts=4 gap=64
}

# It goes round until it is terminated; what it was asked for is one round.
cyclic_transfer_is_one_operation() {
	engine_for cyclic
	client cyclic ops=1 size=16384 parts=4 periods=20 dir=to_dev width=4
	poll_until 20 figure_is ops 1
	[[ $(figure bytes) == 16384 ]] || complain "bytes are $(figure bytes)"
	nothing_is_lost
}

figure_is() {
	[[ $(figure "$1") == "$2" ]]
}

# from CONTEXT BUCKET: all that is submitted there lands in that file.
from() {
	engine_for memcpy
	charged memcpy ops=200 size=4096 context="$1"
	counted bytes "$2"
}

hard_interrupts_have_their_own_figure() {
	from hardirq irq_bytes
}

soft_interrupts_have_their_own_figure() {
	from softirq softirq_bytes
}

kworkers_are_threads() {
	engine_for memcpy
	charged memcpy ops=200 size=4096 context=kworker
	[[ $(figure irq_bytes) == 0 && $(figure softirq_bytes) == 0 ]]
}

several_prepared_before_one_is_submitted() {
	engine_for memcpy
	charged memcpy ops=960 size=4096 mode=batch:32
}

# The module forgets who was idle for a hundred ticks, which is while this holds what it prepared.
held_for_long_is_charged() {
	engine_for memcpy
	echo 5 > "$watched/SAMPLE_INTERVAL"
	client memcpy ops=4 size=4096 hold_ms=350
	echo 10 > "$watched/SAMPLE_INTERVAL"
	counted ops ops
	counted bytes bytes
	nothing_is_lost
}

prepared_and_dropped_is_not_charged() {
	engine_for memcpy
	client memcpy ops=100 size=4096 mode=drop:10
	charged memcpy ops=100 size=4096
}

refused_is_not_charged() {
	engine_for memcpy ring=4
	client memcpy ops=400 size=4096 mode=batch:16
	[[ $(did refused) -gt 0 ]] || complain "nothing was refused"
	counted ops ops
	counted bytes bytes
	nothing_is_lost
}

# What is terminated was submitted, and is not in flight for ever.
terminated_transfers_are_not_in_flight() {
	engine_for memcpy bytes_per_sec=1000000
	client memcpy ops=64 size=65536 mode=terminate:32
	[[ $(did terminated) -gt 0 ]]
	poll_until 20 figure_is depth 0.00 || complain "depth is $(figure depth)"
}

# Kernels have vectors from 6.11 on.
IFS=.- read -r major minor _ < /proc/sys/kernel/osrelease
((major * 100 + minor >= 611)) && with_vectors=vectors || with_vectors=
# shellcheck disable=SC2086 # none, or one
run_tests copies_of_a_thread \
	lists_of_a_slave \
	$with_vectors \
	frames \
	cyclic_transfer_is_one_operation \
	hard_interrupts_have_their_own_figure \
	soft_interrupts_have_their_own_figure \
	kworkers_are_threads \
	several_prepared_before_one_is_submitted \
	held_for_long_is_charged \
	prepared_and_dropped_is_not_charged \
	refused_is_not_charged \
	terminated_transfers_are_not_in_flight
