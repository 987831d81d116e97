// SPDX-License-Identifier: BSD-2-Clause
/*
 * containers/storage, which Podman, CRI-O and Buildah share: lists of all containers in
 * GRAPHROOT/DRIVER-containers/ (containers.go), a volatile one beside the stable one (podman run
 * --rm), each rewritten whole. A list is read again when it has changed, once a tick at most. What
 * CRI-O knows is also in the annotations of the container's own config.json.
 */

#include "base/hash.h"
#include "entity/container_source.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const drivers[] = {"overlay", "vfs", "btrfs", "zfs"};
static const char *const lists[] = {"containers.json", "volatile-containers.json"};

#define N_DRIVERS (sizeof(drivers) / sizeof(*drivers))
#define N_LISTS (sizeof(lists) / sizeof(*lists))
#define MAX_ROOTS 3
#define MAX_USERS 64
#define MAX_STORED 16384
#define KEEP_TICKS 64 /* then the configuration is read again */

/* A container in a list. */
struct stored {
	char *id;
	char *pod_id; /* CRI-O: of the pod's first container, which has the namespace */
	char *image_id;
	size_t driver, root;
	struct container_facts facts;
	UT_hash_handle hh;
};

/* The storages of one user (-1: the system's), and what is in their lists. */
struct user_store {
	int64_t uid;
	char roots[MAX_ROOTS][PATH_MAX];
	size_t n_roots;
	struct container_stamp stamps[MAX_ROOTS][N_DRIVERS][N_LISTS];
	struct stored *containers;
	uint64_t made_at, read_at; /* tick */
	UT_hash_handle hh;
};

struct container_stores {
	struct user_store *users;
	uint64_t tick;
};

int container_stores_new(struct container_stores **ret)
{
	struct container_stores *stores = calloc(1, sizeof(*stores));

	if (!stores)
		return -ENOMEM;
	stores->tick = 1;
	*ret = stores;
	return 0;
}

static void free_stored(struct stored *stored)
{
	container_facts_clear(&stored->facts);
	free(stored->id);
	free(stored->pod_id);
	free(stored->image_id);
	free(stored);
}

static void forget_containers(struct user_store *store)
{
	struct stored *stored, *next;

	HASH_ITER(hh, store->containers, stored, next) {
		HASH_DEL(store->containers, stored);
		free_stored(stored);
	}
}

static void drop(struct container_stores *stores, struct user_store *store)
{
	forget_containers(store);
	HASH_DEL(stores->users, store);
	free(store);
}

void container_stores_tick(struct container_stores *stores)
{
	struct user_store *store, *next;
	bool full = HASH_COUNT(stores->users) >= MAX_USERS;

	stores->tick++;
	HASH_ITER(hh, stores->users, store, next) {
		if (full || stores->tick - store->made_at >= KEEP_TICKS)
			drop(stores, store);
	}
}

void container_stores_free(struct container_stores *stores)
{
	struct user_store *store, *next;

	if (!stores)
		return;
	HASH_ITER(hh, stores->users, store, next) {
		drop(stores, store);
	}
	free(stores);
}

__attribute__((format(printf, 2, 3))) static void add_root(struct user_store *store,
							   const char *format, ...)
{
	va_list args;
	int n;

	if (store->n_roots == MAX_ROOTS)
		return;
	va_start(args, format);
	n = vsnprintf(store->roots[store->n_roots], PATH_MAX, format, args);
	va_end(args);
	if (n > 0 && n < PATH_MAX)
		store->n_roots++;
}

/* man 5 containers-storage.conf. $HOME is all that is expanded. */
static void add_configured(struct container_state *state, struct user_store *store,
			   const char *file, const char *key, const char *home)
{
	_cleanup_free_ char *text = NULL;
	char value[PATH_MAX];
	size_t size;

	if (container_root_read(&state->root, file, store->uid, &text, &size) &&
	    container_root_read(&state->root, file, 0, &text, &size))
		return;
	if (!container_text_value(text, key, value, sizeof(value)))
		return;
	if (home && strncmp(value, "$HOME/", strlen("$HOME/")) == 0)
		add_root(store, "%s/%s", home, value + strlen("$HOME/"));
	else
		add_root(store, "%s", value);
}

static void find_roots(struct container_state *state, struct user_store *store)
{
	const char *home;
	char file[PATH_MAX];

	if (store->uid < 0) {
		add_configured(state, store, "etc/containers/storage.conf", "graphroot", NULL);
		add_root(store, "var/lib/containers/storage");
		add_root(store, "run/containers/storage"); /* transient_store */
		return;
	}
	home = user_names_home(state->users, (uint32_t)store->uid);
	if (!home)
		return;
	if (snprintf(file, sizeof(file), "%s/.config/containers/storage.conf", home) <
	    (int)sizeof(file))
		add_configured(state, store, file, "graphroot", home);
	if (store->n_roots == 0)
		add_configured(state, store, "etc/containers/storage.conf", "rootless_storage_path",
			       home);
	add_root(store, "%s/.local/share/containers/storage", home);
	add_root(store, "run/user/%lld/containers", (long long)store->uid);
}

static struct user_store *get_store(struct container_state *state, int64_t uid)
{
	struct container_stores *stores = state->stores;
	struct user_store *store;

	HASH_FIND(hh, stores->users, &uid, sizeof(uid), store);
	if (store || HASH_COUNT(stores->users) >= MAX_USERS)
		return store;
	store = calloc(1, sizeof(*store));
	if (!store)
		return NULL;
	store->uid = uid;
	store->made_at = stores->tick;
	find_roots(state, store);
	HASH_ADD(hh, stores->users, uid, sizeof(store->uid), store);
	if (store->hh.tbl)
		return store;
	free(store);
	return NULL;
}

/*
 * The metadata is the caller's, JSON in a string: of Podman {"image-name","name",…} (libpod/storage.go),
 * of CRI-O also {"pod-name","pod-id","metadata-name",…,"namespace"} (internal/storage/runtime.go).
 */
static void read_metadata(struct stored *stored, const char *text)
{
	_cleanup_json_ json_object *metadata = NULL;
	struct container_facts *facts = &stored->facts;
	const char *pod_id;

	if (!text || container_json_parse(text, strlen(text), &metadata))
		return;
	pod_id = container_json_text(metadata, "pod-id");
	if (pod_id) {
		facts->runtime = CONTAINER_CRIO;
		stored->pod_id = strndup(pod_id, NAME_MAX);
		/* As the kubelet calls what keeps a pod's namespaces. */
		if (json_object_get_boolean(container_json_get(metadata, "pod")))
			container_facts_offer(facts, CONTAINER_NAME, "POD");
		container_facts_offer(facts, CONTAINER_NAME,
				      container_json_text(metadata, "metadata-name"));
		container_facts_offer(facts, CONTAINER_POD,
				      container_json_text(metadata, "pod-name"));
		container_facts_offer(facts, CONTAINER_NAMESPACE,
				      container_json_text(metadata, "namespace"));
	}
	container_facts_offer(facts, CONTAINER_IMAGE, container_json_text(metadata, "image-name"));
}

/* names[0], NULL where there is none. */
static const char *first_name(json_object *entry)
{
	json_object *names = container_json_get(entry, "names"), *name;

	if (!json_object_is_type(names, json_type_array) || json_object_array_length(names) == 0)
		return NULL;
	name = json_object_array_get_idx(names, 0);
	return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : NULL;
}

static void read_stored(struct user_store *store, json_object *entry, size_t root, size_t driver)
{
	const char *id = container_json_text(entry, "id"), *image_id;
	struct stored *stored, *other = NULL;

	if (!id || HASH_COUNT(store->containers) >= MAX_STORED)
		return;
	HASH_FIND_STR(store->containers, id, other);
	stored = other ? NULL : calloc(1, sizeof(*stored));
	if (!stored)
		return;
	*stored = (struct stored){.id = strdup(id), .root = root, .driver = driver};
	stored->facts.runtime = CONTAINER_PODMAN;
	image_id = container_json_text(entry, "image");
	if (image_id)
		stored->image_id = strndup(image_id, NAME_MAX);
	read_metadata(stored, container_json_text(entry, "metadata"));
	container_facts_offer(&stored->facts, CONTAINER_NAME, first_name(entry));
	if (stored->id)
		HASH_ADD_STR(store->containers, id, stored);
	if (!stored->id || !stored->hh.tbl)
		free_stored(stored);
}

static void list_path(const struct user_store *store, size_t root, size_t driver, size_t list,
		      char *path)
{
	if (snprintf(path, PATH_MAX, "%s/%s-containers/%s", store->roots[root], drivers[driver],
		     lists[list]) >= PATH_MAX)
		path[0] = '\0';
}

static void read_list(struct container_state *state, struct user_store *store, size_t root,
		      size_t driver, size_t list)
{
	_cleanup_json_ json_object *containers = NULL;
	char path[PATH_MAX];

	list_path(store, root, driver, list, path);
	containers = container_state_json(state, path, store->uid);
	if (!json_object_is_type(containers, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(containers); i++)
		read_stored(store, json_object_array_get_idx(containers, i), root, driver);
}

/* Calls `each` for every list that there could be. */
static void each_list(struct container_state *state, struct user_store *store,
		      void (*each)(struct container_state *state, struct user_store *store,
				   size_t root, size_t driver, size_t list))
{
	for (size_t root = 0; root < store->n_roots; root++) {
		for (size_t driver = 0; driver < N_DRIVERS; driver++) {
			for (size_t list = 0; list < N_LISTS; list++)
				each(state, store, root, driver, list);
		}
	}
}

/* A list that differs from what was read has read_at 0. */
static void look_at_list(struct container_state *state, struct user_store *store, size_t root,
			 size_t driver, size_t list)
{
	struct container_stamp *stamp = &store->stamps[root][driver][list], now;
	char path[PATH_MAX];

	list_path(store, root, driver, list, path);
	now = container_root_stamp(&state->root, path);
	if (container_stamp_equal(&now, stamp))
		return;
	*stamp = now;
	store->read_at = 0;
}

static void refresh(struct container_state *state, struct user_store *store)
{
	if (store->read_at == state->stores->tick)
		return;
	each_list(state, store, look_at_list);
	if (store->read_at == 0) {
		forget_containers(store);
		each_list(state, store, read_list);
	}
	store->read_at = state->stores->tick;
}

/* An image that the metadata does not name: GRAPHROOT/DRIVER-images/images.json (images.go). */
static void offer_image(struct container_state *state, const struct user_store *store,
			const struct stored *stored, struct container_facts *facts)
{
	_cleanup_json_ json_object *images = NULL;
	char path[PATH_MAX];

	if (facts->text[CONTAINER_IMAGE] || !stored->image_id ||
	    snprintf(path, sizeof(path), "%s/%s-images/images.json", store->roots[stored->root],
		     drivers[stored->driver]) >= (int)sizeof(path))
		return;
	images = container_state_json(state, path, store->uid);
	if (!json_object_is_type(images, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(images); i++) {
		json_object *image = json_object_array_get_idx(images, i);
		const char *id = container_json_text(image, "id");

		if (id && strcmp(id, stored->image_id) == 0)
			container_facts_offer(facts, CONTAINER_IMAGE, first_name(image));
	}
}

/* CRI-O's own file of the container, beside the lists. */
static void offer_bundle(struct container_state *state, const struct user_store *store,
			 const struct stored *stored, struct container_facts *facts)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s-containers/%s/userdata/config.json",
		     store->roots[stored->root], drivers[stored->driver],
		     stored->id) < (int)sizeof(path))
		bundle_read(state, path, store->uid, facts);
}

bool storage_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts)
{
	struct user_store *store = get_store(state, path->uid);
	struct stored *stored, *pod = NULL;

	if (!store)
		return false;
	refresh(state, store);
	HASH_FIND_STR(store->containers, path->id, stored);
	if (!stored)
		return false;
	facts->runtime = stored->facts.runtime;
	if (stored->pod_id) {
		offer_bundle(state, store, stored, facts);
		HASH_FIND_STR(store->containers, stored->pod_id, pod);
	}
	for (size_t fact = 0; fact < N_CONTAINER_FACTS; fact++)
		container_facts_offer(facts, (enum container_fact)fact, stored->facts.text[fact]);
	if (pod)
		container_facts_offer(facts, CONTAINER_NAMESPACE,
				      pod->facts.text[CONTAINER_NAMESPACE]);
	offer_image(state, store, stored, facts);
	return true;
}
