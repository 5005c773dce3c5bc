#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The configfs files of dma_engine_sim: what they take, what they refuse, and
# what may be done when.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

# Every file that can be set, and its default.
defaults_are_as_documented() {
	expect node -1
	expect channels 1
	expect bytes_per_sec 1000000000
	expect latency_ns 1000
	expect capabilities memcpy
	expect private 0
	expect style plain
	expect ring 1024
	expect max_sources 16
	expect autosuspend_ms -1
	expect resume_ns 0
	expect live 0
	expect fail_next 0
	expect corrupt_next 0
	expect hang_next 0
	expect slow_percent 100
}

good_values_are_kept() {
	keeps node 0
	keeps node -1
	keeps channels 64
	keeps bytes_per_sec 1
	keeps bytes_per_sec 4398046511104
	keeps latency_ns 0
	keeps latency_ns 1000000000
	keeps capabilities "memcpy memset xor xor_val pq pq_val interrupt sg cyclic interleaved"
	keeps private 1
	keeps style vchan
	keeps style nested
	keeps ring 16384
	keeps max_sources 32
	keeps autosuspend_ms 0
	keeps autosuspend_ms 3600000
	keeps autosuspend_ms -1
	keeps resume_ns 1000000000
	keeps fail_next 4294967295
	keeps corrupt_next 3
	keeps hang_next 7
	keeps slow_percent 1
	keeps slow_percent 10000
}

capabilities_are_listed_in_one_order() {
	put capabilities "interrupt   xor memcpy memcpy"
	expect capabilities "memcpy xor interrupt"
}

bad_values_are_refused() {
	local value

	for value in "" x 1x 0x -1 1.5; do
		refuses channels "$value" "$EINVAL"
		refuses bytes_per_sec "$value" "$EINVAL"
		refuses ring "$value" "$EINVAL"
	done
	refuses node x "$EINVAL"
	refuses autosuspend_ms x "$EINVAL"
	refuses resume_ns -1 "$EINVAL"
	refuses private maybe "$EINVAL"
	refuses style fancy "$EINVAL"
	refuses live maybe "$EINVAL"
	refuses fail_next -1 "$EINVAL"
	refuses hang_next x "$EINVAL"
	refuses slow_percent -1 "$EINVAL"
	refuses capabilities "" "$EINVAL"
	refuses capabilities "memcpy vec" "$EINVAL"
	refuses capabilities "memcpy,sg" "$EINVAL"
	refuses capabilities "mem" "$EINVAL"
}

values_out_of_range_are_refused() {
	refuses channels 0 "$ERANGE"
	refuses channels 65 "$ERANGE"
	refuses bytes_per_sec 0 "$ERANGE"
	refuses bytes_per_sec 4398046511105 "$ERANGE"
	refuses latency_ns 1000000001 "$ERANGE"
	refuses ring 0 "$ERANGE"
	refuses ring 16385 "$ERANGE"
	refuses ring 99999999999999999999 "$ERANGE"
	refuses max_sources 1 "$ERANGE"
	refuses max_sources 33 "$ERANGE"
	refuses fail_next 4294967296 "$ERANGE"
	refuses hang_next 4294967296 "$ERANGE"
	refuses slow_percent 0 "$ERANGE"
	refuses slow_percent 10001 "$ERANGE"
	refuses node -2 "$ERANGE"
	refuses autosuspend_ms -2 "$ERANGE"
	refuses autosuspend_ms 3600001 "$ERANGE"
	refuses resume_ns 1000000001 "$ERANGE"
	refuses node 100000 "$ERANGE"
}

# The last node that could be, which no test machine has.
a_node_that_is_offline_is_refused() {
	refuses node 63 "$ERANGE"
}

a_live_engine_keeps_its_attributes() {
	local name

	put live 1
	for name in node channels bytes_per_sec latency_ns private ring autosuspend_ms resume_ns; do
		refuses $name "$(< "$engine/$name")" "$EBUSY"
	done
	refuses style vchan "$EBUSY"
	refuses capabilities memcpy "$EBUSY"
	refuses max_sources 8 "$EBUSY"
	put live 0
	keeps channels 2
}

one_shot_counts_are_set_at_any_time() {
	put live 1
	keeps fail_next 5
	keeps corrupt_next 6
	keeps hang_next 7
	put live 0
	expect fail_next 5
	expect corrupt_next 6
	expect hang_next 7
}

a_live_engine_is_not_removed() {
	put live 1
	fails_with "$EBUSY" rmdir "$engine"
	expect live 1
	put live 0
}

live_twice_is_no_error() {
	put live 1
	put live 1
	put live 0
	put live 0
	expect live 0
}

dev_name_is_that_of_a_bound_device() {
	local name

	fails_with "$ENODATA" cat "$engine/dev_name"
	put live 1
	name=$(< "$engine/dev_name")
	[[ -e /sys/bus/platform/drivers/dma_engine_sim/$name ]]
	put live 0
	[[ ! -e /sys/bus/platform/devices/$name ]]
}

the_device_has_the_node() {
	put node 0
	put live 1
	[[ $(< "/sys/bus/platform/devices/$(< "$engine/dev_name")/numa_node") == 0 ]]
}

each_channel_is_a_device_of_class_dma() {
	local device

	put channels 3
	put live 1
	device=/sys/bus/platform/devices/$(< "$engine/dev_name")
	[[ $(find "$device/dma" -mindepth 1 -maxdepth 1 | wc -l) == 3 ]]
}

truth_of_an_idle_engine_is_zero() {
	local name

	put live 1
	for name in bytes ops errors refused busy_ns depth_ns latency_ns sent_crc; do
		expect truth_$name 0
	done
	[[ -z $(< "$engine/truth_threads") ]]
	[[ $(stat -c %a "$engine/truth_threads") == 400 ]]
}

a_folder_keeps_the_module_loaded() {
	fails_with "in use" rmmod dma_engine_sim
}

the_module_goes_when_its_folders_are_gone() {
	put live 1
	teardown
	poll_until 20 rmmod dma_engine_sim
	[[ ! -e /sys/bus/platform/drivers/dma_engine_sim ]]
	modprobe dma_engine_sim
	mkdir "$engine"
}

run_tests defaults_are_as_documented \
	good_values_are_kept \
	capabilities_are_listed_in_one_order \
	bad_values_are_refused \
	values_out_of_range_are_refused \
	a_node_that_is_offline_is_refused \
	a_live_engine_keeps_its_attributes \
	one_shot_counts_are_set_at_any_time \
	a_live_engine_is_not_removed \
	live_twice_is_no_error \
	dev_name_is_that_of_a_bound_device \
	the_device_has_the_node \
	each_channel_is_a_device_of_class_dma \
	truth_of_an_idle_engine_is_zero \
	a_folder_keeps_the_module_loaded \
	the_module_goes_when_its_folders_are_gone
