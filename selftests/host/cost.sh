#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs on the host. What dma_affinity costs, against the bars of tools/bench/cost.rows.
# $KERNEL names another kernel than both.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
tools=$here/../../tools
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

. "${KSFT_DIR:-$("$tools/vm/kernels" --path 6.12)/src/tools/testing/selftests}/kselftest/ktap_helpers.sh"

# bars COLUMN: lines KEY BAR
bars() {
	awk -F '\t' -v column="$1" '!/^#/ && $column != "-" { print $1, $column }' \
		"$tools/bench/cost.rows"
}

# within VALUE BAR: of a number, which a failed run has not
within() {
	[[ -n $1 && $1 -ge 0 && $1 -le $2 ]]
}

# check KERNEL KEY BAR
check() {
	local value

	value=$(awk -v kernel="$1" -v key="$2" '$1 == kernel && $2 == key { print $3 }' \
		"$scratch/cost.values")
	if within "$value" "$3"; then
		ktap_test_pass "$1 $2 is_within_its_bar"
	else
		echo "# ${value:-not measured}, at most $3"
		ktap_test_fail "$1 $2 is_within_its_bar"
	fi
}

read -ra kernels <<< "${KERNEL:-6.12 6.1}"
options=()
for kernel in "${kernels[@]}"; do
	options+=(--kernel "$kernel")
done
"$tools/bench/cost" --output "$scratch" "${options[@]}" > "$scratch/table" ||
	echo "# it was not measured to the end"
sed 's/^/# /' "$scratch/table"

ktap_print_header
ktap_set_plan $(($(bars 2 | wc -l) * ${#kernels[@]}))
for kernel in "${kernels[@]}"; do
	column=2
	[[ $kernel == 6.12 ]] || column=3
	while read -r key bar; do
		check "$kernel" "$key" "$bar"
	done < <(bars $column)
done
ktap_finished
