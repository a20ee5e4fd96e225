# shellcheck shell=bash
# Completion for exitstat. SPDX-License-Identifier: GPL-2.0-only

# The PIDs and plain names of VMs, where debugfs can be read.
_exitstat_vms() {
	exitstat --host --csv 2>/dev/null | sed -n '2,${
		h
		s/^[^,]*,[^,]*,[^,]*,\([^,]*\),.*/\1/p
		g
		s/^[^"]*,"\([a-zA-Z0-9_.][a-zA-Z0-9_.-]*\)",.*/\1/p
	}'
}

# The names of exit reasons; a space in one is an underscore.
_exitstat_reasons() {
	exitstat reasons 2>/dev/null | sed 's/^[^ ]* *[^ ]* //; s/ /_/g' | sort -u
}

# What the help (of a verb, if there is one) lists that is like the pattern.
_exitstat_words() {
	exitstat ${2:+"$2"} --help 2>/dev/null |
		sed -n "s/^  \\($1\\) .*/\\1/p" | paste -sd ' '
}

# What a verb takes in place of INTERVAL.
_exitstat_arguments() {
	case $1 in
	report | diff) compgen -f -- "$2" ;;
	esac
}

_exitstat() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i words verb=

	COMPREPLY=()
	# bash splits --input=FILE at the "=".
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $prev == '=' ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	# After "--" comes a command, with its own completion.
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
			elif ((COMP_CWORD == i + 1)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			else
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			fi
			return
		fi
	done
	((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == -* ]] || verb=${COMP_WORDS[1]}

	case $prev in
	-s) words='exits cycles cost p99 max' ;;
	--vm | vm) words=$(_exitstat_vms) verb= ;;
	-r | --reasons) words=$(_exitstat_reasons) ;;
	--input | -o | -m)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--debugfs | --proc)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--vcpu | --tsc-khz | --baseline | --threshold) return ;;
	*)
		words=$(_exitstat_words '-[a-zA-Z-]*' "$verb")\ --
		((COMP_CWORD != 1)) || words+=\ $(_exitstat_words '[a-z]\+')
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"
		_exitstat_arguments "$verb" "$cur")
}

complete -F _exitstat exitstat
