#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# make port: a series of a very small Linux 1.1 comes to a Linux 2.2.
load helper

# linux VERSION LINE: the package, whose Makefile has LINE, and its base.
linux() {
	local name=linux-source-$1 dir=$tmp/src/linux-source-$1
	mkdir -p "$dir/arch" "$top/patches/$1"
	printf 'kernelversion:\n\t@echo %s.1\n' "$1" >"$dir/Makefile"
	printf '%s\n' one "$2" three four five six seven >"$dir/arch/file"
	echo '# Debian packaging: ignore everything' >"$dir/.gitignore"
	tar -C "$tmp/src" -cJf "$tmp/src/$name.tar.xz" "$name"
	printf 'PACKAGE=%s\nVERSION=%s.1-1\nSHA256=none\n' "$name" "$1" \
		>"$top/patches/$1/base"
}

# series ADDED [NEW]: that of 1.1: patch "kvm: a" adds the word after the second line
# of arch/file; "kvm: b" makes a file of NEW.
series() {
	local dir=$tmp/make
	rm -rf "$dir"
	cp -a "$tmp/src/linux-source-1.1" "$dir"
	in_dir init -q
	in_dir add -A -f
	in_dir commit -q -m base
	sed -i "2a $1" "$dir/arch/file"
	in_dir commit -q -a -m "kvm: a"
	echo "${2:-b}" >"$dir/arch/new"
	in_dir add -A
	in_dir commit -q -m "kvm: b"
	rm -f "$top/patches/1.1/"*.patch
	in_dir format-patch -q --no-signature -o "$top/patches/1.1" HEAD~2
	echo "Subject: x" >"$top/patches/1.1/cover-letter"
}

in_dir() {
	git -C "$tmp/make" -c user.name=t -c user.email=t@t "$@"
}

port() {
	env FROM=1.1 TO=2.2 SOURCES="$tmp/src" BUILD="$top/build" "$run/port"
}

# subjects: of the commits of 2.2, the first one first.
subjects() {
	git -C "$top/build/linux-2.2" log --reverse --format=%s base..HEAD | paste -sd ,
}

commit_project() {
	git -C "$top" init -q 2>/dev/null || true
	git -C "$top" add patches
	git -C "$top" -c user.name=t -c user.email=t@t commit -q -m "$1"
}

# answer LINE...: what a person makes of the conflict in arch/file.
answer() {
	printf '%s\n' "$@" >"$top/build/linux-2.2/arch/file"
	git -C "$top/build/linux-2.2" add arch/file
	accept port
}

setup_port() {
	linux 1.1 two
	linux 2.2 "${1:-two}"
	series added
}

@test "port: to which kernel" {
	refuse "to which kernel? Say TO=" env TO= "$run/port"
	refuse "say two kernels of" env TO="$kernel" FROM="$kernel" "$run/port"
}

@test "port: what merges comes by itself" {
	setup_port
	accept port
	[ "$(subjects)" = "kvm: a,kvm: b" ]
	[ "$(sed -n 3p "$top/build/linux-2.2/arch/file")" = added ]
}

@test "port: a conflict is shown, and a person's answer taken" {
	setup_port other
	fails port
	says "$tmp/out" '^patch: kvm: a'
	says "$tmp/out" '^<<<<<<< Linux 2.2'
	says "$tmp/out" '^>>>>>>> patches/1.1'
	says "$tmp/err" 'a person is needed in arch/file'
	# Again, with nothing done.
	fails port
	says "$tmp/err" 'a person is needed in arch/file'
	git -C "$top/build/linux-2.2" add arch/file
	fails port
	says "$tmp/err" "marks of a conflict are left"
	answer one other added three
	[ "$(subjects)" = "kvm: a,kvm: b" ]
	[ "$(cat "$top/build/linux-2.2/arch/new")" = b ]
}

@test "port: a series that is there gets what has changed, and keeps its own" {
	setup_port other
	fails port
	answer one other added-in-2.2 three
	git -C "$top/build/linux-2.2" format-patch -q --no-signature \
		-o "$top/patches/2.2" base
	cp "$top/patches/1.1/cover-letter" "$top/patches/2.2"
	rm -rf "$top/build/linux-2.2" "$top/build/linux-1.1"
	commit_project "both"
	series added changed
	accept port
	[ "$(subjects)" = "kvm: a,kvm: b" ]
	[ "$(sed -n 3p "$top/build/linux-2.2/arch/file")" = added-in-2.2 ]
	[ "$(cat "$top/build/linux-2.2/arch/new")" = changed ]
}
