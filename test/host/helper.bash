# shellcheck shell=bash
# Common to the tests of scripts: a copy of them with a build directory of its own,
# programs that are not what they seem, and what must be refused.
# shellcheck disable=SC2034 # the tests use what this sets

bats_require_minimum_version 1.5.0
here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
kernel=${KERNEL:-$(cat "$here/patches/default")}
package=$(sed -n 's/^PACKAGE=//p' "$here/patches/$kernel/base")
linux_of_series=$here/build/linux-$kernel

setup() {
	tmp=$BATS_TEST_TMPDIR
	top=$tmp/top
	run=$top/scripts
	mkdir -p "$top/build" "$tmp/bin"
	cp -a "$here/scripts" "$here/patches" "$here/configs" "$here/Makefile" "$top"
	mkdir "$top/test"
	cp -a "$here/test/boots" "$here/test/cpu" "$here/test/tap.sh" "$top/test"
	unset EXITSTAT_LOCKED BUILD MAKEFLAGS MAKELEVEL KERNEL
}

# refuse PHRASE COMMAND...: it fails, with one line on stderr that has PHRASE.
refuse() {
	local phrase=$1 status=0
	shift
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	if [ "$status" != 0 ] && grep -q -- "$phrase" "$tmp/err" &&
		[ "$(grep -vc '^make:' "$tmp/err")" = 1 ]; then
		return 0
	fi
	echo "of: $*"
	echo "expected: a status that is not 0, and one line with '$phrase'"
	echo "actual: status $status, and $(wc -l <"$tmp/err") lines:"
	cat "$tmp/err"
	return 1
}

# accept COMMAND...: it works; else what it said is shown.
accept() {
	local status=0
	"$@" >"$tmp/out" 2>&1 </dev/null || status=$?
	[ "$status" = 0 ] && return 0
	echo "of: $*"
	echo "expected: status 0"
	echo "actual: status $status"
	cat "$tmp/out"
	return 1
}

# fails COMMAND...: what it says is in $tmp/out and $tmp/err.
fails() {
	if "$@" >"$tmp/out" 2>"$tmp/err" </dev/null; then
		echo "expected to fail: $*"
		return 1
	fi
}

# says FILE PHRASE: a line of it has it; else the file is shown.
says() {
	grep -q -- "$2" "$1" && return 0
	echo "expected: a line with '$2'"
	echo "actual:"
	cat "$1"
	return 1
}

# fake COMMAND SCRIPT: what COMMAND does for those run by "with_fakes".
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

with_fakes() {
	PATH="$tmp/bin:$PATH" "$@"
}
