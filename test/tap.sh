# shellcheck shell=sh
# How a test in shell speaks: KTAP. A verdict is a line "ok N name" or "not ok N
# name"; lines of "# " below it say what was expected, what came, and where to
# look. For busybox and dash; the runner on the host numbers anew.
tap_nr=0 tap_failed=0
tap_tmp=${TMPDIR:-/tmp}/tap.$$

# tap_verdict ok|"not ok" NAME
tap_verdict() {
	tap_nr=$((tap_nr + 1))
	[ "$1" = ok ] || tap_failed=$((tap_failed + 1))
	echo "$1 $tap_nr ${TAP_PREFIX:-}$2${TAP_SUFFIX:-}"
}

# tap_notes [WORD]: its standard input as diagnostics.
tap_notes() {
	# awk, unlike sed, ends the last line if nobody did.
	awk -v before="# ${1:+$1: }" '{ print before $0 }'
}

# is ACTUAL EXPECTED NAME
is() {
	if [ "$1" = "$2" ]; then
		tap_verdict ok "$3"
		return
	fi
	tap_verdict "not ok" "$3"
	printf '%s\n' "$2" | tap_notes expected
	printf '%s\n' "$1" | tap_notes actual
}

# within ACTUAL LEAST MOST NAME: whole numbers.
within() {
	if [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; then
		tap_verdict ok "$4"
	else
		tap_verdict "not ok" "$4"
	fi
	echo "# expected: $2 to $3"
	echo "# actual: $1"
}

# same ACTUAL EXPECTED NAME: two files.
same() {
	if cmp -s "$1" "$2"; then
		tap_verdict ok "$3"
	else
		tap_verdict "not ok" "$3"
		diff -U 0 -L expected -L actual "$2" "$1" 2>&1 | tap_notes
	fi
}

# has FILE EXPRESSION NAME: a line of it matches, for grep -E.
has() {
	if grep -Eq -e "$2" "$1"; then
		tap_verdict ok "$3"
	else
		tap_verdict "not ok" "$3"
		echo "# expected: a line like $2"
		tap_notes actual <"$1"
	fi
}

# contains FILE WORDS NAME: a line of it has them.
contains() {
	if grep -qF -e "$2" "$1"; then
		tap_verdict ok "$3"
	else
		tap_verdict "not ok" "$3"
		echo "# expected: $2"
		tap_notes actual <"$1"
	fi
}

# ends STATUS NAME COMMAND...: it ends with that status; else the end of its output is
# shown.
ends() {
	tap_expected=$1 tap_name=$2 tap_status=0
	shift 2
	"$@" >"$tap_tmp" 2>&1 || tap_status=$?
	is "$tap_status" "$tap_expected" "$tap_name"
	if [ "$tap_status" != "$tap_expected" ]; then
		echo "# of: $*"
	fi
	tail -n 40 "$tap_tmp" | tap_notes
	rm -f "$tap_tmp"
}

# works NAME COMMAND...
works() {
	ends 0 "$@"
}

# skip NAME WHY
skip() {
	tap_verdict ok "$1 # SKIP $2"
}

# tests NAME COMMAND...: run a program that speaks KTAP itself. If it ends badly
# and no verdict says why, NAME is red: what comes after a crash is missing.
tests() {
	tap_name=$1
	shift
	{
		tap_status=0
		"$@" || tap_status=$?
		echo "$tap_status" >"$tap_tmp.status"
	} 2>&1 | tee "$tap_tmp"
	tap_status=$(cat "$tap_tmp.status")
	if [ "$tap_status" = 0 ] || grep -q '^not ok ' "$tap_tmp"; then
		tap_name=
	fi
	rm -f "$tap_tmp" "$tap_tmp.status"
	[ -z "$tap_name" ] || is "$tap_status" 0 "$tap_name"
	return "$tap_status"
}
