# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC3043
#
# What the guests of arm64_*.sh share. There is busybox and nothing else. Sourced.

watched=/sys/kernel/dma_affinity

# complain WORD...: say why a test fails, and fail.
complain() {
	echo "# $*"
	return 1
}

# get FILE: a figure of the module's.
get() {
	cat "$watched/$1"
}

# poll_until SECONDS COMMAND...: tries it again and again until it succeeds, at most
# so long.
poll_until() {
	local end

	end=$(($(cut -d . -f 1 /proc/uptime) + $1 + 1))
	shift
	until "$@"; do
		[ "$(cut -d . -f 1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.1
	done
}

engines() {
	# shellcheck disable=SC2012 # their names are plain
	ls "$watched/engines"
}

there_are() {
	[ "$(engines | wc -l)" = "$1" ]
}

# counted_by ENGINE: its operations and bytes.
counted_by() {
	echo "$(get "engines/$1/ops") $(get "engines/$1/bytes")"
}

has_counted() {
	[ "$(counted_by "$1")" = "$2 $3" ]
}

nothing_was_dropped() {
	[ "$(get stats/dropped)" = 0 ] || complain "dropped: $(get stats/dropped)"
}

# engine_of CHANNEL: whose it is.
engine_of() {
	basename "$(readlink -f "/sys/class/dma/$1/device")"
}

# dmatest PARAMETER=VALUE...: runs it over all channels to its end. Its results lie in
# /tmp/dmatest, a line a thread: engine, channel, tests, failures.
dmatest() {
	local channel tests failures

	dmesg -c > /dev/null
	modprobe dmatest timeout=20000 "$@" run=1
	cat /sys/module/dmatest/parameters/wait > /dev/null
	rmmod dmatest
	dmesg |
		sed -n 's/.*: \(dma[0-9]*chan[0-9]*\)-.*: summary \([0-9]*\) tests, \([0-9]*\) failures.*/\1 \2 \3/p' |
		while read -r channel tests failures; do
			echo "$(engine_of "$channel") $channel $tests $failures"
		done > /tmp/dmatest
}

# sum COLUMN ENGINE: of dmatest's results.
sum() {
	awk -v column="$1" -v engine="$2" '$1 == engine { n += $column } END { print n + 0 }' /tmp/dmatest
}

# counts CHANNELS SIZE PARAMETER=VALUE...: each engine counts what dmatest does with so many
# channels of them all, in copies of that size.
counts() {
	local channels="$1" size="$2" engine tests ops bytes

	shift 2
	for engine in $(engines); do
		counted_by "$engine" > "/tmp/before.$engine"
	done
	dmatest transfer_size="$size" "$@"
	[ "$(cut -d ' ' -f 2 /tmp/dmatest | sort -u | wc -l)" = "$channels" ] ||
		complain "dmatest: $(cat /tmp/dmatest)"
	for engine in $(engines); do
		tests=$(sum 3 "$engine")
		[ "$tests" -gt 0 ] || complain "dmatest: $(cat /tmp/dmatest)"
		[ "$(sum 4 "$engine")" = 0 ] || complain "dmatest: $(cat /tmp/dmatest)"
		read -r ops bytes < "/tmp/before.$engine"
		poll_until 20 has_counted "$engine" $((ops + tests)) $((bytes + tests * size)) ||
			complain "$engine: $(counted_by "$engine") after $ops $bytes and $tests of $size"
	done
	nothing_was_dropped
}

# charged: of each thread of dmatest that the table has: the channel it is named after, the
# engine it loads, and whether it may be moved.
charged() {
	local tid engine state comm

	while read -r tid _ engine _ _ _ state _; do
		read -r comm 2> /dev/null < "/proc/$tid/comm" || continue
		case $comm in
		dma*chan*-copy*) echo "${comm%-copy*} $engine $state" ;;
		esac
	done < "$watched/threads" | sort
}

# are_charged CHANNEL...: a thread on each of them, which is bound, with its engine.
are_charged() {
	local channel

	for channel; do
		echo "$channel $(engine_of "$channel") bound"
	done | sort > /tmp/expected
	charged | cmp -s - /tmp/expected
}

# Those that no client has to itself.
free_channels() {
	grep -l "^0" /sys/class/dma/*/in_use | cut -d / -f 5
}

# threads_are_charged PARAMETER=VALUE...: each thread of dmatest, one on each free channel.
threads_are_charged() {
	local channels status=0

	channels=$(free_channels)
	[ -n "$channels" ] || complain "no free channel"
	modprobe dmatest timeout=20000 "$@" run=1
	# shellcheck disable=SC2086 # several
	poll_until 30 are_charged $channels || status=1
	[ $status = 0 ] || charged | sed "s/^/# /"
	rmmod dmatest
	return $status
}

# run_tests FUNCTION...: each in a shell of its own; it fails by its first command that
# does.
run_tests() {
	local name number=0 failed=0

	echo "1..$#"
	for name; do
		number=$((number + 1))
		(
			set -e
			"$name"
		)
		# shellcheck disable=SC2181 # `set -e` does nothing in a condition
		if [ $? = 0 ]; then
			echo "ok $number $name"
		else
			echo "not ok $number $name"
			failed=1
		fi
	done
	return $failed
}
