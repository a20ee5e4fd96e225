#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # helper.bash sets tmp, status and others
# exitstat --top, in terminals that tmux makes.
load helper.bash

# A server of its own, which the user's settings do not reach.
tm() { tmux -S "$tmp/tmux$session" -f /dev/null "$@" 3>&- 4>&-; }

setup() {
	session=0
	steps 1000 >"$tmp/dump"
	# What runs in the terminal: the program, between two looks at its settings.
	cat >"$tmp/wrap" <<'EOF'
trap : INT HUP TERM
cd "$(dirname "$0")" || exit 1
echo "what was there before"
stty -a >before
sh -c 'echo $$ >pid; exec "$@" 2>err' - "$@"
echo $? >status.tmp
stty -a >after
mv status.tmp status
read -r _
EOF
}

# On failure bats shows the last screen.
teardown() {
	[ ! -f "$tmp/screen" ] || sed 's/^/|/' "$tmp/screen"
	tm kill-server 2>/dev/null || true
}

# start TERM COLUMNS LINES ARGUMENT...: exitstat in a new terminal
start() {
	local term=$1 columns=$2 lines=$3
	shift 3
	tm new-session -d -x "$columns" -y "$lines" \
		env TERM="$term" sh "$tmp/wrap" "${program[@]}" "$@"
}

keys() { tm send-keys "$@"; }

# until_screen PATTERN: wait until a line of the screen matches.
until_screen() {
	local tries=50
	until tm capture-pane -p >"$tmp/screen" && grep -q -- "$1" "$tmp/screen"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		sleep 0.1
	done
	grep -q -- "$1" "$tmp/screen" || {
		printf 'expected: a screen with %s\nactual: the screen below\n' "$1"
		return 1
	}
}

# reasons: the numbers of the rows, in their order
reasons() {
	awk 'seen && !NF { exit }
		seen { printf "%s%s", sep, $1; sep = " " }
		/^(reason|  vcpu) name/ { seen = 1 }' "$tmp/screen"
}

# narrow: so is the screen.
narrow() { pass_if "$(awk 'length > 79' "$tmp/screen")" "" "lines wider than 79"; }

# until_end STATUS: exitstat ended so, and left the terminal as it was.
until_end() {
	local tries=50
	until [ -f "$tmp/status" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		sleep 0.1
	done
	pass_if "$(cat "$tmp/status")" "$1" "status"
	pass_if "$(cat "$tmp/after")" "$(cat "$tmp/before")" "settings (stty -a) afterwards"
	# The cursor is visible again, and letters are from the usual alphabet.
	pass_if "$(tm display-message -p '#{cursor_flag} #{alternate_on} #{keypad_flag} #{keypad_cursor_flag}')" \
		"1 0 0 0" "cursor, alternate screen, keypad, cursor keys of the terminal"
}

# steps SAMPLES: a VM whose CPUIDs have no cost and whose port accesses slow down
steps() {
	printf 'exitstat-dump 1\nisa vmx\ntsc_khz 1000000\nown_reason 10\n'
	awk -v nr="$1" 'BEGIN {
		for (i = 1; i <= nr; i++) {
			printf "sample %.0f\ntotal %.0f %.0f\nown %.0f\n", i * 1000000000,
				1000 * i + 110 * i + 5, 1000 * i * i + 20000 * i, 10 * i
			printf "row 10 %.0f %.0f\n", 1000 * i + 10 * i, 10100 * i
			printf "row 12 %.0f %.0f\n", 5, 100
			printf "row 30 %.0f %.0f\nend\n", 100 * i, 10000 * i
		}
	}'
}

# 1000 CPUIDs (without the reads') and 100 port accesses a second
content() {
	start "$1" 80 24 --top --input ./dump 0.2
	until_screen '^    10 CPUID  *1000 .* 10  *[0-9]*000  '
	pass_if "$(reasons)" "10 30 12" "order of the rows"
	pass_if "$(sed -n 1p "$tmp/screen" | grep -c 'VMX, TSC at 1000000 kHz, every 0.2 s, ./dump')" 1 \
		"titles in the first line"
	pass_if "$(grep -c '^now:   1100 exits/s, 0.00% of a CPU' "$tmp/screen")" 1 "lines with the rate"
	narrow
	keys q
	until_end 0
}
@test "top-on-linux" { content linux; }
@test "top-on-vt100" { content vt100; }
@test "top-on-xterm" { content xterm; }
@test "top-on-no-such-terminal" { content no-such-terminal; }

# All time is known; in the third sample the counts begin anew.
@test "top-times" {
	cp dumps/times "$tmp"
	start vt100 80 24 --top --input ./times 1
	until_screen '^time% guest 62 kernel 0.8 vmm 12'
	until_screen '^by cycles;'
	until_screen '^time% guest 70 kernel 0.0 vmm 0.5'
	until_screen '^    30 IO_INSTRUCTION  *23  *0.1  *99.4  *0.0  *435174 '
	pass_if "$(reasons)" "30 48 10 - 12 1 52" "order by all that an exit costs"
	# Counts before the reset cannot be taken from those that began anew.
	keys r
	until_screen 'since reset'
	until_screen 'began anew'
	until_screen '^    30 IO_INSTRUCTION  *0 .* 10  *99'
	until_screen 'since start'
	until_screen '^time% guest 5 .* off 95'
	narrow
	keys q
	until_end 0
}

@test "top-keys" {
	start vt100 80 24 --top --input ./dump 0.2
	until_screen '^now:   1100 exits'
	keys p
	until_screen 'by cycles per exit'
	pass_if "$(reasons)" "30 10 12" "order by cost"
	keys c
	until_screen 'by cycles;'
	pass_if "$(reasons)" "10 30 12" "order by cycles"
	keys e
	until_screen 'by exits'
	keys Space
	until_screen '^paused; by exits'
	was=$(grep '^start:' "$tmp/screen")
	sleep 0.6
	until_screen '^paused; by exits'
	pass_if "$(grep '^start:' "$tmp/screen")" "$was" "paused: nothing moves"
	keys Space
	until_screen '^by exits'
	keys r
	until_screen 'since reset'
	until_screen '^    10 CPUID'
	pass_if "$(reasons)" "10 30" "rows with exits since the reset"
	keys d
	until_screen 'seconds between refreshes: _'
	keys 0 . 5 x 9 BSpace Enter
	until_screen 'every 0.5 s'
	keys d 9 9 9 9 9 Enter
	until_screen 'not a number of seconds'
	keys d Escape
	sleep 1.2
	until_screen 'every 0.5 s'
	keys h
	until_screen 'sort by exits, cycles, cycles per exit'
	keys x
	until_screen '^reason name'
	keys v
	until_screen 'vCPUs need --vm'
	tm resize-window -x 100 -y 8
	until_screen '^    10 CPUID'
	tm resize-window -x 40 -y 5
	until_screen '^reason name'
	tm resize-window -x 80 -y 24
	until_screen '^    30 IO_INSTRUCTION'
	keys C-c
	until_end 130
}

# stopped_by SIGNAL STATUS
stopped_by() {
	start xterm 80 24 --top --input ./dump 0.2
	until_screen '^    10 CPUID'
	kill -"$1" "$(cat "$tmp/pid")"
	until_end "$2"
	until_screen 'what was there before'
	pass_if "$(cat "$tmp/err")" "" "stderr"
}
@test "top-stopped-by-SIGTERM" { stopped_by TERM 143; }
@test "top-stopped-by-SIGHUP" { stopped_by HUP 129; }
@test "top-stopped-by-SIGINT" { stopped_by INT 130; }

@test "top-at-the-end-of-a-recording" {
	steps 3 >"$tmp/short"
	start vt100 80 24 --top --input "$tmp/short" 0.1
	until_screen '^at the end; '
	keys q
	until_end 0
}
@test "top-of-a-cut-recording" {
	steps 2 | sed '$d' >"$tmp/cut"
	start vt100 80 24 --top --input "$tmp/cut" 0.2
	until_end 1
	pass_if "$(wc -l <"$tmp/err")" 1 "lines of stderr"
	has "$tmp/err" "cut short"
}

@test "top-ends-with-its-terminal" {
	start linux 80 24 --top --input ./dump 0.2
	until_screen '^    10 CPUID'
	pid=$(cat "$tmp/pid")
	tm kill-server
	tries=30
	while kill -0 "$pid" 2>/dev/null && [ "$tries" -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	pass_if "$(kill -0 "$pid" 2>/dev/null || echo gone)" gone "the process"
}

# table FILE EXITS: as in KVM's debugfs
table() {
	{
		echo "reason name exits cycles"
		echo "    30 IO_INSTRUCTION $2 ${2}0"
		echo "     - total $2 ${2}0"
	} >"$1.new"
	mv "$1.new" "$1"
}
@test "top-of-a-vm" {
	vm=$fs/4000000-12
	mkdir -p "$vm/vcpu0" "$vm/vcpu10"
	table "$vm/exit_stats" 300
	table "$vm/vcpu0/exit_stats" 100
	table "$vm/vcpu10/exit_stats" 200
	start vt100 80 24 --top --debugfs "$fs" --tsc-khz 1000000 --vm 4000000 0.2
	until_screen 'VMX, .* VM 4000000 *$'
	until_screen '^    30 IO_INSTRUCTION'
	keys v
	until_screen '^  vcpu name'
	pass_if "$(reasons)" "10 0" "vCPUs, the busiest first"
	pass_if "$(awk '$1 == 10 { print $2, $6, $7 }' "$tmp/screen")" "vCPU 200 66.7" \
		"name, exits and share of vCPU 10"
	table "$vm/vcpu0/exit_stats" 900
	table "$vm/exit_stats" 1100
	until_screen '^     0 vCPU .* 900 '
	keys r v
	until_screen '^reset: '
	rm -r "$vm"
	until_end 1
	pass_if "$(cat "$tmp/err")" "exitstat: VM 4000000-12 is gone" "stderr"
}

@test "top-without-a-terminal" {
	capture --top --input "$tmp/dump"
	pass_if "$status $(cat "$tmp/out" "$tmp/err")" "1 exitstat: --top needs a terminal" \
		"status and output"
}
@test "top-on-a-dumb-terminal" {
	start dumb 80 24 --top --input ./dump 0.2
	until_end 1
	pass_if "$(wc -l <"$tmp/err")" 1 "lines of stderr"
}

# refuse_top OPTION...
refuse_top() {
	capture --top "$@" --input "$tmp/dump"
	pass_if "$status $(cat "$tmp/out" "$tmp/err" | wc -l)" "2 1" "status and lines of output"
}
@test "refuse-top-of-a-reason" { refuse_top -r 1; }
@test "refuse-top-with-a-format" { refuse_top --json; }
@test "refuse-top-with-a-file" { refuse_top -o x; }
