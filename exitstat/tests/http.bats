#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154,SC2030,SC2031 # helper.bash sets tmp, status and others; each test its own
# exitstat export --listen: requests, VMs that end meanwhile, what is no request.
load helper.bash

teardown() {
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
}

# serve ARGUMENT...: on a port that was free; sets port and server.
serve() {
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	"${program[@]}" export "${host[@]}" --listen "127.0.0.1:$port" "$@" \
		2>"$tmp/log" >/dev/null 3>&- &
	server=$!
	for _try in $(seq 100); do
		! curl -s -o "$tmp/body" "http://127.0.0.1:$port/" || return 0
		sleep 0.1
	done
	cat "$tmp/log"
	return 1
}

# get PATH ARGUMENT...: prints the status and the type; the body is in $tmp/body.
get() {
	local path=$1
	shift
	curl -s --max-time 10 -o "$tmp/body" -w '%{http_code} %{content_type}\n' "$@" \
		"http://127.0.0.1:$port$path"
}

TEXT="200 text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS="200 application/openmetrics-text; version=1.0.0; charset=utf-8"

@test "http-text" {
	make_tail
	serve
	pass_if "$(get /metrics)" "$TEXT" "a request without Accept"
	promtool check metrics <"$tmp/body"
	has "$tmp/body" 'kvm_vm_exits_total{vm="db01",reason="CPUID"} 1000'
	# It is read anew for each request.
	cp tables/times-vmx-later "$fs/5000001-20/exit_stats"
	get /metrics
	is=$(sed -n 's/^kvm_vm_exits_total{vm="db01",reason="IO_INSTRUCTION"} //p' "$tmp/body")
	pass_if "$is" "$(awk '$1 == 30 { print $2 }' tables/times-vmx-later)" "exits a moment later"
}
@test "http-accept" {
	make_tail
	serve
	accept() { pass_if "$(get /metrics -H "Accept: $1")" "$2" "Accept: $1"; }
	accept 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1' "$OPENMETRICS"
	pass_if "$(./openmetrics-check <"$tmp/body")" valid "the body"
	accept 'text/plain;version=0.0.4;q=0.5, application/openmetrics-text; version=1.0.0; q=0.4' "$TEXT"
	accept 'application/openmetrics-text' "$OPENMETRICS"
	accept 'application/openmetrics-text; q=0' "$TEXT"
	accept 'APPLICATION/OpenMetrics-Text ; Q=0.75 , text/plain ; q=0.7' "$OPENMETRICS"
	accept '*/*' "$TEXT"
	accept 'text/html' "$TEXT"
	accept 'application/*, text/plain;q=0.2' "$OPENMETRICS"
	accept 'application/*;q=0.1, application/openmetrics-text;q=0.9, text/plain;q=0.5' "$OPENMETRICS"
	accept 'application/openmetrics-textual' "$TEXT"
	accept ';;,,q=,application/openmetrics-text;q=x,;' "$TEXT"
	accept ' ' "$TEXT"
}
@test "http-other-requests" {
	make_tail
	serve
	pass_if "$(get /)" "200 text/html; charset=utf-8" "the page"
	has "$tmp/body" 'href="/metrics"'
	pass_if "$(get /metrics/)" "404 ${TEXT#200 }" "another path"
	pass_if "$(get /metrics -d x=1)" "405 ${TEXT#200 }" POST
	pass_if "$(get /metrics -X DELETE)" "405 ${TEXT#200 }" DELETE
	pass_if "$(get /metrics -I)" "$TEXT" HEAD
	pass_if "$(get '/metrics?x=1')" "$TEXT" "a query"
}
@test "http-hostile" {
	make_tail
	serve
	for text in 'garbage' 'GET /metrics HTTP/9.9' "$(printf 'GET /%65536s HTTP/1.1' x | tr ' ' a)" \
		"$(printf 'GET /metrics HTTP/1.1\r\nA: %65536s' x)" "$(printf '\001\002\377')"; do
		exec 9<>"/dev/tcp/127.0.0.1/$port"
		# Whoever writes to what the other end has closed is killed.
		(printf '%s\r\n\r\n' "$text" 2>/dev/null >&9) || true
		timeout 5 cat <&9 >/dev/null || true
		exec 9>&-
	done
	# There is room for one more.
	for _connection in $(seq 7); do exec {fd}<>"/dev/tcp/127.0.0.1/$port"; done
	pass_if "$(get /metrics)" "$TEXT" "after all that"
	pass_if "$(cat "$tmp/log")" "" "stderr"
}
@test "http-keep" {
	make_tail
	make_vm 5000002-9 times-svm
	serve --keep 3 0.2
	get /metrics
	# What happens after that request, and before the VM ends, is not lost.
	sed 's/ 3 \(.*\) cpuid/ 5 \1 cpuid/; s/^ total  *[0-9]*/ total                   109/' \
		tables/times-svm >"$tmp/later"
	cp "$tmp/later" "$fs/5000002-9/exit_stats"
	sleep 0.5
	rm -r "$fs/5000002-9"
	sleep 0.5
	get /metrics
	has "$tmp/body" 'kvm_vm_exits_total{vm="5000002-9",reason="cpuid"} 5'
	has "$tmp/body" 'exitstat_vms 1'
	has "$tmp/body" 'exitstat_vms_ended 1'
	sleep 3
	get /metrics
	has "$tmp/body" 'exitstat_vms_ended 0'
	pass_if "$(grep -c 5000002-9 "$tmp/body")" 0 "lines of the VM that ended"
}
no_doubles() {
	pass_if "$(sed '/^#/d; s/ [^ ]*$//' "$tmp/body" | sort | uniq -d)" "" "series that are there twice"
}
@test "http-keep-the-same-id-again" {
	make_tail
	serve --keep 30 0.2
	sleep 0.5
	# The name stays where the VM takes the place of one that ended.
	rm -r "$fs/5000001-20"
	sleep 0.5
	get /metrics
	has "$tmp/body" 'exitstat_vms_ended 1'
	make_vm 5000001-20 times-svm
	get /metrics
	no_doubles
	has "$tmp/body" 'exitstat_vms_ended 0'
	has "$tmp/body" 'kvm_vm_exits_total{vm="db01",reason="cpuid"} 3'
}
@test "http-a-label-stays" {
	make_tail
	make_vm 5000002-9 times-svm
	make_process 5000002 qemu qemu -name db01
	touch -d 2001-01-01 "$fs/5000002-9/exit_stats"
	serve --keep 30 0.2
	get /metrics
	has "$tmp/body" 'kvm_vm_exits_total{vm="5000002-9",reason="cpuid"} 3'
	# The VM that had the name ends: the other one's series go on.
	rm -r "$fs/5000001-20"
	sleep 0.5
	get /metrics
	no_doubles
	has "$tmp/body" 'kvm_vm_exits_total{vm="5000002-9",reason="cpuid"} 3'
	# Who comes now gets it. A process is there before its VM.
	make_process 5000003 qemu qemu -name db01
	make_vm 5000003-9 times-svm
	get /metrics
	no_doubles
	has "$tmp/body" 'kvm_vm_info{vm="db01",id="5000003-9"'
}
# end_while_read VM: its vCPUs go before it does, and both while its table is being read.
end_while_read() {
	cp "$fs/$1/exit_stats" "$tmp/table"
	mkfifo "$tmp/fifo"
	mv "$tmp/fifo" "$fs/$1/exit_stats"
	(
		cd "$fs/$1" || exit
		exec >exit_stats
		cat "$tmp/table"
		rm -r vcpu0 exit_stats
	)
	rm -r "${fs:?}/$1"
	sleep 0.5
}

@test "http-per-vcpu" {
	make_tail
	make_vm 5000002-9 times-svm times-svm
	serve --per-vcpu --keep 30 0.2
	get /metrics
	# One that cannot be read is said once, and its VM stays out.
	cp tables/hostile-cut "$fs/5000002-9/vcpu0/exit_stats"
	sleep 1
	get /metrics
	pass_if "$(wc -l <"$tmp/log")" 1 "lines on stderr"
	has "$tmp/log" "VM 5000002-9 vcpu0"
	has "$tmp/body" 'exitstat_vms_unreadable 1'
	end_while_read 5000001-20
	get /metrics
	has "$tmp/body" 'kvm_vcpu_seconds_total{vm="db01",vcpu="0",account="guest"}'
}

@test "http-vcpus-of-a-vm-that-ends" {
	make_tail
	serve --keep 30 0.2
	get /metrics
	end_while_read 5000001-20
	get /metrics
	has "$tmp/body" 'kvm_vm_vcpus{vm="db01"} 1'
}
@test "http-kvm-without-statistics" {
	make_tail
	serve
	rm -r "$fs/5000001-20"
	mkdir "$fs/5000002-1"
	for _scrape in 1 2 3; do
		get /metrics
		has "$tmp/body" 'exitstat_up 0'
		has "$tmp/body" 'exitstat_vms_without_statistics 1'
	done
}
# More than there is room for, each of which says a byte now and then.
@test "http-slow" {
	make_tail
	serve
	python3 - "$port" 3>&- <<-'END' &
		import socket, sys, time
		slow = []
		for _ in range(12):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    s.sendall(b"GET /metrics HTTP/1.1\r\nA: ")
		    slow.append(s)
		for _ in range(60):
		    time.sleep(1)
		    for s in slow:
		        try:
		            s.sendall(b"a")
		        except OSError:
		            pass
	END
	slow=$!
	sleep 1
	for _try in $(seq 4); do
		! get /metrics >"$tmp/code" || break
	done
	kill "$slow" || true
	pass_if "$(cat "$tmp/code")" "$TEXT" "an answer beside slow clients, in the end"
}
@test "http-without-keep" {
	make_tail
	make_vm 5000002-9 times-svm
	serve
	get /metrics
	rm -r "$fs/5000002-9"
	get /metrics
	pass_if "$(grep -c 5000002-9 "$tmp/body")" 0 "lines of the VM that ended"
}
@test "http-kvm-goes-and-comes" {
	make_tail
	serve
	mv "$fs" "$fs.gone"
	get /metrics
	get /metrics
	has "$tmp/body" 'exitstat_up 0'
	pass_if "$(grep -c '^kvm_vm_exits_total' "$tmp/body")" 0 "series of VMs"
	pass_if "$(wc -l <"$tmp/log")" 1 "lines on stderr"
	mv "$fs.gone" "$fs"
	get /metrics
	has "$tmp/body" 'exitstat_up 1'
	has "$tmp/body" 'kvm_vm_exits_total{vm="db01",reason="CPUID"} 1000'
}
@test "http-ends-with-a-signal" {
	make_tail
	serve --keep 5
	kill -TERM "$server"
	status=0
	wait "$server" || status=$?
	pass_if "$status" 0 status
	server=
}
@test "http-refused" {
	make_tail
	serve
	# Who does not refuse would serve for ever.
	program=(timeout 10 "${program[@]}")
	refuse 1 "cannot listen to 127.0.0.1:$port" export "${host[@]}" --listen "127.0.0.1:$port"
	for address in "" x 127.0.0.1 127.0.0.1: localhost:80 127.0.0.1:http "[::1:80" "[]:80" \
		127.0.0.1:0 127.0.0.1:99999 127.0.0.1:08x "127.0.0.1: 80"; do
		refuse 1 "is not ADDRESS:PORT, in numbers" export "${host[@]}" --listen "$address"
	done
	refuse 2 "--keep needs --listen" export --keep 5
	refuse 2 "INTERVAL needs --listen" export 5
	refuse 2 "INTERVAL needs --keep" export --listen 127.0.0.1:1 5
	refuse 2 "--listen cannot be combined with -o" export --listen 127.0.0.1:1 -o x
	refuse 2 "which clients ask for" export --listen 127.0.0.1:1 --openmetrics
}
@test "http-several-sockets-of-systemd" {
	make_tail
	status=0
	sh -c 'LISTEN_PID=$$ LISTEN_FDS=2; export LISTEN_PID LISTEN_FDS; exec "$@"' x \
		"${program[@]}" export "${host[@]}" --listen 127.0.0.1:1 2>"$tmp/err" || status=$?
	pass_if "$status" 1 status
	has "$tmp/err" 'systemd gave 2 sockets: give one ListenStream'
}
@test "http-all-addresses" {
	make_tail
	serve
	kill "$server"
	wait "$server" || true
	"${program[@]}" export "${host[@]}" --listen ":$port" 2>"$tmp/log" >/dev/null 3>&- &
	server=$!
	for _try in $(seq 50); do get / >/dev/null && break; sleep 0.1; done
	pass_if "$(get /metrics)" "$TEXT" "by IPv4"
}
@test "http-socket-of-systemd" {
	make_tail
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	# What systemd does: the socket is file 3, and the environment says so.
	python3 -c 'import os, socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
os.dup2(s.fileno(), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execvp(sys.argv[2], sys.argv[2:])' "$port" "${program[@]}" export "${host[@]}" \
		--listen 192.0.2.1:1 2>"$tmp/log" >/dev/null &
	server=$!
	for _try in $(seq 50); do get / >/dev/null && break; sleep 0.1; done
	pass_if "$(get /metrics)" "$TEXT" "a request"
}
