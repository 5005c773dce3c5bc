# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the checks share: which files there are, from the root of the repository. Sourced.

# files PATH...: those that match, without what git ignores.
files()
{
	{ git ls-files -co --exclude-standard -- "$@" 2> /dev/null || find "$@" -type f; } |
		while read -r file; do
			[[ ! -f $file || -L $file ]] || echo "$file"
		done | sort -u
}

c_files()
{
	files "$@" | grep '\.[ch]$'
}

# checkpatch OPTION FILE...: it looks for a kernel tree; here is an empty one.
checkpatch()
{
	local option=$1

	shift
	mkdir -p "$CHECK_WORK/tree/include"
	(cd "$CHECK_WORK" && perl "$CHECK_SCRIPTS/checkpatch.pl" --no-tree --root=tree --strict \
		--no-summary --show-types --terse "$option" -f "${@/#/$OLDPWD/}")
}
