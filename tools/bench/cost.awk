# SPDX-License-Identifier: GPL-2.0
#
# Of what the guests printed, `KERNEL NAME VALUE` on stdin, the table and, to the file named by
# `json`, the same for programs. Reads the rows first.
FILENAME != "-" {
	if (!/^#/)
		row[++rows] = $0
	next
}

{
	value[$1, $2] = $3
	if (!($1 in seen)) {
		seen[$1] = 1
		kernel[++kernels] = $1
	}
}

# of(K, KEY): as it is printed
function of(k, key)
{
	return (k, key) in value ? value[k, key] : "-"
}

END {
	printf "%-62s", "instructions added, or bytes"
	for (k = 1; k <= kernels; k++)
		printf " %12s", kernel[k]
	printf " %12s\n", "bar"
	for (r = 1; r <= rows; r++) {
		split(row[r], part, "\t")
		bar = part[2] == part[3] ? part[2] : part[2] " / " part[3]
		printf "%-62s", part[4]
		for (k = 1; k <= kernels; k++)
			printf " %12s", of(kernel[k], part[1])
		printf " %12s\n", bar
	}

	printf "{\"kernels\":{" > json
	for (k = 1; k <= kernels; k++) {
		printf "%s\"%s\":{", (k > 1 ? "," : ""), kernel[k] > json
		comma = ""
		for (r = 1; r <= rows; r++) {
			split(row[r], part, "\t")
			if ((kernel[k], part[1]) in value) {
				printf "%s\"%s\":%d", comma, part[1], value[kernel[k], part[1]] > json
				comma = ","
			}
		}
		printf "}" > json
	}
	printf "}}\n" > json
}
