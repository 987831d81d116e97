# shellcheck shell=bash
# shellcheck disable=SC2154 # what tools/vmtest sets
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's packages of other releases, by the mirrors that this machine's apt is set up with and an apt
# state of its own: the machine's packages, lists and cache stay as they are. For tools/vmtest, which
# sets $cache and $work.

debian_keys=/usr/share/keyrings/debian-archive-keyring.gpg
releases=(bullseye bookworm trixie)
lists_age_minutes=1440

# The archive of the whole, and that of the security updates; VMTEST_MIRRORS="URL URL" has others.
mirrors() {
	if [ -n "${VMTEST_MIRRORS:-}" ]; then
		tr ' ' '\n' <<<"$VMTEST_MIRRORS"
	else
		# shellcheck disable=SC2016 # apt's own words
		apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u
	fi
}

sources_list() {
	local url release
	while read -r url; do
		case $url in
		*/debian-security | */debian-security/)
			for release in "${releases[@]}"; do
				echo "deb [signed-by=$debian_keys] $url $release-security main"
			done
			;;
		*/debian | */debian/)
			for release in "${releases[@]}" sid; do
				echo "deb [signed-by=$debian_keys] $url $release main"
			done
			;;
		esac
	done
}

# Run by every tool of apt: what the machine says of proxies, and none of its hooks. Not kept: it may
# hold a password.
apt_configure() {
	mkdir -p "$cache/apt/state/lists/partial" "$cache/apt/cache/archives/partial"
	{
		apt-config dump | grep '^Acquire::.*Proxy'
		cat <<-TEXT
			Dir::Etc::main "/dev/null";
			Dir::Etc::parts "/dev/null";
			Dir::Etc::sourcelist "$cache/apt/sources.list";
			Dir::Etc::sourceparts "/dev/null";
			Dir::State "$cache/apt/state";
			Dir::State::status "/dev/null";
			Dir::Cache "$cache/apt/cache";
			Dir::Cache::srcpkgcache "";
			Acquire::GzipIndexes "true";
			APT::Architecture "amd64";
			APT::Sandbox::User "root";
			Acquire::Languages "none";
			// A mirror that lags is good enough for a kernel; signatures are checked.
			Acquire::Check-Valid-Until "false";
			Acquire::Retries "2";
		TEXT
	} >"$work/apt.conf"
}

own_apt() { # PROGRAM ARG...
	APT_CONFIG=$work/apt.conf "$@"
}

# The lists, once a day. A release that is no longer on the mirror does not keep the others away.
apt_update() {
	local stamp=$cache/apt/updated
	apt_configure
	[ -z "$(find "$stamp" -mmin "-$lists_age_minutes" 2>/dev/null)" ] || return 0
	mirrors | sources_list >"$cache/apt/sources.list"
	if [ ! -s "$cache/apt/sources.list" ]; then
		complain "apt knows no mirror of Debian here: VMTEST_MIRRORS=\"URL URL\" names one"
		return 1
	fi
	if own_apt apt-get -q -q -o APT::Update::Error-Mode=any update 2>"$work/apt.err"; then
		touch "$stamp"
	else
		complain "apt-get update: $(head -n 1 "$work/apt.err")"
	fi
}

# apt_names PREFIX: all packages whose names begin with it
apt_names() {
	own_apt apt-cache pkgnames "$1"
}

# apt_needs PACKAGE: what it depends on, one a line
apt_needs() {
	own_apt apt-cache depends "$1" | sed -n 's/^ *|\{0,1\}Depends: //p'
}

# apt_extract FOLDER PACKAGE...: into the folder, with nothing installed
apt_extract() {
	local folder=$1 package
	shift
	mkdir -p "$folder"
	for package in "$@"; do
		rm -f "$work"/debs/*.deb && mkdir -p "$work/debs"
		(cd "$work/debs" && own_apt apt-get -q -q download "$package") 2>"$work/apt.err" >&2 ||
			{ complain "$package: $(tail -n 1 "$work/apt.err")" && return 1; }
		dpkg-deb -x "$work"/debs/*.deb "$folder" || return 1
	done
}
