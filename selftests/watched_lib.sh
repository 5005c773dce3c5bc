# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of dma_affinity's figures share: the module over the one simulated engine
# of dma_engine_sim_lib.sh, loaded anew so that it counts from 0. Sourced.

# shellcheck source-path=SCRIPTDIR source=dma_engine_sim_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/dma_engine_sim_lib.sh"

watched=/sys/kernel/dma_affinity

# figure NAME: the module's, of the engine.
figure() {
	echo "$(< "$watched/engines/$(< "$engine/dev_name")/$1")"
}

nothing_is_lost() {
	[[ $(< "$watched/stats/dropped") == 0 ]] ||
		complain "dropped: $(< "$watched/stats/dropped")"
}

need_module_anew dma_affinity
trap 'rmmod dma_affinity' EXIT
