#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A simulated engine as clients of the public channel table see it: which CPU it
# serves, and that what it says it moved is what they asked for, to the byte.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "$0")/dma_engine_sim_lib.sh"

far=$engines/far

# The first CPU of a node.
cpu_of() {
	local cpus

	cpus=$(< "/sys/devices/system/node/node$1/cpulist")
	echo "${cpus%%[-,]*}"
}

two_nodes() {
	[[ -d /sys/devices/system/node/node1 ]] || exit 4
	need_module dma_gate
}

# An engine on node 0 and one on node 1, both live.
two_engines() {
	two_nodes
	put node 0
	put live 1
	mkdir "$far"
	echo 1 > "$far/node"
	echo 1 > "$far/live"
	trap 'echo force > "$far/live"; rmdir "$far"' EXIT
}

# copy OPTION...: a little load; prints the bytes it had moved.
copy() {
	dmaaff-load --threads 1 --size 65536 --seconds 1 "$@" --json |
		grep -o '"bytes":[0-9]*' | awk -F : '{ s += $2 } END { print s }'
}

each_cpu_uses_the_engine_of_its_node() {
	local bytes

	two_engines
	bytes=$(copy --cpus "$(cpu_of 0)")
	[[ $bytes -gt 0 ]]
	expect truth_bytes "$bytes"
	[[ $(< "$far/truth_bytes") == 0 ]]
	bytes=$(copy --cpus "$(cpu_of 1)")
	[[ $bytes -gt 0 && $(< "$far/truth_bytes") == "$bytes" ]]
}

an_engine_far_away_serves_if_there_is_no_other() {
	local bytes

	two_nodes
	put node 1
	put live 1
	bytes=$(copy --cpus "$(cpu_of 0)")
	[[ $bytes -gt 0 ]]
	expect truth_bytes "$bytes"
}

a_private_engine_serves_no_cpu() {
	two_nodes
	put private 1
	put live 1
	fails_with "" dmaaff-load --seconds 0.2
	expect truth_ops 0
}

an_engine_that_cannot_copy_serves_no_copy() {
	two_nodes
	put capabilities "xor pq"
	put live 1
	fails_with "" dmaaff-load --seconds 0.2
	expect truth_ops 0
}

# The client tries again: nothing is lost, nothing is done twice.
a_full_ring_refuses() {
	local bytes

	need_module dma_gate
	put ring 2
	put latency_ns 5000000
	put live 1
	bytes=$(copy --threads 2 --depth 8)
	expect truth_bytes "$bytes"
	[[ $(truth refused) -gt 0 ]]
}

run_tests each_cpu_uses_the_engine_of_its_node \
	an_engine_far_away_serves_if_there_is_no_other \
	a_private_engine_serves_no_cpu \
	an_engine_that_cannot_copy_serves_no_copy \
	a_full_ring_refuses
