// SPDX-License-Identifier: BSD-2-Clause
/*
 * faults CPU N: burns on the CPU from the start to the end, and touches N new pages at the start. Prints
 * how many page faults it had in between, and its CPU time in ns.
 */
#include "span.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static void touch(char *memory, size_t n, size_t page)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)memory)[i * page] = 1;
}

int main(int argc, char **argv)
{
	size_t n, page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t until, cpu_ns;
	char *memory;
	long before;

	if (argc != 3)
		return 2;
	pin(atoi(argv[1]));
	n = strtoul(argv[2], NULL, 10);
	memory = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || madvise(memory, n * page, MADV_NOHUGEPAGE) != 0)
		return 1;
	until = wait_for_start();
	before = faults();
	cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	touch(memory, n, page);
	while (now_ns() < until)
		;
	cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
	printf("%ld %llu\n", faults() - before, (unsigned long long)cpu_ns);
	fflush(stdout);
	wait_for_hang_up();
	return 0;
}
