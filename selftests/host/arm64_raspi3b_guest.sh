# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# What arm64_raspi3b.sh runs in the VM: bcm2835-dma, one device with 11 private channels.
. "$(dirname "$0")/arm64_guest_lib.sh"

channels=11

the_engine_appears_once_for_all_its_channels() {
	there_are 1 || complain "$(engines)"
	# shellcheck disable=SC2012 # their names are plain
	[ "$(ls /sys/class/dma | wc -l)" = $channels ] || complain "$(ls /sys/class/dma)"
}

copies_on_all_channels_are_counted_as_dmatest_does() {
	counts $channels 4096 iterations=20 alignment=2
}

copies_of_several_threads_are_counted_as_dmatest_does() {
	counts $channels 1000 iterations=20 threads_per_chan=2 alignment=2
}

threads_are_charged_each() {
	threads_are_charged transfer_size=4096 alignment=2
}

copies_are_counted_anew_by_a_module_that_comes_later() {
	rmmod dma_affinity
	modprobe dma_affinity
	counts $channels 4096 iterations=20 alignment=2
}

modprobe dma_affinity
run_tests the_engine_appears_once_for_all_its_channels \
	copies_on_all_channels_are_counted_as_dmatest_does \
	copies_of_several_threads_are_counted_as_dmatest_does \
	threads_are_charged_each \
	copies_are_counted_anew_by_a_module_that_comes_later
