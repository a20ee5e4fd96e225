#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2016 # helper.bash sets them; scripts in quotes expand them
# make check-kernels, and check-others: which kernels they test, how they count, what is
# red. "check" is a small script here.
load helper

# kernels: series of 1.1, 2.2 and 3.3, the default. What "check" says of one is in
# $tmp/said/KERNEL; tools does nothing.
kernels() {
	rm -r "$top/patches"
	for one in 1.1 2.2 3.3; do
		mkdir -p "$top/patches/$one" "$tmp/said"
		printf 'VERSION=%s.7-1\n' "$one" >"$top/patches/$one/base"
		printf 'ok 1 x\n1..1\n1 passed, 0 failed, 0 skipped\n' >"$tmp/said/$one"
	done
	echo 3.3 >"$top/patches/default"
	printf '#!/bin/sh\n' >"$run/tools"
	cat >"$run/check" <<-END
		#!/bin/sh
		echo "\$KERNEL \$*" >>"$tmp/ran"
		cat "$tmp/said/\$KERNEL"
		! grep -q '^not' "$tmp/said/\$KERNEL"
	END
	for name in check-series check-patches check-prefixes; do
		printf '#!/bin/sh\necho "$KERNEL %s $*" >>"%s"\n' "$name" "$tmp/ran" >"$run/$name"
	done
}

need_root() {
	[ "$(id -u)" = 0 ] || skip "check-kernels wants root"
}

@test "check-kernels: all of them, one after another, and one number" {
	need_root
	kernels
	printf 'ok 1 x\nok 2 y # SKIP z\n2 passed, 0 failed, 1 skipped\n' >"$tmp/said/2.2"
	accept "$run/check-kernels"
	diff -u - "$tmp/ran" <<-END
		1.1 -t kernel
		2.2 -t kernel
		3.3 -t kernel
	END
	says "$tmp/out" '^2\.2 *2\.2\.7-1 *2 *0 *1 *[01]$'
	[ "$(tail -n 1 "$tmp/out")" = "4 passed, 0 failed, 1 skipped" ]
	says "$top/build/2.2/log/check-kernels.log" '^ok 2 y'
}

@test "check-kernels: one red verdict of one kernel makes it red; the others run" {
	need_root
	kernels
	printf 'not ok 1 x\n# actual: 5\n0 passed, 1 failed, 0 skipped\n' >"$tmp/said/1.1"
	fails "$run/check-kernels" 1.1 2.2
	says "$tmp/out" '^# actual: 5$'
	[ "$(tail -n 1 "$tmp/out")" = "1 passed, 1 failed, 0 skipped" ]
	says "$tmp/ran" '^2.2 '
}

@test "check-kernels: tests that end without a number are red" {
	need_root
	kernels
	echo "tree: no space left" >"$tmp/said/2.2"
	fails "$run/check-kernels"
	[ "$(tail -n 1 "$tmp/out")" = "2 passed, 1 failed, 0 skipped" ]
}

@test "check-kernels: no such kernel, before any test" {
	need_root
	kernels
	refuse "no series for 4.4: patches/ has 1.1 2.2 3.3" "$run/check-kernels" 1.1 4.4
	[ ! -e "$tmp/ran" ]
}

@test "check-others: of all but the default one; a red one has its output" {
	kernels
	printf '#!/bin/sh\necho "hunk 3 has fuzz 1" >&2\n[ $KERNEL != 2.2 ]\n' \
		>"$run/check-series"
	fails "$run/check-others"
	diff -u - "$tmp/out" <<-END
		ok 1 1.1-tools
		ok 2 1.1-series
		# hunk 3 has fuzz 1
		ok 3 1.1-checkpatch
		ok 4 1.1-builds
		ok 5 2.2-tools
		not ok 6 2.2-series
		# expected: 0
		# actual: 1
		# of: $run/check-series
		# hunk 3 has fuzz 1
		ok 7 2.2-checkpatch
		ok 8 2.2-builds
	END
	says "$tmp/ran" '^2.2 check-prefixes -l$'
}

@test "check-others -b: what this Debian has boots, its verdicts have its name" {
	kernels
	echo RELEASE=other >>"$top/patches/2.2/base"
	printf 'ok 1 a: b\nnot ok 2 a: c\n# actual: 5\n' >"$tmp/said/1.1"
	fails "$run/check-others" -b
	diff -u - "$tmp/out" <<-END
		ok 1 1.1-a: b
		not ok 2 1.1-a: c
		# actual: 5
	END
	[ "$(cat "$tmp/ran")" = "1.1 svm-debian-counts vmx-debian-counts" ]
	printf 'ok 1 a: b\n' >"$tmp/said/1.1"
	accept "$run/check-others" -b
}
