#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The table on a terminal (a pseudo-terminal, seen from its other end): drawn in place, for the size of
# the window at each tick, and the terminal left as it was, whatever ends the run.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need root python3

# seen STEP...: runs energytrace on a terminal of 80x24 and shows what it wrote, its status last. When
# a tick has been drawn the next STEP is taken: COLUMNSxROWS resizes, INT and TERM are sent, "-"
# waits on.
cat >seen.py <<'PY'
import fcntl, os, pty, select, signal, struct, sys, termios, time

steps, argv = sys.argv[1].split(), sys.argv[2:]
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    os.execv(argv[0], argv)
before = termios.tcgetattr(master)
text, ticks, deadline = b"", 0, time.monotonic() + 30
while time.monotonic() < deadline and select.select([master], [], [], 30)[0]:
    try:
        piece = os.read(master, 65536)
    except OSError:
        break
    text += piece
    while steps and text.count(b"\x1b[J") > ticks:
        ticks += 1
        step = steps.pop(0)
        if step in ("INT", "TERM"):
            os.kill(pid, getattr(signal, "SIG" + step))
        elif "x" in step:
            columns, rows = map(int, step.split("x"))
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
after = termios.tcgetattr(master)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(text)
print("status", os.waitstatus_to_exitcode(status), "settings", "as before" if before == after else "changed")
PY
seen() {
	python3 seen.py "$1" "$energytrace" -s none -i 0.2 "${@:2}" >seen 2>&1
}

esc=$'\e'
count() { grep -aoF -- "$1" seen | wc -l; }
# The rest of a file from the line after the last that was drawn.
after_last_tick() { tac seen | sed "/${esc}\[J/q" | tac | sed "s/.*${esc}\[J//"; }
# shellcheck disable=SC2317 # by check_true
no_mode() { ! grep -aqE "${esc}\[(\?|[0-9;]*[^0-9;HKJm])" seen; }
# What was drawn, without the commands, in columns; no process here has a name that is not ASCII.
widest() { sed "s/${esc}\[[0-9;]*[A-Za-z]//g; s/\r//; s/…/./g" seen | grep -v '^status' | awk '{ if (length($0) > n) n = length($0) } END { print n }'; }

export TERM=xterm
seen "" -n 3
check "terminal: each tick begins at the top" 3 "$(count "${esc}[H")"
check "terminal: and erases what is below it" 3 "$(count "${esc}[J")"
check_true "terminal: no mode is set" "other commands: $(cat -v seen | head -c 1000)" no_mode
check_true "terminal: no line is wider than the window" "$(widest) columns" [ "$(widest)" -lt 80 ]
check "terminal: the totals come below the last table" 1 "$(after_last_tick | grep -ac '^total of 0')"
check "terminal: is left as it was" "status 0 settings as before" "$(tail -n 1 seen)"

seen "100x30 60x12 -" -n 3
check "terminal: three sizes, three tables" 3 "$(count "${esc}[H")"
check "terminal: 60 columns have no cgroup" 2 "$(grep -ac 'PROCESS *CGROUP' seen)"

for signal in INT TERM; do
	seen "- $signal"
	check "terminal: SIG$signal: the totals come, nothing is changed" "1 status 0 settings as before" \
		"$(after_last_tick | grep -ac '^total of') $(tail -n 1 seen)"
done

TERM=dumb
seen "" -n 2
check "terminal: TERM=dumb gets lines" "0 2" "$(count "$esc") $(grep -ac '^ *PID ' seen)"
export -n TERM
seen "" -n 2
check "terminal: without TERM it gets lines" "0 2" "$(count "$esc") $(grep -ac '^ *PID ' seen)"

export TERM=xterm
"$energytrace" -s none -i 0.2 -n 2 >seen 2>&1
check "terminal: a file gets lines" "0 2" "$(count "$esc") $(grep -ac '^ *PID ' seen)"
summary
