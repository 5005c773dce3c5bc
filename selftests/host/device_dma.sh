#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. Devices that do DMA by themselves, an NVMe drive and two network
# controllers on node 1: bytes equal what the block layer and the netdevs count, each
# byte is charged to the thread that asked for it, threads are brought near the drive.
# $KERNEL names another kernel than both.
#
#	node 0		node 1
#	CPUs 0-1	CPUs 2-3 -- far -+- p0 -- NVMe, nothing behind it
#					 +- p1 -- eth0 --+
#					 +- p2 -- eth1 --+ one hub
set -euo pipefail

here=$(dirname "$(realpath "$0")")
vm=$here/../../tools/vm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

. "${KSFT_DIR:-$("$vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

machine=(
	-device "pxb-pcie,id=far,bus=pcie.0,bus_nr=0x80,numa_node=1"
	-device "pcie-root-port,id=p0,bus=far,chassis=1"
	-device "pcie-root-port,id=p1,bus=far,chassis=2"
	-device "pcie-root-port,id=p2,bus=far,chassis=3"
	-blockdev "driver=null-co,node-name=disk,size=$((1 << 30)),read-zeroes=on"
	-device "nvme,bus=p0,drive=disk,serial=none"
	-netdev "hubport,id=h0,hubid=1"
	-netdev "hubport,id=h1,hubid=1"
	-device "e1000e,bus=p1,netdev=h0,mac=52:54:00:00:00:01,romfile="
	-device "e1000e,bus=p2,netdev=h1,mac=52:54:00:00:00:02,romfile="
)

run() {
	local word qemu=()

	for word in "${machine[@]}"; do
		qemu+=(--qemu "$word")
	done
	"$vm/run" --kernel "$1" --exact --nodes 2 --cpus 4 "${qemu[@]}" \
		--add fio --add bash --add ip --add mdadm --add addpart --add delpart \
		--add module:nvme --add module:e1000e --add module:raid0 \
		--add "$here/device_dma_guest.sh" -- \
		bash "$here/device_dma_guest.sh" > "$scratch/report"
}

# of NAME: of the run under test.
of() {
	sed -n "s/^$1 //p" "$scratch/report"
}

is() {
	[[ $(of "$1") == "$2" ]]
}

# at_least NAME N, at_most NAME NAME
at_least() {
	[[ $(of "$1") -ge $2 ]]
}

at_most() {
	[[ $(of "$1") -le $(of "$2") ]]
}

# equals NAME BYTES: so much moved at least, and the figures agree.
equals() {
	at_least "$1_moved" "$2" && is "$1_differs_by" 0
}

direct_io_equals_diskstats() {
	equals direct 8388608
}

buffered_reads_equal_diskstats() {
	equals buffered_read 8388608
}

buffered_writes_equal_diskstats() {
	equals buffered_write 8388608
}

io_uring_equals_diskstats() {
	equals io_uring 8388608
}

eight_jobs_equal_diskstats() {
	equals eight_jobs 16777216
}

an_array_of_it_equals_diskstats() {
	equals striped 8388608
}

each_job_is_charged_what_it_read() {
	is jobs_charged_wrongly 0
}

nothing_is_dropped() {
	is dropped 0 && is dropped_by_the_network 0
}

nothing_is_mapped_when_idle() {
	is mapped_when_idle 0
}

engine_is_on_its_node() {
	is node 1
}

runtime_status_is_shown() {
	is runtime_status active
}

tick_rests_while_little_is_written() {
	is ticks_of_a_quiet_drive 0
}

jobs_far_away_are_brought_near() {
	at_least jobs_brought_near 1 && ! of mask_near | grep -qvx c
}

masks_are_given_back_when_jobs_rest() {
	is given_back 1
}

jobs_stay_away_from_busy_cpus() {
	is moved_to_busy_cpus 0
}

network_sent_equals_statistics() {
	equals eth0 1400000
}

network_received_equals_statistics() {
	equals eth1 1400000
}

sender_is_charged_for_what_it_sends() {
	is sender_uses "$(of eth0_is)" && at_least sender_bytes 1 &&
		at_most sender_bytes eth0_moved
}

provider_is_counted_once() {
	at_least provider_moved 1 && is provider_differs_by 0
}

sources_choose() {
	is with_dmaengine dma_engine_sim.0 && is with_none "" &&
		is with_device "$(of drive)" && is bytes_since_device 8388608 &&
		is with_all_again "$(of drive) dma_engine_sim.0"
}

mode_off_sees_nothing() {
	is bytes_while_off 0
}

engine_goes_with_its_driver_and_comes_back() {
	is unbound dma_engine_sim.0 && equals bound_again 8388608
}

engine_goes_with_its_device_and_comes_back() {
	is removed dma_engine_sim.0 && equals found_again 8388608
}

unloads_while_jobs_run() {
	is masks_after_unload 0
}

tests=(
	direct_io_equals_diskstats
	buffered_reads_equal_diskstats
	buffered_writes_equal_diskstats
	io_uring_equals_diskstats
	eight_jobs_equal_diskstats
	an_array_of_it_equals_diskstats
	each_job_is_charged_what_it_read
	nothing_is_dropped
	nothing_is_mapped_when_idle
	engine_is_on_its_node
	runtime_status_is_shown
	tick_rests_while_little_is_written
	jobs_far_away_are_brought_near
	masks_are_given_back_when_jobs_rest
	jobs_stay_away_from_busy_cpus
	network_sent_equals_statistics
	network_received_equals_statistics
	sender_is_charged_for_what_it_sends
	provider_is_counted_once
	sources_choose
	mode_off_sees_nothing
	engine_goes_with_its_driver_and_comes_back
	engine_goes_with_its_device_and_comes_back
	unloads_while_jobs_run
)

read -ra kernels <<< "${KERNEL:-6.12 6.1}"
ktap_print_header
ktap_set_plan $((${#tests[@]} * ${#kernels[@]}))
for kernel in "${kernels[@]}"; do
	run "$kernel" || echo "# the run failed"
	sed 's/^/# /' "$scratch/report"
	for name in "${tests[@]}"; do
		if "$name"; then
			ktap_test_pass "$kernel $name"
		else
			ktap_test_fail "$kernel $name"
		fi
	done
done
ktap_finished
