// SPDX-License-Identifier: BSD-2-Clause
/*
 * The figures are those of Cloud Carbon Footprint: minimum and maximum watts per logical CPU by
 * microarchitecture, from https://github.com/cloud-carbon-footprint/ccf-coefficients (Apache-2.0) at
 * commit b0032d928c78 of 2026, which averages the SPECpower_ssj2008 results of 2026-03-09
 * (https://www.spec.org/power_ssj2008/results/): watts at active idle and at 100 % load by the number
 * of threads. Rounded to two digits, as its own tests have them.
 *
 * Left out: its EPYC 5th Gen (3.68 to 8.96). That list has the desktop-socket EPYC 4005 in it, and a
 * server of two EPYC 9965 in the same results needs 0.20 to 1.04. Its Graviton is EPYC 2nd Gen's
 * figure in place of one.
 */
#include "energy/cpu_watts.h"

#include "energy/cpu_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum generation {
	SANDY_BRIDGE,
	IVY_BRIDGE,
	HASWELL,
	BROADWELL,
	SKYLAKE_CLIENT,
	COFFEE_LAKE,
	SKYLAKE_SP,
	CASCADE_LAKE,
	ICE_LAKE_SP,
	SAPPHIRE_RAPIDS,
	EMERALD_RAPIDS,
	GRANITE_RAPIDS,
	EPYC_1,
	EPYC_2,
	EPYC_3,
	EPYC_4,
	NEOVERSE_N1,
};

static const struct figures {
	const char *name;
	double min_watts, max_watts;
	bool recent; /* a server of 2017 or later: what a processor unknown here is likely to be */
} published[] = {
	[SANDY_BRIDGE] = {"Sandy Bridge", 2.21, 8.63, false},
	[IVY_BRIDGE] = {"Ivy Bridge", 1.71, 5.56, false},
	[HASWELL] = {"Haswell", 1.86, 5.60, false},
	[BROADWELL] = {"Broadwell", 0.71, 3.69, false},
	[SKYLAKE_CLIENT] = {"Skylake (client)", 1.82, 5.86, false},
	[COFFEE_LAKE] = {"Coffee Lake", 1.14, 5.42, false},
	[SKYLAKE_SP] = {"Skylake-SP", 0.55, 4.01, true},
	[CASCADE_LAKE] = {"Cascade Lake", 0.69, 4.06, true},
	[ICE_LAKE_SP] = {"Ice Lake-SP", 0.77, 3.76, true},
	[SAPPHIRE_RAPIDS] = {"Sapphire Rapids", 1.04, 4.16, true},
	[EMERALD_RAPIDS] = {"Emerald Rapids", 0.81, 4.48, true},
	[GRANITE_RAPIDS] = {"Granite Rapids", 0.58, 2.53, true},
	[EPYC_1] = {"EPYC 1st Gen", 0.85, 2.60, true},
	[EPYC_2] = {"EPYC 2nd Gen", 0.47, 1.69, true},
	[EPYC_3] = {"EPYC 3rd Gen", 0.46, 1.96, true},
	[EPYC_4] = {"EPYC 4th Gen", 0.74, 2.28, true},
	[NEOVERSE_N1] = {"Neoverse N1", 0.74, 1.71, true},
};

#define N_PUBLISHED (sizeof(published) / sizeof(published[0]))

/*
 * Model numbers: arch/x86/include/asm/intel-family.h, AMD's processor revision guides and
 * arch/arm64/include/asm/cputype.h. Where no figure is published, the nearest generation of the
 * same kind stands in: for AMD's desktop and laptop processors the newest client there is, since an
 * EPYC shares what a machine needs at rest among far more CPUs.
 */
static const struct known_cpu {
	enum cpu_vendor vendor;
	uint32_t family, first_model, last_model;
	uint32_t first_stepping, last_stepping;
	const char *name;
	enum generation figures;
	bool own; /* the figures are of this very generation */
} known_cpus[] = {
#define INTEL(first, last, ...)                                       \
	{                                                             \
		CPU_INTEL, 6, first, last, 0, UINT32_MAX, __VA_ARGS__ \
	}
#define INTEL_STEPPINGS(model, first, last, ...)                     \
	{                                                            \
		CPU_INTEL, 6, model, model, first, last, __VA_ARGS__ \
	}
#define AMD(family, first, last, ...)                                    \
	{                                                                \
		CPU_AMD, family, first, last, 0, UINT32_MAX, __VA_ARGS__ \
	}
#define ARM(implementer, part, ...)                                          \
	{                                                                    \
		CPU_ARM, implementer, part, part, 0, UINT32_MAX, __VA_ARGS__ \
	}
	INTEL(0x1a, 0x1a, "Intel Nehalem", SANDY_BRIDGE, false),
	INTEL(0x1e, 0x1f, "Intel Nehalem", SANDY_BRIDGE, false),
	INTEL(0x2e, 0x2e, "Intel Nehalem", SANDY_BRIDGE, false),
	INTEL(0x25, 0x25, "Intel Westmere", SANDY_BRIDGE, false),
	INTEL(0x2c, 0x2c, "Intel Westmere", SANDY_BRIDGE, false),
	INTEL(0x2f, 0x2f, "Intel Westmere", SANDY_BRIDGE, false),
	INTEL(0x2a, 0x2a, "Intel Sandy Bridge", SANDY_BRIDGE, true),
	INTEL(0x2d, 0x2d, "Intel Sandy Bridge-EP", SANDY_BRIDGE, true),
	INTEL(0x3a, 0x3a, "Intel Ivy Bridge", IVY_BRIDGE, true),
	INTEL(0x3e, 0x3e, "Intel Ivy Bridge-EP", IVY_BRIDGE, true),
	INTEL(0x3c, 0x3c, "Intel Haswell", HASWELL, true),
	INTEL(0x45, 0x46, "Intel Haswell", HASWELL, true),
	INTEL(0x3f, 0x3f, "Intel Haswell-EP", HASWELL, true),
	INTEL(0x3d, 0x3d, "Intel Broadwell", BROADWELL, true),
	INTEL(0x47, 0x47, "Intel Broadwell", BROADWELL, true),
	INTEL(0x4f, 0x4f, "Intel Broadwell-EP", BROADWELL, true),
	INTEL(0x56, 0x56, "Intel Broadwell-DE", BROADWELL, true),
	INTEL(0x4e, 0x4e, "Intel Skylake (client)", SKYLAKE_CLIENT, true),
	INTEL(0x5e, 0x5e, "Intel Skylake (client)", SKYLAKE_CLIENT, true),
	INTEL_STEPPINGS(0x55, 0, 4, "Intel Skylake-SP", SKYLAKE_SP, true),
	INTEL_STEPPINGS(0x55, 5, 9, "Intel Cascade Lake", CASCADE_LAKE, true),
	INTEL_STEPPINGS(0x55, 10, UINT32_MAX, "Intel Cooper Lake", CASCADE_LAKE, false),
	INTEL_STEPPINGS(0x8e, 0, 9, "Intel Kaby Lake", COFFEE_LAKE, false),
	INTEL_STEPPINGS(0x8e, 10, UINT32_MAX, "Intel Coffee Lake", COFFEE_LAKE, true),
	INTEL_STEPPINGS(0x9e, 0, 9, "Intel Kaby Lake", COFFEE_LAKE, false),
	INTEL_STEPPINGS(0x9e, 10, UINT32_MAX, "Intel Coffee Lake", COFFEE_LAKE, true),
	INTEL(0xa5, 0xa6, "Intel Comet Lake", COFFEE_LAKE, false),
	INTEL(0x7d, 0x7e, "Intel Ice Lake (client)", COFFEE_LAKE, false),
	INTEL(0x8c, 0x8d, "Intel Tiger Lake", COFFEE_LAKE, false),
	INTEL(0xa7, 0xa7, "Intel Rocket Lake", COFFEE_LAKE, false),
	INTEL(0x97, 0x97, "Intel Alder Lake", COFFEE_LAKE, false),
	INTEL(0x9a, 0x9a, "Intel Alder Lake", COFFEE_LAKE, false),
	INTEL(0xb7, 0xb7, "Intel Raptor Lake", COFFEE_LAKE, false),
	INTEL(0xba, 0xba, "Intel Raptor Lake", COFFEE_LAKE, false),
	INTEL(0xbf, 0xbf, "Intel Raptor Lake", COFFEE_LAKE, false),
	INTEL(0xaa, 0xaa, "Intel Meteor Lake", COFFEE_LAKE, false),
	INTEL(0xac, 0xac, "Intel Meteor Lake", COFFEE_LAKE, false),
	INTEL(0xb5, 0xb5, "Intel Arrow Lake", COFFEE_LAKE, false),
	INTEL(0xc5, 0xc6, "Intel Arrow Lake", COFFEE_LAKE, false),
	INTEL(0xbd, 0xbd, "Intel Lunar Lake", COFFEE_LAKE, false),
	INTEL(0x6a, 0x6a, "Intel Ice Lake-SP", ICE_LAKE_SP, true),
	INTEL(0x6c, 0x6c, "Intel Ice Lake-D", ICE_LAKE_SP, true),
	INTEL(0x8f, 0x8f, "Intel Sapphire Rapids", SAPPHIRE_RAPIDS, true),
	INTEL(0xcf, 0xcf, "Intel Emerald Rapids", EMERALD_RAPIDS, true),
	INTEL(0xad, 0xae, "Intel Granite Rapids", GRANITE_RAPIDS, true),
	INTEL(0xaf, 0xaf, "Intel Sierra Forest", GRANITE_RAPIDS, false),
	AMD(0x17, 0x01, 0x01, "AMD EPYC Naples", EPYC_1, true),
	AMD(0x17, 0x31, 0x31, "AMD EPYC Rome", EPYC_2, true),
	AMD(0x17, 0x00, 0xff, "AMD Zen or Zen 2 (client)", COFFEE_LAKE, false),
	AMD(0x19, 0x01, 0x01, "AMD EPYC Milan", EPYC_3, true),
	AMD(0x19, 0x11, 0x11, "AMD EPYC Genoa", EPYC_4, true),
	AMD(0x19, 0xa0, 0xaf, "AMD EPYC Bergamo or Siena", EPYC_4, true),
	AMD(0x19, 0x00, 0xff, "AMD Zen 3 or Zen 4 (client)", COFFEE_LAKE, false),
	AMD(0x1a, 0x00, 0x1f, "AMD EPYC Turin", EPYC_4, false),
	AMD(0x1a, 0x00, 0xff, "AMD Zen 5 (client)", COFFEE_LAKE, false),
	{CPU_HYGON, 0x18, 0, UINT32_MAX, 0, UINT32_MAX, "Hygon Dhyana", EPYC_1, false},
	ARM(0x41, 0xd08, "ARM Cortex-A72", NEOVERSE_N1, false),
	ARM(0x41, 0xd0c, "ARM Neoverse N1", NEOVERSE_N1, true),
	ARM(0x41, 0xd40, "ARM Neoverse V1", NEOVERSE_N1, false),
	ARM(0x41, 0xd49, "ARM Neoverse N2", NEOVERSE_N1, false),
	ARM(0x41, 0xd4f, "ARM Neoverse V2", NEOVERSE_N1, false),
	ARM(0x41, 0xd84, "ARM Neoverse V3", NEOVERSE_N1, false),
	ARM(0x41, 0xd8e, "ARM Neoverse N3", NEOVERSE_N1, false),
	ARM(0x48, 0xd01, "HiSilicon Kunpeng 920", NEOVERSE_N1, false),
	ARM(0xc0, 0xac3, "AmpereOne", NEOVERSE_N1, false),
	ARM(0xc0, 0xac4, "AmpereOne", NEOVERSE_N1, false),
#undef INTEL
#undef INTEL_STEPPINGS
#undef AMD
#undef ARM
};

#define N_KNOWN (sizeof(known_cpus) / sizeof(known_cpus[0]))

/* The first row that fits: of a vendor's rows for one family the particular come first. */
static const struct known_cpu *find(const struct cpu_id *id)
{
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct known_cpu *cpu = &known_cpus[i];

		if (cpu->vendor == id->vendor && cpu->family == id->family &&
		    cpu->first_model <= id->model && id->model <= cpu->last_model &&
		    cpu->first_stepping <= id->stepping && id->stepping <= cpu->last_stepping)
			return cpu;
	}
	return NULL;
}

/* 06_6AH as Intel writes it, ARM's implementer and part as its kernel code does. */
static void write_numbers(const struct cpu_id *id, char *buffer, size_t size)
{
	if (id->vendor == CPU_ARM)
		snprintf(buffer, size, "%02x/%03x", id->family, id->model);
	else
		snprintf(buffer, size, "%02X_%02XH", id->family, id->model);
}

static void take(const struct figures *figures, bool own, struct cpu_watts *ret)
{
	ret->taken_for = own ? NULL : figures->name;
	ret->min_watts = figures->min_watts;
	ret->max_watts = figures->max_watts;
}

static void take_average(struct cpu_watts *ret)
{
	struct figures average = {.name = "the average server since 2017"};
	size_t n = 0;

	for (size_t i = 0; i < N_PUBLISHED; i++) {
		if (!published[i].recent)
			continue;
		average.min_watts += published[i].min_watts;
		average.max_watts += published[i].max_watts;
		n++;
	}
	average.min_watts /= (double)n;
	average.max_watts /= (double)n;
	take(&average, false, ret);
}

/* The first with AMX was Sapphire Rapids: a hypervisor that gives an older model's number hides it. */
static bool is_disguised(const struct cpu_id *id, const struct known_cpu *cpu)
{
	return id->vendor == CPU_INTEL && id->amx &&
	       !(cpu && cpu->figures >= SAPPHIRE_RAPIDS && cpu->figures <= GRANITE_RAPIDS);
}

void cpu_watts_read(const char *procfs, struct cpu_watts *ret)
{
	const struct known_cpu *cpu;
	struct cpu_id id = {0};
	char numbers[32];

	if (!cpu_id_read(procfs, &id)) {
		snprintf(ret->cpu, sizeof(ret->cpu), "unknown CPU");
		take_average(ret);
		return;
	}
	cpu = find(&id);
	write_numbers(&id, numbers, sizeof(numbers));
	if (is_disguised(&id, cpu)) {
		snprintf(ret->cpu, sizeof(ret->cpu), "Intel %s with AMX", numbers);
		take(&published[SAPPHIRE_RAPIDS], false, ret);
	} else if (cpu) {
		snprintf(ret->cpu, sizeof(ret->cpu), "%s %s", cpu->name, numbers);
		take(&published[cpu->figures], cpu->own, ret);
	} else {
		snprintf(ret->cpu, sizeof(ret->cpu), "unknown CPU %s %s",
			 id.vendor == CPU_ARM ? "ARM" : id.vendor_name, numbers);
		take_average(ret);
	}
}
