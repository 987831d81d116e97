# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Counts what a guest has said (guest.sh). For tools/vmtest, which sets $emulated.

passed=0 skipped=0
failures=()

pass() { passed=$((passed + 1)); }

skip() { # NAME WHY
	skipped=$((skipped + 1))
	echo "  skip $1: $2"
}

fail() { # NAME WHY
	failures+=("$1: $2")
	echo "  not ok $1: $2"
}

# An emulated CPU stands still while the other one is emulated, and a program takes tens of
# milliseconds to start. So what fails there and compares times by a few per cent is a skip: the
# kernel's counts from a program's start on, a wattage for a load that was meant to be steady, the
# skew of single ticks, a load that was meant to be heavy. What is exact stays exact.
is_timed() { # NAME WHY
	[ -n "$emulated" ] || return 1
	case $1 in
	*", within 1 %") return 0 ;;
	*"what found no row is unattributed" | *"the totals name the loss") return 0 ;;
	*", it was a storm" | "there were hundreds of children") return 0 ;;
	esac
	# What check_jsonl.py has found, if that is all: no other problem among the first ten.
	[[ $2 =~ ^(([^;]*": spans are "|"run: no loss is named ledger-full: {}")[^;]*";")+[0-9]" problems in all"$ ]]
}

count_line() { # KERNEL PART LINE
	local text=${3#* }
	local name="$1 $2"
	case $3 in
	'ok '*) pass ;;
	'skip '*) skip "$name: ${text%%: *}" "${text#*: }" ;;
	'not ok '*)
		text=${text#ok }
		if is_timed "${text%%: *}" "${text#*: }"; then
			skip "$name: ${text%%: *}" "a matter of time, on an emulated CPU: ${text#*: }"
		else
			fail "$name: ${text%%: *}" "${text#*: }"
			part_failed=1
		fi
		;;
	'| '*) [ -z "$part_failed" ] || echo "    $3" ;;
	esac
}

# A part that has failed in a way that no check has told.
count_end() { # KERNEL PART STATUS
	[ "$part_results" -gt 0 ] || fail "$1 $2" "printed no result"
	case $3 in
	0 | 1) [ "$3" = 0 ] || [ "$part_results" -gt 0 ] || fail "$1 $2" "exit status 1" ;;
	124 | 137) fail "$1 $2" "took too long" ;;
	*) fail "$1 $2" "exit status $3" ;;
	esac
}

# count_results KERNEL FILE: fails what broke off as well.
count_results() {
	local kernel=$1 line part='' part_failed='' part_results=0 ended=''
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		'part '*) part=${line#part } part_failed='' part_results=0 ;;
		'ended '*)
			read -r _ part status _ <<<"$line"
			count_end "$kernel" "$part" "$status"
			;;
		end) ended=1 ;;
		*)
			case $line in 'ok '* | 'not ok '* | 'skip '*) part_results=$((part_results + 1)) ;; esac
			count_line "$kernel" "$part" "$line"
			;;
		esac
	done <"$2"
	[ -n "$ended" ]
}
