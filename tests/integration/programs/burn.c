// SPDX-License-Identifier: BSD-2-Clause
/*
 * burn CPU [PERCENT]: uses so much of the CPU, in periods of 10 ms. Then it prints the CPU time in ns
 * that the kernel counts for it, and sleeps until its input is closed.
 */
#include "span.h"

#define PERIOD_NS 10000000U

int main(int argc, char **argv)
{
	unsigned int percent = argc > 2 ? (unsigned int)atoi(argv[2]) : 100;
	uint64_t until, period, used;

	if (argc < 2)
		return 2;
	pin(atoi(argv[1]));
	until = wait_for_start();
	for (period = now_ns(); period < until; period += PERIOD_NS) {
		used = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		/* Of its own time: also beside other programs that want the CPU. */
		while (clock_ns(CLOCK_THREAD_CPUTIME_ID) - used < PERIOD_NS / 100 * percent &&
		       now_ns() < until)
			;
		if (period + PERIOD_NS < now_ns())
			period = now_ns() - PERIOD_NS;
		sleep_until(period + PERIOD_NS < until ? period + PERIOD_NS : until);
	}
	printf("%llu\n", (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	fflush(stdout);
	wait_for_hang_up();
	return 0;
}
