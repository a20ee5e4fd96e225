# shellcheck shell=dash source=../../tap.sh
# In L2: what exitstat says from inside a guest, of programs of known exits too.
# Nothing is printed before the end, as the serial port's exits would count.
out=/tmp/exitstat.out
cd /job || exit 1

. ./tap.sh

# exits_of NAME FILE: in CSV, of the last group.
exits_of() {
	awk -F, -v name="$1" 'tolower($5) == name { n = $6 } END { print n + 0 }' "$2"
}

# known WHAT NAME: exits23 does 23 of WHAT, exitstat says 23 of NAME.
known() {
	sleep 1
	# stdin is for exits23: the port is open before and after it.
	status=0
	./exitstat --csv -- ./exits23 "$1" 23 2>"/tmp/known-$1" 0<>/dev/ttyS1 ||
		status=$?
	is "$status" 0 "exitstat-23-$1-status"
	is "$(exits_of "$2" "/tmp/known-$1")" 23 "exitstat-23-$1"
}

# A recording of a command that marks its phases, of which the second has 97 exits
# of CPUID that are known, beside those of its programs' starts.
recordings() {
	./exitstat record -o /tmp/rec 0.2 -- sh -c \
		'./exitstat mark rest; sleep 1; ./exitstat mark work; ./exits23 cpuid 97; exit 5'
	is $? 5 exitstat-record-passes-status
	is "$(sed -n 's/^mark //p' /tmp/rec | paste -sd ' ')" "rest work" \
		exitstat-record-has-marks
	is "$(sed -n 's/^host //p' /tmp/rec) $(sed -n 's/^vcpus //p' /tmp/rec)" \
		"$(uname -n) $(grep -c ^processor /proc/cpuinfo)" exitstat-record-says-where
	./exitstat --input /tmp/rec --csv -y 0.1 >/tmp/rec.csv
	works exitstat-record-has-known-exits [ "$(awk -F, '
		tolower($5) == "cpuid" { n += $6 } END { print n + 0 }' /tmp/rec.csv)" -ge 97 ]
	./exitstat report -o /tmp/rec.html /tmp/rec >/tmp/rec.txt
	is "$? $(grep -c '20[0-9][0-9]-[0-9-]*T[0-9:.]*Z' /tmp/rec.txt)" "0 1" exitstat-report-in-a-guest

	# A run of 101 CPUIDs is more than one of 23, and as much as itself.
	for nr in 23 101; do
		./exitstat run -r 3 --json -o "/tmp/runs-$nr" -- ./exits23 cpuid "$nr"
		is "$? $(./json-check <"/tmp/runs-$nr")" "0 3 objects" "exitstat-runs-of-$nr"
	done
	./exitstat diff -r cpuid /tmp/runs-23 /tmp/runs-101 >/tmp/diff
	is "$? $(awk 'tolower($2) == "cpuid" { print $3, $4 }' /tmp/diff)" \
		"3 23.0 +339.1%*" exitstat-diff-of-runs
	./exitstat diff -r cpuid /tmp/runs-23 /tmp/runs-23 >/tmp/diff-none
	is $? 0 exitstat-diff-of-nothing
	./exitstat -y -l -t 0.2 3 >/tmp/lines
	is "$? $(grep -c '^20[0-9][0-9]-' /tmp/lines)" "0 3" exitstat-lines
}

# What single exits cost: in each row with an exit that is over, the percentiles and
# the maximum do not fall; and of exits23, which exits 211 times for CPUID, there are
# so many more in that row's buckets at least.
tails() {
	./exitstat --tail >/tmp/tail
	is "$? $(grep -c 'p50 .*p99 .*p99.9 .*max' /tmp/tail)" "0 1" exitstat-tail
	is "$(awk 'length > 79' /tmp/tail)" "" exitstat-tail-under-80-columns
	./exitstat --tail --csv >/tmp/tail.csv
	is "$(awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{
			split("p50 p99 p999 max", of, " ")
			for (i = last = 0; ++i <= 4; last = now) {
				now = $column[of[i] "_cycles"] + 0
				if (now < last)
					print $0
			}
			rows += last > 0
		}
		END { print rows }' /tmp/tail.csv >/tmp/tail.rows; wc -l </tmp/tail.rows)" 1 \
		exitstat-tail-percentiles-ascend
	is "$(./exitstat --tail --json | ./json-check)" "1 objects" exitstat-tail-json
	./exitstat run --tail --json --reasons cpuid -- ./exits23 cpuid 211 2>/tmp/tail.json
	is "$(grep -o '\["[0-9]*","[0-9]*","[0-9]*"\]' /tmp/tail.json | tr -d '[]"' |
		awk -F, '{ n += $3 } END { print (n >= 211 ? "all" : n + 0) }')" all \
		exitstat-tail-has-known-exits
	./exitstat run -- ./exits23 cpuid 7 2>/tmp/worst
	is "$(grep -c '^worst exit: [A-Za-z_]*, .* in the kernel' /tmp/worst)" 1 \
		exitstat-worst-exit
	is "$(./exitstat --tail --openmetrics | grep -c '_bucket{.*le="+Inf"}')" \
		"$(cat /tmp/tail.rows)" exitstat-tail-openmetrics
}

checks() {
	./exitstat >/tmp/table
	is $? 0 exitstat-table-status
	is "$(awk 'NR > 2 && tolower($2) == "cpuid"' /tmp/table | wc -l)" 1 \
		exitstat-table-has-cpuid
	is "$(awk 'length > 79' /tmp/table)" "" exitstat-table-under-80-columns

	./exitstat 1 3 >/tmp/intervals
	is $? 0 exitstat-interval-status
	is "$(grep -c '^in ' /tmp/intervals)" 2 exitstat-two-intervals
	is "$(grep -c "^since the VM's start" /tmp/intervals)" 1 \
		exitstat-first-since-start
	is "$(./exitstat -y 0.1 2 | grep -c '^in ')" 2 exitstat-y
	# In a quiet guest no CPUID is but exitstat's own, once the shell rests.
	./exitstat --csv -y -r cpuid 1 3 >/tmp/own
	is "$(grep -c '^[12],interval,.*,cpuid,\|^[12],interval,.*,CPUID,' \
		/tmp/own)" 0 exitstat-own-reads-are-not-in-intervals

	known cpuid cpuid
	case $isa in
	vmx) known out io_instruction ;;
	svm) known out io ;;
	esac

	./exitstat --json -- ./exits23 cpuid 7 2>/tmp/json
	is "$(./json-check </tmp/json)" "1 objects" exitstat-json-is-as-described
	./exitstat --json 0.2 3 | ./json-check >/tmp/json-check
	is "$(cat /tmp/json-check)" "3 objects" exitstat-json-intervals
	is "$(./exitstat --openmetrics | tail -n 1)" "# EOF" exitstat-openmetrics

	./exitstat -- sh -c 'exit 7' 2>/dev/null
	is $? 7 exitstat-passes-status
	./exitstat -- sh -c 'kill -9 $$' 2>/dev/null
	is $? 137 exitstat-passes-signal
	./exitstat -- /job/nothing 2>/tmp/err
	is $? 127 exitstat-not-found
	./exitstat -- /job/l2.sh 2>/tmp/err
	is $? 126 exitstat-cannot-execute
	./exitstat --baseline 0.5 -- sleep 0.2 2>/tmp/baseline
	is "$(grep -c ' idle ' /tmp/baseline)" 1 exitstat-baseline
	recordings
	tails
	# What reading costs: a run for one table, and each of ten intervals.
	./exitstat --csv -- ./exitstat >/dev/null 2>/tmp/cost-run
	./exitstat --csv -- ./exitstat -y 0.1 10 >/dev/null 2>/tmp/cost-intervals
	./exitstat -r nonsense 2>/tmp/err >/tmp/none
	is "$? $(grep -c nonsense /tmp/err) $(wc -c </tmp/none)" "2 1 0" \
		exitstat-unknown-reason
}

if grep -qw svm /proc/cpuinfo || grep -q AuthenticAMD /proc/cpuinfo; then
	isa=svm
else
	isa=vmx
fi
checks >$out 2>&1
cat $out
sed 's/^/# /' /tmp/table /tmp/known-* /tmp/cost-* /tmp/baseline /tmp/diff /tmp/lines /tmp/tail /tmp/worst

# L1 turns the leaves off while exitstat looks.
echo "# watching"
./exitstat 0.2 100 >/tmp/watch 2>/tmp/err
is "$? $(cat /tmp/err)" "1 exitstat: the host has turned exit statistics off" \
	exitstat-turned-off-while-it-looks
is "$(grep -c '^in ' /tmp/watch | awk '{ print ($1 > 0) }')" 1 exitstat-looked
./exitstat >/tmp/none 2>/tmp/err
is "$? $(wc -c </tmp/none) $(grep -c 'KVM without exit statistics' /tmp/err)" \
	"4 0 1" exitstat-feature-off
