// SPDX-License-Identifier: BSD-2-Clause
#include "topology/topology.h"

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a CPU whose core nobody tells, and for the time in which its package is not yet known. */
#define UNKNOWN (-1)

/* The kernel prints its lists with ranges, but with every other CPU missing they get long. */
#define CPU_LIST_SIZE ((size_t)64 * 1024)

struct cpu_list {
	struct topology_cpu *cpus;
	size_t n, room;
};

static int add_cpu(unsigned int id, void *userdata)
{
	struct cpu_list *list = userdata;

	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		struct topology_cpu *moved = reallocarray(list->cpus, room, sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		list->cpus = moved;
		list->room = room;
	}
	list->cpus[list->n++] = (struct topology_cpu){
		.id = id,
		.package = UNKNOWN,
		.core = UNKNOWN,
	};
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	const struct topology_cpu *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void sort_and_unite(struct cpu_list *list)
{
	size_t kept = 0;

	if (list->n == 0)
		return;
	qsort(list->cpus, list->n, sizeof(*list->cpus), compare_ids);
	for (size_t i = 1; i < list->n; i++) {
		if (list->cpus[i].id != list->cpus[kept].id)
			list->cpus[++kept] = list->cpus[i];
	}
	list->n = kept + 1;
}

/* Adds the CPUs of the file `possible`; -ENOENT where there is none. */
static int list_possible(int dir_fd, struct cpu_list *list)
{
	_cleanup_free_ char *text = malloc(CPU_LIST_SIZE);
	int err;

	if (!text)
		return -ENOMEM;
	err = fileio_read_text(dir_fd, "possible", text, CPU_LIST_SIZE);
	if (err)
		return err;
	return parse_cpu_list(text, add_cpu, list);
}

/* Adds the CPUs that have a directory: for trees that were copied without `possible`. */
static int list_directories(const char *path, struct cpu_list *list)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir))) {
		uint32_t id;

		/* Not "cpufreq", "cpuidle" and the like. */
		if (strncmp(entry->d_name, "cpu", 3) == 0 &&
		    parse_u32(entry->d_name + 3, 0, INT_MAX, &id) == 0)
			err = add_cpu(id, list);
	}
	closedir(dir);
	return err;
}

/* One id below cpuN/topology, or UNKNOWN: not there, no number, or the kernel's own -1. */
static int read_id(int dir_fd, unsigned int cpu, const char *file)
{
	char path[64];
	int64_t value;

	snprintf(path, sizeof(path), "cpu%u/topology/%s", cpu, file);
	if (fileio_read_i64(dir_fd, path, &value) != 0 || value < 0 || value > INT_MAX)
		return UNKNOWN;
	return (int)value;
}

/* Leaves the CPU as it is where it has no topology directory. */
static void read_cpu(int dir_fd, struct topology_cpu *cpu)
{
	char path[64];

	snprintf(path, sizeof(path), "cpu%u/topology", cpu->id);
	if (faccessat(dir_fd, path, F_OK, 0) != 0)
		return;
	cpu->package = read_id(dir_fd, cpu->id, "physical_package_id");
	cpu->die = read_id(dir_fd, cpu->id, "die_id");
	cpu->core = read_id(dir_fd, cpu->id, "core_id");
	/*
	 * -1 stands for "the architecture does not say" (include/linux/topology.h): one package,
	 * one die.
	 */
	if (cpu->package == UNKNOWN)
		cpu->package = 0;
	if (cpu->die == UNKNOWN)
		cpu->die = 0;
}

/*
 * Gives the CPUs without a topology that of a neighbour: the nearest below or, where none below has
 * one (CPU 0 may be offline too), the first above. Returns false if no CPU has one.
 */
static bool fill_offline(struct cpu_list *list)
{
	const struct topology_cpu *from = NULL;

	for (size_t i = 0; i < list->n && !from; i++) {
		if (list->cpus[i].package != UNKNOWN)
			from = &list->cpus[i];
	}
	for (size_t i = 0; i < list->n; i++) {
		struct topology_cpu *cpu = &list->cpus[i];

		if (cpu->package != UNKNOWN) {
			from = cpu;
			continue;
		}
		cpu->package = from ? from->package : 0;
		cpu->die = from ? from->die : 0;
	}
	return from != NULL;
}

static int read_tree(const char *path, struct cpu_list *list, bool *ret_known)
{
	_cleanup_close_ int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (dir_fd < 0)
		return -errno;
	err = list_possible(dir_fd, list);
	if (err == -ENOENT || (!err && list->n == 0))
		err = list_directories(path, list);
	if (err)
		return err;
	sort_and_unite(list);
	for (size_t i = 0; i < list->n; i++)
		read_cpu(dir_fd, &list->cpus[i]);
	*ret_known = fill_offline(list);
	return 0;
}

/* Adds CPUs 0 to n - 1, all in package 0. */
static int assume(unsigned int n, struct cpu_list *list)
{
	int err = 0;

	for (unsigned int id = 0; id < n && !err; id++)
		err = add_cpu(id, list);
	fill_offline(list);
	return err;
}

int topology_read(const char *sysfs, unsigned int n_configured, struct topology **ret,
		  struct errmsg *msg)
{
	struct topology *topology = NULL;
	struct cpu_list list = {0};
	bool known = false;
	char *path = NULL;
	int err;

	if (asprintf(&path, "%s/devices/system/cpu", sysfs) < 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = read_tree(path, &list, &known);
	if (err == -ENOENT || (!err && list.n == 0))
		err = assume(n_configured, &list);
	if (!err) {
		topology = calloc(1, sizeof(*topology));
		err = topology ? 0 : -ENOMEM;
	}
	if (err) {
		errmsg_set(msg, err, "cannot read the CPU topology in %s: %s", path,
			   strerror(-err));
		free(list.cpus);
	} else {
		*topology = (struct topology){
			.cpus = list.cpus,
			.n_cpus = list.n,
			.assumed = !known,
		};
		*ret = topology;
	}
	free(path);
	return err;
}

const struct topology_cpu *topology_find(const struct topology *topology, unsigned int cpu)
{
	struct topology_cpu key = {.id = cpu};

	if (topology->n_cpus == 0)
		return NULL;
	return bsearch(&key, topology->cpus, topology->n_cpus, sizeof(key), compare_ids);
}

void topology_free(struct topology *topology)
{
	if (!topology)
		return;
	free(topology->cpus);
	free(topology);
}
