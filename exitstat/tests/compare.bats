#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # helper.bash sets tmp, status and others
# exitstat diff, run -r, and the marks and commands of recordings.
load helper.bash
load recording.bash

# Whoever runs this in the background may have SIGINT ignored.
setup() { program=(env --default-signal=INT "${program[@]}"); }
teardown() { [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true; }

# diff_is STATUS A B [ARGUMENT...]: its output is in the file out.
diff_is() {
	local wanted=$1 a=$2 b=$3
	shift 3
	capture diff "$@" "$a" "$b"
	pass_if "$status" "$wanted" "status; stderr: $(cat "$tmp/err")"
}

@test "diff-of-the-same" {
	diff_is 0 recordings/vmx recordings/vmx
	pass_if "$(grep -c '\*$\|\* ' "$tmp/out")" 1 "lines with a star: the heading's"
	pass_if "$(awk 'length > 79' "$tmp/out")" "" "lines wider than 79"
}
# Of A 97 a second, of B 113; the steps differ by 2 at most. An exit costs 3 cycles.
@test "diff-of-two-rates" {
	steps "96 98 97 96 98" >"$tmp/a"
	steps "112 114 113 112 114" >"$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b"
	has "$tmp/out" "    30 IO_INSTRUCTION         97.0  +16.5%*      3.0   +0.0%    0.00  +16.5%*"
	has "$tmp/out" "A: $tmp/a: 5.0 s in 5 intervals"
	diff_is 3 "$tmp/b" "$tmp/a"
	has "$tmp/out" "    30 IO_INSTRUCTION        113.0  -14.2%*      3.0   +0.0%    0.00  -14.2%*"
}
# The mean changes by 10 %, the steps differ by far more.
@test "diff-of-what-is-within-the-spread" {
	steps "50 150 20 180 100 100" >"$tmp/a"
	steps "60 160 30 190 110 110" >"$tmp/b"
	diff_is 0 "$tmp/a" "$tmp/b"
	has "$tmp/out" "100.0  +10.0% "
}
# Ten steps of 15 reasons, which vary by a tenth: 20 comparisons of what is the same,
# with 48 numbers each. Of three standard errors each fourth would have a star.
@test "diff-of-chance" {
	case ${program[*]} in *valgrind*) skip "60 programs: too slow under valgrind" ;; esac
	for seed in $(seq 40); do
		python3 - "$seed" >"$tmp/$seed" <<-'EOF'
			import random, sys
			random.seed(sys.argv[1])
			print("exitstat-dump 1\nisa vmx\ntsc_khz 2000000\nown_reason 10")
			rows = [[1, 1] for reason in range(28, 43)]
			for second in range(1, 12):
			    for i, row in enumerate(rows):
			        exits = int(random.gauss(100 + 100 * i, 10 + 10 * i))
			        row[0] += exits
			        row[1] += int(exits * random.gauss(2000, 200))
			    print("sample %d000000000" % second)
			    print("total", *map(sum, zip(*rows)))
			    print("own 0")
			    for i, row in enumerate(rows):
			        print("row", 28 + i, *row)
			    print("end")
		EOF
	done
	different=0
	for seed in $(seq 20); do
		capture diff "$tmp/$seed" "$tmp/$((seed + 20))"
		[ "$status" = 0 ] || different=$((different + 1))
	done
	pass_if "$different" 0 "comparisons with a difference"
}
@test "diff-with-a-threshold" {
	steps "1000 1000 1000" >"$tmp/a"
	steps "1010 1010 1010" >"$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b" --threshold 0.9
	diff_is 0 "$tmp/a" "$tmp/b" --threshold 1.1
}
@test "diff-of-too-few-steps" {
	steps "100" >"$tmp/a"
	steps "900" >"$tmp/b"
	diff_is 0 "$tmp/a" "$tmp/b"
	has "$tmp/out" "100.0 +800.0%  "
	has "$tmp/out" "Of fewer than three steps on a side nobody can tell chance: nothing has a *."
}
# Two steps have a spread, but one of chance.
@test "diff-of-two-steps" {
	steps "100 101" >"$tmp/a"
	steps "900 901" >"$tmp/b"
	diff_is 0 "$tmp/a" "$tmp/b"
	has "$tmp/out" "nothing has a *."
}
# Reason 48 is in one of six steps: nobody knows how far its cost spreads.
@test "diff-of-the-cost-of-a-rare-reason" {
	for cost in 1000 1200; do
		steps "100 100 100 100 100 100" | awk -v cost=$cost '
			/^end/ && ++nr > 3 { print "row 48 5 " 5 * cost }
			{ print }' >"$tmp/$cost"
	done
	diff_is 0 "$tmp/1000" "$tmp/1200"
	has "$tmp/out" "1000.0  +20.0% "
}
# Only the phase "fast" differs; "old" and "new" are in one recording only.
@test "diff-by-phase" {
	steps "100 100 100 300 300 300 5" 1 "slow - - fast - - old" >"$tmp/a"
	steps "100 100 100 600 600 600 5" 1 "slow - - fast - - new" >"$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b"
	pass_if "$(sed -n '/^phase slow/,/^phase/p' "$tmp/out" | grep -c '\*')" 0 "stars of slow"
	has "$tmp/out" "300.0 +100.0%*"
	has "$tmp/out" "Only in one of them: phases old new"
}
@test "diff-of-a-new-and-a-gone-reason" {
	steps "100 100 100" >"$tmp/a"
	sed 's/^row 30/row 12/' "$tmp/a" >"$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b"
	has "$tmp/out" "    12 HLT                     0.0     new*      0.0     new    0.00     new*"
	has "$tmp/out" "    30 IO_INSTRUCTION        100.0    gone*      3.0    gone    0.00    gone*"
	diff_is 3 "$tmp/a" "$tmp/b" -r HLT
	pass_if "$(grep -c IO_INSTR "$tmp/out")" 0 "lines of a reason that was not asked for"
	diff_is 0 "$tmp/a" "$tmp/b" --reasons 48
	diff_is 2 "$tmp/a" "$tmp/b" -r nonsense
}
# A cycle of a TSC at half the rate takes twice as long.
@test "diff-of-two-tscs" {
	steps "100 100 100" >"$tmp/a"
	sed 's/^tsc_khz .*/tsc_khz 500000/' "$tmp/a" >"$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b"
	has "$tmp/err" "the TSCs have 1000000 and 500000 kHz"
	has "$tmp/out" "3.0 +100.0%*"
}
@test "diff-of-two-kinds-of-hosts" {
	refuse 1 "recordings/vmx is of VMX, recordings/svm of SVM" diff recordings/vmx recordings/svm
}
# What intervals say is what the recording says.
@test "diff-of-a-recording-and-its-tables" {
	exitstat --input recordings/vmx --json -y 0.01 >"$tmp/tables"
	diff_is 0 recordings/vmx "$tmp/tables"
	pass_if "$(sed '/^phase/,$d' "$tmp/out" | awk '$1 ~ /^[0-9]/ || $1 == "all"' |
		grep -vc '+0.0%.*+0.0%.*+0.0%')" 0 "rows with a change"
}
@test "diff-of-standard-input" {
	cp recordings/vmx "$tmp/copy"
	exitstat diff "$tmp/copy" - <recordings/vmx >"$tmp/out"
	has "$tmp/out" "B: standard input: 18.8 s"
}
@test "diff-of-single-tables" {
	exitstat --input dumps/vmx --json >"$tmp/one"
	diff_is 0 "$tmp/one" "$tmp/one"
	has "$tmp/out" "in 1 interval"
}
@test "diff-json" {
	steps "96 98 97 96 98" >"$tmp/a"
	steps "112 114 113 112 114" >"$tmp/b"
	diff_is 3 "$tmp/a" "$tmp/b" --json
	python3 - "$tmp/out" <<-'EOF'
		import json, sys
		diff = json.load(open(sys.argv[1]))
		assert diff["format"] == "exitstat-diff" and diff["differs"]
		row = diff["parts"][0]["rows"][0]
		assert row["name"] == "IO_INSTRUCTION" and row["reason"] == 30
		assert row["exits"]["a"]["mean"] == 97 and row["exits"]["b"]["mean"] == 113
		# Deviation 1 (n - 1: sqrt(4 / 4)), over the root of 5 steps.
		assert abs(row["exits"]["a"]["standard_error"] - 5 ** -0.5) < 1e-9
		assert abs(row["exits"]["change_percent"] - 100 * 16 / 97) < 1e-9
		assert row["exits"]["differs"] and not row["cycles_per_exit"]["differs"]
	EOF
}
@test "diff-json-of-a-name-that-is-no-UTF-8" {
	name=$tmp/$(printf 'a\377')
	cp recordings/vmx "$name"
	exitstat diff --json "$name" recordings/vmx >"$tmp/out"
	has "$tmp/out" "\"file\":\"$tmp/a?\""
}
# As jq and others write what was 1.0.
@test "diff-of-whole-seconds" {
	exitstat --input dumps/vmx --json | sed 's/"elapsed_seconds":[0-9.]*/"elapsed_seconds":5/' >"$tmp/whole"
	diff_is 0 "$tmp/whole" "$tmp/whole"
	has "$tmp/out" "A: $tmp/whole: 5.0 s in 1 interval"
}
@test "diff-of-hostile-tables" {
	exitstat --input dumps/vmx --json >"$tmp/good"
	for edit in 's/"exitstat"/"exitstat-host"/' 's/"version":3/"version":4/' \
		's/"isa":"vmx"/"isa":"arm"/' 's/"exits":"\([0-9]*\)"/"exits":\1/g' \
		's/"reason":48/"reason":70000/' 's/"reason":48/"reason":-5/' \
		's/"reason":48/"reason":"48"/' 's/"rows":/"lines":/' \
		's/"exits":"\([0-9]*\)"/"exits":"\1x"/g' \
		's/"kernel_cycles":"/"kernel_cycles":"-/g' 's/"since_start":true/"since_start":1/' \
		's/"elapsed_seconds":[0-9.]*/"elapsed_seconds":-1.0/' 's/}$//' 's/$/{}/' \
		's/"exits":"[0-9]*"/"exits":"99999999999999999999"/g' 's/"isa"/"isa":"svm","isa"/'; do
		sed "$edit" "$tmp/good" >"$tmp/bad"
		! cmp -s "$tmp/good" "$tmp/bad" || { echo "no edit: $edit"; return 1; }
		refuse 1 "is no table that exitstat --json writes" diff "$tmp/good" "$tmp/bad"
	done
	refuse 1 "cannot read /nonexistent" diff /nonexistent "$tmp/good"
	refuse 1 "is empty" diff /dev/null "$tmp/good"
}
@test "refuse-diff" {
	refuse 2 "diff takes two FILEs" diff x
	refuse 2 "--threshold 'x'" diff --threshold x a b
	refuse 2 "--threshold is for diff" --threshold 1
}

# The first run has 33 exits, the others none.
@test "run-several-times" {
	make_host
	host+=(--vm 5000001)
	later="cp tables/vmx-later $fs/5000001-12/exit_stats"
	capture run -r 2 "${host[@]}" -- sh -c "$later"
	pass_if "$status" 0 "status"
	has "$tmp/err" "2 runs, "
	has "$tmp/err" "     1 EXTERNAL_INTERRUPT       5.0  100.0"
	has "$tmp/err" "       all                     16.5  100.0"
}
@test "run-several-times-into-a-file" {
	make_host
	host+=(--vm 5000001)
	later="cp tables/vmx-later $fs/5000001-12/exit_stats"
	capture run -r 3 -o "$tmp/runs" --json "${host[@]}" -- sh -c "$later; exit 5"
	pass_if "$status $(wc -c <"$tmp/err")" "5 0" "status, bytes of stderr"
	pass_if "$("$JSON_CHECK" <"$tmp/runs")" "3 objects" "what json-check says"
	pass_if "$(grep -c '"run":true' "$tmp/runs")" 3 "runs"
	diff_is 0 "$tmp/runs" "$tmp/runs"
	has "$tmp/out" "3 runs"
	has "$tmp/out" "EXTERNAL_INTERRUPT      3.3   +0.0%"
	refuse 1 "has runs of a command" diff "$tmp/runs" recordings/vmx
}
@test "run-into-a-full-disk" {
	make_host
	host+=(--vm 5000001)
	refuse 1 "cannot write" run -o /dev/full "${host[@]}" -- true
}
@test "refuse-run-of-a-reason" {
	refuse 2 "-r N is how often it runs, --reasons" run -r HLT -- true
	refuse 2 "-r and --reasons" -r 1 --reasons 2
	refuse 2 "no --reasons and no --baseline" run -r 2 --reasons 2 -- true
	refuse 2 "-r '0'" run -r 0 -- true
}

# until_recorded SAMPLES: they are in the file that becomes $tmp/rec.
until_recorded() {
	local tries=200
	until [ "$(cat "$tmp"/rec.* 2>/dev/null | grep -c ^end)" -ge "$1" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ]
		sleep 0.1
	done
}

# A VM whose counts the command changes.
make_recorded() {
	make_host
	host+=(--vm 5000001)
	exe=${program[*]}
	later="cp tables/vmx-later $fs/5000001-12/exit_stats"
}
@test "record-of-a-command" {
	make_recorded
	TMPDIR=$tmp capture record -o "$tmp/rec" "${host[@]}" 0.05 -- \
		sh -c "$exe mark one; sleep 0.2; $exe mark two; $later; $exe mark end; exit 3"
	pass_if "$status $(cat "$tmp/err")" "3 " "status and stderr"
	pass_if "$(sed -n 's/^mark //p' "$tmp/rec" | tr '\n' ' ')" "one two end " "marks"
	# Ticks of 0.05 s, one for each mark, the first and the last.
	[ "$(grep -c ^sample "$tmp/rec")" -ge 8 ]
	exitstat report -o "$tmp/page.html" "$tmp/rec" | tr '\n' ' ' | tr -s ' ' >"$tmp/text"
	has "$tmp/text" " samples, 3 phases; 5,001,590 exits since"
	pass_if "$(find "$tmp" -name 'exitstat.*')" "" "directories of marks left"
}
@test "record-of-a-command-that-outlives-the-vm" {
	make_recorded
	capture record -o "$tmp/rec" "${host[@]}" 0.05 -- \
		sh -c "rm -r '$fs/5000001-12'; sleep 0.3; echo done; exit \"\$1\"" - 6
	pass_if "$status $(cat "$tmp/out" "$tmp/err" | tr '\n' ' ')" \
		"6 done exitstat: VM 5000001-12 is gone " "status, stdout and stderr"
	pass_if "$(tail -n 1 "$tmp/rec")" end "the file's last line"
}
@test "refuse-record-of-a-recording-and-a-command" {
	refuse 2 "--input cannot be combined with COMMAND" record -o x --input dumps/vmx -- true
}
@test "record-without-standard-files" {
	case ${program[*]} in *valgrind*) skip "valgrind needs them itself" ;; esac
	sed '$d' recordings/vmx >"$tmp/cut"
	for closed in '<&-' '>&-' '2>&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		(eval "exec $closed"; exec "${program[@]}" record -o "$tmp/copy" --input "$tmp/cut" 0.01) \
			2>"$tmp/err"
		pass_if "$(grep -c exitstat: "$tmp/copy") $(tail -n 1 "$tmp/copy")" "0 end" \
			"complaints in the recording, and its last line: $closed"
	done
}
@test "record-of-a-command-that-is-not-there" {
	make_recorded
	refuse 127 "cannot run nonexistent-command" record -o "$tmp/none" "${host[@]}" -- nonexistent-command
	no_file 'none*'
}
@test "record-of-a-command-that-a-signal-ends" {
	make_recorded
	"${program[@]}" record -o "$tmp/rec" "${host[@]}" 0.1 -- sleep 30 3>&- &
	pid=$!
	until_recorded 3
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	pass_if "$status" 143 "status"
	[ "$(grep -c ^end "$tmp/rec")" -ge 3 ]
}
@test "record-of-a-command-keeps-interrupts-for-it" {
	make_recorded
	# shellcheck disable=SC2016 # the inner shell's
	capture record -o "$tmp/rec" "${host[@]}" 0.1 -- \
		sh -c 'trap "echo interrupted; exit 9" INT; kill -INT $PPID; kill -INT $$; sleep 5'
	pass_if "$status $(cat "$tmp/out")" "9 interrupted" "status and what the command said"
}
# Neither a child of somebody else that ends, nor a stop of the command, ends it.
@test "record-of-a-command-until-it-ends" {
	make_recorded
	# shellcheck disable=SC2016 # the inner shell's
	(
		sleep 0.2 &
		capture record -o "$tmp/rec" "${host[@]}" 0.1 -- sh -c \
			'(sleep 0.4; kill -CONT $$) & kill -STOP $$; sleep 0.8; exit 4'
		pass_if "$status" 4 "status"
	)
	[ "$(grep -c ^sample "$tmp/rec")" -ge 8 ]
}
@test "record-without-a-command-goes-on-without-a-child" {
	make_recorded
	# shellcheck disable=SC2016 # the inner shell's
	sh -c 'sleep 0.2 & exec "$@"' - "${program[@]}" record -o "$tmp/rec" "${host[@]}" 0.1 6
	pass_if "$(grep -c ^sample "$tmp/rec")" 6 "samples"
}
# Whoever writes marks without end cannot keep it from ending.
@test "record-ends-in-a-flood-of-marks" {
	make_recorded
	mkfifo "$tmp/fifo"
	yes x >"$tmp/fifo" 3>&- &
	flood=$!
	"${program[@]}" record -o "$tmp/rec" -m "$tmp/fifo" "${host[@]}" 0.1 3>&- &
	pid=$!
	until_recorded 1
	kill "$pid"
	status=0
	timeout 10 tail --pid="$pid" -f /dev/null || status=$?
	kill "$flood" 2>/dev/null || true
	pass_if "$status" 0 "0: it has ended"
	wait "$pid"
	pass_if "$(tail -n 1 "$tmp/rec")" end "the file's last line"
}
@test "status-of-a-command-where-SIGCHLD-is-ignored" {
	make_host
	# Not bash, which does not pass it on.
	status=0
	env --ignore-signal=CHLD "${program[@]}" run "${host[@]}" --vm 5000001 -- \
		sh -c 'exit 5' 2>"$tmp/err" || status=$?
	pass_if "$status" 5 "status"
}
# ^C is for the command, which may go on; what it cost is shown then.
@test "interrupt-of-a-run-is-for-its-command" {
	make_host
	# shellcheck disable=SC2016 # the inner shell's
	capture run "${host[@]}" --vm 5000001 -- sh -c 'kill -INT $PPID; exit 7'
	pass_if "$status" 7 "status"
	has "$tmp/err" "sh, status 7. All of the VM is counted"
}
# ^C ends all runs. Of the one that it ended there is no mean.
@test "interrupt-of-several-runs" {
	make_host
	# shellcheck disable=SC2016 # the inner shell's
	capture run -r 5 "${host[@]}" --vm 5000001 -- sh -c \
		"echo >>'$tmp/runs'; "'[ $(wc -l <"'"$tmp/runs"'") = 1 ] || kill -INT $$'
	pass_if "$status $(wc -l <"$tmp/runs")" "130 2" "status and runs"
	has "$tmp/err" "1 run, "
	capture run -r 5 "${host[@]}" --vm 5000001 -- sh -c 'kill -INT $$'
	pass_if "$status $(cat "$tmp/err")" "130 exitstat: sh was interrupted before a run was whole" \
		"status and stderr"
}
@test "mark-by-name-of-the-fifo" {
	many_steps >"$tmp/many"
	timeout 20 "${program[@]}" record -o "$tmp/marked" -m "$tmp/fifo" \
		--input "$tmp/many" 30 3 3>&- &
	pid=$!
	until_fifo "$tmp/fifo"
	exitstat mark -m "$tmp/fifo" import
	sleep 0.2
	EXITSTAT_MARKS=$tmp/fifo exitstat mark query
	wait "$pid"
	pass_if "$(sed -n 's/^mark //p' "$tmp/marked" | tr '\n' ' ')" "import query " "marks"
}
@test "refuse-marks" {
	refuse 2 "'a b' is no name of a phase" mark 'a b'
	refuse 2 "is no name of a phase" mark ''
	refuse 2 "is no name of a phase" mark "$(printf '%032d' 0)"
	refuse 2 "which recording?" mark x
	refuse 2 "mark takes one NAME" mark
	mkfifo "$tmp/nobody"
	refuse 1 "no exitstat record reads $tmp/nobody" mark -m "$tmp/nobody" x
	touch "$tmp/file"
	refuse 1 "is no FIFO" mark -m "$tmp/file" x
	refuse 1 "cannot write $tmp/none" mark -m "$tmp/none" x
	pass_if "$(wc -c <"$tmp/file")" 0 "bytes of a file that is no FIFO"
}

@test "json-says-reboots" {
	for dump in rebooted:rebooted restored:restored rebooted-1:unknown vmx:'one boot'; do
		exitstat --input "dumps/${dump%%:*}" --json 1 1 >"$tmp/json"
		has "$tmp/json" "\"history\":\"${dump#*:}\""
	done
	exitstat --input dumps/rebooted-1 --json 1 1 >"$tmp/json"
	has "$tmp/json" '"elapsed_seconds":null'
}
@test "unknown-frequency-is-no-number" {
	sed 's/^tsc_khz .*/tsc_khz 0/' dumps/vmx >"$tmp/dump"
	exitstat --input "$tmp/dump" --json >"$tmp/json"
	has "$tmp/json" '"tsc_khz":null'
	exitstat --input "$tmp/dump" --openmetrics >"$tmp/metrics"
	pass_if "$(grep -c hertz "$tmp/metrics")" 0 "lines with a frequency"
}

# The time of day, and a line for each table.
@test "time-of-day" {
	exitstat -t --input dumps/migrated 1 >"$tmp/out"
	has "$tmp/out" "2025-11-28T06:47:28.000000Z"
	pass_if "$(awk 'length > 79' "$tmp/out")" "" "lines wider than 79"
}
@test "time-of-day-of-a-host" {
	make_host
	exitstat host -t "${host[@]}" >"$tmp/out"
	grep -q "^$(date -u +%Y-%m-)[0-9T:.-]*Z\$" "$tmp/out"
}
@test "a-line-for-each-table" { golden lines cat -l --input dumps/times 1; }
@test "lines-with-the-time-of-day" { golden lines-clock cat -l -t --input dumps/migrated 1; }
@test "lines-without-times" { golden lines-vmx cat -l --input recordings/vmx 1; }
@test "refuse-lines-of-a-command" { refuse 2 "-l is for tables" -l -- true; }
