// SPDX-License-Identifier: GPL-2.0-only
/*
 * powercap_sim: two packages and a dram zone of known watts, in the real powercap class under the
 * name of RAPL, for guests. Each counter grows with the time since boot and begins again after
 * max_energy_range_uj, which the packages do every two seconds. Writing 0 to energy_uj sets a
 * counter back, as suspend or a driver's reload does; rmmod takes the zones away.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/powercap.h>

struct sim_zone {
	struct powercap_zone zone;
	const char *name;
	int parent; /* index in zones[], or -1 */
	u64 watts;
	u64 range_uj; /* largest value, so the modulus is one more */
	u64 began_ns; /* when the counter was 0 */
};

static struct sim_zone zones[] = {
	{.name = "package-0", .parent = -1, .watts = 15, .range_uj = 30000000},
	{.name = "package-1", .parent = -1, .watts = 40, .range_uj = 80000000},
	{.name = "dram", .parent = 0, .watts = 3, .range_uj = 262143328850ULL},
};

static struct powercap_control_type *control_type;

static struct sim_zone *sim_zone_of(struct powercap_zone *zone)
{
	return container_of(zone, struct sim_zone, zone);
}

static int sim_get_energy_uj(struct powercap_zone *zone, u64 *ret)
{
	struct sim_zone *sim = sim_zone_of(zone);
	u64 uj = div_u64((ktime_get_ns() - sim->began_ns) * sim->watts, NSEC_PER_USEC);

	div64_u64_rem(uj, sim->range_uj + 1, ret);
	return 0;
}

static int sim_get_max_energy_range_uj(struct powercap_zone *zone, u64 *ret)
{
	*ret = sim_zone_of(zone)->range_uj;
	return 0;
}

static int sim_reset_energy_uj(struct powercap_zone *zone)
{
	sim_zone_of(zone)->began_ns = ktime_get_ns();
	return 0;
}

/* The class wants one; the zones are static. */
static int sim_release(struct powercap_zone *zone)
{
	return 0;
}

static const struct powercap_zone_ops sim_ops = {
	.get_energy_uj = sim_get_energy_uj,
	.get_max_energy_range_uj = sim_get_max_energy_range_uj,
	.reset_energy_uj = sim_reset_energy_uj,
	.release = sim_release,
};

/* The class wants limits as well, and a way to set them. */
static int sim_get_power_limit_uw(struct powercap_zone *zone, int id, u64 *ret)
{
	*ret = sim_zone_of(zone)->watts * 1000000;
	return 0;
}

static int sim_get_time_window_us(struct powercap_zone *zone, int id, u64 *ret)
{
	*ret = USEC_PER_SEC;
	return 0;
}

static int sim_refuse(struct powercap_zone *zone, int id, u64 value)
{
	return -EOPNOTSUPP;
}

static const struct powercap_zone_constraint_ops sim_constraint_ops = {
	.get_power_limit_uw = sim_get_power_limit_uw,
	.set_power_limit_uw = sim_refuse,
	.get_time_window_us = sim_get_time_window_us,
	.set_time_window_us = sim_refuse,
};

/* Children before their parents. */
static void unregister_zones(int n)
{
	while (n--)
		powercap_unregister_zone(control_type, &zones[n].zone);
	powercap_unregister_control_type(control_type);
}

static int __init register_zone(struct sim_zone *sim)
{
	struct powercap_zone *zone, *parent = sim->parent < 0 ? NULL : &zones[sim->parent].zone;

	sim->began_ns = ktime_get_ns();
	zone = powercap_register_zone(&sim->zone, control_type, sim->name, parent, &sim_ops, 1,
				      &sim_constraint_ops);
	return PTR_ERR_OR_ZERO(zone);
}

static int __init powercap_sim_init(void)
{
	int n, err;

	control_type = powercap_register_control_type(NULL, "intel-rapl", NULL);
	if (IS_ERR(control_type))
		return PTR_ERR(control_type);
	for (n = 0; n < ARRAY_SIZE(zones); n++) {
		err = register_zone(&zones[n]);
		if (err) {
			unregister_zones(n);
			return err;
		}
	}
	return 0;
}

static void __exit powercap_sim_exit(void)
{
	unregister_zones(ARRAY_SIZE(zones));
}

module_init(powercap_sim_init);
module_exit(powercap_sim_exit);
MODULE_DESCRIPTION("powercap zones of known watts, for tests");
MODULE_LICENSE("GPL");
