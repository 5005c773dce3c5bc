#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Submissions in every way a client may make them: from threads and interrupts, one by one
# and in batches, given up before or after they were submitted. The test client counts what
# came of them, the engine what it did.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

# copies_from CONTEXT WHO: in every style, prepared in batches; WHO tests who was charged.
copies_from() {
	local style

	for style in plain vchan nested; do
		put style $style
		put capabilities "memcpy xor"
		put live 1
		client memcpy ops=50 size=5000 mode=batch:8 context="$1"
		gives ops=50 bytes=250000 refused=0 errors=0 corrupt=0
		expect truth_ops 50
		expect truth_bytes 250000
		"$2" || complain "charged were $(< "$engine/truth_threads")"
		put live 0
	done
}

this_thread_alone() {
	gives tid="$BASHPID"
	awk -v tid="$BASHPID" '$1 != tid || $2 != 250000 || $3 != 50 { exit 1 }' "$engine/truth_threads"
}

# Which of them it is changes as it pleases the workqueue.
kworkers_alone() {
	local tid bytes all=0

	while read -r tid bytes _; do
		[[ $(< "/proc/$tid/comm") == kworker/* ]] || return
		all=$((all + bytes))
	done < "$engine/truth_threads"
	((all == 250000))
}

no_thread() {
	gives tid=0
	awk '$1 != 0 || $2 != 250000 || $3 != 50 { exit 1 }' "$engine/truth_threads"
}

a_thread_is_charged_for_what_it_submits() {
	copies_from task this_thread_alone
}

a_kworker_is_charged_for_what_it_submits() {
	copies_from kworker kworkers_alone
}

a_hard_interrupt_charges_no_thread() {
	copies_from hardirq no_thread
}

a_soft_interrupt_charges_no_thread() {
	copies_from softirq no_thread
}

a_batch_is_prepared_as_far_as_the_ring_goes() {
	put ring 32
	put live 1
	client memcpy ops=100 mode=batch:40
	gives ops=100 refused=20 corrupt=0
	expect truth_ops 100
	expect truth_refused 20
}

what_is_not_submitted_is_not_done() {
	local style

	for style in plain vchan; do
		put style $style
		put ring 32
		put live 1
		client memcpy ops=40 mode=drop:40
		gives dropped=32 refused=8 ops=0
		expect truth_refused 8
		expect truth_ops 0
		expect truth_depth_ns 0
		# All descriptors are there again.
		client memcpy ops=32 mode=batch:32
		gives ops=32 refused=0
		put live 0
	done
}

what_is_terminated_is_not_done() {
	local style

	for style in plain vchan; do
		put style $style
		put latency_ns 1000000000
		put live 1
		client memcpy ops=16 mode=terminate:8
		gives terminated=16 ops=0 errors=0
		expect truth_ops 0
		expect truth_bytes 0
		put live 0
	done
}

a_thread_of_the_public_table_is_served() {
	put live 1
	client memcpy chan=public ops=20 mode=batch:4
	gives ops=20 corrupt=0
	expect truth_ops 20
}

# The client's own check, without which the tests above say little.
the_client_sees_what_is_corrupt() {
	put live 1
	put corrupt_next 3
	client memcpy ops=10 mode=batch:5
	gives ops=10 corrupt=3
}

the_client_sees_what_fails() {
	put live 1
	put fail_next 3
	client memcpy ops=10 mode=batch:5
	gives ops=7 errors=3 corrupt=0
	expect truth_errors 3
}

the_client_refuses_bad_orders() {
	local order words

	put live 1
	for order in "" nonsense "memcpy ops=x" "memcpy new=1" \
		"memcpy mode=fast" "memcpy context=nmi" "memcpy ops" "memcpy chan=public mode=drop"; do
		read -ra words <<< "$order"
		fails_with "$EINVAL" client "${words[@]}"
	done
	for order in ops=0 ops=4294967296 size=0 size=4194305 parts=1025 mode=batch:0; do
		fails_with "$ERANGE" client memcpy "$order"
	done
	fails_with "No such device" client memcpy chan=nobody
	expect truth_ops 0
}

run_tests a_thread_is_charged_for_what_it_submits \
	a_kworker_is_charged_for_what_it_submits \
	a_hard_interrupt_charges_no_thread \
	a_soft_interrupt_charges_no_thread \
	a_batch_is_prepared_as_far_as_the_ring_goes \
	what_is_not_submitted_is_not_done \
	what_is_terminated_is_not_done \
	a_thread_of_the_public_table_is_served \
	the_client_sees_what_is_corrupt \
	the_client_sees_what_fails \
	the_client_refuses_bad_orders
