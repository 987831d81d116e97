#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The PowerAPI outputs of one run, live on simulated counters, read again by a reader of its own: a file, a
# directory and a socket agree with each other and with the JSONL; a receiver that stops reading, closes in
# mid-line, is killed and comes back misses nothing that is not counted; an hour of 200 cgroups is written in
# constant memory.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317 # called by check_says
. "$(dirname "$0")/lib.sh"
need root python3 cc

reader() { python3 "$here/powerapi_reader.py" "$@"; }

# receive NAME PORT FILE: a receiver in the background; leaves its port in $port.
receive() {
	launch "$1" python3 "$here/powerapi_receiver.py" "$2" "$3"
	hear "$1"
	port=${line#port }
	[ "$port" != "$line" ] || { not_ok "$1" "does not listen: $(cat "$1.err")" && exit 1; }
}

# until_said NAME WORD: reads what it says up to that.
until_said() {
	while hear "$1"; do
		[ "${line%% *}" = "$2" ] && return 0
	done
	not_ok "$1" "never said $2"
	return 1
}

# stop_receiver NAME: after all that was sent.
stop_receiver() {
	tell "$1" end
	finish "$1"
}

# Waits for the Nth tick from now on.
ticks_of() {
	local name=$1 n=$2
	while [ "$n" -gt 0 ]; do
		tick_of "$name" || return 1
		n=$((n - 1))
	done
}

build burn
simulate -p "20,cpus=$(cat /sys/devices/system/cpu/online)"
launch burner ./burn "${cpus[0]}"
go 300 burner

# --- one run, four forms

receive first 0 first.lines
trace four -i 0.2 -n 8 -o jsonl:four.jsonl,by=cgroup -o powerapi:four.json -o powerapi:four/ \
	-o "powerapi:tcp://127.0.0.1:$port"
until_said first connected
finish four
check "four outputs: exit status" "0 " "$status $(cat four.err)"
until_said first closed
stop_receiver first
check_says "the file is what its readers demand" reader file four.json
check_says "so is what went over the socket" reader socket first.lines
check_says "so are the tables" reader directory four
check_says "four forms and the JSONL agree" reader agree four.jsonl four.json four first.lines
check "the tables say where the joules are from" '{"source":"powercap","kind":"simulated"}' \
	"$(cat four/source.json)"

# --- files that are turned over while the run goes on

trace turned -i 0.1 -o powerapi:turned/,reports=power
ticks_of turned 2
mv turned/power.csv turned/power.csv.1
kill -HUP "${pids[turned]}"
wait_for test -e turned/power.csv
ticks_of turned 2
stop_trace turned
check "turned over: exit status" "0 " "$status $(cat turned.err)"
check "both files have their header" "2" \
	"$(cat turned/power.csv turned/power.csv.1 | grep -c '^timestamp,sensor,target,power$')"
check_true "and both have rows" "$(wc -l turned/power.csv*)" \
	test "$(wc -l <turned/power.csv)" -gt 1 -a "$(wc -l <turned/power.csv.1)" -gt 1
"$energytrace" --sysfs "$tree" -n 1 -i 0.05 -o powerapi:turned/,events=RAPL_ENERGY_PKG 2>mixed.err
mixed_first=$?
"$energytrace" --sysfs "$tree" -n 1 -i 0.05 -s estimate -o powerapi:turned/ >/dev/null 2>mixed.err
check "a directory of other joules is refused" 1 $?
check "with a sentence" 1 "$(grep -c 'choose another directory' mixed.err)"
check "one of the same is not" 0 "$mixed_first"

# --- a receiver that stops reading, closes in mid-line, is killed, and comes back

receive second 0 second.lines
trace hard -i 0.1 -o powerapi:hard.json -o "powerapi:tcp://127.0.0.1:$port,sensor=hard" \
	-o powerapi:again.json,sensor=hard
until_said second connected
ticks_of hard 2
tell second pause
ticks_of hard 3
tell second resume
ticks_of hard 1
tell second cut
until_said second cut
until_said second connected # by itself
ticks_of hard 2
kill -KILL "${pids[second]}"
finish second 2>/dev/null # bash tells of the kill
cp second.lines hard.lines
ticks_of hard 5
receive third "$port" third.lines
until_said third connected
ticks_of hard 3
kill -INT "${pids[hard]}"
finish hard
check "hard receivers: exit status" 0 "$status"
until_said third closed
stop_receiver third
cat third.lines >>hard.lines
check_says "nothing is missing" reader delivered again.json hard.lines
check "that it was away is said once" 1 "$(wc -l <hard.err)"
check "and how" 1 "$(grep -c "^energytrace: tcp://127.0.0.1:$port: .*; up to 16 MiB of reports are kept for it$" hard.err)"
sed 's/,"sensor":"[^"]*"//' hard.json >hard.one
sed 's/,"sensor":"[^"]*"//' again.json >again.one
check_true "two files of one run are one" "$(diff hard.one again.one | head -n 4)" cmp -s hard.one again.one

# --- performance counters, live: events of software, which every machine has

"$energytrace" --sysfs "$tree" --carbon GLOBAL -i 0.3 -n 3 \
	-o powerapi:live.json,reports=hwpc,events=RAPL_ENERGY_PKG+cpu-clock+page-faults 2>live.err
check "live counters: exit status" "0 " "$? $(cat live.err)"
check_says "live counters: reports" reader file live.json
check "of all" 3 "$(grep -c '"target":"all".*"rapl":.*"core":.*"cpu-clock":.*"page-faults":' live.json)"
check_true "and of other targets" "$(grep -vc '"target":"all"' live.json)" \
	grep -q '"target":"/[^"]*","groups":{"core":{"[0-9]*":{"[0-9]*":{"cpu-clock":[0-9]*,"page-faults":' live.json

# --- a configuration of the sensor

receive fourth 0 fourth.lines
cat >sensor.json <<-JSON
	{
	  "name": "sensor", "verbose": false, "frequency": 100, "cgroup_basepath": "/sys/fs/cgroup",
	  "output": {"type": "socket", "uri": "127.0.0.1", "port": $port},
	  "system": {
	    "rapl": {"events": ["RAPL_ENERGY_PKG"], "monitoring_type": "MONITOR_ONE_CPU_PER_SOCKET"},
	    "msr": {"events": ["TSC", "APERF", "MPERF"]}
	  },
	  "container": {"core": {"events": ["LLC_MISSES"]}}
	}
JSON
"$energytrace" --sysfs "$tree" -n 4 --config-file sensor.json 2>sensor.err
check "a configuration of the sensor is one of ours" 0 $?
until_said fourth closed
stop_receiver fourth
check_says "its reports are the sensor's" reader socket fourth.lines
check "and no others" "4 4" "$(wc -l <fourth.lines) $(grep -c '"sensor":"sensor","target":"all","groups"' fourth.lines)"
check "at its frequency" 4 "$(grep -o '"time_enabled":[0-9]*' fourth.lines |
	awk -F: '$2 > 90000000 && $2 < 800000000' | wc -l)"
check "what nothing counts is said once" 1 \
	"$(grep -c 'nothing here counts TSC, APERF, MPERF, LLC_MISSES$' sensor.err)"
sed -i 's/frequency/frequenzy/' sensor.json
"$energytrace" --config-file sensor.json 2>sensor.err
check "a word that it does not know: exit status" 2 $?
check "and the nearest" 'energytrace: sensor.json: unknown word "frequenzy"; did you mean "frequency"?' \
	"$(cat sensor.err)"

# --- nobody there at all

"$energytrace" --sysfs "$tree" -i 0.1 -n 3 -o powerapi:alone.json \
	-o "powerapi:tcp://127.0.0.1:$port" >alone.out 2>alone.err
check "without a receiver the run goes on" 0 $?
reports=$(wc -l <alone.json)
check "and what was lost is counted" \
	"energytrace: tcp://127.0.0.1:$port: $reports of $reports reports were dropped" "$(tail -n 1 alone.err)"
hang_up burner
finish burner
stop_simulation

# --- performance counters, from a record

python3 "$here/powerapi_record.py" 5 20 TSC LLC_MISSES CYCLES >counted.rec
"$energytrace" replay counted.rec -o powerapi:counted.json -o powerapi:counted/ >counted.out 2>&1
check "a replay with counters" "0 " "$? $(cat counted.out)"
check_says "its targets' counts are those of the CPUs" reader counters counted.json counted
check "the columns are sorted" "timestamp,sensor,target,socket,cpu,CYCLES,LLC_MISSES" "$(head -n 1 counted/core.csv)"

# --- a replay waits for its receiver

receive fifth 0 fifth.lines
python3 "$here/powerapi_record.py" 60 200 >minute.rec
"$energytrace" replay minute.rec -o powerapi:minute.json \
	-o "powerapi:tcp://127.0.0.1:$port,buffer=1" >minute.out 2>&1
check "a replay into a small buffer" "0 " "$? $(cat minute.out)"
until_said fifth closed
stop_receiver fifth
check_says "drops nothing" reader delivered minute.json fifth.lines

# --- an hour, replayed

# peak TICKS TARGET: the greatest resident size in KiB of a replay of so many ticks.
peak() {
	python3 - "$energytrace" "$here/powerapi_record.py" "$@" <<-'PY'
		import os, subprocess, sys
		program, writer, ticks, target = sys.argv[1:]
		record = subprocess.Popen([sys.executable, writer, ticks, "200"], stdout=subprocess.PIPE)
		replay = subprocess.Popen([program, "replay", "-", "-o", target], stdin=record.stdout)
		record.stdout.close()
		_, status, usage = os.wait4(replay.pid, 0)
		record.wait()
		if status or record.returncode:
		    sys.exit(f"status {status}, {record.returncode}")
		print(usage.ru_maxrss)
	PY
}

# grows_not TARGET: an hour's replay is no bigger than that of ten minutes.
grows_not() {
	local short long
	short=$(peak 600 "$1") && long=$(peak 3600 "$1") || return 1
	echo "$short KiB after 600 ticks, $long KiB after 3600"
	[ "$long" -le $((short + 512)) ]
}

check_says "an hour of 200 cgroups in a file: no growth" grows_not powerapi:hour.json
hour_reports=$(wc -l <hour.json)
check_true "all of its reports are there" "$hour_reports" \
	test "$(grep -c '"target":"all","power"' hour.json)" = 3600
rm hour.json
check_says "an hour of 200 cgroups in tables: no growth" grows_not powerapi:hour/,reports=hwpc
summary
