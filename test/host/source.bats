#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# From packages to a configured tree: tools, fetch-kernel, tree, configure.
load helper

# A package of a very small Linux.
make_package() {
	src=$tmp/src
	mkdir -p "$src/$package"
	printf 'kernelversion:\n\t@echo %s.1\n' "$kernel" >"$src/$package/Makefile"
	echo '# Debian packaging: ignore everything' >"$src/$package/.gitignore"
	export SOURCES="$src"
	tar -C "$src" -cJf "$src/$package.tar.xz" "$package"
}

# make_patch NAME LINE COMMENT: adds COMMENT behind LINE, which must be there.
make_patch() {
	cat >"$top/patches/$kernel/$1" <<END
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: T <t@t>
Date: Sun, 1 Nov 2026 00:00:00 +0000
Subject: [PATCH] t

diff --git a/Makefile b/Makefile
--- a/Makefile
+++ b/Makefile
@@ -1,2 +1,3 @@
 kernelversion:
$2
+# $3
END
}

# A tree with one patch in it.
make_small_tree() {
	make_package
	rm "$top/patches/$kernel/"*.patch
	good=$(printf ' \t@echo %s.1' "$kernel")
	make_patch 0001-good.patch "$good" good
}

@test "tools: no root, and packages are missing" {
	fake dpkg-query 'exit 1'
	fake id 'echo 1000'
	refuse "packages are missing, install as root:.*bochs" with_fakes "$run/tools"
}

@test "tools: apt-get update fails" {
	fake dpkg-query 'exit 1'
	fake id 'echo 0'
	fake apt-get 'exit 100'
	refuse "apt-get update failed" with_fakes "$run/tools"
}

@test "source: the package is missing" {
	export SOURCES="$tmp"
	refuse "$package.tar.xz is missing" "$run/fetch-kernel"
}

@test "source: no space" {
	make_package
	fake df 'printf "h\nd 1 1 10 1%% /\n"'
	refuse "has 10 MB free" with_fakes "$run/fetch-kernel"
}

@test "source: a package that is cut short leaves no tree" {
	make_package
	truncate -s 100 "$src/$package.tar.xz"
	fails "$run/fetch-kernel"
	tail -n 1 "$tmp/err" >"$tmp/last"
	says "$tmp/last" 'cannot be unpacked'
	[ ! -e "$top/build/linux-$kernel" ]
}

@test "source: another revision than the tested one is said, and taken" {
	make_package
	accept "$run/fetch-kernel"
	says "$tmp/out" "is another revision than"
}

@test "source: interrupted, it leaves no tree, and the next run works" {
	make_package
	fake git 'sleep 5; exit 1'
	with_fakes "$run/fetch-kernel" >"$tmp/out" 2>&1 3>&- &
	pid=$!
	sleep 1
	kill "$pid"
	fails wait "$pid"
	[ ! -e "$top/build/linux-$kernel" ]
	rm "$tmp/bin/git"
	mkdir -p "$top/build/tmp-fetch/left-over"
	accept "$run/fetch-kernel"
	[ -f "$top/build/linux-$kernel/Makefile" ]
}

@test "tree: a patch that does not apply names itself" {
	make_small_tree
	make_patch 0002-bad.patch "$(printf ' \t@echo other')" bad
	refuse "0002-bad.patch does not apply" "$run/tree"
	rm "$top/patches/$kernel/0002-bad.patch"
	accept "$run/tree"
	grep -q good "$top/build/linux-$kernel/Makefile"
}

@test "tree: work that is not in the series is kept" {
	make_small_tree
	accept "$run/tree"
	make_patch 0001-good.patch "$good" better
	echo '# mine' >>"$top/build/linux-$kernel/Makefile"
	refuse "uncommitted changes" "$run/tree"
	git -C "$top/build/linux-$kernel" -c user.name=t -c user.email=t@t \
		commit -qam mine
	refuse "has commits that patches/$kernel has not" "$run/tree"
}

@test "configure: an option that does not take leaves no configuration" {
	ln -s "$linux_of_series" "$top/build/linux-$kernel"
	echo CONFIG_NO_SUCH_OPTION=y >"$top/configs/bad.config"
	refuse "did not take: CONFIG_NO_SUCH_OPTION=y" "$run/configure" bad
	[ ! -e "$top/build/obj-$kernel-bad/.config" ]
}

@test "git is missing" {
	mkdir "$tmp/few"
	ln -s /usr/bin/* "$tmp/few"
	rm -f "$tmp/few/git"
	refuse "git is missing: run 'make tools'" \
		env PATH="$tmp/few" "$run/fetch-kernel"
}
