# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# What arm64_raspi3b.sh runs in the VM: bcm2835-dma, one device with 11 private channels.
. "$(dirname "$0")/arm64_guest_lib.sh"

disk=mmcblk0
# The last words of a read of several blocks are read by the CPU: so its driver is made.
pio_bytes=12

the_engine_appears_once_for_all_its_channels() {
	there_are 1 || complain "$(engines)"
	# shellcheck disable=SC2012 # their names are plain
	[ "$(ls /sys/class/dma | wc -l)" = 11 ] || complain "$(ls /sys/class/dma)"
}

copies_on_all_channels_are_counted_as_dmatest_does() {
	counts "$(free_channels | wc -l)" 4096 iterations=20 alignment=2
}

copies_of_several_threads_are_counted_as_dmatest_does() {
	counts "$(free_channels | wc -l)" 1000 iterations=20 threads_per_chan=2 alignment=2
}

threads_are_charged_each() {
	threads_are_charged transfer_size=4096 alignment=2
}

copies_are_counted_anew_by_a_module_that_comes_later() {
	rmmod dma_affinity
	modprobe dma_affinity
	counts "$(free_channels | wc -l)" 4096 iterations=20 alignment=2
}

# disk_stat: reads, bytes read, writes and bytes written so far.
disk_stat() {
	local reads read writes written

	read -r reads _ read _ writes _ written _ < "/sys/block/$disk/stat"
	echo "$reads $((read * 512)) $writes $((written * 512))"
}

# With its driver, which keeps a channel.
disk_comes() {
	[ -b "/dev/$disk" ] || modprobe bcm2835
	poll_until 60 [ -b "/dev/$disk" ] || complain "no disk"
	# What looks for partitions has ended when this has.
	blockdev --rereadpt "/dev/$disk"
}

# counts_disk COMMAND...: what it has the disk do is what its engine counts.
counts_disk() {
	local engine before counted

	disk_comes
	engine=$(engines)
	counted=$(counted_by "$engine")
	before=$(disk_stat)
	"$@" 2> /tmp/said || complain "$*: $(cat /tmp/said)"
	# shellcheck disable=SC2046,SC2086 # several numbers
	set -- $counted $before $(disk_stat)
	[ $(($7 + $9)) -gt $(($3 + $5)) ] || complain "the disk did nothing"
	poll_until 20 has_counted "$engine" $(($1 + $7 - $3 + $9 - $5)) \
		$(($2 + $8 - $4 - ($7 - $3) * pio_bytes + ${10} - $6)) ||
		complain "engine: $counted, then $(counted_by "$engine"); disk: $before, then $7 $8 $9 ${10}"
	nothing_was_dropped
}

reads_of_the_sd_card_are_counted_less_the_words_read_by_pio() {
	counts_disk dd if=/dev/$disk of=/dev/null bs=64k count=16 iflag=direct
}

writes_of_the_sd_card_are_counted() {
	counts_disk dd if=/dev/zero of=/dev/$disk bs=32k count=16 oflag=direct
}

modprobe dma_affinity
run_tests the_engine_appears_once_for_all_its_channels \
	copies_on_all_channels_are_counted_as_dmatest_does \
	copies_of_several_threads_are_counted_as_dmatest_does \
	threads_are_charged_each \
	copies_are_counted_anew_by_a_module_that_comes_later \
	reads_of_the_sd_card_are_counted_less_the_words_read_by_pio \
	writes_of_the_sd_card_are_counted
