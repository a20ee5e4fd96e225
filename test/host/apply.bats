#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# make apply: the series goes into a tree as a whole, or not at all.
load helper

# A tree with the files that the series changes.
setup_file() {
	local kernel here
	here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	kernel=${KERNEL:-$(cat "$here/patches/default")}
	mkdir "$BATS_FILE_TMPDIR/linux"
	# shellcheck disable=SC2046
	git -C "$here/build/linux-$kernel" archive base Kbuild Makefile \
		$(git -C "$here/build/linux-$kernel" diff --name-only \
			--diff-filter=M base exit-stats) |
		tar -C "$BATS_FILE_TMPDIR/linux" -xf -
}

make_linux() {
	linux=$tmp/linux
	cp -a "$BATS_FILE_TMPDIR/linux" "$linux"
}

sum() {
	(cd "$linux" && find . -type f -not -path './.git/*' -print0 | sort -z |
		xargs -0 cat | sha256sum)
}

@test "apply: no tree is named" {
	refuse "no kernel tree" make -s -C "$top" apply
}

@test "apply: no such directory" {
	refuse "no Linux source tree" make -s -C "$top" apply LINUX=/nonexistent
}

@test "apply: another version of Linux" {
	make_linux
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 1/' "$linux/Makefile"
	refuse "is Linux ${kernel%%.*}.1, the series is for $kernel" \
		"$run/apply" "$linux"
}

@test "apply: a patch that does not apply names itself and leaves nothing" {
	make_linux
	sed -i 's/exact = !!entry;/exact = entry != NULL;/' \
		"$linux/arch/x86/kvm/cpuid.c"
	before=$(sum)
	refuse "0005-.* does not apply" "$run/apply" "$linux"
	[ "$before" = "$(sum)" ]
}

@test "apply: changes that are not committed are kept" {
	make_linux
	(cd "$linux" && git init -q && git add -A -f . &&
		git -c user.name=t -c user.email=t@t commit -qm t)
	echo >>"$linux/arch/x86/kvm/cpuid.c"
	refuse "changes of its own.*cpuid.c" "$run/apply" "$linux"
}

@test "apply: once, and not twice" {
	make_linux
	accept "$run/apply" "$linux"
	grep -q exit_stats "$linux/arch/x86/kvm/cpuid.c"
	refuse "has the series already" "$run/apply" "$linux"
}
