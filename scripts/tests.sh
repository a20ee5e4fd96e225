# shellcheck shell=sh
# Part of check: choose tests, prepare what they need, run them. What is printed
# is KTAP for summarize; the third descriptor is for words on how it goes.
# shellcheck disable=SC2154
tab=$(printf '\t')

# entries FILE: without comments, a line each.
entries() {
	grep -v -e '^#' -e '^$' "$1"
}

# tiers TIER: those that it has in it.
tiers() {
	case $1 in
	host) echo quick host ;;
	check) echo quick host check ;;
	*) echo "$1" ;;
	esac
}

# is_chosen NAME TIERS [PATTERN...]: by a pattern if there is one, else by its tier.
is_chosen() {
	_name=$1 _tiers=$2
	shift 2
	if [ $# -gt 0 ]; then
		for _pattern in "$@"; do
			# shellcheck disable=SC2254
			case $_name in $_pattern) return 0 ;; esac
		done
		return 1
	fi
	[ -n "$tier" ] || return 0
	for _tier in $(tiers "$tier"); do
		case ,$_tiers, in *",$_tier,"*) return 0 ;; esac
	done
	return 1
}

# choose [PATTERN...]: the entries, by $tier or by name, into $tmp/host and $tmp/boots. What a test
# comes after is chosen with it.
choose() {
	entries "$top/test/host/tests" |
		while IFS=$tab read -r name tiers after command; do
			! is_chosen "$name" "$tiers" "$@" ||
				printf '%s\t%s\t%s\t%s\n' "$name" "$tiers" "$after" "$command"
		done >"$tmp/host"
	if [ $# -gt 0 ]; then
		# shellcheck disable=SC2046
		set -- "$@" $(cut -f 3 "$tmp/host" | tr , '\n' | grep -vx -e - | sort -u)
	fi
	entries "$top/test/boots" |
		while IFS=$tab read -r name job isa variant cpus seconds tiers flags; do
			! is_chosen "$name" "$tiers" "$@" ||
				echo "$name $job $isa $variant $cpus $seconds $tiers $flags"
		done >"$tmp/boots"
	for _pattern in "$@"; do
		cat "$tmp/host" "$tmp/boots" | cut -f 1 | cut -d ' ' -f 1 |
			while read -r name; do
				# shellcheck disable=SC2254
				case $name in $_pattern) echo "$name" ;; esac
			done | grep -q . || {
			echo "check: no test is named $_pattern: see 'make check-list'" >&2
			exit 2
		}
	done
}

list_tests() {
	printf '%-26s %-14s %s\n' NAME TIER WHAT
	while IFS=$tab read -r name tiers _ command; do
		printf '%-26s %-14s %s\n' "$name" "$tiers" "$command"
	done <"$tmp/host"
	while read -r name job isa variant cpus seconds tiers _; do
		printf '%-26s %-14s %s\n' "$name" "$tiers" "boot: test/jobs/$job on \
$isa, kernel $variant, CPUs $cpus, at most $seconds s"
	done <"$tmp/boots"
}

# What several tests of exitstat run, so that no two of them build it at once.
prepare_exitstat() {
	! grep -q '^exitstat-' "$tmp/host" ||
		phase exitstat-tests make -s -C "$top/exitstat" WERROR=1 programs
}

# What the chosen boots run on and run. Every Linux L2 but Debian's is "on".
prepare_tests() {
	_jobs=$(cut -d ' ' -f 2 "$tmp/boots" | sort -u)
	_variants=$(cut -d ' ' -f 4 "$tmp/boots" | sort -u)
	case $_variants in
	debian)
		# shellcheck disable=SC2086
		"$top/scripts/prepare" debian $_jobs
		return
		;;
	"")
		phase tools "$top/scripts/tools"
		phase source "$top/scripts/tree"
		return
		;;
	esac
	# shellcheck disable=SC2086
	"$top/scripts/prepare" on $_jobs
	for _variant in $_variants; do
		case $_variant in
		on) ;;
		debian) "$top/scripts/prepare" debian ;;
		*)
			phase "kernel-$_variant" "$top/scripts/build-kernel" "$_variant"
			phase "image-$_variant" "$top/scripts/make-image" "$_variant"
			;;
		esac
	done
}

# verdict NAME STATUS LOG WHERE...: by a status; if it is red, the log's end and
# where to look.
verdict() {
	_name=$1 _status=$2 _log=$3
	shift 3
	case $_status in
	0) echo "ok $_name" ;;
	4) echo "ok $_name # SKIP $(tail -n 1 "$_log")" ;;
	*)
		echo "not ok $_name"
		echo "# expected: status 0"
		echo "# actual: status $_status"
		tail -n 40 "$_log" | cat -v | sed 's/^/# | /'
		for _where in "$@"; do
			echo "# see ${_where#"$top/"}"
		done
		;;
	esac
}

# said FILE NAME WHERE: the verdicts in what a test printed, with its name before
# theirs, and under each that is red where to look.
said() {
	awk -v name="$2" -v where="${3#"$top/"}" '
	function close_red() {
		if (red)
			print "# see " where
		red = 0
	}
	/^(not )?ok / {
		close_red()
		red = /^not/
		match($0, /^(not )?ok +([0-9]+ +)?(- +)?/)
		print substr($0, 1, RLENGTH) name ": " substr($0, RLENGTH + 1)
		next
	}
	/^#/
	END { close_red() }' "$1"
}

# run_host quiet|alone|after: the tests that boot nothing; those that may, each of
# which has the machine, and what others prepare, for itself; those after boots.
run_host() {
	while IFS=$tab read -r name tier after command; do
		case $1:$after:$tier in
		quiet:-:quick* | quiet:-:host*) ;;
		alone:-:quick* | alone:-:host*) continue ;;
		alone:-:* | after:[!-]*) ;;
		*) continue ;;
		esac
		printf '%s\t%s\n' "$name" "$command"
	done <"$tmp/host" >"$tmp/queue"
	case $1 in
	quiet) run_queue "$tmp/queue" run_host_test 2 ;;
	*) run_queue "$tmp/queue" run_host_test 1 ;;
	esac
}

run_host_test() {
	_test=${entry%%"$tab"*} _status=0 _start=$(date +%s)
	_log=$log/test-$_test.log
	: >"$tmp/running/$_test"
	echo "# $_test: running" >&3
	(cd "$top" && kernel=$kernel exitstat=$build/exitstat/exitstat \
		sh -c "${entry#*"$tab"}") >"$_log" 2>&1 </dev/null || _status=$?
	rm "$tmp/running/$_test"
	echo "# $_test: $(($(date +%s) - _start)) s" >&3
	judge_host_test >"$tmp/said.$_test"
	locked cat "$tmp/said.$_test"
}

judge_host_test() {
	said "$_log" "$_test" "$_log"
	if [ "$_status" = 4 ] || ! grep -q '^\(not \)\{0,1\}ok ' "$_log"; then
		verdict "$_test" "$_status" "$_log" "$_log"
	elif [ "$_status" != 0 ] && ! grep -q '^not ok ' "$_log"; then
		verdict "$_test" "$_status" "$_log" "$_log"
	fi
}

run_boots() {
	run_queue "$tmp/boots" run_boot 2
}

# run_queue FILE COMMAND 1|2: COMMAND for each line of FILE, so many at a time: each
# keeps a core busy. Two queues take the next line from a descriptor that they share.
run_queue() {
	[ -s "$1" ] || return 0
	exec 4<"$1"
	live &
	_live=$!
	in_turn "$2" &
	_first=$!
	[ "$3" = 1 ] || in_turn "$2" &
	_second=$!
	trap end_queues INT TERM HUP
	for _queue in "$_first" "$_second"; do
		wait "$_queue" || echo "not ok a queue of $2 ended early"
	done
	end_live
	wait "$_live" 2>/dev/null || true
	trap 'exit 1' INT TERM HUP
	exec 4<&-
}

# A shell gives what it starts in the background no SIGINT: without this the queues
# would run all that is left.
end_queues() {
	end_live
	# shellcheck disable=SC2046
	kill $(family "$_first") $(family "$_second") 2>/dev/null || true
	wait 2>/dev/null
	exit 1
}

# Each has a lock of its own making, under which one of them reads or prints.
in_turn() {
	exec 5>"$tmp/lock"
	while locked read_entry; do
		"$1"
	done
}

locked() {
	flock 5
	_locked=0
	"$@" || _locked=$?
	flock -u 5
	return "$_locked"
}

read_entry() {
	read -r entry <&4
}

run_boot() {
	# shellcheck disable=SC2086
	set -- $entry
	name=$1 job=$2 isa=$3 variant=$4 cpus=$5 seconds=$6 _start=$(date +%s) _status=0
	shift 7
	_log=$log/boot-$name.log
	: >"$tmp/running/$name"
	echo "# $name: booting, at most $seconds s" >&3
	"$top/scripts/boot" -w "$@" -i "$isa" -v "$variant" -c "$cpus" -t "$seconds" \
		"$name" "$jobs/$job" >"$_log" 2>&1 </dev/null || _status=$?
	rm "$tmp/running/$name"
	echo "# $name: $(($(date +%s) - _start)) s" >&3
	judge_boot >"$tmp/said.$name"
	locked cat "$tmp/said.$name"
}

judge_boot() {
	verdict "boot-$name" "$_status" "$_log" "$runs/$name/result" \
		"$runs/$name/console"
	grep -qs '^ok ' "$runs/$name/result" || {
		echo "not ok $name: says-something"
		echo "# expected: a line 'ok N NAME'"
		echo "# see ${runs#"$top/"}/$name/result"
	}
	[ ! -f "$runs/$name/result" ] ||
		said "$runs/$name/result" "$name" \
			"test/jobs/$job/run, ${runs#"$top/"}/$name/result"
	"$top/test/cpu/compare" "$runs/$name" >"$log/cpu-$name.log" 2>&1 ||
		grep -q '^not ok ' "$log/cpu-$name.log" ||
		echo "not ok cpu-compare-ends" >>"$log/cpu-$name.log"
	"$top/test/cpu/compare-tail" "$runs/$name" >>"$log/cpu-$name.log" 2>&1 ||
		grep -q '^not ok .*tail' "$log/cpu-$name.log" ||
		echo "not ok cpu-compare-tail-ends" >>"$log/cpu-$name.log"
	said "$log/cpu-$name.log" "$name" "$log/cpu-$name.log"
}

# A line a minute of what runs, until killed. As in phase, the sleep that remains
# keeps no lock and no pipe.
live() {
	while sleep 60 >/dev/null 2>&1 3>&- 9>&-; do
		_now=$(date +%s)
		_line=
		for _file in "$tmp/running/"*; do
			[ -f "$_file" ] || continue
			_line="$_line ${_file##*/} $((_now - $(stat -c %Y "$_file"))) s"
		done
		[ -z "$_line" ] || echo "# running:$_line" >&3
	done
}
