# shellcheck shell=sh
# A minimal Debian of its own in build/fresh/$release, for checks that must not see
# what this machine has, and for the tools of another release. The reader sets
# release, and cache: a folder of compiled code that may be used there, or nothing.
# shellcheck disable=SC2154 # which those are

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=archive.sh
. "$top/scripts/archive.sh"

fresh=$build/fresh
root=$fresh/$release
debs=$fresh/debs-$release
sources_list=$fresh/sources-$release
certificates=/etc/ssl/certs/ca-certificates.crt

# Let apt there reach them as this machine's does: proxies, keys, passwords. What
# this machine has apt run besides is not there.
copy_apt() {
	for part in apt.conf apt.conf.d auth.conf auth.conf.d keyrings trusted.gpg \
		trusted.gpg.d; do
		[ ! -e "/etc/apt/$part" ] || cp -a "/etc/apt/$part" "$root/etc/apt/"
	done
	cp -a /usr/share/keyrings "$root/usr/share/"
	! grep -q https: "$sources_list" ||
		install -D -m 644 "$certificates" "$root$certificates"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	for list in DPkg::Pre-Invoke DPkg::Post-Invoke DPkg::Pre-Install-Pkgs \
		APT::Update::Pre-Invoke APT::Update::Post-Invoke \
		APT::Update::Post-Invoke-Success; do
		echo "#clear $list;"
	done >"$root/etc/apt/apt.conf.d/zz-fresh"
	cp "$sources_list" "$root/etc/apt/sources.list"
}

# In namespaces of their own nothing stays mounted and no process lives on, however
# this ends: what is removed here never has this machine's /dev in it. unshare does
# not end by SIGTERM, and so is killed with its parent.
apart() {
	setpriv --pdeathsig KILL unshare -m -p -f --kill-child --mount-proc "$@"
}

# make_root PACKAGES: the release with these alone.
make_root() {
	sources_of "$release" >"$sources_list"
	mirror=$(mirror_of "$release" "$sources_list")
	[ -n "$mirror" ] || die "/etc/apt has no source of $release: add one"
	proxy=$(apt-config shell proxy Acquire::http::Proxy)
	eval "$proxy"
	[ -z "${proxy:-}" ] || export http_proxy="$proxy"
	rm -rf --one-file-system "$root"
	apart debootstrap --variant=minbase --include="$1" \
		--cache-dir="$debs" "$release" "$root" "$mirror"
	copy_apt
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fresh"
}

# make_root_with_clone PACKAGES: and a clone of this repository in it.
make_root_with_clone() {
	make_root "$1"
	git clone -q "$top" "$root/root/kvm-exitstat"
}

# in_root COMMAND...: there, in the clone or, where there is none, in this very
# directory, with nothing of the environment but how to reach the network, and the
# language, by which ccache tells its results apart.
in_root() {
	work=/root/kvm-exitstat here=
	[ -d "$root$work" ] || work=$top here=$top
	# shellcheck disable=SC2016
	apart sh -euc '
		root=$1 debs=$2 cache=$3 here=$4
		shift 4
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount --bind "$debs" "$root/var/cache/apt/archives"
		[ -z "$here" ] || { mkdir -p "$root$here"; mount --bind "$here" "$root$here"; }
		mkdir -p "$root/ccache"
		[ -z "$cache" ] || mount --bind "$cache" "$root/ccache"
		exec chroot "$root" "$@"' sh "$root" "$debs" "$cache" "$here" \
		/usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LANG="${LANG:-C}" CCACHE_DIR=/ccache \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} \
		${no_proxy:+no_proxy="$no_proxy"} \
		sh -c 'cd "$1" && shift && exec "$@"' sh "$work" "$@"
}
