#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-2-Clause
#
# /init of the guest's initramfs: the drivers of the disks, the root file system from the first disk,
# and from the second one, which is a tar file, what is to be tested. systemd does the rest.
bb=/bin/busybox

$bb mkdir -p /dev /root
$bb mount -t devtmpfs dev /dev
for module in /modules/*; do
	$bb insmod "$module"
done
$bb mount -t ext4 -o noatime /dev/vda /root
# systemd goes on with a /run that is mounted, and with the unit that it finds there.
$bb mount -t tmpfs -o mode=755 run /root/run
$bb mkdir -p /root/run/vmtest /root/run/systemd/system
$bb tar -x -f /dev/vdb -C /root/run/vmtest
$bb cp /root/run/vmtest/tests/vm/vmtest.service /root/run/systemd/system
exec $bb switch_root /root /sbin/init
