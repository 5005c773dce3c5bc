# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of dma_engine_sim share: one engine per test, its files, and
# dmatest as its client. Sourced.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export LC_ALL=C
# What bash and cat say when a file refuses; for those who source this.
# shellcheck disable=SC2034
{
	EINVAL="Invalid argument"
	ERANGE="Numerical result out of range"
	EBUSY="Device or resource busy"
	ENODATA="No data available"
}

engines=/sys/kernel/config/dma_engine_sim
engine=$engines/test
client_files=/sys/kernel/debug/dma_client_test

# complain WORD...: say why a test fails, and fail.
complain() {
	echo "# $*"
	return 1
}

# put FILE VALUE: write it.
put() {
	echo "$2" > "$engine/$1"
}

# expect FILE VALUE: it reads so.
expect() {
	local value

	value=$(< "$engine/$1")
	[[ $value == "$2" ]] || complain "$1 is '$value', not '$2'"
}

# keeps FILE VALUE: the value is taken and read back.
keeps() {
	put "$1" "$2"
	expect "$1" "$2"
}

# fails_with MESSAGE COMMAND...: it fails, saying so.
fails_with() {
	local message=$1 said status=0

	shift
	said=$("$@" 2>&1) || status=$?
	[[ $status != 0 ]] || complain "'$*' succeeded"
	[[ $said == *"$message"* ]] || complain "'$*' said '$said', not '$message'"
}

# refuses FILE VALUE MESSAGE: the write fails so, and the old value stands.
refuses() {
	local old

	old=$(< "$engine/$1")
	fails_with "$3" put "$1" "$2"
	expect "$1" "$old"
}

# truth NAME: the figure.
truth() {
	echo "$(< "$engine/truth_$1")"
}

some_bytes_moved() {
	[[ $(truth bytes) -gt 0 ]]
}

# client OP [NAME=VALUE]...: has the test client do it on the engine, unless chan= says where;
# what came of it is then in $result.
client() {
	local status=0

	need_module dma_client_test
	echo "${1-} chan=$(< "$engine/dev_name") ${*:2}" > "$client_files/run" || status=1
	# shellcheck disable=SC2034 # for the caller
	result=$(< "$client_files/result")
	return "$status"
}

# gives NAME=VALUE...: so much came of it.
gives() {
	local figure

	for figure; do
		[[ " $result " == *" $figure "* ]] || complain "$result: not $figure"
	done
}

nothing_left_to_hang() {
	[[ $(< "$engine/hang_next") == 0 ]]
}

# hang ORDER...: it hangs on the first channel, and waits in the background, as $hanging.
hang() {
	need_module dma_client_test
	put hang_next 1
	echo "$1 chan=$(cd "/sys/bus/platform/devices/$(< "$engine/dev_name")/dma" && echo *chan0) ${*:2}" > "$client_files/run" &
	hanging=$!
	poll_until 20 nothing_left_to_hang
}

give_up() {
	kill -KILL "$hanging"
	wait "$hanging" 2> /dev/null || true
}

# Each thread ends with a summary. (dmatest's own `wait` overlooks threads that
# have not begun to run.)
dmatest_is_done() {
	dmesg | awk -v mark="$1" 'index($0, mark) { on = 1 }
		on && /dmatest: Started/ { threads += $(NF - 3) }
		on && /summary/ { threads-- }
		END { exit threads != 0 }'
}

# dmatest PARAMETER...: runs it over the engine; what its threads reported is
# then in $tests, $failures and $report. It starts at `run`, with what it was
# told before.
dmatest() {
	local mark="dmatest of $RANDOM$RANDOM"

	echo "$mark" > /dev/kmsg
	modprobe dmatest device="$(< "$engine/dev_name")" timeout=30000 \
		"$@" run=1
	cat /sys/module/dmatest/parameters/wait > /dev/null
	poll_until 60 dmatest_is_done "$mark"
	rmmod dmatest
	# shellcheck disable=SC2034 # for the caller
	report=$(dmesg | sed -e "1,/$mark/d" -e '/dmatest:/!d')
	# shellcheck disable=SC2034 # for the caller
	read -r tests failures < <(awk '/summary/ {
		for (i = 1; i < NF; i++) {
			if ($(i + 1) == "tests,")
				tests += $i
			if ($(i + 1) == "failures")
				failures += $i
		}
	} END { print tests + 0, failures + 0 }' <<< "$report")
}

setup() {
	need_module dma_engine_sim
	mkdir "$engine"
}

teardown() {
	local client

	[[ -d $engine ]] || return 0
	for client in dmatest dma_client_test; do
		[[ ! -d /sys/module/$client ]] || rmmod "$client"
	done
	put live force
	rmdir "$engine"
}

# run_tests FUNCTION...: each on an engine of its own.
run_tests() {
	local name status

	ktap_print_header
	ktap_set_plan $#
	for name in "$@"; do
		setup
		run_test "$name"
		teardown
		report "$name"
	done
	ktap_finished
}
