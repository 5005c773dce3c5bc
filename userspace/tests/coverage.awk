#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0
#
# What gcov says of each file of ours, as a table with a sum. With -v least=N it fails where that is
# less than N %. Ours have a whole path, and are not the system's.

/^File / {
	n = split($2, part, /[\/']/)
	file = $2 ~ /^'\/.*\.[ch]'$/ && $2 !~ /^'\/usr\// ? part[n - 2] "/" part[n - 1] : ""
}

/^Lines executed:/ && file {
	split($2, share, /[:%]/)
	printf "%6.1f %% of %5d  %s\n", share[2], $4, file
	run += share[2] * $4 / 100
	lines += $4
	file = ""
}

END {
	if (!lines)
		exit 1
	printf "%6.1f %% of %5d  all\n", run / lines * 100, lines
	exit run / lines * 100 < least
}
