#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Somebody else sets the mask of a thread that was moved: it is theirs. And CPUs
# that go away leave no thread with less than it was given.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

setup() {
	engines_and_module
	# Longer than any of it takes.
	put HOLDOFF 600
}

# hands_off MASK: the worker has it, and keeps it however hot its engine.
hands_off() {
	poll_until 10 is_state "$worker" holdoff ||
		complain "the worker is '$(state "$worker")'"
	pass_ticks 60
	has_mask "$worker" "$1" || complain "its mask is $(mask "$worker")"
	is_state "$worker" holdoff
}

users_mask_stands() {
	narrowed_worker
	taskset -p 7 "$worker" > /dev/null
	hands_off 7
	rmmod dma_affinity
	has_mask "$worker" 7 || complain "unload made it $(mask "$worker")"
}

original_mask_set_again_stands() {
	narrowed_worker
	taskset -p "$all_cpus" "$worker" > /dev/null
	hands_off "$all_cpus"
}

# Which cannot be told by comparing masks.
narrowed_mask_set_again_stands() {
	narrowed_worker
	taskset -p c "$worker" > /dev/null
	hands_off c
	rmmod dma_affinity
	has_mask "$worker" c || complain "unload made it $(mask "$worker")"
}

# Not narrowed, but watched: a wish all the same.
mask_of_a_thread_not_yet_moved_stands() {
	put MAX_MOVES 0
	worker
	crowd
	tell work > /dev/null
	poll_until 20 is_state "$worker" free ||
		complain "the worker is '$(state "$worker")'"
	taskset -p "$all_cpus" "$worker" > /dev/null
	put MAX_MOVES auto
	hands_off "$all_cpus"
}

users_mask_outlives_mode() {
	narrowed_worker
	taskset -p 6 "$worker" > /dev/null
	put MODE off
	has_mask "$worker" 6 || complain "its mask is $(mask "$worker")"
}

one_that_fails_to_set_it_changes_nothing() {
	narrowed_worker
	put MAX_MOVES 0
	fails_with "" setpriv --reuid=65534 --clear-groups \
		taskset -p 7 "$worker"
	pass_ticks 20
	is_state "$worker" narrowed
	put MODE monitor
	has_mask "$worker" "$all_cpus"
}

# What is held off for a second is seen within two ticks; HOLDOFF tells for how long at that moment.
holdoff_ends() {
	narrowed_worker
	taskset -p "$all_cpus" "$worker" > /dev/null
	poll_until 10 is_state "$worker" holdoff
	put HOLDOFF 1
	taskset -p 3 "$worker" > /dev/null
	taskset -p "$all_cpus" "$worker" > /dev/null
	pass_ticks 2
	gets_moved c
	poll_until 20 is_state "$worker" narrowed ||
		complain "the worker is '$(state "$worker")'"
}

# The cpuset of a thread that was moved.
cpuset_is_changed() {
	group_create inner 0-3
	worker_with "" inner
	crowd
	tell work > /dev/null
	gets_moved c
	echo 1-3 > "$group.inner/cpuset.cpus"
	has_mask "$worker" e
	hands_off e
	rmmod dma_affinity
	has_mask "$worker" e || complain "unload made it $(mask "$worker")"
}

is_put_into_a_cpuset() {
	group_create inner 1-2
	narrowed_worker
	echo "$worker" > "$group.inner/cgroup.procs"
	hands_off 6
}

# cpu N ON: on- and offline.
cpu() {
	echo "$2" > "/sys/devices/system/cpu/cpu$1/online"
}

one_of_two_cpus_goes() {
	narrowed_worker
	put MAX_MOVES 0
	cpu 3 0
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	cpu 3 1
	put MODE off
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
}

# The engine serves only CPU 2, as CPU 3 is not there, nor those of further nodes.
only_cpu_goes() {
	local cpu

	for ((cpu = $(nproc) - 1; cpu >= 3; cpu--)); do
		cpu "$cpu" 0
	done
	engine_remove right
	engine_create right node=1 bytes_per_sec="$speed"
	worker
	# First: with its other CPU gone none of the crowd may be moved on every kernel,
	# and who may not be moved does not wake the tick.
	tell work > /dev/null
	crowd
	gets_moved 4
	put MAX_MOVES 0
	cpu 2 0
	has_mask "$worker" "$all_cpus" || complain "its mask is $(mask "$worker")"
	cpu 2 1
	cpu 3 1
	rmmod dma_affinity
	has_mask "$worker" "$all_cpus" || complain "unload made it $(mask "$worker")"
}

# A cpuset's CPU goes: what the kernel makes of the mask is what it gets.
cpu_of_a_cpuset_goes_and_comes() {
	group_create inner 0-2
	worker_with "" inner
	crowd
	tell work > /dev/null
	gets_moved 4
	put MAX_MOVES 0
	cpu 2 0
	poll_until 10 covers 3 || complain "its mask is $(mask "$worker")"
	cpu 2 1
	poll_until 10 has_mask "$worker" 7 ||
		complain "its mask is $(mask "$worker")"
}

# covers MASK: the worker may run on all of these.
covers() {
	[[ $((0x$(mask "$worker") & 0x$1)) == $((0x$1)) ]]
}

# within MASK: and on no others.
within() {
	[[ $((0x$(mask "$worker") & ~0x$1)) == 0 ]]
}

cpu_goes_under_a_user_mask() {
	worker_with e ""
	crowd
	tell work > /dev/null
	gets_moved c
	cpu 3 0
	pass_ticks 20
	cpu 2 0
	pass_ticks 20
	within e || complain "its mask is $(mask "$worker")"
	covers 2 || complain "its mask is $(mask "$worker")"
	cpu 2 1
	cpu 3 1
	put MODE off
	has_mask "$worker" e || complain "its mask is $(mask "$worker")"
}

run_tests users_mask_stands \
	original_mask_set_again_stands \
	narrowed_mask_set_again_stands \
	mask_of_a_thread_not_yet_moved_stands \
	users_mask_outlives_mode \
	one_that_fails_to_set_it_changes_nothing \
	holdoff_ends \
	cpuset_is_changed \
	is_put_into_a_cpuset \
	one_of_two_cpus_goes \
	only_cpu_goes \
	cpu_of_a_cpuset_goes_and_comes \
	cpu_goes_under_a_user_mask
