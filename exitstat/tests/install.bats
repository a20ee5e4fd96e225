#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# "make install" installs the program, a man page without warnings and a
# completion; both know every option of --help.
load helper.bash

setup_file() {
	make -s -C .. install DESTDIR="$BATS_FILE_TMPDIR" prefix=/usr 3>&-
}
setup() {
	man=$BATS_FILE_TMPDIR/usr/share/man/man1/exitstat.1
	completion=$BATS_FILE_TMPDIR/usr/share/bash-completion/completions/exitstat
}

# options: those of --help, one a line
options() {
	"$BATS_FILE_TMPDIR/usr/bin/exitstat" --help | grep -o -- '--[a-z-]*' | sort -u
}
man_text() { groff -man -Tascii -P-cbou "$man" >"$tmp/text"; }

@test "uninstall-leaves-nothing" {
	cp -a "$BATS_FILE_TMPDIR/usr" "$tmp"
	make -s -C .. uninstall DESTDIR="$tmp" prefix=/usr 3>&-
	pass_if "$(find "$tmp/usr" -type f)" "" "files left"
}
# The libraries that the program then needs are those of the system.
@test "build-with-shared-libraries" {
	make -s -C .. O="$tmp/shared" STATIC=0 "$tmp/shared/exitstat" 3>&-
	readelf -d "$tmp/shared/exitstat" | grep -q 'NEEDED.*jansson'
}
# A compiler that warns of more than ours does not end the build.
@test "build-with-warnings" {
	make -s -C .. O="$tmp/warn" CFLAGS='-O0 -Wundef -Wtraditional' \
		"$tmp/warn/exitstat" 3>&- 2>"$tmp/warnings"
	[ -s "$tmp/warnings" ]
	status=0
	make -s -C .. O="$tmp/werror" CFLAGS='-O0 -Wtraditional' WERROR=1 \
		"$tmp/werror/exitstat" 3>&- 2>"$tmp/warnings" || status=$?
	pass_if "$status" 2 "status of make with WERROR=1"
}
@test "install-seven-files" {
	pass_if "$(find "$BATS_FILE_TMPDIR/usr" -type f | wc -l)" 7 "files"
}
# The units are of what answers HTTP; they name the program where it is.
@test "install-units" {
	# Also where the program without it was made before.
	make -s -C .. O="$tmp/http" CFLAGS=-O0 "$tmp/http/exitstat" 3>&-
	make -s -C .. O="$tmp/http" HTTP=1 CFLAGS=-O0 install DESTDIR="$tmp/root" prefix=/opt/x 3>&-
	unit=$tmp/root/opt/x/lib/systemd/system/exitstat-exporter.service
	has "$unit" 'ExecStart=/opt/x/bin/exitstat export --listen 127.0.0.1:20479'
	has "$tmp/root/opt/x/lib/systemd/system/exitstat-exporter.socket" 'ListenStream=127.0.0.1:20479'
	grep -q libmicrohttpd "$tmp/root/opt/x/bin/exitstat"
	make -s -C .. O="$tmp/http" uninstall DESTDIR="$tmp/root" prefix=/opt/x 3>&-
	pass_if "$(find "$tmp/root" -type f)" "" "files left"
}
# From 0 to 10, the worst; the threshold is in tenths.
@test "unit-is-in-a-sandbox" {
	systemd-analyze security --offline=true --threshold=20 --no-pager \
		../systemd/exitstat-exporter.service >"$tmp/out" 2>&1 || {
		cat "$tmp/out"
		return 1
	}
	has "$tmp/out" 'Overall exposure level'
}
@test "man-page-has-no-warnings" {
	pass_if "$(groff -ww -man -Tutf8 -z "$man" 2>&1)" "" "warnings of groff"
}
@test "help-has-options" {
	[ "$(options | wc -l)" -gt 10 ] || {
		printf 'expected: more than 10 options\nactual: %s\n' "$(options)"
		return 1
	}
}
@test "man-page-has-every-option" {
	man_text
	for option in $(options); do
		grep -qF -- "$option" "$tmp/text" || {
			printf 'expected: %s in the man page\nactual: none\nsee exitstat/exitstat.1\n' \
				"$option"
			return 1
		}
	done
}
# As the exporter's own output has them.
@test "man-page-has-every-metric-with-its-type" {
	man_text
	sed -n 's/^# TYPE //p' golden/export golden/export-openmetrics >"$tmp/metrics"
	sed -E 's/^ *//; s/\{[^}]*\}//; s/(_total)?, (counter|gauge|histogram)$/ \2/' "$tmp/text" >"$tmp/tags"
	while read -r name type; do
		case $type in info) name=${name}_info type=gauge ;; esac
		grep -qxF -- "${name%_total} $type" "$tmp/tags" || {
			printf 'expected: the metric %s, %s\nactual: none\nsee exitstat/exitstat.1\n' \
				"$name" "$type"
			return 1
		}
	done <"$tmp/metrics"
}
@test "completion-has-every-option" {
	for option in $(options); do
		case " $(complete_words "$option") " in
		*" $option "*) ;;
		*)
			printf 'expected: %s\nactual: none\nsee exitstat/completion.bash\n' \
				"$option"
			return 1
			;;
		esac
	done
}
@test "man-page-has-an-example-of-every-verb" {
	man_text
	sed -n '/^EXAMPLES/,/^FIELDS/p' "$tmp/text" >"$tmp/examples"
	for verb in $("$BATS_FILE_TMPDIR/usr/bin/exitstat" --help |
		sed -n 's/^       exitstat \([a-z]*\) .*/\1/p'); do
		grep -q "exitstat $verb" "$tmp/examples" || {
			printf 'expected: an example of exitstat %s\nactual: none\nsee exitstat/exitstat.1\n' \
				"$verb"
			return 1
		}
	done
}
@test "man-page-has-every-section" {
	man_text
	for section in REQUIREMENTS EXAMPLES FIELDS ACCOUNTS COMPARISONS "REBOOT AND MIGRATION" \
		OVERHEAD "EXIT STATUS" "FROM PERF KVM STAT"; do
		grep -q "^$section\$" "$tmp/text" || {
			printf 'expected: the section %s\nactual: none\nsee exitstat/exitstat.1\n' \
				"$section"
			return 1
		}
	done
}

# complete_words WORD...: what bash offers for the last
complete_words() {
	# shellcheck disable=SC2016 # bash expands it
	PATH=$BATS_FILE_TMPDIR/usr/bin:$PATH bash -c '. "$1"; shift; COMP_WORDS=(exitstat "$@"); COMP_CWORD=$#
		_exitstat; echo "${COMPREPLY[*]}"' bash "$completion" "$@"
}
@test "completion-of-an-option" { pass_if "$(complete_words --js)" --json "--js"; }
@test "completion-of-reports-second-file" {
	touch "$tmp/second"
	pass_if "$(complete_words report x "$tmp/sec")" "$tmp/second" "a file"
}
@test "completion-of-a-verb" { pass_if "$(complete_words rep)" report "rep"; }
@test "completion-of-a-short-verb" { pass_if "$(complete_words vm)" vm "vm"; }
# A host with a VM that has a plain name, and one that has not.
@test "completion-of-a-vm" {
	mkdir "$tmp/bin"
	cat >"$tmp/bin/exitstat" <<'EOT'
#!/bin/sh
[ "$*" != "--host --csv" ] || printf '%s\n' 'group,since,elapsed_seconds,vm,pid,name' \
	'0,start,1.0,47-12,47,"web01",1,' '0,start,1.0,48-9,48,"a ""b"", $(c)",1,'
EOT
	chmod +x "$tmp/bin/exitstat"
	# shellcheck disable=SC2016 # bash expands it
	pass_if "$(PATH=$tmp/bin:$PATH bash -c '. "$1"; COMP_WORDS=(exitstat vm ""); COMP_CWORD=2
		_exitstat; echo "${COMPREPLY[*]}"' bash "$completion")" "47-12 web01 48-9" "VMs"
}
@test "completion-of-an-order" { pass_if "$(complete_words -s c)" "cycles cost" "-s c"; }
@test "completion-of-a-reason" { pass_if "$(complete_words -r EPT_V)" EPT_VIOLATION "-r EPT_V"; }
@test "completion-of-an-input" {
	pass_if "$(complete_words --input = dumps/larg)" dumps/large "--input=dumps/larg"
	pass_if "$(complete_words diff dumps/larg)" dumps/large "diff dumps/larg"
	pass_if "$(complete_words report -o x dumps/larg)" dumps/large "report -o x dumps/larg"
}
@test "completion-of-options-of-a-verb" {
	pass_if "$(complete_words record --open)" "" "record --open"
	pass_if "$(complete_words diff --thr)" "--threshold" "diff --thr"
}
@test "completion-of-a-command" {
	case " $(complete_words -- grou) " in
	*" groups "*) ;;
	*) pass_if "$(complete_words -- grou)" "groups, and others" "-- grou" ;;
	esac
}
