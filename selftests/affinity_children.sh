#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The children of a thread that was moved do not keep its narrowed mask; and
# after unload no thread of the system has another mask than without the module.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# gets_its_own WHAT: a child born of the moved worker has the original mask soon.
gets_its_own() {
	local child

	narrowed_worker
	put MAX_MOVES 0
	child=$(tell "$1")
	poll_until 10 has_mask "$child" "$all_cpus" ||
		complain "the $1's mask is $(mask "$child")"
	has_mask "$worker" c || complain "the worker's mask is $(mask "$worker")"
}

process() {
	gets_its_own fork
}

thread() {
	gets_its_own thread
}

# Born without the fork tracepoint where it is a thread of its owner's, as on 6.12. On 6.1
# it is one of the kernel's own.
vhosts_worker() {
	local child

	narrowed_worker
	put MAX_MOVES 0
	tell vhost > /dev/null
	child=$(grep -lx "vhost-$worker" /proc/[0-9]*/task/[0-9]*/comm 2> /dev/null || :)
	child=${child%/comm}
	poll_until 10 has_mask "${child##*/}" "$all_cpus" ||
		complain "the mask of $child is $(mask "${child##*/}")"
	has_mask "$worker" c || complain "the worker's mask is $(mask "$worker")"
}

# No tick has seen them when the masks are given back, nor does one need to: one has
# just passed, and the next is most of a second away. Where it came all the same
# nothing was shown.
process_born_as_masks_are_given_back() {
	local child try ticks

	narrowed_worker
	for try in 1 2 3 4 5 6 7 8 9 10; do
		put MAX_MOVES 0
		put SAMPLE_INTERVAL 1000
		pass_ticks 1
		# At once, without a shell of its own for each.
		read -r ticks < "$aff/stats/ticks"
		echo fork >&"${WORKER[1]}"
		read -r -t 60 child <&"${WORKER[0]}"
		put MODE monitor
		poll_until 10 has_mask "$child" "$all_cpus" ||
			complain "its mask is $(mask "$child")"
		! reads stats/ticks "$ticks" || return 0

		echo "# try $try: a tick came first"
		put SAMPLE_INTERVAL 10
		put MAX_MOVES 100
		put MODE manage
		gets_moved c
	done
	return 1
}

# A child that its user gives that very mask keeps it.
childs_own_mask_stands() {
	local child

	narrowed_worker
	child=$(tell fork)
	taskset -p c "$child" > /dev/null
	poll_until 10 has_mask "$child" c || complain "its mask is $(mask "$child")"
	pass_ticks 120
	rmmod dma_affinity
	has_mask "$child" c || complain "its mask is $(mask "$child")"
}

# masks: every thread of the system, whether it has memory of its own, and its
# mask. One that ends meanwhile is left out.
masks() {
	{ cat /proc/[0-9]*/task/[0-9]*/status 2> /dev/null || :; } | awk "
		/^Pid:/ { tid = \$2; user = 0 }
		/^VmSize:/ { user = 1 }
		/^Cpus_allowed:/ { sub(/^0+/, \"\", \$2); print tid, user, \$2 }" | sort
}

# those_of PID: it, its threads and its children with theirs.
those_of() {
	cat "/proc/$1"/task/*/children | tr ' ' '\n' |
		sed "1i $1" | sed '/^$/d; s|.*|/proc/&/task|' |
		xargs -I DIR ls DIR
}

# With loads under several masks, a storm of children, and moves.
all_masks_after_unload_are_those_before_load() {
	local wrong

	rmmod dma_affinity
	worker
	tell work > /dev/null
	load --threads 16 --depth 1 --size 16K --start-cpus 0-1
	load --threads 16 --depth 1 --size 16K --start-cpus 0-1
	taskset e dmaaff-load --threads 4 --depth 1 --seconds 3600 > /dev/null &
	load --threads 4 --depth 1 --cpus 2
	# Node 0 is drowning in what cannot be moved: others have reason to go.
	load --threads 3 --depth 8 --cpus 0
	poll_until 30 threads_are 48
	# They begin on their CPUs, and may leave them then.
	# shellcheck disable=SC2031 # of the same test
	poll_until 30 threads_have "${load_pids[0]}" "$all_cpus" > /dev/null
	# shellcheck disable=SC2031
	poll_until 30 threads_have "${load_pids[1]}" "$all_cpus" > /dev/null
	masks > "$scratch/before"

	modprobe dma_affinity
	put MAX_MOVES 1000
	moves_come 3 2
	poll_until 30 narrowed_now "$worker" || put MAX_MOVES 0
	tell storm > /dev/null
	poll_until 30 children_are 20
	rmmod dma_affinity
	[[ $(tell calm) -ge 20 ]]
	masks > "$scratch/after"

	# Threads that are known have the mask they had; those born since have
	# all CPUs, as their parent does.
	wrong=$(awk -v all="$all_cpus" '
		NR == FNR { mask[$1] = $3; next }
		$1 in mask ? $3 != mask[$1] : $2 && $3 != all' \
		"$scratch/before" "$scratch/after")
	[[ -z $wrong ]] || complain "tid, user, mask: $wrong"
	[[ $(wc -l < "$scratch/after") -ge $(($(wc -l < "$scratch/before") + 20)) ]]
}

threads_are() {
	[[ $(cat /proc/[0-9]*/task/[0-9]*/comm 2> /dev/null |
		grep -c "^dmaaff-load") -ge $1 ]]
}

children_are() {
	[[ $(wc -w < "/proc/$worker/task/$worker/children") -ge $1 ]]
}

narrowed_now() {
	! has_mask "$1" "$all_cpus"
}

# The children that a narrowed thread bears while the module goes.
storm_during_unload() {
	local wrong

	narrowed_worker
	tell storm > /dev/null
	poll_until 30 children_are 10
	rmmod dma_affinity
	[[ $(tell calm) -ge 20 ]]
	wrong=$(masks | awk -v all="$all_cpus" 'NR == FNR { child[$1]; next }
		$1 in child && $3 != all' <(those_of "$worker") -)
	[[ -z $wrong ]] || complain "tid, user, mask: $wrong"
}

need_module vhost_net
run_tests process \
	thread \
	vhosts_worker \
	process_born_as_masks_are_given_back \
	childs_own_mask_stands \
	storm_during_unload \
	all_masks_after_unload_are_those_before_load
