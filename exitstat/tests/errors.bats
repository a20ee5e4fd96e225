#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# Output that cannot be written, and command lines that make no sense.
load helper.bash

# full_disk OPTION...
full_disk() {
	status=0
	exitstat --input dumps/vmx "$@" >/dev/full 2>"$tmp/err" || status=$?
	pass_if "$status $(cat "$tmp/err")" \
		"1 exitstat: cannot write the output: No space left on device" \
		"status and stderr"
}
# closed_pipe OPTION...
closed_pipe() {
	{
		sleep 0.3
		status=0
		exitstat --input dumps/vmx "$@" 2>"$tmp/err" || status=$?
		echo "$status" >"$tmp/status"
	} | true
	pass_if "$(cat "$tmp/status") $(cat "$tmp/err")" \
		"1 exitstat: cannot write the output: Broken pipe" "status and stderr"
}
@test "a-full-disk-json" { full_disk --json; }
@test "a-full-disk-csv" { full_disk --csv; }
@test "a-full-disk-openmetrics" { full_disk --openmetrics; }
@test "a-full-disk-table" { full_disk -s exits; }
@test "a-closed-pipe-json" { closed_pipe --json; }
@test "a-closed-pipe-csv" { closed_pipe --csv; }
@test "a-closed-pipe-openmetrics" { closed_pipe --openmetrics; }
@test "a-closed-pipe-table" { closed_pipe -s exits; }
@test "a-closed-output" {
	status=0
	exitstat --input dumps/vmx 1 >&- 2>"$tmp/err" || status=$?
	pass_if "$status $(wc -l <"$tmp/err")" "1 1" "status and lines of stderr"
}
@test "help-to-a-full-disk" {
	status=0
	exitstat --help >/dev/full 2>"$tmp/err" || status=$?
	pass_if "$status $(wc -l <"$tmp/err")" "1 1" "status and lines of stderr"
}
@test "version" {
	capture -V
	pass_if "$status $(cut -d ' ' -f 1 "$tmp/out")$(cat "$tmp/err")" \
		"0 exitstat" "status and first word"
}
@test "help" {
	capture --help
	pass_if "$status $(head -n 1 "$tmp/out")$(cat "$tmp/err")" \
		"0 usage: exitstat [OPTION...] [INTERVAL [COUNT]]" "status and first line"
	pass_if "$(awk 'length > 79' "$tmp/out")" "" "lines wider than 79"
	has "$tmp/out" "3 diff found a difference"
}

@test "refuse-interval" {
	for seconds in 0 0.001 86401 1e3 1s nan inf 0x1 '' . 1..2 ' 1' +1; do
		refuse 2 "'$seconds' is not a number of seconds from" \
			--input dumps/vmx "$seconds"
	done
}
@test "refuse-baseline" {
	for seconds in 0 0.001 86401 1e3 1s nan inf 0x1 '' . 1..2 ' 1' +1; do
		refuse 2 "'$seconds' is not a number of seconds from" \
			--baseline "$seconds" -- true
	done
}
@test "refuse-count" {
	for count in 0 1.5 x '' 4294967296 99999999999999999999; do
		refuse 2 "COUNT '$count' is not a number from" --input dumps/vmx 1 \
			"$count"
	done
}
@test "refuse-a-third-word" { refuse 2 "unexpected argument 'c'" --input dumps/vmx 1 b c; }
@test "refuse-unknown-options" {
	refuse 2 "unknown option '--nonsense'" --nonsense
	refuse 2 "unknown option '-z'" -z
	refuse 2 "unknown option '-1'" -1
}
@test "refuse-options-without-a-value" {
	refuse 2 "needs a value" --input
	refuse 2 "needs a value" -r
}
@test "refuse-an-unknown-order" { refuse 2 "-s 'x' is not" -s x; }
@test "refuse-two-formats" { refuse 2 "another format" --json --csv; }
@test "refuse-y-without-an-interval" { refuse 2 "-y needs an INTERVAL" -y; }
@test "refuse-no-command" { refuse 2 "no COMMAND" --; }
@test "refuse-a-command-with-intervals" { refuse 2 "COMMAND has no intervals" 1 -- true; }
@test "refuse-a-baseline-without-a-command" { refuse 2 "--baseline is for run" --baseline 1; }
@test "refuse-vcpu" {
	refuse 2 "--vcpu needs --vm" --vcpu 1
	refuse 2 "--vcpu '-1'" --vm 1 --vcpu -1
}
@test "refuse-vm" {
	refuse 2 "--vm needs a name, PID or PID-FD" --vm ""
	refuse 2 "--vm needs a name, PID or PID-FD" vm ""
}
@test "refuse-tsc-khz" {
	refuse 2 "--tsc-khz '0'" --tsc-khz 0
	refuse 2 "--proc and --tsc-khz need host or a VM" --tsc-khz 1
}
@test "refuse-debugfs-with-a-recording" {
	refuse 2 "--proc and --tsc-khz need host or a VM" --debugfs x --input dumps/vmx
}
@test "refuse-host-of-a-vm" {
	refuse 2 "--vm is for tables" --host --vm 1
}
@test "refuse-top-of-a-host-and-more" {
	refuse 2 "--host cannot be combined with a VM" top --host --vm 1
	refuse 2 "--host cannot be combined with --input" --host top --input dumps/vmx
	refuse 2 "--proc and --tsc-khz need host or a VM" top --debugfs x --input dumps/vmx
}
@test "refuse-input-of-a-vm-or-command" {
	refuse 2 "--input cannot be combined with a VM" --input x --vm 1
	refuse 2 "--input is for tables" --input x -- true
}
@test "refuse-host-with-another-mode" {
	refuse 2 "cannot be combined with" --host record
	refuse 2 "cannot be combined with" --host --top --top
	refuse 2 "cannot be combined with" --host -- true
}
@test "refuse-openmetrics-of-an-interval" {
	refuse 2 "since the VM's start only" --openmetrics 1
	refuse 2 "--openmetrics is for tables" --openmetrics -- true
}
@test "refuse-record-without-a-file" { refuse 2 "record needs -o FILE" record; }
@test "refuse-report-without-a-file" { refuse 2 "report takes one FILE" report; }
@test "refuse-a-word-that-is-no-command" { refuse 2 "and no command" nonsense; }
@test "refuse-run-without-a-command" { refuse 2 "run needs -- COMMAND" run true; }
@test "refuse-vm-without-a-pid" {
	refuse 2 "vm needs one name, PID or PID-FD" vm
	refuse 2 "vm needs one name, PID or PID-FD" vm --vm 1 2
	refuse 2 "vm cannot be combined with --host" --host vm 1
}
@test "refuse-options-that-a-command-does-not-take" {
	refuse 2 "-r is for tables, run, host, diff, not for top" top -r 1
	refuse 2 "-s is for tables, run, top, host, not for record" record -s cost -o x
	refuse 2 "--vm is for" report --vm 1 x
	refuse 2 "top takes no COUNT" top 1 2 --input dumps/vmx
}
@test "reasons-are-those-of-the-kernel" {
	exitstat reasons >"$tmp/reasons"
	has "$tmp/reasons" "vmx    48 EPT_VIOLATION"
	has "$tmp/reasons" "svm  1024 npf"
	has "$tmp/reasons" "svm    -1 invalid_guest_state"
	refuse 2 "unexpected argument 'x'" reasons x
}
@test "help-of-a-verb" {
	exitstat diff --help >"$tmp/out"
	has "$tmp/out" "usage: exitstat diff [OPTION...] A B"
	has "$tmp/out" "--threshold PERCENT"
	pass_if "$(grep -c -- --openmetrics "$tmp/out")" 0 "lines of an option that it does not take"
	pass_if "$(awk 'length > 79' "$tmp/out")" "" "lines wider than 79"
}
@test "refuse-o-without-record" { refuse 2 "-o is for run, record, report, export, not for tables" -o x; }

@test "complaints-without-escapes" {
	refuse 1 "cannot read ?[31m?red: No such file" --input "$(printf '\033[31m\nred')"
}
@test "refuse-csv-of-top-of-a-host" {
	refuse 2 "--csv is for tables, run, host, not for top" host --top --csv
}

# A guest of a patched host has the statistics.
@test "no-exit-statistics-here" {
	capture
	[ "$status" = 0 ] ||
		pass_if "$status $(wc -c <"$tmp/out") $(wc -l <"$tmp/err")" \
			"4 0 1" "status, bytes of stdout, lines of stderr"
}
