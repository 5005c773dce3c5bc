#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tunables of dma_affinity take, how they print it, and what they refuse.
set -euo pipefail
. "$(dirname "$0")/affinity_lib.sh"

# number FILE MIN MAX: a whole number within that.
number() {
	local file=$1 min=$2 max=$3

	keeps "$file" "$max"
	keeps "$file" "$min"
	keeps "$file" $(((min + max) / 2))
	refuses "$ERANGE" "$file" $((max + 1)) $((min - 1)) -2147483648 \
		4294967296 99999999999999999999
	refuses "$EINVAL" "$file" "" x 1x 0x1 1.5 "1 2" auto -
}

# weight FILE DEFAULT: what all of them have in common.
weight() {
	local file=$1

	expect "$file" "$2"
	keeps "$file" 0 0.0000
	keeps "$file" 1 1.0000
	keeps "$file" 1.0 1.0000
	keeps "$file" 1.0000
	keeps "$file" 0.8 0.8000
	keeps "$file" 0.0001
	keeps "$file" 00.25 0.2500
	refuses "$ERANGE" "$file" 1.0001 1.1 2 10000 4294967296 4294967297.5 \
		99999999999999999999 -0.1 -1 -0
	refuses "$EINVAL" "$file" "" x . .5 1. 0.12345 0.00000 1.00000 0,5 \
		+0.5 0.5x "0.5 0.5" " 0.5" 1e-1 0x1 -x --1 0.-5
}

DMA_WEIGHT_LATENCY() {
	weight DMA_WEIGHT_LATENCY 0.5000
}

DMA_WEIGHT_THROUGHPUT() {
	weight DMA_WEIGHT_THROUGHPUT 0.5000
}

ENERGY_BIAS() {
	weight ENERGY_BIAS 0.0000
}

MIGRATION_THRESHOLD() {
	expect MIGRATION_THRESHOLD 10
	number MIGRATION_THRESHOLD 0 100
}

PREDICTION_HORIZON() {
	expect PREDICTION_HORIZON 30
	number PREDICTION_HORIZON 0 10000
}

AFFINITY_HISTORY() {
	expect AFFINITY_HISTORY 256
	number AFFINITY_HISTORY 0 4096
}

SAMPLE_INTERVAL() {
	expect SAMPLE_INTERVAL 10
	number SAMPLE_INTERVAL 1 1000
}

HOLDOFF() {
	expect HOLDOFF 10
	number HOLDOFF 0 3600
}

MAX_MOVES() {
	expect MAX_MOVES auto
	keeps MAX_MOVES 10000
	keeps MAX_MOVES 0
	keeps MAX_MOVES auto
	refuses "$ERANGE" MAX_MOVES -1 10001 4294967295 99999999999999999999
	refuses "$EINVAL" MAX_MOVES "" x Auto autos "auto 1" 1.5 0x1
}

MODE() {
	local word

	expect MODE manage
	for word in off monitor advise manage off manage monitor off advise; do
		keeps MODE $word
	done
	refuses "$EINVAL" MODE "" x Off offs "off on" man 1 auto
}

FORECASTER() {
	local word

	expect FORECASTER auto
	for word in last ewma holt kalman seasonal auto; do
		keeps FORECASTER $word
	done
	refuses "$EINVAL" FORECASTER "" x season LAST "last ewma" 0
}

SOURCES() {
	local word

	expect SOURCES all
	for word in dmaengine device none all; do
		keeps SOURCES $word
	done
	keeps SOURCES device,dmaengine all
	refuses "$EINVAL" SOURCES "" x All "all none" device, ,device \
		device,,dmaengine device,all "device dmaengine" devices dev 1
}

CAPACITY() {
	local file

	file=engines/$(dev left)/CAPACITY
	expect "$file" 0
	keeps "$file" 1
	keeps "$file" 12345678901
	expect "engines/$(dev left)/capacity_bps" 12345678901
	expect "engines/$(dev right)/CAPACITY" 0
	refuses "$ERANGE" "$file" 99999999999999999999 18446744073709551615
	refuses "$EINVAL" "$file" "" x -1 1.5 0x1 1G auto
	keeps "$file" 0
	fails_with "$ENODATA" get "engines/$(dev left)/capacity_bps"
}

RESERVED() {
	local file

	file=engines/$(dev left)/RESERVED
	expect "$file" none
	keeps "$file" rt
	expect "engines/$(dev right)/RESERVED" none
	refuses "$EINVAL" "$file" "" x RT rts "rt none" 0 1 auto
	keeps "$file" none
}

# The shell writes lines one by one, and so does any program that was told to (the
# runner of kselftest tells all of them): what is read as a whole is written so.
lines() {
	printf "%b\n" "$2" > "$scratch/lines"
	cat "$scratch/lines" > "$aff/$1"
}

a_second_line_is_refused() {
	put MIGRATION_THRESHOLD 10
	put DMA_WEIGHT_LATENCY 0.5
	put MODE manage
	fails_with "$EINVAL" lines MIGRATION_THRESHOLD "1\n2"
	fails_with "$EINVAL" lines DMA_WEIGHT_LATENCY "0.1\n0.2"
	fails_with "$EINVAL" lines MODE "off\nmanage"
	fails_with "$EINVAL" lines MODE "manage\n"
	expect MIGRATION_THRESHOLD 10
	expect DMA_WEIGHT_LATENCY 0.5000
	expect MODE manage
}

state_is_not_written() {
	local file

	for file in stats/moves threads history "engines/$(dev left)/bytes"; do
		fails_with "" put "$file" 1
	done
}

unload() {
	[[ ! -d $aff ]] || rmmod dma_affinity
}

# reload PARAMETER: load anew with it.
reload() {
	unload
	modprobe dma_affinity "$@"
}

max_threads_has_bounds() {
	local value

	reload max_threads=64
	[[ $(< /sys/module/dma_affinity/parameters/max_threads) == 64 ]]
	unload
	for value in 0 63 1048577 -1 x 4294967296; do
		fails_with "" modprobe dma_affinity max_threads=$value
		[[ ! -d $aff ]] || complain "loaded with max_threads=$value"
	done
}

max_threads_out_of_bounds_is_explained() {
	local said

	unload
	fails_with "$EINVAL" modprobe dma_affinity max_threads=63
	said=$(dmesg | tail -n 3)
	[[ $said == *"max_threads=63"*64-1048576* ]] ||
		complain "the log says '$said'"
}

max_threads_sizes_the_memory() {
	local small large

	reload max_threads=64
	small=$(get stats/memory_bytes)
	reload max_threads=65536
	large=$(get stats/memory_bytes)
	[[ $((large - small)) -gt $((65472 * 64)) ]] ||
		complain "64 threads take $small bytes, 65536 take $large"
}

values_begin_anew_with_the_module() {
	reload
	put MIGRATION_THRESHOLD 77
	put MODE monitor
	reload
	expect MIGRATION_THRESHOLD 10
	expect MODE manage
}

run_tests_together DMA_WEIGHT_LATENCY \
	DMA_WEIGHT_THROUGHPUT \
	ENERGY_BIAS \
	MIGRATION_THRESHOLD \
	PREDICTION_HORIZON \
	AFFINITY_HISTORY \
	SAMPLE_INTERVAL \
	HOLDOFF \
	MAX_MOVES \
	MODE \
	FORECASTER \
	SOURCES \
	CAPACITY \
	RESERVED \
	a_second_line_is_refused \
	state_is_not_written \
	max_threads_has_bounds \
	max_threads_out_of_bounds_is_explained \
	max_threads_sizes_the_memory \
	values_begin_anew_with_the_module
