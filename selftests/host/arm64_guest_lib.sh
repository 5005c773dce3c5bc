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

# engine_of CHANNEL: the name under engines/ of what the channel belongs to.
engine_of() {
	basename "$(readlink -f "/sys/class/dma/$1/device")"
}

# dmatest PARAMETER=VALUE...: runs it over all channels to its end. Its results lie in
# /tmp/dmatest, a line a thread: channel, tests, failures.
dmatest() {
	dmesg -c > /dev/null
	modprobe dmatest timeout=20000 "$@" run=1
	cat /sys/module/dmatest/parameters/wait > /dev/null
	rmmod dmatest
	dmesg | sed -n 's/.*dmatest: \(dma[0-9]*chan[0-9]*\)-.*: summary \([0-9]*\) tests, \([0-9]*\) failures.*/\1 \2 \3/p' \
		> /tmp/dmatest
}

# counted_by ENGINE: its operations and bytes.
counted_by() {
	echo "$(get "engines/$1/ops") $(get "engines/$1/bytes")"
}

has_counted() {
	[ "$(counted_by "$1")" = "$2 $3" ]
}

# run_tests FUNCTION...: each in a shell of its own; it fails by its first command that
# does. Ends the guest.
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
	exit $failed
}
