#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # helper.bash sets tmp, status and others
# exitstat --top, in terminals that tmux makes.
load helper.bash

# A server of its own, which the user's settings do not reach.
tm() { tmux -S "$tmp/tmux$session" -f /dev/null "$@" 3>&- 4>&-; }

setup() {
	session=0
	settings=()
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

# start TERM COLUMNS LINES ARGUMENT...: exitstat in a new terminal, with settings
start() {
	local term=$1 columns=$2 lines=$3
	shift 3
	tm -u new-session -d -x "$columns" -y "$lines" \
		env TERM="$term" "${settings[@]}" sh "$tmp/wrap" "${program[@]}" "$@"
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
	sed -i 's/ rows .* columns [0-9]*;//' "$tmp/before" "$tmp/after"
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
	until_screen '^at the end; '
	keys q
	until_end 0
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
	until_screen 'VMX, .* VM 4000000-12 *$'
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
	pass_if "$(cat "$tmp/err")" "exitstat: the terminal 'dumb' cannot move its cursor" \
		"stderr"
}

# A file may have any name; the second has a control character.
@test "top-of-a-file-with-other-letters" {
	name=$(printf './m\303\274nchen.\303\227')
	cp "$tmp/dump" "$tmp/$name"
	settings=(LC_ALL=C.UTF-8)
	start xterm 80 24 top --input "$name" 0.2
	until_screen "every 0.2 s, $name\$"
	keys q
	until_end 0
}
@test "top-of-a-file-in-ascii" {
	name=$(printf './a\033[2Jb\303\274c')
	cp "$tmp/dump" "$tmp/$name"
	settings=(LC_ALL=C)
	start xterm 80 24 top --input "$name" 0.2
	until_screen 'every 0.2 s, ./a.\[2Jb..c$'
	keys q
	until_end 0
}

# hosts VMS: a host with as many; each has more exits than the one before it.
hosts() {
	local i
	for i in $(seq "$1"); do
		mkdir -p "$fs/$((5000000 + i))-12"
		table "$fs/$((5000000 + i))-12/exit_stats" $((100 * i))
		make_process $((5000000 + i)) qemu qemu -name "web$i"
	done
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 1000000)
}

# ids: of the VMs of the list, in their order; selected: of that below the cursor
ids() { awk 'seen && !NF { exit } seen { print $1 } $1 == "pid-fd" { seen = 1 }' "$tmp/screen"; }
# An attribute holds until the next, also on the next line.
selected() {
	tm capture-pane -p -e | awk '{
		for (line = $0; match(line, /\033\[[0-9;]*m/); line = substr(line, RSTART + RLENGTH)) {
			if (RSTART > 1 && reverse)
				print substr(line, 1, RSTART - 1)
			reverse = substr(line, RSTART, RLENGTH) ~ /\[7m/
		}
		if (reverse)
			print line
	}' | awk '$1 ~ /^[0-9]+-[0-9]+$/ { print $1 }'
}
# until_selected ID
until_selected() {
	local tries=50
	until [ "$(selected)" = "$1" ] || [ "$tries" = 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	pass_if "$(selected)" "$1" "the VM below the cursor"
}

@test "top-of-a-host" {
	hosts 3
	mkdir "$fs/5000002-12/vcpu0"
	table "$fs/5000002-12/vcpu0/exit_stats" 200
	start vt100 80 24 top "${host[@]}" 0.2
	until_screen '^exitstat: this host, TSC at 1000000 kHz, every 0.2 s, 3 VMs$'
	until_screen '^start: 600 exits'
	pass_if "$(ids | paste -sd ' ')" "5000003-12 5000002-12 5000001-12" "order"
	pass_if "$(awk '$1 == "5000002-12" { print $2, $5, $6, $7 }' "$tmp/screen")" "0 200 1 web2" \
		"rate, exits, vCPUs and name"
	narrow
	until_selected 5000003-12
	keys Down
	until_selected 5000002-12
	# The cursor stays on its VM.
	table "$fs/5000001-12/exit_stats" 90000
	until_screen '^5000001-12 *[1-9]'
	pass_if "$(ids | head -n 1)" 5000001-12 "the busiest"
	until_selected 5000002-12
	keys Enter
	until_screen 'VMX, .* VM 5000002-12 web2 *$'
	until_screen '^    30 IO_INSTRUCTION'
	until_screen 'Esc: all VMs'
	keys v
	until_screen '^  vcpu name'
	until_screen '^     0 vCPU .* 200 '
	keys v
	until_screen '^reason name'
	keys Escape
	until_screen '^ *pid-fd '
	until_selected 5000002-12
	keys k Enter
	until_screen ' VM 5000003-12 web3 *$'
	keys BSpace
	until_screen '^ *pid-fd '
	keys Home Right
	until_screen ' VM 5000001-12 web1 *$'
	keys Left
	until_screen '^ *pid-fd '
	keys End v
	until_screen '^  vcpu name'
	until_screen ' VM 5000002-12 web2 *$'
	keys Escape
	until_screen '^ *pid-fd '
	keys Escape h
	until_screen 'back to all VMs'
	narrow
	keys x
	until_screen '^ *pid-fd '
	keys q
	until_end 0
	pass_if "$(cat "$tmp/err")" "" "stderr"
}

# The cost is percent of a CPU: 1000 kHz in a second are all of one.
@test "top-of-a-host-with-times" {
	make_host_with_times
	start vt100 80 24 top "${host[@]}" --tsc-khz 2000 -s exits 1
	until_screen '^time% guest'
	until_screen '^ *pid-fd  exits/s   cpu%  kern%   vmm%  wait% per exit since start vcpus name$'
	narrow
	tm resize-window -x 70 -y 24
	until_screen '^ *pid-fd  exits/s   cpu%  kern%   vmm%  wait% per exit name$'
	cp tables/times-vmx-later "$fs/5000001-20/exit_stats"
	until_screen '^5000001-20 *[1-9]'
	# Kernel, VMM and waiting are all of it, and more than nothing.
	pass_if "$(awk '$1 == "5000001-20" {
			d = $3 - $4 - $5 - $6
			print ($3 > 0 && d < 0.3 && d > -0.3) }' "$tmp/screen")" 1 \
		"cpu% is the sum of the others"
	keys q
	until_end 0
}

@test "top-of-a-host-resets" {
	hosts 2
	start vt100 100 24 top "${host[@]}" 0.2
	until_screen '^start: 300 exits'
	keys r
	until_screen '^reset: 0 exits in 0:00:0'
	table "$fs/5000001-12/exit_stats" 1100
	until_screen '^reset: 1000 exits in'
	until_screen '^5000001-12 .* 1000 '
	# Of one VM it is still since the start.
	keys Enter
	until_screen '^start: '
	keys Escape
	until_screen '^reset: 1000 exits in'
	keys q
	until_end 0
}

@test "top-of-a-host-with-more-vms-than-lines" {
	hosts 53
	start vt100 80 25 top "${host[@]}" 0.2
	until_screen 'rows 1-20 of 53; '
	pass_if "$(ids | sed -n '1p;$p' | paste -sd ' ')" "5000053-12 5000034-12" "first and last row"
	keys NPage
	until_screen 'rows 2-21 of 53; '
	until_selected 5000033-12
	keys End
	until_screen 'rows 34-53 of 53; '
	until_selected 5000001-12
	keys PPage
	until_selected 5000021-12
	keys Up
	until_selected 5000022-12
	keys Home Down
	until_screen 'rows 1-20 of 53; '
	until_selected 5000052-12
	# What is shown follows the size of the terminal.
	keys End
	tm resize-window -x 80 -y 15
	until_screen 'rows 44-53 of 53; '
	until_selected 5000001-12
	tm resize-window -x 80 -y 100
	until_screen '^by exits; arrows'
	pass_if "$(ids | wc -l)" 53 "rows"
	keys Enter
	until_screen ' VM 5000001-12 web1 *$'
	keys q
	until_end 0
}

# many_reasons: a VM with 40 of them
many_reasons() {
	mkdir -p "$fs/5000001-12"
	{
		echo "reason name exits cycles"
		seq 100 139 | awk '{ n = 1000 - $1; sum += n; print $1, "-", n, n }
			END { print "- total", sum, sum }'
	} >"$fs/5000001-12/exit_stats"
	host=(--debugfs "$fs" --proc "$proc" --tsc-khz 1000000)
}
@test "top-of-more-reasons-than-lines" {
	many_reasons
	start vt100 80 25 top "${host[@]}" --vm 5000001 0.2
	until_screen 'rows 1-20 of 40; '
	keys Down j
	until_screen 'rows 3-22 of 40; '
	pass_if "$(reasons | cut -d ' ' -f 1)" 102 "the first row"
	# A VT100 has no such keys, and what they send begins as Escape does.
	keys NPage
	until_screen 'rows 21-40 of 40; '
	keys Up PPage
	until_screen 'rows 1-20 of 40; '
	keys End
	until_screen 'rows 21-40 of 40; '
	keys Home
	until_screen 'rows 1-20 of 40; '
	# A key that nobody knows is nothing, also as far as its letters are keys.
	tm send-keys -l "$(printf '\033[27;5;9v')"
	sleep 0.5
	until_screen 'rows 1-20 of 40; '
	until_screen '^reason name'
	keys q
	until_end 0
}

@test "top-of-a-host-whose-vms-come-and-go" {
	hosts 2
	start vt100 80 24 top "${host[@]}" 0.2
	until_screen ', 2 VMs$'
	make_vm 5000009-1 vmx vcpu
	until_screen ', 3 VMs$'
	until_screen '^ *5000009-1 '
	keys Down
	until_selected 5000002-12
	keys Enter
	until_screen ' VM 5000002-12 web2 *$'
	rm -r "$fs/5000002-12"
	until_screen '^VM 5000002-12 is gone; Esc: all VMs'
	sleep 0.5
	until_screen '^    30 IO_INSTRUCTION'
	keys v
	keys Escape
	until_screen ', 2 VMs$'
	until_screen '^5000001-12 '
	# One that has ended while nobody looked.
	keys Space
	until_screen '^paused; '
	keys End
	until_selected 5000001-12
	rm -r "$fs/5000001-12"
	keys Enter
	until_screen '^there is no VM 5000001-12'
	keys Space
	until_screen ', 1 VM$'
	until_selected 5000009-1
	rm -r "$fs/5000009-1"
	until_screen ', 0 VMs$'
	keys Enter Down v
	until_screen ', 0 VMs$'
	keys q
	until_end 0
	pass_if "$(cat "$tmp/err")" "" "stderr"
}

# Said once, in the title and at the end.
@test "top-of-a-host-with-an-unreadable-vm" {
	hosts 2
	make_vm 6000000-1 hostile-unnamed
	start vt100 80 24 top "${host[@]}" 0.2
	until_screen ', 2 VMs, 1 cannot be read$'
	sleep 0.5
	keys Enter
	until_screen ' VM 5000002-12 web2 *$'
	cp tables/hostile-unnamed "$fs/5000002-12/exit_stats"
	until_screen '^VM 5000002-12, line 2: is neither total nor other; Esc'
	keys Escape
	until_screen ', 1 VM, 2 cannot be read$'
	keys q
	until_end 0
	pass_if "$(cat "$tmp/err")" "exitstat: VM 6000000-1, line 2: is neither total nor other
exitstat: VM 5000002-12 (web2), line 2: is neither total nor other" "stderr"
}

# whole_columns: no row of the screen ends but where a column does.
@test "top-of-any-width" {
	hosts 1
	make_process 5000001 qemu qemu -name "$(printf 'x%.0s' $(seq 60))y"
	table "$fs/5000001-12/exit_stats" 123456789
	start vt100 160 24 top "${host[@]}" 0.2
	until_screen '^5000001-12 .* 123456789 .* x*y$'
	for columns in 79 64 50 40 30 20 12 10 5; do
		tm resize-window -x "$columns" -y 24
		sleep 0.4
		tm capture-pane -p >"$tmp/screen"
		awk '$1 == "5000001-12"' "$tmp/screen" >"$tmp/row"
		[ "$columns" -ge 10 ] || {
			pass_if "$(grep -c 5000 "$tmp/screen")" 0 "parts of the PID"
			continue
		}
		pass_if "$(awk '{ print $1 }' "$tmp/row")" 5000001-12 "PID-FD at $columns"
		pass_if "$(awk '{ for (i = 2; i <= NF; i++) if ($i !~ /^(0|0\.0|-|123456789|x+y?)$/) print $i }' "$tmp/row")" \
			"" "parts of numbers at $columns"
		pass_if "$(awk '$1 == "pid-fd"' "$tmp/screen" | tr -s ' ' '\n' |
			grep -vxE '|pid-fd|exits/s|cpu%|per|exit|since|start|vcpus|name')" \
			"" "parts of headers at $columns"
	done
	keys q
	until_end 0
}
@test "top-of-reasons-of-any-width" {
	cp dumps/times "$tmp"
	start vt100 100 24 top --input ./times 0.1
	until_screen 'began anew'
	keys x
	until_screen '^at the end; '
	until_screen '^reason name .* exits% cycl%$'
	sed -n '/^reason/,$p' "$tmp/screen" >"$tmp/wide"
	for columns in 80 72 60 45 33 16 8; do
		tm resize-window -x "$columns" -y 24
		sleep 0.4
		tm capture-pane -p >"$tmp/screen"
		# Each word of a row is one of the wide screen's, or a name that is cut.
		sed -n '/^reason/,$p' "$tmp/screen" | tr -s ' ' '\n' |
			grep -vxFf <(tr -s ' ' '\n' <"$tmp/wide") |
			grep -v '^[A-Z_a-z]*$' >"$tmp/parts" || true
		pass_if "$(cat "$tmp/parts")" "" "parts of numbers at $columns"
	done
	keys q
	until_end 0
}

@test "top-of-a-host-without-debugfs" {
	capture --debugfs "$tmp/nonexistent" top
	pass_if "$status $(cat "$tmp/out" "$tmp/err" | wc -l)" "4 1" "status and lines"
	has "$tmp/err" "there is no $tmp/nonexistent"
}
@test "top-host" {
	hosts 1
	start vt100 80 24 top --host "${host[@]}" 0.2
	until_screen '^exitstat: this host'
	keys q
	until_end 0
}

# refuse_top OPTION...
refuse_top() {
	capture --top "$@" --input "$tmp/dump"
	pass_if "$status $(cat "$tmp/out" "$tmp/err" | wc -l)" "2 1" "status and lines of output"
}
@test "refuse-top-of-a-reason" { refuse_top -r 1; }
@test "refuse-top-with-a-format" { refuse_top --json; }
@test "refuse-top-with-a-file" { refuse_top -o x; }

# The columns of --tail are of now: there is nothing before the second refresh.
@test "top-tail" {
	make_tail
	start vt100 80 24 top "${host[@]}" --vm db01 --tail 1
	until_screen '^reason name .* exits/s  kern%   vmm%  wait%    p50    p99     max$'
	sh -c "$go_on"
	until_screen '^    30 IO_INSTRUCTION .* 464ns 1\.00ms  1\.00ms$'
	until_screen '^     1 EXTERNAL_INTERRUPT .* 21ns   30ns   <31ns$'
	keys 9
	until_screen '^by p99;'
	keys m
	until_screen '^by max;'
	keys t
	until_screen '^by cycles;'
	until_screen '^reason name .* wait% per exit since start cycl%$'
	keys m
	until_screen '^by max;'
	until_screen '  max$'
	keys v
	until_screen '^  vcpu name .* max per exit$'
	keys q
	until_end 0
}
@test "top-tail-by-max" {
	make_tail
	make_hists 5000001-20 none
	start vt100 80 24 top "${host[@]}" --vm db01 --tail -s max 1
	until_screen '^by max;'
	sh -c "$go_on"
	until_screen '1\.00ms$'
	pass_if "$(reasons | cut -d ' ' -f 1-2)" "30 48" "those with the highest maxima come first"
	keys q
	until_end 0
}
@test "top-tail-of-a-host" {
	make_tail
	make_vm 5000002-20 times-svm
	start vt100 90 24 top "${host[@]}" --tail 1
	until_screen '^ *pid-fd  exits/s .* p50    p99     max .*name *$'
	sh -c "$go_on"
	until_screen '^5000001-20 .* 1\.00ms .*db01$'
	keys Enter
	until_screen '^reason name .* max per exit$'
	keys q
	until_end 0
}
@test "top-tail-without-histograms" {
	make_host_with_times
	start vt100 80 24 top "${host[@]}" --tail 1
	until_screen '^KVM keeps no histograms: they need a newer patched kernel on the host'
	until_screen '^ *pid-fd  exits/s   cpu%  kern%   vmm%  wait% per exit since start vcpus name$'
	keys Enter
	until_screen '^reason name'
	keys t
	until_screen '^KVM keeps no histograms'
	keys q
	until_end 0
}
