// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container.h"
#include "base/hash.h"

#include "base/cleanup.h"
#include "entity/container_declared.h"
#include "entity/container_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was not asked for in the last tick is forgotten when there are so many, or after so long. */
#define MANY 8192
#define KEEP_TICKS 600
/* More containers at one time than these are not told apart. */
#define MAX_CACHED 65536
#define LONGEST_PAUSE 64
#define SHORT_ID 12

struct entry {
	struct container container;
	struct container_path path;
	struct container_facts facts;
	char *root, *label;
	uint64_t asked_at, due_at; /* ticks: of the last get, of the next look-up */
	uint64_t pause, phase;
	UT_hash_handle hh;
};

struct containers {
	struct container_state state;
	struct container_declared *declared;
	struct entry *entries;
	uint64_t tick, next_phase, generation;
};

#define ONE(runtime) (1u << (runtime))
#define HEX_IDS                                                                   \
	(ONE(CONTAINER_UNKNOWN) | ONE(CONTAINER_DOCKER) | ONE(CONTAINER_PODMAN) | \
	 ONE(CONTAINER_CONTAINERD) | ONE(CONTAINER_CRIO))

/* Each is asked for the runtimes that it may know, in this order, until all names are there. */
static const struct {
	bool (*look_up)(struct container_state *state, const struct container_path *path,
			struct container_facts *facts);
	unsigned int runtimes;
} sources[] = {
	{docker_look_up, ONE(CONTAINER_UNKNOWN) | ONE(CONTAINER_DOCKER)},
	{storage_look_up, ONE(CONTAINER_UNKNOWN) | ONE(CONTAINER_PODMAN) | ONE(CONTAINER_CRIO)},
	{bundle_look_up, ONE(CONTAINER_UNKNOWN) | ONE(CONTAINER_CONTAINERD)},
	{kubelet_look_up, HEX_IDS | ONE(CONTAINER_KUBERNETES)},
	{lxc_look_up, ONE(CONTAINER_LXC)},
	{machined_look_up, ONE(CONTAINER_NSPAWN) | ONE(CONTAINER_LIBVIRT) | ONE(CONTAINER_QEMU)},
	{libvirt_look_up, ONE(CONTAINER_LIBVIRT)},
	{proxmox_look_up, ONE(CONTAINER_QEMU)},
};

#define N_SOURCES (sizeof(sources) / sizeof(*sources))

int containers_new(const char *root, struct containers **ret)
{
	struct containers *containers = calloc(1, sizeof(*containers));
	int err;

	if (!containers)
		return -ENOMEM;
	containers->state.root = CONTAINER_ROOT_NONE;
	err = container_root_open(root, &containers->state.root);
	if (!err)
		err = user_names_new(root, &containers->state.users);
	if (!err)
		err = container_stores_new(&containers->state.stores);
	if (!err)
		err = container_declared_new(&containers->declared);
	if (err) {
		containers_free(containers);
		return err;
	}
	container_declared_refresh(containers->declared, &containers->state);
	*ret = containers;
	return 0;
}

/* Nothing more is to be found. Of the others nobody but an image's own name would be missing. */
static bool is_complete(const struct container_path *path, const struct container_facts *facts)
{
	if (path->pod_uid[0] && !(facts->text[CONTAINER_POD] && facts->text[CONTAINER_NAMESPACE]))
		return false;
	if (path->runtime == CONTAINER_KUBERNETES)
		return true;
	if (!facts->text[CONTAINER_NAME])
		return false;
	return facts->text[CONTAINER_IMAGE] || !(ONE(path->runtime) & HEX_IDS);
}

/* As much of what there is as tells one container from another. */
static char *make_label(const struct entry *entry)
{
	char *const *text = entry->facts.text;
	const char *name = text[CONTAINER_NAME], *id = entry->path.id;
	int short_id = strlen(id) == 64 ? SHORT_ID : NAME_MAX;
	char *label = NULL;
	int n;

	if (!text[CONTAINER_POD] || !text[CONTAINER_NAMESPACE])
		n = name ? asprintf(&label, "%s", name) : asprintf(&label, "%.*s", short_id, id);
	else if (name)
		n = asprintf(&label, "%s/%s/%s", text[CONTAINER_NAMESPACE], text[CONTAINER_POD],
			     name);
	else if (entry->path.runtime == CONTAINER_KUBERNETES)
		n = asprintf(&label, "%s/%s", text[CONTAINER_NAMESPACE], text[CONTAINER_POD]);
	else
		n = asprintf(&label, "%s/%s/%.*s", text[CONTAINER_NAMESPACE], text[CONTAINER_POD],
			     short_id, id);
	if (n < 0)
		return NULL;
	if ((size_t)n > CONTAINER_TEXT_MAX)
		label[CONTAINER_TEXT_MAX] = '\0';
	return label;
}

static void publish(struct containers *containers, struct entry *entry)
{
	struct container *container = &entry->container;
	char *const *text = entry->facts.text, *label = make_label(entry);

	if (label) {
		free(entry->label);
		entry->label = label;
	}
	container->runtime = container_runtime_name(entry->facts.runtime);
	container->id = entry->path.id;
	container->label = entry->label ? entry->label : entry->path.id;
	container->name = text[CONTAINER_NAME];
	container->image = text[CONTAINER_IMAGE];
	container->pod = text[CONTAINER_POD];
	container->namespace = text[CONTAINER_NAMESPACE];
	container->pod_uid = text[CONTAINER_POD_UID];
	container->root = entry->root;
	container->uid = entry->path.uid;
	container->generation = ++containers->generation;
}

/* What is new replaces what was there; what is missing now was there. True: something is new. */
static bool merge(struct container_facts *into, struct container_facts *from)
{
	bool changed = from->runtime != into->runtime;

	into->runtime = from->runtime;
	for (size_t i = 0; i < N_CONTAINER_FACTS; i++) {
		if (!from->text[i] || (into->text[i] && strcmp(into->text[i], from->text[i]) == 0))
			continue;
		free(into->text[i]);
		into->text[i] = TAKE_PTR(from->text[i]);
		changed = true;
	}
	return changed;
}

static void plan(struct containers *containers, struct entry *entry, bool complete)
{
	entry->pause = entry->pause ? entry->pause * 2 : 1;
	if (complete || entry->pause >= LONGEST_PAUSE) {
		/* Those that began together don't come again together: each has one tick in 64. */
		entry->pause = LONGEST_PAUSE;
		entry->due_at = containers->tick + 1 +
				(entry->phase - containers->tick - 1) % LONGEST_PAUSE;
	} else {
		entry->due_at = containers->tick + entry->pause;
	}
}

static void look_up(struct containers *containers, struct entry *entry)
{
	struct container_facts facts = {0};
	bool known = false, complete = false;

	/* As known before: what is gone by now was of this runtime. */
	facts.runtime = entry->facts.runtime;
	container_facts_offer(&facts, CONTAINER_POD_UID, entry->path.pod_uid);
	if (entry->path.runtime == CONTAINER_SLURM)
		container_facts_offer(&facts, CONTAINER_NAME, entry->path.name);
	for (size_t i = 0; i < N_SOURCES && !complete; i++) {
		if (!(sources[i].runtimes & ONE(entry->path.runtime)))
			continue;
		known |= sources[i].look_up(&containers->state, &entry->path, &facts);
		complete = known && is_complete(&entry->path, &facts);
	}
	/* runc, crun and ctr are told the name that is the id. */
	if (strlen(entry->path.id) != 64 &&
	    (ONE(entry->path.runtime) &
	     (ONE(CONTAINER_RUNC) | ONE(CONTAINER_CRUN) | ONE(CONTAINER_CONTAINERD))))
		container_facts_offer(&facts, CONTAINER_NAME, entry->path.id);
	if (merge(&entry->facts, &facts) || entry->container.generation == 0)
		publish(containers, entry);
	container_facts_clear(&facts);
	plan(containers, entry, complete);
}

static void free_entry(struct entry *entry)
{
	container_facts_clear(&entry->facts);
	free(entry->root);
	free(entry->label);
	free(entry);
}

static void drop(struct containers *containers, struct entry *entry)
{
	HASH_DEL(containers->entries, entry);
	free_entry(entry);
}

static struct entry *add(struct containers *containers, const char *cgroup_path,
			 const struct container_path *path)
{
	struct entry *entry;

	if (HASH_COUNT(containers->entries) >= MAX_CACHED)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->path = *path;
	entry->facts.runtime = path->runtime;
	entry->phase = containers->next_phase++;
	entry->root = strndup(cgroup_path, path->root_len);
	if (entry->root)
		HASH_ADD_KEYPTR(hh, containers->entries, entry->root, path->root_len, entry);
	if (entry->root && entry->hh.tbl)
		return entry;
	free_entry(entry);
	return NULL;
}

/* Both may know one; that which is outside is it. */
static int find_container(const struct containers *containers, const char *cgroup_path,
			  struct container_path *ret)
{
	struct container_path declared;
	int err = container_parse(cgroup_path, ret);

	if (container_declared_find(containers->declared, cgroup_path, &declared))
		return err;
	if (err || declared.root_len < ret->root_len)
		*ret = declared;
	return 0;
}

const struct container *containers_get(struct containers *containers, const char *cgroup_path)
{
	struct container_path path;
	struct entry *entry;

	if (find_container(containers, cgroup_path, &path))
		return NULL;
	HASH_FIND(hh, containers->entries, cgroup_path, path.root_len, entry);
	/* What runc or crun has been told to use again. */
	if (entry &&
	    (entry->path.runtime != path.runtime || strcmp(entry->path.id, path.id) != 0)) {
		drop(containers, entry);
		entry = NULL;
	}
	if (!entry)
		entry = add(containers, cgroup_path, &path);
	if (!entry)
		return NULL;
	entry->asked_at = containers->tick;
	if (entry->due_at <= containers->tick)
		look_up(containers, entry);
	return &entry->container;
}

void containers_tick(struct containers *containers)
{
	struct entry *entry, *next;

	containers->tick++;
	user_names_tick(containers->state.users);
	container_stores_tick(containers->state.stores);
	container_declared_refresh(containers->declared, &containers->state);
	if (HASH_COUNT(containers->entries) < MANY && containers->tick % KEEP_TICKS != 0)
		return;
	HASH_ITER(hh, containers->entries, entry, next) {
		if (containers->tick - entry->asked_at > 1)
			drop(containers, entry);
	}
}

void containers_free(struct containers *containers)
{
	struct entry *entry, *next;

	if (!containers)
		return;
	HASH_ITER(hh, containers->entries, entry, next) {
		drop(containers, entry);
	}
	container_declared_free(containers->declared);
	container_stores_free(containers->state.stores);
	user_names_free(containers->state.users);
	container_root_close(&containers->state.root);
	free(containers);
}

bool container_matches(const struct container *container, const char *word)
{
	size_t length = strlen(word);

	if (container->name && strcmp(container->name, word) == 0)
		return true;
	if (strcmp(container->label, word) == 0 || strcmp(container->id, word) == 0)
		return true;
	return length >= CONTAINER_PREFIX_MIN && strncmp(container->id, word, length) == 0;
}
