#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# make check-selftests: how the results of two kernels are compared. The boots are
# files here: $tmp/RUN is what a boot of RUN says.
load helper

# said RUN [LINE...]: 40 tests that pass, and these lines.
said() {
	local run=$1 n
	shift
	for n in $(seq 40); do
		echo "data selftest default test$n pass 0.1 "
	done >"$tmp/$run"
	[ $# = 0 ] || printf 'data selftest %s\n' "$@" >>"$tmp/$run"
}

# compare STATUS: its verdicts are in $tmp/out.
compare() {
	local status=0 run
	mkdir -p "$top/test/host" "$top/build/$kernel/job/kvm-selftests"
	cp "$here/test/host/kvm-selftests" "$top/test/host"
	cat >"$top/scripts/boot" <<-END
		#!/bin/sh
		while [ \$# -gt 2 ]; do shift; done
		mkdir -p "$top/build/$kernel/run/\$1"
		cp "$tmp/\$1" "$top/build/$kernel/run/\$1/result"
		cp "\$2/only" "$tmp/only"
	END
	for run in vmx-kvm-selftests vmx-stock-kvm-selftests; do
		mkdir -p "$top/build/$kernel/run/$run"
		cp "$tmp/$run" "$top/build/$kernel/run/$run/result"
	done
	kernel=$kernel "$top/test/host/kvm-selftests" vmx >"$tmp/out" 2>&1 || status=$?
	[ "$status" = "$1" ] && return 0
	echo "expected: status $1"
	echo "actual: status $status"
	cat "$tmp/out"
	return 1
}

@test "selftests: the same results are green, those that fail, too" {
	said vmx-stock-kvm-selftests "default a fail 0.1 x86_64/a.c:7" "shadow a skip 0.0 no ept"
	said vmx-kvm-selftests "default a fail 0.4 x86_64/a.c:7" "shadow a skip 0.0 no ept"
	compare 0
	says "$tmp/out" '^ok 1 default/a: fail as on stock$'
	says "$tmp/out" '^ok [0-9]* shadow/a: skip as on stock$'
	says "$top/build/$kernel/selftests-vmx.txt" '^pass on stock: 40, on patched: 40$'
}

@test "selftests: another result is red, and was run once more" {
	said vmx-stock-kvm-selftests "default a pass 0.1 "
	said vmx-kvm-selftests "default a fail 0.1 x86_64/a.c:7"
	echo "data selftest default a pass 0.1 " >"$tmp/vmx-stock-kvm-selftests-again"
	echo "data selftest default a fail 0.1 x86_64/a.c:7" >"$tmp/vmx-kvm-selftests-again"
	compare 1
	says "$tmp/out" '^not ok 1 default/a: as on stock$'
	says "$tmp/out" '^# expected: pass$'
	says "$tmp/out" '^# actual: fail (x86_64/a.c:7)$'
	[ "$(cat "$tmp/only")" = "default a" ]
}

@test "selftests: to fail at another line is red" {
	said vmx-stock-kvm-selftests "default a fail 0.1 x86_64/a.c:7"
	said vmx-kvm-selftests "default a fail 0.1 x86_64/a.c:8"
	cp "$tmp/vmx-stock-kvm-selftests" "$tmp/vmx-stock-kvm-selftests-again"
	cp "$tmp/vmx-kvm-selftests" "$tmp/vmx-kvm-selftests-again"
	compare 1
	says "$tmp/out" '^not ok 1 default/a: as on stock$'
}

@test "selftests: what differs only once is told" {
	said vmx-stock-kvm-selftests "default a pass 0.1 "
	said vmx-kvm-selftests "default a timeout 40.0 "
	echo "data selftest default a pass 0.1 " >"$tmp/vmx-stock-kvm-selftests-again"
	echo "data selftest default a pass 0.1 " >"$tmp/vmx-kvm-selftests-again"
	compare 0
	says "$tmp/out" '^ok 1 default/a: flaky, .* pass as on stock (first: stock pass, patched timeout)$'
}

@test "selftests: a test that one kernel did not run is red" {
	said vmx-stock-kvm-selftests "default a pass 0.1 "
	said vmx-kvm-selftests
	cp "$tmp/vmx-stock-kvm-selftests" "$tmp/vmx-stock-kvm-selftests-again"
	cp "$tmp/vmx-kvm-selftests" "$tmp/vmx-kvm-selftests-again"
	compare 1
	says "$tmp/out" '^# actual: none$'
}

@test "selftests: a second run that ends badly leaves the verdict red" {
	said vmx-stock-kvm-selftests "default a pass 0.1 "
	said vmx-kvm-selftests "default a fail 0.1 x86_64/a.c:7"
	compare 1
	says "$tmp/out" '^not ok 1 default/a: as on stock$'
}

@test "selftests: few that pass are red" {
	said vmx-stock-kvm-selftests
	said vmx-kvm-selftests
	sed -i 's/pass/skip/' "$tmp/vmx-stock-kvm-selftests" "$tmp/vmx-kvm-selftests"
	compare 1
	says "$tmp/out" '^not ok 41 tests that pass on both$'
}
