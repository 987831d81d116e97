# shellcheck shell=bash
# shellcheck disable=SC2154 # what tools/vmtest sets
# SPDX-License-Identifier: BSD-2-Clause
#
# A kernel of Debian's cloud flavour: found, downloaded, and made ready for qemu. Kept in
# $cache/kernels/RELEASE: vmlinuz, and in modules/ the drivers that reach the disks. For tools/vmtest.

flavour=cloud-amd64

# kernel_release 6.1: the newest 6.1.x that there is. Without the network, the newest that is kept.
kernel_release() {
	local release
	release=$({
		apt_names linux-image- | sed -n 's/^linux-image-//p'
		ls "$cache/kernels" 2>/dev/null
	} | grep -xE "${1//./\\.}\.[0-9].*[0-9]-$flavour" | sort -V | tail -n 1)
	[ -n "$release" ] || return 1
	echo "$release"
}

# The packages that hold the kernel: one up to 6.12, several after it.
kernel_packages() { # RELEASE
	local kind
	for kind in image binary modules base; do
		apt_names "linux-$kind-$1" | grep -x "linux-$kind-$1"
	done
}

# disk_modules FOLDER RELEASE: what virtio disks need, in the order of loading, as files
disk_modules() {
	local name
	depmod -b "$1" "$2" || return 1
	for name in virtio_pci virtio_blk; do
		modprobe -d "$1" -S "$2" --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

kernel_fetch() { # RELEASE
	local folder=$work/kernel made=$work/kernel.made file n=10
	local -a packages
	[ ! -e "$cache/kernels/$1" ] || return 0
	mapfile -t packages < <(kernel_packages "$1")
	rm -rf "$folder" "$made"
	apt_extract "$folder" "${packages[@]}" || return 1
	# Modules are under /lib in packages that are from before the merge with /usr.
	[ -e "$folder/lib" ] || ln -s usr/lib "$folder/lib"
	mkdir -p "$made/modules" "$cache/kernels"
	cp "$(find "$folder" -name 'vmlinuz*' -type f | head -n 1)" "$made/vmlinuz" || return 1
	for file in $(disk_modules "$folder" "$1"); do
		n=$((n + 1))
		case $file in
		*.xz) xz -dc "$file" >"$made/modules/$n-$(basename "$file" .xz)" ;;
		*) cp "$file" "$made/modules/$n-$(basename "$file")" ;;
		esac || return 1
	done
	rm -rf "$folder"
	mv "$made" "$cache/kernels/$1"
}

# The one that is linked statically, whatever this machine has.
busybox_fetch() {
	[ ! -e "$cache/busybox" ] || return 0
	apt_extract "$work/busybox" busybox-static || return 1
	cp "$(find "$work/busybox" -path '*/bin/busybox' -type f | head -n 1)" "$cache/busybox"
}

kernel_initramfs() { # RELEASE FILE
	local folder=$work/initramfs
	rm -rf "$folder"
	mkdir -p "$folder/bin" "$folder/modules"
	busybox_fetch &&
		cp "$cache/busybox" "$folder/bin/busybox" &&
		cp "$here/tests/vm/init.sh" "$folder/init" &&
		chmod 755 "$folder/init" || return 1
	cp "$cache/kernels/$1"/modules/*.ko "$folder/modules/" || return 1
	(cd "$folder" && find . | cpio --quiet -o -H newc | gzip -1) >"$2"
}

# The headers that modules are built with, made to work where they are and not in /usr/src.
kernel_headers() { # RELEASE
	local folder=$cache/headers/$1
	local -a needs
	[ ! -e "$folder" ] || return 0
	mapfile -t needs < <(apt_needs "linux-headers-$1" | grep -E '^linux-(headers|kbuild)-')
	[ ${#needs[@]} -gt 0 ] || return 1
	rm -rf "$work/headers"
	apt_extract "$work/headers" "linux-headers-$1" "${needs[@]}" || return 1
	mkdir -p "$cache/headers"
	sed -i "s,/usr/src/,$folder/usr/src/," "$work/headers/usr/src/linux-headers-$1/Makefile"
	mv "$work/headers" "$folder"
}

# kernel_module RELEASE FILE: tests/vm/powercap_sim for this kernel, or in FILE.why why not. The
# compiler is this machine's: one that is much older than the kernel's does not know all its options.
kernel_module() {
	local folder=$work/module
	rm -rf "$folder"
	cp -r "$here/tests/vm/powercap_sim" "$folder"
	kernel_headers "$1" || { echo "there are no headers for $1" >"$2.why" && return; }
	if make -s -C "$cache/headers/$1/usr/src/linux-headers-$1" M="$folder" CC="${CC:-gcc}" modules \
		>"$work/module.log" 2>&1; then
		cp "$folder/powercap_sim.ko" "$2"
	else
		echo "powercap_sim does not build for $1 here: $(grep -m 1 -iE 'error|\*\*\*|not found' \
			"$work/module.log")" >"$2.why"
	fi
}
