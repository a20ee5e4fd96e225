#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# make check: what it chooses, how it counts, how red reads. The tests and boots
# are small scripts here: $tmp/tests/NAME.
load helper

# The lists, with tabs for the blanks between their columns.
make_lists() {
	mkdir -p "$top/test/host" "$tmp/tests"
	tr -s ' ' '\t' >"$top/test/host/tests" <<-END
		host-one quick - $tmp/tests/host-one
		host-two host - $tmp/tests/host-two
		after check vmx-a,vmx-b $tmp/tests/after
	END
	tr -s ' ' '\t' >"$top/test/boots" <<-END
		vmx-a job-a vmx on 1 100 check
		vmx-b job-b vmx on 1 100 check,debug
		svm-a job-a svm on 1 100 debug -n
	END
	for script in tools tree prepare; do
		printf '#!/bin/sh\n' >"$run/$script"
	done
	# It has flags, NAME and JOB.
	cat >"$run/boot" <<-END
		#!/bin/sh
		while [ \$# -gt 2 ]; do shift; done
		mkdir -p "$top/build/$kernel/run/\$1"
		exec "$tmp/tests/\$1" 3>"$top/build/$kernel/run/\$1/result"
	END
	for name in host-one host-two after; do
		script "$name" "echo ok 7 - $name-works"
	done
	for name in vmx-a vmx-b svm-a; do
		script "$name" "echo ok 7 $name-works >&3"
	done
}

# script NAME LINES: what a test or a boot does. A boot's job writes to 3.
script() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/tests/$1"
	chmod +x "$tmp/tests/$1"
}

# check STATUS ARGUMENT...: run it, and what it says but for how it goes is in
# $tmp/verdicts.
check() {
	local expected=$1 status=0
	shift
	"$run/check" "$@" >"$tmp/out" 2>&1 </dev/null || status=$?
	grep -vE '^(tools|source) |^# [a-z-]+: (running|booting|[0-9]+ s)' "$tmp/out" \
		>"$tmp/verdicts" || true
	[ "$status" = "$expected" ] && return 0
	echo "expected: status $expected"
	echo "actual: status $status"
	cat "$tmp/out"
	return 1
}

# prints: $tmp/verdicts are what is read here.
prints() {
	diff -u - "$tmp/verdicts"
}

@test "check: one number over all, the plan, the last line" {
	make_lists
	script host-two 'sleep 1; echo "ok 1 - x # SKIP not here"; echo "not ok 2 y"; exit 1'
	check 1 host-one host-two
	prints <<-END
		KTAP version 1
		ok 1 host-one: host-one-works
		ok 2 host-two: x # SKIP not here
		not ok 3 host-two: y
		# see build/$kernel/log/test-host-two.log
		1..3
		1 passed, 1 failed, 1 skipped
	END
}

@test "check: prove reads what it prints" {
	make_lists
	check 0
	prove -e cat "$tmp/out"
}

@test "check: diagnostics are those of what is red, with V=1 of all" {
	make_lists
	script vmx-a '{
		echo "ok 1 good"; echo "# 5 is fine"
		echo "not ok 2 bad"; echo "# expected: 1"; echo "# actual: 2"
		echo "data cost 3"; } >&3
		exit 1'
	check 1 vmx-a
	prints <<-END
		KTAP version 1
		not ok 1 boot-vmx-a
		# expected: status 0
		# actual: status 1
		# see build/$kernel/run/vmx-a/result
		# see build/$kernel/run/vmx-a/console
		ok 2 vmx-a: good
		not ok 3 vmx-a: bad
		# expected: 1
		# actual: 2
		# see test/jobs/job-a/run, build/$kernel/run/vmx-a/result
		1..3
		1 passed, 2 failed, 0 skipped
	END
	export V=1
	check 1 vmx-a
	says "$tmp/verdicts" '^# 5 is fine$'
}

@test "check: what was red comes again at the end of many verdicts" {
	make_lists
	script host-one 'echo "not ok 1 bad"; echo "# actual: 2"; seq -f "ok %g x" 2 101; exit 1'
	check 1 host-one
	tail -n 5 "$tmp/verdicts" >"$tmp/end"
	mv "$tmp/end" "$tmp/verdicts"
	prints <<-END
		1..101
		# failed: 1 host-one: bad
		#   actual: 2
		#   see build/$kernel/log/test-host-one.log
		100 passed, 1 failed, 0 skipped
	END
}

@test "check: a boot that fails shows why and where" {
	make_lists
	script vmx-a 'echo "boot: L1 was not done after 100 s: killed" >&2; exit 1'
	check 1 vmx-a
	prints <<-END
		KTAP version 1
		not ok 1 boot-vmx-a
		# expected: status 0
		# actual: status 1
		# | boot: L1 was not done after 100 s: killed
		# see build/$kernel/run/vmx-a/result
		# see build/$kernel/run/vmx-a/console
		not ok 2 vmx-a: says-something
		# expected: a line 'ok N NAME'
		# see build/$kernel/run/vmx-a/result
		1..2
		0 passed, 2 failed, 0 skipped
	END
}

@test "check: a test without verdicts has its status for one" {
	make_lists
	script host-one 'echo fine'
	# Two run at a time.
	script host-two 'sleep 1; echo "no disk"; exit 4'
	check 0 'host-*'
	prints <<-END
		KTAP version 1
		ok 1 host-one
		ok 2 host-two # SKIP no disk
		1..2
		1 passed, 0 failed, 1 skipped
	END
	script host-one 'echo "it broke"; exit 3'
	check 1 host-one
	says "$tmp/verdicts" '^not ok 1 host-one$'
	says "$tmp/verdicts" '^# actual: status 3$'
	says "$tmp/verdicts" '^# | it broke$'
	says "$tmp/verdicts" "^# see build/$kernel/log/test-host-one.log$"
}

@test "check: a test that ends badly after good verdicts is red" {
	make_lists
	script host-one 'echo "ok 1 x"; exit 139'
	check 1 host-one
	says "$tmp/verdicts" '^not ok 2 host-one$'
}

@test "check: tests by tier" {
	make_lists
	check 0 -t quick
	says "$tmp/verdicts" '^1 passed'
	check 0 -t host
	says "$tmp/verdicts" '^2 passed'
	check 0 -t debug
	says "$tmp/verdicts" 'svm-a: svm-a-works$'
	says "$tmp/verdicts" '^4 passed'
	check 0
	says "$tmp/verdicts" '^7 passed'
}

@test "check: what a test comes after is booted, and before it" {
	make_lists
	check 0 after
	says "$tmp/verdicts" '^ok 5 after: after-works$'
}

@test "make check, check-list: a pattern is of tests, whatever files have such names" {
	make_lists
	touch "$top/vmx-file"
	make -s -C "$top" check-list TEST='vmx-*' >"$tmp/out"
	says "$tmp/out" '^vmx-a '
	says "$tmp/out" '^vmx-b '
	[ "$(wc -l <"$tmp/out")" = 3 ]
	make -s -C "$top" check TEST='vmx-*' >"$tmp/out"
	says "$tmp/out" '^4 passed'
}

@test "check: no such test, tier or flag" {
	make_lists
	for words in "nonsense" "host-one nonsense" "-t nonsense"; do
		# shellcheck disable=SC2086
		check 2 $words
		says "$tmp/out" "nonsense"
		[ "$(wc -l <"$tmp/out")" = 1 ]
	done
	check 2 -x
	says "$tmp/out" "^usage: check"
}

@test "check: verdicts of a boot come while another boots" {
	make_lists
	script vmx-a "until [ -e $tmp/seen ]; do sleep 0.1; done; echo ok late >&3"
	"$run/check" vmx-a vmx-b >"$tmp/out" 2>&1 3>&- &
	for _try in $(seq 100); do
		! grep -q 'vmx-b-works' "$tmp/out" || touch "$tmp/seen"
		[ ! -e "$tmp/seen" ] || break
		sleep 0.1
	done
	touch "$tmp/seen"
	wait
	grep -n '^ok' "$tmp/out" >"$tmp/verdicts"
	says "$tmp/verdicts" 'ok 2 vmx-b: vmx-b-works'
	says "$tmp/verdicts" 'ok 4 vmx-a: late'
}

@test "check: nothing of it holds its output after its end" {
	make_lists
	timeout 20 sh -c "'$run/check' vmx-a | cat" >"$tmp/out"
	says "$tmp/out" '^2 passed'
}

@test "check: interrupted, it ends, and so do its boots" {
	make_lists
	for name in vmx-a vmx-b; do
		script "$name" "echo \$\$ >$tmp/$name.pid; exec sleep 60"
	done
	# A terminal sends SIGINT to all; bash gives what is in the background none.
	perl -e '$SIG{INT} = "DEFAULT"; setpgrp; exec @ARGV' \
		"$run/check" 'vmx-*' svm-a >"$tmp/said" 2>&1 3>&- &
	pid=$!
	until [ -s "$tmp/vmx-a.pid" ] && [ -s "$tmp/vmx-b.pid" ]; do sleep 0.1; done
	kill -INT -- "-$pid"
	timeout 20 tail --pid="$pid" -f /dev/null || kill -KILL -- "-$pid"
	fails wait "$pid"
	says "$tmp/said" '^not ok 1 the tests ended early$'
	for name in vmx-a vmx-b; do
		# What is dead may wait for somebody to collect it.
		case $(ps -o stat= -p "$(cat "$tmp/$name.pid")") in "" | Z*) ;; *) false ;; esac
	done
	[ ! -e "$top/build/$kernel/run/svm-a" ]
}

@test "mutate: no such mutation" {
	mkdir -p "$top/exitstat/tests"
	cp "$here/exitstat/tests/mutations" "$top/exitstat/tests"
	refuse "no mutation is named nonsense" "$run/mutate" nonsense
	[ ! -e "$top/build/$kernel/mutate" ]
}
