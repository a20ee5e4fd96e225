# shellcheck shell=sh
# Common to what runs tests: count them, show them, run those of a guest.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

passed=0 failed=0 skipped=0
mkdir -p "$log"

# count LINE: a line "ok ...", "FAIL ..." or "skip ..." counts as a test.
count() {
	case $1 in
	"ok "*) passed=$((passed + 1)) ;;
	"FAIL "*) failed=$((failed + 1)) ;;
	"skip "*) skipped=$((skipped + 1)) ;;
	esac
}

say() {
	count "$1"
	printf '%s\n' "$1"
}

# check NAME COMMAND...: a test that passes with status 0, and skips with 4.
check() {
	_check=$1 _log=$log/check-$1.log _start=$(date +%s) _status=0
	shift
	"$@" >"$_log" 2>&1 </dev/null || _status=$?
	_took="($(($(date +%s) - _start)) s)"
	case $_status in
	0) say "ok $_check $_took" ;;
	4) say "skip $_check $_took: $(tail -n 1 "$_log")" ;;
	*)
		say "FAIL $_check $_took: see ${_log#"$top/"}"
		tail -n 40 "$_log" | sed 's/^/    /'
		;;
	esac
}

# guest NAME JOB BOOT-ARGUMENT...: a boot of L1 whose job tells its own results.
guest() {
	_name=$1 _job=$2
	shift 2
	check "boot-$_name" "$top/scripts/boot" "$@" "$_name" "$jobs/$_job"
	grep -qs '^ok ' "$runs/$_name/result" ||
		say "FAIL $_name: no check in it passed"
	[ -f "$runs/$_name/result" ] || return 0
	while IFS= read -r _line; do
		case $_line in
		"ok "* | "FAIL "* | "skip "*) say "${_line%% *} $_name: ${_line#* }" ;;
		esac
	done <"$runs/$_name/result"
}

# The tests that need no boot of L1, but tools and source.
quick_checks() {
	_exitstat=$build/exitstat/exitstat
	check shellcheck "$top/test/host/shellcheck"
	check usage "$top/test/host/usage"
	check phase "$top/test/host/phase"
	check series "$top/scripts/check-series"
	check checkpatch "$top/scripts/check-patches"
	check prefixes "$top/scripts/check-prefixes"
	check bad-input "$top/test/host/bad-input"
	check test-program-model make -s -C "$top/test" check
	check test-program-valgrind make -s -C "$top/test" valgrind
	check exitstat-golden make -s -C "$top/exitstat" check
	check exitstat-sanitize make -s -C "$top/exitstat" sanitize
	check exitstat-valgrind make -s -C "$top/exitstat" valgrind
	# Debian's awk, whatever this machine has, and that of L1.
	set -- "$top/scripts/with-awk"
	check exitstat-report "$@" mawk make -s -C "$top/exitstat" check-report
	check exitstat-report-busybox "$@" busybox \
		"$top/exitstat/tests/report" "$_exitstat"
	check exitstat-top "$@" mawk make -s -C "$top/exitstat" check-top
	check exitstat-top-busybox "$@" busybox "$top/exitstat/tests/top" "$_exitstat"
	check exitstat-replay make -s -C "$top/exitstat" replay
	check exitstat-install "$top/exitstat/tests/install"
}

# The last line; status 0 if no test failed.
summary() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
