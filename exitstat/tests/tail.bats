#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# Histograms of what single exits cost.
load helper.bash

# unit TEST: of unit.c
unit() { "$UNIT" "$1"; }
@test "unit-buckets" { unit buckets; }
@test "unit-percentiles" { unit percentiles; }
@test "unit-percentile-of-few" { unit percentile-of-few; }
@test "unit-difference" { unit difference; }
@test "unit-sum" { unit sum; }
@test "unit-missed-share" { unit missed-share; }
@test "unit-samples" { unit samples; }
@test "unit-walk" { unit walk; }
@test "unit-walk-to-the-end" { unit walk-to-the-end; }
@test "unit-walk-hostile" { unit walk-hostile; }

@test "unit-worst" { unit worst; }

@test "tail-vm" {
	make_tail
	golden tail-vm steady "${host[@]}" vm db01 --tail
}
@test "tail-vm-by-max" {
	make_tail
	golden tail-vm-by-max steady "${host[@]}" vm db01 --tail -s max
}
@test "tail-vm-by-p99" {
	make_tail
	golden tail-vm-by-p99 steady "${host[@]}" vm db01 --tail -s p99
}
@test "tail-vm-restricted" {
	make_tail
	golden tail-vm-restricted steady "${host[@]}" vm db01 --tail -r 48,hlt
}
@test "tail-vm-csv" {
	make_tail
	golden tail-vm-csv steady "${host[@]}" vm db01 --tail --csv
}
@test "tail-vm-json" {
	make_tail
	golden tail-vm-json steady "${host[@]}" vm db01 --tail --json -r 30,other
}
@test "tail-vm-openmetrics" {
	make_tail
	golden tail-vm-openmetrics cat "${host[@]}" vm db01 --tail --openmetrics
}
@test "tail-vcpu" {
	make_tail
	make_hists 5000001-20/vcpu0 none
	golden tail-vcpu steady "${host[@]}" vm db01 --vcpu 0 --tail
}
@test "tail-svm" {
	make_vm 5000002-20 times-svm
	make_hists 5000002-20 svm
	golden tail-svm steady --debugfs "$fs" --tsc-khz 2000000 vm 5000002 --tail
}
@test "tail-without-a-frequency" {
	sed 's/^tsc_khz.*/tsc_khz 0/' dumps/tail-migrated >"$tmp/dump"
	golden tail-without-a-frequency cat --input "$tmp/dump" --tail 1 2
	capture --input "$tmp/dump" --tail --openmetrics
	pass_if "$(grep -c cost_seconds "$tmp/out")" 0 "lines of seconds"
}
# All that a sum has is more than 64 bits.
@test "tail-large" {
	make_vm 5000001-20 times-vmx
	make_hists 5000001-20 large
	golden tail-large steady --debugfs "$fs" --tsc-khz 2000000 vm 5000001 --tail --json -r 30
}
@test "tail-of-histograms-that-are-off" {
	make_tail
	make_hists 5000001-20 off
	golden tail-off steady "${host[@]}" vm db01 --tail
}
@test "tail-json-is-json" {
	make_tail
	json 2 "${host[@]}" vm db01 --tail 0.01 2
	json 1 "${host[@]}" host --tail -r all
	json 1 "${host[@]}" host --tail
}
@test "tail-openmetrics-is-openmetrics" {
	make_tail
	openmetrics "${host[@]}" vm db01 --tail
	openmetrics "${host[@]}" host --tail -r all
	make_hists 5000001-20 off
	openmetrics "${host[@]}" vm db01 --tail
	openmetrics --input dumps/tail-migrated --tail
}
# Of what the time has, some exits are in no bucket.
@test "tail-openmetrics-without-a-false-sum" {
	make_vm 5000002-20 times-svm
	make_hists 5000002-20 svm
	exitstat --debugfs "$fs" --tsc-khz 2000000 vm 5000002 --tail --openmetrics >"$tmp/out"
	has "$tmp/out" 'kvm_exit_kernel_cost_seconds_sum{vm="5000002-20",isa="svm",reason="114",name="cpuid"}'
	has "$tmp/out" 'kvm_exit_kernel_cost_seconds_bucket{vm="5000002-20",isa="svm",reason="1024",name="npf",le="+Inf"} 70'
	pass_if "$(grep -c '_sum.*npf' "$tmp/out")" 0 "sums of npf"
}
# A bucket of Prometheus is another one when the text of its bound is.
@test "tail-bounds-do-not-move-with-the-measured-frequency" {
	make_tail
	exitstat --debugfs "$fs" --tsc-khz 2095612 vm 5000001 --tail --openmetrics |
		grep -o 'le="[^"]*"' >"$tmp/one"
	exitstat --debugfs "$fs" --tsc-khz 2096387 vm 5000001 --tail --openmetrics |
		grep -o 'le="[^"]*"' >"$tmp/other"
	[ -s "$tmp/one" ]
	cmp "$tmp/one" "$tmp/other"
}
@test "tail-intervals" { golden tail-intervals cat --input dumps/tail-migrated --tail 1; }
# A guest's reads are in the histogram of their reason, whatever the row has.
@test "tail-own-reads" { golden tail-own-reads cat --input dumps/tail-own --tail 1; }
@test "tail-own-reads-json" { golden tail-own-reads-json cat --input dumps/tail-own --tail -y --json 1; }
@test "tail-of-a-cut-recording" { golden tail-cut cat --input dumps/cut-hists --tail 1; }
@test "tail-host" {
	make_tail
	make_vm 5000002-20 times-svm
	golden tail-host cat "${host[@]}" host --tail -s max
}
@test "tail-host-reasons" {
	make_tail
	golden tail-host-reasons cat "${host[@]}" host --tail -r all -s p99
}
@test "tail-host-csv" {
	make_tail
	make_vm 5000002-20 times-svm
	golden tail-host-csv steady "${host[@]}" host --tail --csv
}
@test "tail-host-openmetrics" {
	make_tail
	golden tail-host-openmetrics cat "${host[@]}" host --tail -r 30 --openmetrics
}

@test "tail-command" {
	make_tail
	golden tail-command steady "${host[@]}" --vm db01 --tail -- sh -c "$go_on"
}
@test "worst-exit-of-a-command" {
	make_tail
	capture "${host[@]}" --vm db01 -- sh -c "$go_on"
	pass_if "$(tail -n 1 "$tmp/err")" "worst exit: IO_INSTRUCTION, 1.00ms in the kernel" "last line"
}
# The maximum is an older one: no exit of the command was above its bucket.
@test "worst-exit-of-a-command-as-a-bound" {
	make_tail
	capture "${host[@]}" --vm db01 --reasons 1 -- sh -c "$go_on"
	pass_if "$(tail -n 1 "$tmp/err")" "worst exit: EXTERNAL_INTERRUPT, at most 31ns in the kernel" "last line"
}
@test "worst-exit-of-some-runs" {
	make_tail
	capture run "${host[@]}" --vm db01 -r 2 -- sh -c "$go_on"
	pass_if "$(tail -n 1 "$tmp/err")" "worst exit: IO_INSTRUCTION, 1.00ms in the kernel" "last line"
}
@test "no-worst-exit-without-histograms" {
	make_vm 5000001-20 times-vmx
	capture --debugfs "$fs" --tsc-khz 2000000 --vm 5000001 -- true
	pass_if "$status $(grep -c 'worst exit' "$tmp/err")" "0 0" "status and lines"
}

@test "refuse-tail-without-histograms" {
	make_vm 5000001-20 times-vmx
	local why="it needs a newer patched kernel on this host"
	refuse 4 "$why" --debugfs "$fs" --tsc-khz 2000000 vm 5000001 --tail
	refuse 4 "$why" --debugfs "$fs" --tsc-khz 2000000 host --tail
	refuse 4 "dumps/times has no histograms" --input dumps/times --tail 1
}
@test "refuse-tail-where-it-has-no-place" {
	refuse 2 "the lines of -l have no --tail" --input dumps/times -l --tail 1
	refuse 2 "the means of -r have no --tail" run -r 2 --tail -- true
	refuse 2 "-s p99 and -s max need --tail" --input dumps/times -s max
	refuse 2 "--tail is for tables, run, top, host, export, not for record" record -o x --tail
}
@test "tail-tables-are-less-than-80-columns-wide" {
	pass_if "$(awk '!/^stderr: / && length > 79' golden/tail-vm golden/tail-vm-by* \
		golden/tail-off golden/tail-intervals golden/tail-command golden/tail-host \
		golden/tail-svm)" "" "wider lines"
	make_tail
	exitstat "${host[@]}" --vm db01 --tail --baseline 0.01 -- true 2>"$tmp/err"
	has "$tmp/err" "reason name                   exits      /s  idle    p50    p99  p99.9     max"
}
