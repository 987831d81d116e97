# shellcheck shell=bash
# shellcheck disable=SC2154 # what tools/vmtest sets
# SPDX-License-Identifier: BSD-2-Clause
#
# The guest's root file system: this machine's release of Debian, so that what was built here runs
# there, with systemd and what the tests use. Kept as $cache/root-*.img. For tools/vmtest.

# What the integration tests need, and the lib- packages of the programs' own libraries.
root_packages=(systemd systemd-sysv dbus-user-session libpam-systemd kmod procps
	python3 gcc libc6-dev jq bpftool systemtap-sdt-dev)
root_size=1G

library_packages() { # PROGRAM...
	ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | xargs -r realpath | sort -u |
		while read -r file; do
			# A library may be known by either side of the merge of /lib with /usr/lib.
			dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "${file#/usr}" 2>/dev/null
		done | sed 's/:.*//' | sort -u
}

# root_image PROGRAM...: prints the file's name, and makes it if it is not there.
root_image() {
	local suite packages url image
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	packages=$(printf '%s\n' "${root_packages[@]}" "$(library_packages "$@")" | sort -u | paste -sd ,)
	image=$cache/root-$suite-$(sha256sum <<<"$packages" | cut -c 1-12).img
	if [ ! -e "$image" ]; then
		url=$(grep -m 1 " $suite main" "$cache/apt/sources.list")
		[ -n "$url" ] || { complain "there is no release $suite of Debian" && return 1; }
		rm -rf "$work/root" && rm -f "$cache"/root-*.img
		complain "making a root file system of $suite, once"
		mmdebstrap --quiet --variant=minbase --include="$packages" \
			--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
			--dpkgopt='path-exclude=/usr/share/locale/*' \
			"$suite" "$work/root" "$url" >"$work/root.log" 2>&1 ||
			{ complain "mmdebstrap: $(grep -m 1 '^E:' "$work/root.log")" && return 1; }
		truncate -s "$root_size" "$work/root.img" &&
			mkfs.ext4 -q -F -d "$work/root" "$work/root.img" &&
			mv "$work/root.img" "$image" || return 1
		rm -rf "$work/root"
	fi
	echo "$image"
}
