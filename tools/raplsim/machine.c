// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/machine.h"

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/parse.h"
#include "raplsim/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSFS_CPU "/sys/devices/system/cpu"

static struct machine_cpu *find_cpu(const struct machine *machine, unsigned int id)
{
	for (size_t i = 0; i < machine->n_cpus; i++)
		if (machine->cpus[i].id == id)
			return &machine->cpus[i];
	return NULL;
}

static int read_id(unsigned int cpu, const char *name, int otherwise)
{
	char path[128];
	int64_t id;

	snprintf(path, sizeof(path), SYSFS_CPU "/cpu%u/topology/%s", cpu, name);
	if (fileio_read_i64(AT_FDCWD, path, &id) != 0)
		return otherwise;
	return (int)id;
}

static int count_cpu(unsigned int cpu, void *userdata)
{
	size_t *count = userdata;

	(void)cpu;
	(*count)++;
	return 0;
}

static int add_cpu(unsigned int cpu, void *userdata)
{
	struct machine *machine = userdata;

	machine->cpus[machine->n_cpus++] = (struct machine_cpu){
		.id = cpu,
		.real_package = read_id(cpu, "physical_package_id", 0),
		.real_die = read_id(cpu, "die_id", 0),
		.real_core = read_id(cpu, "core_id", (int)cpu),
		.package = MACHINE_NOWHERE,
	};
	return 0;
}

static int set_online(unsigned int cpu, void *userdata)
{
	struct machine_cpu *found = find_cpu(userdata, cpu);

	if (found)
		found->online = true;
	return 0;
}

/* The kernel's list of that name, or, where there is no /sys, the CPUs the C library counts. */
static void read_list(const char *name, char *ret, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), SYSFS_CPU "/%s", name);
	if (fileio_read_text(AT_FDCWD, path, ret, size) != 0)
		snprintf(ret, size, "0-%ld", sysconf(_SC_NPROCESSORS_CONF) - 1);
}

int machine_read(struct machine **ret, struct errmsg *msg)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	size_t count = 0;
	int err = -ENOMEM;

	if (!machine)
		goto fail;
	read_list("possible", machine->possible, sizeof(machine->possible));
	read_list("present", machine->present, sizeof(machine->present));
	read_list("online", machine->online, sizeof(machine->online));
	err = parse_cpu_list(machine->possible, count_cpu, &count);
	if (err)
		goto fail;
	err = -ENOMEM;
	machine->cpus = calloc(count + 1, sizeof(*machine->cpus));
	if (!machine->cpus)
		goto fail;
	parse_cpu_list(machine->possible, add_cpu, machine);
	err = parse_cpu_list(machine->online, set_online, machine);
	if (err)
		goto fail;
	*ret = machine;
	return 0;
fail:
	machine_free(machine);
	return errmsg_set(msg, err, "cannot read this machine's CPUs from " SYSFS_CPU ": %s",
			  strerror(-err));
}

/* What claim_cpu stops parse_cpu_list with: not one of its own errors. */
#define CLAIM_REFUSED 1

struct claim {
	struct machine *machine;
	int package;
	struct errmsg *msg;
};

static int claim_cpu(unsigned int cpu, void *userdata)
{
	struct claim *claim = userdata;
	struct machine_cpu *found = find_cpu(claim->machine, cpu);

	if (!found)
		return errmsg_set(claim->msg, CLAIM_REFUSED,
				  "CPU %u is not one of this machine's (%s)", cpu,
				  claim->machine->possible);
	if (found->package != MACHINE_NOWHERE && found->package != claim->package)
		return errmsg_set(claim->msg, CLAIM_REFUSED, "CPU %u is in two packages", cpu);
	found->package = claim->package;
	return 0;
}

static bool is_left(const struct machine_cpu *cpu)
{
	return cpu->online && cpu->package == MACHINE_NOWHERE;
}

/* The online CPUs that nobody asked for, in equal blocks to the packages that did not ask. */
static int share_out(struct machine *machine, const struct package *packages, size_t n_packages,
		     struct errmsg *msg)
{
	size_t n_takers = 0, n_left = 0, given = 0, taker, package;

	for (size_t i = 0; i < n_packages; i++)
		n_takers += packages[i].cpus[0] == '\0';
	for (size_t i = 0; i < machine->n_cpus; i++)
		n_left += is_left(&machine->cpus[i]);
	for (size_t i = 0; i < machine->n_cpus; i++) {
		if (!is_left(&machine->cpus[i]))
			continue;
		if (n_takers == 0)
			return errmsg_set(msg, -EINVAL,
					  "CPU %u is online and in no package: add it to a cpus=",
					  machine->cpus[i].id);
		taker = given++ * n_takers / n_left;
		for (package = 0; packages[package].cpus[0] != '\0' || taker > 0; package++)
			taker -= packages[package].cpus[0] == '\0';
		machine->cpus[i].package = (int)package;
	}
	return 0;
}

static void number_dies(struct machine *machine, int package, unsigned int dies)
{
	size_t n_cpus = 0, seen = 0;

	for (size_t i = 0; i < machine->n_cpus; i++)
		n_cpus += machine->cpus[i].package == package;
	for (size_t i = 0; i < machine->n_cpus; i++)
		if (machine->cpus[i].package == package)
			machine->cpus[i].die = (int)(seen++ * dies / n_cpus);
}

static bool share_core(const struct machine_cpu *a, const struct machine_cpu *b)
{
	return a->real_package == b->real_package && a->real_die == b->real_die &&
	       a->real_core == b->real_core && a->package == b->package && a->die == b->die;
}

/* Core ids count from 0 in every package, and the threads of one real core keep sharing one. */
static void number_cores(struct machine *machine, int package)
{
	struct machine_cpu *cpu, *sibling;
	int next = 0;

	for (size_t i = 0; i < machine->n_cpus; i++) {
		cpu = &machine->cpus[i];
		if (cpu->package != package)
			continue;
		for (sibling = machine->cpus; !share_core(sibling, cpu);)
			sibling++;
		cpu->core = sibling == cpu ? next++ : sibling->core;
	}
}

int machine_divide(struct machine *machine, const struct package *packages, size_t n_packages,
		   struct errmsg *msg)
{
	struct claim claim = {.machine = machine, .msg = msg};
	int err;

	for (size_t i = 0; i < n_packages; i++) {
		claim.package = (int)i;
		err = parse_cpu_list(packages[i].cpus, claim_cpu, &claim);
		if (err == CLAIM_REFUSED)
			return -EINVAL;
		if (err)
			return errmsg_set(msg, -EINVAL,
					  "cpus=%s is not a list of CPUs such as 0-3,8",
					  packages[i].cpus);
	}
	err = share_out(machine, packages, n_packages, msg);
	if (err)
		return err;
	for (size_t i = 0; i < n_packages; i++) {
		number_dies(machine, (int)i, packages[i].dies > 0 ? packages[i].dies : 1);
		number_cores(machine, (int)i);
	}
	return 0;
}

static int write_cpu(const struct machine_cpu *cpu, int cpus_fd)
{
	_cleanup_close_ int cpu_fd = -1;
	_cleanup_close_ int topology_fd = -1;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "cpu%u", cpu->id);
	err = dir_make(cpus_fd, name, &cpu_fd);
	if (err)
		return err;
	err = dir_make(cpu_fd, "topology", &topology_fd);
	if (err)
		return err;
	err = dir_write(topology_fd, "physical_package_id", "%d\n", cpu->package);
	if (err)
		return err;
	err = dir_write(topology_fd, "die_id", "%d\n", cpu->die);
	if (err)
		return err;
	return dir_write(topology_fd, "core_id", "%d\n", cpu->core);
}

static int write_all(const struct machine *machine, int root_fd)
{
	_cleanup_close_ int fd = -1;
	int err;

	err = dir_make_path(root_fd, "devices/system/cpu", &fd);
	if (err)
		return err;
	err = dir_write(fd, "possible", "%s\n", machine->possible);
	if (err)
		return err;
	err = dir_write(fd, "present", "%s\n", machine->present);
	if (err)
		return err;
	err = dir_write(fd, "online", "%s\n", machine->online);
	if (err)
		return err;
	for (size_t i = 0; i < machine->n_cpus; i++) {
		if (machine->cpus[i].package == MACHINE_NOWHERE)
			continue;
		err = write_cpu(&machine->cpus[i], fd);
		if (err)
			return err;
	}
	return 0;
}

int machine_write(const struct machine *machine, int root_fd, struct errmsg *msg)
{
	int err = write_all(machine, root_fd);

	return err ? errmsg_set(msg, err, "cannot write the CPU topology: %s", strerror(-err)) : 0;
}

void machine_free(struct machine *machine)
{
	if (!machine)
		return;
	free(machine->cpus);
	free(machine);
}
