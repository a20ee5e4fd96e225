# shellcheck shell=sh
# phase: run a command that may take long, and show that it lives. Part of lib.sh.
# shellcheck disable=SC2154

# objects: of the lines of a kernel's build, how many are of an object that make
# can tell beforehand. What only linking adds is left out, and so is the image.
objects() {
	grep -E '^  (CC|AS)( \[M\])? +[a-z].*\.o$' |
		grep -cvE 'arch/x86/boot/|\.mod\.o$|/version-timestamp\.o$' || true
}

# doing LOG: how far that is. N of M objects where there is a line "objects: M",
# else its last line.
doing() {
	_all=$(sed -n 's/^objects: //p' "$1")
	case $_all in
	"" | 0) tail -n 1 "$1" | tr -cd '[:print:]' | tr -s ' ' ;;
	*) echo "$(sed '1,/^objects: /d' "$1" | objects) of $_all objects" ;;
	esac
}

# How many columns a line may have, so that the terminal does not break it.
columns() {
	_columns=$(stty size 2>/dev/null <&3 | cut -d ' ' -f 2)
	[ "${_columns:-0}" -gt 0 ] || _columns=80
	echo $((_columns - 1))
}

# show STATE SECONDS [TEXT]: the phase's line, on a terminal over the one before.
show() {
	_line=$(printf '%-28s %-4s %4d s  %s' "$_name" "$@" | sed 's/ *$//')
	if [ -t 1 ]; then
		printf '\r%-*.*s' "$_width" "$_width" "$_line"
	else
		printf '%.*s' "$_width" "$_line"
	fi
}

# Until killed: the line in place each second, or one a minute in a log. The sleep
# that remains keeps no lock and no pipe of whoever reads this.
live() {
	_next=60
	while sleep 1 >/dev/null 2>&1 9>&-; do
		_took=$(($(date +%s) - _start))
		if [ -t 1 ]; then
			show ... "$_took" "$(doing "$_log")"
		elif [ "$_took" -ge "$_next" ]; then
			show ... "$_took" "$(doing "$_log")"
			echo
			_next=$((_took + 60))
		fi
	done
}

# family PID: it, and the processes below it.
family() {
	cat /proc/[0-9]*/stat 2>/dev/null |
		sed 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/' |
		awk -v root="$1" '
		{ parent[$1] = $2 }
		END {
			for (pid in parent) {
				for (p = pid; p in parent && p != root; )
					p = parent[p]
				if (p == root)
					print pid
			}
		}'
}

# A shell that was just made loses a TERM that comes before it has put away the
# traps of the one that made it, and would then live for ever.
end_live() {
	kill -s KILL "$_live" 2>/dev/null || true
}

interrupted() {
	end_live
	# shellcheck disable=SC2046
	kill $(family "$_command") 2>/dev/null || true
	wait 2>/dev/null
	exit 1
}

# phase NAME COMMAND...: run with the output in a log; one line with the time.
phase() {
	_name=$1 _log=$log/$1.log _start=$(date +%s) _status=0
	shift
	mkdir -p "$log"
	{ _width=$(columns); } 3>&1
	[ ! -t 1 ] || printf '%-28s ' "$_name"
	"$@" >"$_log" 2>&1 </dev/null &
	_command=$!
	live &
	_live=$!
	trap interrupted INT TERM HUP
	wait "$_command" || _status=$?
	end_live
	# The shell would say that it was killed.
	wait "$_live" 2>/dev/null || true
	trap 'exit 1' INT TERM HUP
	_took=$(($(date +%s) - _start))
	[ "$_status" != 0 ] || { show ok "$_took"; echo; return 0; }
	show FAIL "$_took"
	echo
	tail -n 60 "$_log" >&2
	die "$_name failed; its log is ${_log#"$top/"}"
}
