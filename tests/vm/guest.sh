#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs in the guest what its command line names: vmtest=ledger,spine,... are scripts of this folder or
# of tests/integration. To standard output: "part NAME", its lines, what a failed one wrote to
# standard error after "| ", and "ended NAME STATUS SECONDS"; "end" comes last.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

script_limit_s=300

# On the disk, a journal's thread would run for every file of a test.
export TMPDIR=/run/vmtest/tmp HOME=/root
mkdir -p "$TMPDIR"

script_of() { # NAME
	local file
	for file in "tests/vm/$1.sh" "tests/integration/$1.sh"; do
		[ -e "$file" ] && echo "$file" && return
	done
}

run_part() { # NAME
	local script status started=$SECONDS
	echo "part $1"
	script=$(script_of "$1")
	if [ -n "$script" ]; then
		timeout -k 10 "$script_limit_s" bash "$script" 2>"$TMPDIR/err" </dev/null
		status=$?
	else
		echo "not ok $1: there is no such script"
		status=1
	fi
	[ "$status" = 0 ] || sed 's/^/| /' "$TMPDIR/err"
	echo "ended $1 $status $((SECONDS - started))"
}

words=$(sed -n 's/.*\bvmtest=\([^ ]*\).*/\1/p' /proc/cmdline)
for part in ${words//,/ }; do
	run_part "$part"
done
echo end
