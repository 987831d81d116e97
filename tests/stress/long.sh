#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Ten minutes (or LONG_SECONDS) of fork, pipe and futex on all CPUs: the spans have to equal CPUs x clock
# within 10 ppm, every sum has to be exact. Too long for the suite; `make stress` runs it, as root.
set -u
exec bash "$(dirname "${BASH_SOURCE[0]}")/../integration/stress.sh" long
