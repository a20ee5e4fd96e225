#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# What a command costs a VM.
load helper.bash

setup() {
	make_host
	host+=(--vm 5000001)
	later="cp tables/vmx-later $fs/5000001-12/exit_stats"
}

@test "command" { golden command steady "${host[@]}" -- sh -c "$later; exit 7"; }
@test "command-json" { golden command-json steady "${host[@]}" --json -- sh -c "$later"; }
@test "command-baseline" {
	golden command-baseline steady "${host[@]}" --csv --reasons 1 --baseline 0.1 -- sh -c "$later"
}
@test "command-output" { golden command-output steady "${host[@]}" --reasons 1 -- echo --json 1; }
@test "command-signal" {
	# shellcheck disable=SC2016 # its own process ID
	golden command-signal steady "${host[@]}" -- sh -c 'kill -15 $$'
}
@test "command-not-found" { golden command-not-found steady "${host[@]}" -- nonexistent-command; }
@test "command-not-executable" {
	golden command-not-executable steady "${host[@]}" -- ./golden/count
}
@test "command-unknown-reason" {
	golden command-unknown-reason steady "${host[@]}" --reasons nonsense -- echo not me
}
@test "command-vm-gone" {
	rm -r "$fs/5000001-12/vcpu1"
	golden command-vm-gone steady "${host[@]}" -- rm -r "$fs/5000001-12"
}
