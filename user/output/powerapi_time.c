// SPDX-License-Identifier: BSD-2-Clause
#include "output/powerapi_time.h"

#include <stdio.h>
#include <time.h>

#define NS_PER_S 1000000000
#define NS_PER_US 1000
#define NS_PER_MS 1000000
#define SMALL_STEP_MS 1000

size_t powerapi_iso(int64_t realtime_ns, char text[POWERAPI_ISO_SIZE])
{
	int64_t ns = realtime_ns % NS_PER_S + (realtime_ns % NS_PER_S < 0 ? NS_PER_S : 0);
	time_t seconds = (time_t)((realtime_ns - ns) / NS_PER_S);
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm); /* 64 bits of nanoseconds: the years 1677 to 2262 */
	length = strftime(text, POWERAPI_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, POWERAPI_ISO_SIZE - length, ".%06u",
		 (unsigned int)(ns / NS_PER_US));
	return length + sizeof(".000000") - 1;
}

int64_t powerapi_ms(struct powerapi_clock *clock, int64_t realtime_ns)
{
	int64_t ms = realtime_ns / NS_PER_MS - (realtime_ns % NS_PER_MS < 0);

	if (ms <= clock->last_ms && clock->last_ms - ms < SMALL_STEP_MS)
		ms = clock->last_ms + 1;
	clock->last_ms = ms;
	return ms;
}
