// SPDX-License-Identifier: BSD-2-Clause
#include "sample/collect_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Where the sample of a tick has a container or a user. */
struct collect_place {
	uint64_t key; /* address of the container, or uid */
	int index;
	UT_hash_handle hh;
};

static void forget_places(struct collect_place **places)
{
	struct collect_place *place, *next;

	HASH_ITER(hh, *places, place, next) {
		HASH_DEL(*places, place);
		free(place);
	}
}

int collect_names_open(struct collect_names *names, const char *procfs)
{
	int err;

	names->procfs = procfs;
	err = cgroup_names_new(&names->mounts, &names->cgroups);
	if (!err)
		err = containers_new("", &names->containers);
	if (!err)
		err = user_names_new("", &names->users);
	return err;
}

void collect_names_begin(struct collect_names *names, struct sample *sample, uint64_t tick)
{
	names->sample = sample;
	names->tick = tick;
	forget_places(&names->container_places);
	forget_places(&names->user_places);
	containers_tick(names->containers);
	user_names_tick(names->users);
}

/* The key's place in this sample, with an index of SAMPLE_UNKNOWN if it is new; NULL: out of memory. */
static struct collect_place *place_of(struct collect_place **places, uint64_t key)
{
	struct collect_place *place;

	HASH_FIND(hh, *places, &key, sizeof(key), place);
	if (place)
		return place;
	place = calloc(1, sizeof(*place));
	if (!place)
		return NULL;
	place->key = key;
	place->index = SAMPLE_UNKNOWN;
	HASH_ADD(hh, *places, key, sizeof(place->key), place);
	return place;
}

static int add_container(struct collect_names *names, const struct container *container)
{
	struct collect_place *place =
		place_of(&names->container_places, (uint64_t)(uintptr_t)container);

	if (!place)
		return -ENOMEM;
	if (place->index < 0)
		place->index = sample_add_container(names->sample,
						    &(struct sample_container){
							    .runtime = container->runtime,
							    .id = container->id,
							    .path = container->root,
							    .label = container->label,
							    .name = container->name,
							    .image = container->image,
							    .pod = container->pod,
							    .pod_namespace = container->namespace,
						    });
	return place->index;
}

static int add_cgroup(struct collect_names *names, const struct cgroup_name *name, bool removed)
{
	const struct container *container = containers_get(names->containers, name->path);
	struct sample_cgroup cgroup = {
		.path = name->path, .container = SAMPLE_UNKNOWN, .removed = removed};

	if (container)
		cgroup.container = add_container(names, container);
	if (cgroup.container == -ENOMEM)
		return -ENOMEM;
	return sample_add_cgroup(names->sample, &cgroup);
}

int collect_names_cgroup(struct collect_names *names, int version, uint64_t id)
{
	struct cgroup_name *name = cgroup_names_get(names->cgroups, version, id);
	int index;

	if (!name)
		return version ? -ENOMEM : SAMPLE_UNKNOWN;
	if (name->touched == names->tick)
		return name->sample_index;
	index = add_cgroup(names, name, false);
	if (index < 0)
		return index;
	name->sample_index = index;
	name->touched = names->tick;
	return index;
}

int collect_names_user(struct collect_names *names, uint32_t uid)
{
	struct collect_place *place = place_of(&names->user_places, uid);

	if (!place)
		return -ENOMEM;
	if (place->index < 0)
		place->index = sample_add_user(
			names->sample,
			&(struct sample_user){.uid = uid,
					      .name = user_names_get(names->users, uid)});
	return place->index;
}

int collect_names_cmdline(const struct collect_names *names, struct process *process,
			  const struct process *parent)
{
	if (process->cmdline_asked || process->kernel || !process->pid)
		return 0;
	if (!process->born || !parent || !parent->cmdline)
		return process_read_cmdline(process, names->procfs);
	process->cmdline_asked = true;
	process->cmdline = strdup(parent->cmdline);
	return process->cmdline ? 0 : -ENOMEM;
}

int collect_names_change(struct collect_names *names, const struct ledger_cgroup *cgroup)
{
	if (cgroup->change == LEDGER_CGROUP_REMOVED) {
		cgroup_names_remove(names->cgroups, cgroup->version, cgroup->id);
		return 0;
	}
	/* One that was not told whole is looked up when it is asked for. */
	if (cgroup->cut)
		return 0;
	if (cgroup->change == LEDGER_CGROUP_RENAMED)
		return cgroup_names_rename(names->cgroups, cgroup->version, cgroup->id,
					   cgroup->path);
	return cgroup_names_learn(names->cgroups, cgroup->version, cgroup->id, cgroup->path);
}

static int tell_removed(struct cgroup_name *name, void *userdata)
{
	struct collect_names *names = userdata;
	int index;

	if (name->touched == names->tick) {
		names->sample->cgroups[name->sample_index].removed = true;
		return 0;
	}
	index = add_cgroup(names, name, true);
	return index < 0 ? index : 0;
}

int collect_names_end(struct collect_names *names)
{
	int err;

	err = cgroup_names_each_removed(names->cgroups, tell_removed, names);
	cgroup_names_trim(names->cgroups);
	return err;
}

void collect_names_close(struct collect_names *names)
{
	forget_places(&names->container_places);
	forget_places(&names->user_places);
	user_names_free(names->users);
	containers_free(names->containers);
	cgroup_names_free(names->cgroups);
}
