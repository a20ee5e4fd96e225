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

# What the help lists that is like the pattern: options, or commands.
_exitstat_words() {
	exitstat --help 2>/dev/null | sed -n "s/^  \\($1\\) .*/\\1/p" | paste -sd ' '
}

_exitstat() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i words

	COMPREPLY=()
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

	case $prev in
	-s) words='exits cycles cost' ;;
	--vm | vm) words=$(_exitstat_vms) ;;
	--input | -o | -m | report)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--debugfs | --proc)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-r | --vcpu | --tsc-khz | --baseline) return ;;
	*)
		words=$(_exitstat_words '-[a-zA-Z-]*')\ --
		((COMP_CWORD != 1)) || words+=\ $(_exitstat_words '[a-z]\+')
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _exitstat exitstat
