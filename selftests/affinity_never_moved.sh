#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Threads that are not to be moved are not, though their engine drowns; and each
# is as soon as it may be.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# stays_until COMMAND...: the worker works in a crowd and stays as it is, until
# that.
stays_until() {
	local before

	crowd
	tell work > /dev/null
	before=$(mask "$worker")
	poll_until 30 is_state "$worker" pinned ||
		complain "the worker is '$(state "$worker")', not pinned"
	pass_ticks 60
	has_mask "$worker" "$before" || complain "its mask is $(mask "$worker")"
	expect stats/moves 0
	"$@"
	gets_moved c || complain "nor is it moved after '$*'"
}

# For which nobody waits.
unpin() {
	put HOLDOFF 0
	worker_mask=$all_cpus
	leave_start
}

mask_of_one_cpu() {
	worker_with 1 ""
	stays_until unpin
}

fifo() {
	worker
	chrt -f -p 10 "$worker"
	stays_until chrt -o -p 0 "$worker"
}

round_robin() {
	worker
	chrt -r -p 10 "$worker"
	stays_until chrt -o -p 0 "$worker"
}

deadline() {
	worker
	chrt -d --sched-runtime 5000000 --sched-deadline 20000000 \
		--sched-period 20000000 -p 0 "$worker"
	stays_until chrt -o -p 0 "$worker"
}

run_tests mask_of_one_cpu \
	fifo \
	round_robin \
	deadline
