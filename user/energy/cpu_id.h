/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_CPU_ID_H
#define ENERGYTRACE_ENERGY_CPU_ID_H

#include <stdbool.h>
#include <stdint.h>

enum cpu_vendor {
	CPU_OTHER,
	CPU_INTEL,
	CPU_AMD,
	CPU_HYGON, /* Zen 1 under licence */
	CPU_ARM,   /* also those of licensees: family is the implementer, model the part */
};

struct cpu_id {
	enum cpu_vendor vendor;
	char vendor_name[16]; /* vendor_id as it stands there; "" where there is none */
	uint32_t family, model, stepping;
	bool amx; /* x86: has tile registers */
};

/* The first processor of `procfs`/cpuinfo. False where the file does not tell it. */
bool cpu_id_read(const char *procfs, struct cpu_id *ret);

#endif
