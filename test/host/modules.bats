#!/usr/bin/env bats
# shellcheck disable=SC2154 # helper.bash sets them
# make modules, modules-load, modules-unload.
load helper

modules() {
	with_fakes env KDIR="$tmp/kdir" LINUX="${source:-}" "$run/modules"
}

# headers VERSION [y|m]: of a kernel, with KVM built in or as modules.
headers() {
	mkdir -p "$tmp/kdir/include/config" "$tmp/kdir/include/generated"
	printf 'kernelversion:\n\t@echo %s\n' "$1" >"$tmp/kdir/Makefile"
	echo "#define UTS_RELEASE \"$1-x\"" >"$tmp/kdir/include/generated/utsrelease.h"
	echo "CONFIG_KVM=${2:-m}" >"$tmp/kdir/include/config/auto.conf"
}

@test "modules: no headers" {
	refuse "no headers of a kernel there" modules
}

@test "modules: a kernel without a series" {
	headers 2.6.32
	refuse "Linux 2.6.32-x has no series: patches/ has .*$kernel" modules
}

@test "modules: KVM is built in" {
	headers "$kernel.5" y
	refuse "has no KVM as a module" modules
}

@test "modules: a kernel that is not Debian's" {
	headers "$kernel.5"
	refuse "is not Debian's: say LINUX=" modules
}

@test "modules: its source is in no package" {
	headers "$kernel.5"
	echo "#define LINUX_PACKAGE_ID \" Debian $kernel.5-1\"" \
		>"$tmp/kdir/include/generated/package.h"
	fake dpkg-query "echo $kernel.4-1"
	fake apt-get 'exit 100'
	refuse "no package $package of version $kernel.5-1" modules
}

@test "modules: LINUX= is not there" {
	headers "$kernel.5"
	source=/nonexistent
	refuse "no such file" modules
}

@test "modules: LINUX= is no tree" {
	headers "$kernel.5"
	source=$tmp
	refuse "no Linux source tree" modules
}

@test "modules: LINUX= is another revision" {
	headers "$kernel.5"
	source=$linux_of_series
	refuse "is Linux $kernel.*, the headers are of $kernel.5" modules
}

@test "modules-load and modules-unload: no root" {
	fake id 'echo 1000'
	refuse "only root" with_fakes "$run/modules-load"
	refuse "only root" with_fakes "$run/modules-unload"
}
