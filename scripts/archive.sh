# shellcheck shell=sh
# Debian's archive, also of another release than this machine's. Read after lib.sh.
# shellcheck disable=SC2154 # build is lib.sh's

# The sources of this machine's apt that are of its own release, a line each: those
# of files .list as they are, those of files .sources made so.
own_sources() {
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "$file" ] || grep -E "^deb (\[.*\] )?[^ ]+ $1" "$file" || true
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || { cat "$file"; echo; }
	done | awk -v release="$1" '
	function put(    i, j, uri, suite, uris, suites, option) {
		uris = split(value["uris"], uri)
		suites = split(value["suites"], suite)
		if (value["signed-by"] ~ /^ *\//)
			option = "[signed-by=" substr(value["signed-by"], 2) "] "
		for (i = 1; i <= uris; i++)
			for (j = 1; j <= suites; j++)
				if (value["types"] ~ / deb( |$)/ && value["enabled"] !~ /no/ &&
				    index(suite[j], release) == 1)
					print "deb " option uri[i] " " suite[j] value["components"]
		split("", value)
	}
	/^#/ { next }
	NF == 0 { put(); next }
	/^[A-Za-z]/ { key = tolower($1); sub(/:.*/, "", key); sub(/^[^:]*: */, "") }
	{ value[key] = value[key] " " $0 }'
}

archive=

own_release() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# sources_of RELEASE[-backports]: the same of that release, and its backports.
sources_of() {
	_of=${1%-backports} _own=$(own_release)
	own_sources "$_own" | sed "s/ $_own/ $_of/g" | awk -v of="$_of" -v wanted="$1" '
	!seen[$0]++ && !index($0, " " of "-backports ")
	wanted != of && index($0, " " of " ") {
		sub(" " of " ", " " wanted " ")
		print
	}'
}

# mirror_of RELEASE FILE: where the sources in FILE have it from.
mirror_of() {
	awk -v release="$1" '{
		sub(/\[.*\] /, "")
		if ($3 == release) { print $2; exit }
	}' "$2"
}

# Have apt look in the release that the series' base names, if it names one, or for
# source packages in that which $archive names, with lists of its own below build/:
# nothing on this machine changes. in_archive COMMAND... is then an apt command that
# looks there.
in_archive() {
	_release=${archive:-$(base_of RELEASE)}
	[ -n "$_release" ] || { "$@"; return; }
	_apt=$build/apt-$_release
	[ -n "$(find "$_apt/updated" -mtime -1 2>/dev/null)" ] || update_archive
	_command=$1
	shift
	"$_command" -o Dir::State="$_apt" -o Dir::State::status=/var/lib/dpkg/status \
		-o Dir::Cache="$_apt/cache" -o Dir::Etc::sourceparts=- \
		-o Dir::Etc::sourcelist="$_apt/sources" "$@"
}

update_archive() {
	rm -rf "$_apt"
	mkdir -p "$_apt/lists/partial" "$_apt/cache/archives/partial"
	sources_of "$_release" | sed "s/^deb /deb${archive:+-src} /" >"$_apt/sources"
	[ -n "$(mirror_of "$_release" "$_apt/sources")" ] ||
		die "/etc/apt has no source of Debian $(own_release), which tells where" \
			"that of $_release is: add one"
	touch "$_apt/updated"
	in_archive apt-get -qq -o APT::Sandbox::User=root update ||
		{ rm "$_apt/updated"; die "apt-get update failed: is the network up?"; }
}

# download DIRECTORY PACKAGE...: the files of Debian packages. Nothing is installed.
download() {
	_to=$1
	shift
	(cd "$_to" && in_archive apt-get -qq -o APT::Sandbox::User=root download "$@")
}

# source_file VERSION: the archive of the kernel's source of that version of its
# package, which is fetched if it is not installed.
source_file() {
	_package=$(base_of PACKAGE)
	if [ "$(dpkg-query -W -f '${Version}' "$_package" 2>/dev/null)" = "$1" ]; then
		echo "/usr/src/$_package.tar.xz"
		return
	fi
	_file=$build/sources/$_package-$1.tar.xz
	[ -f "$_file" ] || fetch_source "$1" || return 1
	echo "$_file"
}

fetch_source() {
	_deb=$build/sources/$_package-$1.deb
	rm -rf "$_deb"
	mkdir -p "$_deb"
	download "$_deb" "$_package=$1" >/dev/null 2>&1 || return 1
	dpkg-deb --fsys-tarfile "$_deb/"*.deb |
		tar -xO "./usr/src/$_package.tar.xz" >"$_file.tmp"
	mv "$_file.tmp" "$_file"
	rm -rf "$_deb"
}

# The version of the source package that is installed or, where the base names a
# release, that this has.
source_version() {
	if [ -z "$(base_of RELEASE)" ]; then
		dpkg-query -W -f '${Version}' "$(base_of PACKAGE)" 2>/dev/null ||
			die "$(base_of PACKAGE) is missing: run 'make tools' as root"
	else
		in_archive apt-cache madison "$(base_of PACKAGE)" |
			awk 'NR == 1 { print $3 }' | grep . ||
			die "Debian $(base_of RELEASE) has no $(base_of PACKAGE)"
	fi
}
