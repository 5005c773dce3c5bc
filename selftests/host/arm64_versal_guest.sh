# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# What arm64_versal.sh runs in the VM: zynqmp_dma, 8 devices with a public channel each.
. "$(dirname "$0")/arm64_guest_lib.sh"

engines=8
workers=4
group=/sys/fs/cgroup/skewed

every_engine_appears() {
	there_are $engines || complain "$(engines)"
	cat "$watched"/engines/*/capabilities | while read -r capabilities; do
		[ "$capabilities" = memcpy ] || complain "capabilities: $capabilities"
	done
}

small_copies_are_counted_as_dmatest_does() {
	counts $engines 8 iterations=30
}

large_copies_are_counted_as_dmatest_does() {
	counts $engines 16000 iterations=30
}

copies_of_several_threads_are_counted_as_dmatest_does() {
	counts $engines 4096 iterations=20 threads_per_chan=3
}

polled_copies_are_counted_as_dmatest_does() {
	counts $engines 4096 iterations=20 polled=1
}

threads_are_charged_each_with_its_engine() {
	threads_are_charged transfer_size=4096
}

# keep_awake ENGINE...: zynqmp_dma turns off the clocks of a device that goes, even if it sleeps
# and they are off: the kernel warns then. So it is not to sleep.
keep_awake() {
	local engine

	for engine; do
		echo on > "/sys/bus/platform/devices/$engine/power/control"
	done
}

provider_goes_while_watched_and_comes_back() {
	local round

	for round in 1 2 3; do
		# shellcheck disable=SC2046 # several
		keep_awake $(engines)
		rmmod zynqmp_dma
		there_are 0 || complain "round $round: left: $(engines)"
		modprobe zynqmp_dma
		there_are $engines || complain "round $round: came: $(engines)"
	done
	counts $engines 4096 iterations=20
}

one_engine_goes_and_comes_back() {
	local driver=/sys/bus/platform/drivers/xilinx-zynqmp-dma engine

	engine=$(engines | tail -n 1)
	keep_awake "$engine"
	echo "$engine" > $driver/unbind
	! [ -e "$watched/engines/$engine" ] || complain "$engine is left"
	there_are $((engines - 1)) || complain "$(engines)"
	counts $((engines - 1)) 4096 iterations=20
	echo "$engine" > $driver/bind
	there_are $engines || complain "$(engines)"
	counts $engines 4096 iterations=20
}

# routed: engines that serve a CPU, and of each that and how many threads load it.
routed() {
	local engine

	for engine in "$watched"/engines/*; do
		[ -z "$(cat "$engine/cpus")" ] ||
			echo "$(basename "$engine") $(cat "$engine/cpus") $(cat "$engine/threads")"
	done
}

# Interrupts come to the CPU whose threads wait for them: else they are slower to see that one of
# the two engines is done, and that has less to give.
interrupts_follow_routes() {
	local engine pin irq

	for engine in $(routed | cut -d ' ' -f 1); do
		pin=$(od -An -tu1 -j 4 -N 4 "/sys/bus/platform/devices/$engine/of_node/interrupts" |
			awk '{ print $3 * 256 + $4 + 32 }')
		irq=$(awk -v pin="$pin" '$(NF - 2) == pin { print $1 + 0 }' /proc/interrupts)
		get "engines/$engine/cpus" > "/proc/irq/$irq/smp_affinity_list"
	done
}

both_are_routed() {
	[ "$(routed | wc -l)" = 2 ]
}

# How many of the four each gets is for the policy's own tests: what an engine delivers here is
# what the host has time for.
both_are_used() {
	[ "$(routed | awk '$3 > 0' | wc -l)" = 2 ]
}

any_move() {
	[ "$(get stats/moves)" -gt 0 ]
}

# Where the scheduler has spread them by itself there is nothing to do for the module: they
# start anew, on the engine of CPU 0.
begins_skewed_and_is_moved() {
	local pid

	for pid in $pids; do
		echo "$pid" > $group/cgroup.procs
	done
	for pid in $pids; do
		echo "$pid" > /sys/fs/cgroup/cgroup.procs
	done
	poll_until 10 any_move
}

masks() {
	local pid

	for pid in $pids; do
		sed -n 's/^Cpus_allowed:[[:blank:]]*//p' "/proc/$pid/status"
	done | tr '\n' ' '
}

# Four threads begin on CPU 0, whose engine then has all to do, and may run on both.
load_is_spread_over_the_routed_engines() {
	local pids="" i

	echo +cpuset > /sys/fs/cgroup/cgroup.subtree_control
	mkdir $group
	echo 0 > $group/cpuset.cpus
	echo 0 > "$watched/HOLDOFF"
	mkfifo /tmp/end
	for i in $(seq $workers); do
		affinity_worker < /tmp/end > "/tmp/worker.$i" &
		pids="$pids $!"
	done
	exec 3> /tmp/end
	poll_until 60 both_are_routed || complain "$(routed)"
	interrupts_follow_routes
	poll_until 60 begins_skewed_and_is_moved || complain "no thread was moved: $(routed)"
	poll_until 60 both_are_used || complain "$(routed)"
	echo off > "$watched/MODE"
	[ "$(masks)" = "3 3 3 3 " ] || complain "masks: $(masks)"
	exec 3>&-
	wait
	nothing_was_dropped
}

modprobe dma_gate
modprobe dma_affinity
modprobe zynqmp_dma
run_tests every_engine_appears \
	small_copies_are_counted_as_dmatest_does \
	large_copies_are_counted_as_dmatest_does \
	copies_of_several_threads_are_counted_as_dmatest_does \
	polled_copies_are_counted_as_dmatest_does \
	threads_are_charged_each_with_its_engine \
	provider_goes_while_watched_and_comes_back \
	one_engine_goes_and_comes_back \
	load_is_spread_over_the_routed_engines
