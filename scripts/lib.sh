# shellcheck shell=sh
# Common to all scripts: their help, where things are, how to fail. A script has
# its function usage before it reads this.

case ${1:-} in -h | --help) usage; exit 0 ;; esac

top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build}
# A kernel is a folder of patches/; KERNEL names one, or one of the revisions that
# Debian has of its kernel: the folder's name, a dot, and a number.
default_kernel=$(cat "$top/patches/default")
kernel=${KERNEL:-$default_kernel} revision=
case $kernel in
*.*.*) revision=$kernel kernel=${kernel%.*} ;;
esac
series=$top/patches/$kernel
tree=$build/linux-$kernel
# The same without the series: the source of the variant "stock".
stock_tree=$tree-stock
# Debian's own kernel.
debian=$build/debian-${revision:-$kernel}
# What is made for this kernel: the jobs, their runs, the logs.
jobs=$build/$kernel/job
runs=$build/$kernel/run
log=$build/$kernel/log

# The kernel's version does not depend on the state of its git tree.
export LOCALVERSION=-exitstat

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# The names of the folders, in a line.
all_kernels() {
	(cd "$top/patches" && printf '%s\n' */) | tr -d / | sort -V | paste -sd ' '
}

[ -f "$series/base" ] ||
	die "no series for KERNEL=$kernel: patches/ has $(all_kernels)"

# base_of PACKAGE|VERSION|SHA256: what the series is for.
base_of() {
	sed -n "s/^$1=//p" "$series/base"
}

# What is compiled here is of the source that is installed.
no_revision() {
	[ -z "$revision" ] ||
		die "KERNEL=$revision: only what boots Debian's own kernel takes a revision" \
			"(demo, l2, check-modules): say KERNEL=$kernel"
}

# check_isa ISA
check_isa() {
	case $1 in vmx | svm) ;; *) die "ISA=$1: must be vmx or svm" ;; esac
}

# shellcheck source=phase.sh
. "$top/scripts/phase.sh"

# need COMMAND...: fail by name if one is missing.
need() {
	for _c in "$@"; do
		command -v "$_c" >/dev/null ||
			die "$_c is missing: run 'make tools' as root"
	done
}

# need_space DIRECTORY MEGABYTES
need_space() {
	_free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$_free" -ge "$2" ] ||
		die "$1 has $_free MB free, $2 MB are needed: free some space"
}

# What the files of the series are now.
series_sum() {
	cat "$series"/*.patch | sha256sum | cut -d ' ' -f 1
}

# package_versions FILE...: of Debian's kernels, whose generated/package.h these are.
package_versions() {
	sed -n 's/.*LINUX_PACKAGE_ID " Debian \(.*\)".*/\1/p' "$@" 2>/dev/null || true
}

# work_tree DIRECTORY: of the kernel's repository, at base; anew if the repository that
# it belonged to is gone.
work_tree() {
	git -C "$1" rev-parse -q --verify HEAD >/dev/null 2>&1 || {
		rm -rf "$1"
		git -C "$tree" worktree prune
		git -C "$tree" worktree add -q --detach "$1" base
	}
}

# The files that the series changes or adds.
series_files() {
	sed -n 's|^+++ b/||p' "$series"/*.patch | sort -u
}

# The compiler for kernels, with a cache where there is one. Absolute paths below
# build/ are hashed as relative ones, so that clones share it; headers are hashed
# instead of preprocessed sources, so that a miss costs little.
export CCACHE_BASEDIR="$build" CCACHE_DEPEND=1
compiler() {
	if command -v ccache >/dev/null; then echo "ccache gcc"; else echo gcc; fi
}
