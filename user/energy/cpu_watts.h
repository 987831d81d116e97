/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_CPU_WATTS_H
#define ENERGYTRACE_ENERGY_CPU_WATTS_H

/*
 * How many watts a logical CPU of this machine stands for, by published figures for its generation.
 * They are those of whole servers at the wall, divided by the number of their logical CPUs.
 */

#define CPU_WATTS_SOURCE "Cloud Carbon Footprint"

struct cpu_watts {
	char cpu[96];	       /* "Intel Ice Lake-SP 06_6AH", "unknown CPU ARM 41/fff", … */
	const char *taken_for; /* the generation whose figures these are; NULL: its own */
	double min_watts;      /* per logical CPU, the machine at rest */
	double max_watts;      /* per logical CPU, the machine at work on all of them */
};

/*
 * Finds the processor in `procfs`/cpuinfo by its numbers, since a hypervisor often hides its name. One
 * that is not known, or no readable file, is taken for the average of the servers since 2017. The
 * first processor stands for all of them.
 */
void cpu_watts_read(const char *procfs, struct cpu_watts *ret);

#endif
