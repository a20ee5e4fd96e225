#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# A recording has what was read, as often as it should.
load helper.bash
load recording.bash

# bats waits for what a failed test leaves running.
teardown() { [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true; }

# same_samples FILE: but the format, that of the copy is the newest.
same_samples() {
	sed '5,11d; s/^exitstat-dump 4/exitstat-dump/; s/^\(sample [0-9]*\).*/\1/' \
		"$tmp/copy" >"$tmp/old"
	sed 's/^exitstat-dump .*/exitstat-dump/' "$1" | diff -u - "$tmp/old"
}
@test "record-of-a-recording" {
	exitstat record -o "$tmp/copy" --input recordings/svm 0.01
	same_samples recordings/svm
}
@test "record-of-all-times" {
	exitstat record -o "$tmp/copy" --input dumps/times 0.01
	same_samples dumps/times
}
@test "record-keeps-the-origin" {
	exitstat record -o "$tmp/copy" --input dumps/migrated 0.01
	sed '1s/3/4/' dumps/migrated | diff -u - "$tmp/copy"
}
@test "record-names-the-origin" {
	make_vm 5000001-12 times-vmx vcpu vcpu vcpu
	before=$(date +%s)
	exitstat record -o "$tmp/live" --vm 5000001 --debugfs "$fs" --tsc-khz 2000000 0.01 2
	pass_if "$(sed -n '5,9p; 11p' "$tmp/live")" "interface 2
exitstat 1.0
host $(uname -n)
kernel $(uname -r)
vm 5000001-12 -
vcpus 3" "the origin"
	sed -n 10p "$tmp/live" | grep -q '^command .*exitstat[-a-z]* record -o '
	clock=$(awk '$1 == "sample" { print substr($4, 1, length($4) - 9); exit }' "$tmp/live")
	[ "$clock" -ge "$before" ] && [ "$clock" -le "$(date +%s)" ]
}
# A VM whose histograms are others in the second half.
@test "record-of-histograms" {
	make_vm 5000001-20 times-vmx
	cp hists/vmx "$fs/5000001-20/exit_hist"
	exitstat record -o "$tmp/live" --vm 5000001 --debugfs "$fs" --tsc-khz 2000000 30 -- \
		sh -c "cp tables/times-vmx-later $fs/5000001-20/exit_stats; cp hists/vmx-later $fs/5000001-20/exit_hist"
	grep -E '^(hist|buckets|end)' "$tmp/live" >"$tmp/is"
	same golden/record-histograms "$tmp/is"
	# What was read is written again.
	exitstat record -o "$tmp/copy" --input "$tmp/live" 0.01
	diff -u "$tmp/live" "$tmp/copy"
}
# Those of another VM are all new.
@test "record-of-histograms-that-begin-anew" {
	exitstat record -o "$tmp/copy" --input dumps/tail-migrated 0.01
	diff -u dumps/tail-migrated "$tmp/copy"
	# Also if no reason is gone.
	grep -vE '^(row other|hist other|buckets 96)' dumps/tail-migrated >"$tmp/dump"
	exitstat record -o "$tmp/copy" --input "$tmp/dump" 0.01
	diff -u "$tmp/dump" "$tmp/copy"
}
@test "record-without-histograms" {
	make_vm 5000001-20 times-vmx
	exitstat record -o "$tmp/live" --vm 5000001 --debugfs "$fs" --tsc-khz 2000000 0.01 2
	pass_if "$(grep -c ^hist "$tmp/live")" 0 "lines of histograms"
}
@test "record-to-standard-output" {
	exitstat record -o - --input recordings/svm 0.01 >"$tmp/copy"
	same_samples recordings/svm
}
@test "record-count" {
	exitstat record -o "$tmp/copy" --input recordings/svm 0.01 3
	pass_if "$(grep -c ^end "$tmp/copy")" 3 "samples"
}
@test "record-mode-of-the-file" {
	exitstat record -o "$tmp/copy" --input recordings/svm 0.01 3
	touch "$tmp/new"
	pass_if "$(stat -c %a "$tmp/copy")" "$(stat -c %a "$tmp/new")" "mode"
}

# stopped_by SIGNAL: the file appears, complete, when the signal ends exitstat.
stopped_by() {
	many_steps >"$tmp/many"
	"${program[@]}" record -o "$tmp/stopped" --input "$tmp/many" 0.2 3>&- &
	pid=$!
	sleep 0.7
	no_file stopped
	kill -"$1" "$pid"
	status=0
	wait "$pid" || status=$?
	pass_if "$status" 0 "status"
	pass_if "$(tail -n 1 "$tmp/stopped")" end "the file's last line"
	no_file 'stopped.*'
}
@test "record-stopped-by-SIGINT" { stopped_by INT; }
@test "record-stopped-by-SIGTERM" { stopped_by TERM; }
@test "record-stopped-by-SIGHUP" { stopped_by HUP; }

@test "record-marks" {
	many_steps >"$tmp/many"
	timeout 20 "${program[@]}" record -o "$tmp/marked" -m "$tmp/fifo" \
		--input "$tmp/many" 30 4 3>&- &
	pid=$!
	until_fifo "$tmp/fifo"
	printf 'one\ntwo <x> & too long for a name of a phase\n' >"$tmp/fifo"
	echo three >"$tmp/fifo"
	status=0
	wait "$pid" || status=$?
	pass_if "$status" 0 "status"
	pass_if "$(awk '/^(mark|sample)/ { printf "%s ", $2 }' "$tmp/marked")" \
		"1000000000 one 2000000000 two__x____too_long_for_a_name_o 3000000000 three 4000000000 " \
		"times and marks"
	no_file fifo
}
@test "record-of-a-cut-recording-keeps-what-was-read" {
	sed '$d' recordings/vmx >"$tmp/cut"
	capture record -o "$tmp/kept" --input "$tmp/cut" 0.01
	has "$tmp/err" "cut was cut short: its last sample is left out"
	pass_if "$status $(grep -c ^end "$tmp/kept")" "0 $(grep -c ^end "$tmp/cut")" \
		"status and samples"
}
@test "record-to-a-FIFO-that-nobody-reads" {
	mkfifo "$tmp/fifo"
	status=0
	timeout -k 2 0.5 "${program[@]}" record -o "$tmp/fifo" -m "$tmp/marks" \
		--input recordings/vmx 0.01 2>"$tmp/err" || status=$?
	pass_if "$status $(cat "$tmp/err")" \
		"124 exitstat: cannot write $tmp/fifo: Interrupted system call" "status and stderr"
	no_file marks
}
@test "record-to-a-full-disk" {
	refuse 1 "cannot write /dev/full" record -o /dev/full --input recordings/vmx 0.01
}
@test "record-to-a-full-standard-output" {
	status=0
	exitstat record -o - --input recordings/vmx 0.01 >/dev/full 2>"$tmp/err" || status=$?
	pass_if "$status:$(wc -l <"$tmp/err")" "1:1" "status and lines of stderr"
}
@test "refuse-marks-from-a-file" {
	refuse 1 "is no FIFO" record -o "$tmp/none" -m recordings/vmx --input recordings/vmx
	no_file 'none*'
}
@test "refuse-record-without-o" { refuse 2 "record needs -o FILE" record; }
@test "refuse-m-without-record" { refuse 2 "is for record" -m x; }
@test "record-without-space-leaves-no-file" {
	status=0
	without_space record -o "$tmp/none" --input recordings/vmx 0.01 || status=$?
	pass_if "$status:$(wc -l <"$tmp/err")" "1:1" "status and lines of stderr"
	no_file 'none*'
}
