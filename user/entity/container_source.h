/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CONTAINER_SOURCE_H
#define ENERGYTRACE_ENTITY_CONTAINER_SOURCE_H

/*
 * What the runtimes leave on disk about their containers. A source is a function that takes a container
 * as its path tells it, and offers what it finds of it; true: it knows this one. Nothing that it
 * reads makes it fail in another way.
 */

#include "entity/container_json.h"
#include "entity/container_path.h"
#include "entity/container_root.h"
#include "entity/user_names.h"

#include <stdbool.h>

enum container_fact {
	CONTAINER_NAME,
	CONTAINER_IMAGE,
	CONTAINER_POD,
	CONTAINER_NAMESPACE,
	CONTAINER_POD_UID,
	N_CONTAINER_FACTS,
};

#define CONTAINER_TEXT_MAX 4096

struct container_facts {
	enum container_runtime runtime;
	char *text[N_CONTAINER_FACTS]; /* NULL: not known */
};

/* Keeps up to CONTAINER_TEXT_MAX bytes of the text if there is none yet. Takes NULL and "". */
void container_facts_offer(struct container_facts *facts, enum container_fact fact,
			   const char *text);
void container_facts_clear(struct container_facts *facts);

/* What the kubelet hands to every runtime (pkg/kubelet/types/labels.go), as the keys of an object. */
void container_facts_offer_kubernetes(struct container_facts *facts, json_object *object);

struct container_stores;

/* What sources read from. */
struct container_state {
	struct container_root root;
	struct user_names *users;
	struct container_stores *stores;
};

/* The JSON file, NULL where it is missing or no good. To be put. */
json_object *container_state_json(struct container_state *state, const char *path, int64_t owner);

/*
 * The value of the first line "KEY: VALUE", KEY=VALUE or KEY = "VALUE", without quotes, for what has a
 * line for each fact in YAML, TOML or an environment file. False: there is none, or it does not fit.
 */
bool container_text_value(const char *text, const char *key, char *buffer, size_t size);

/* The same of a file, offered. */
void container_offer_value(struct container_state *state, const char *file, const char *key,
			   enum container_fact fact, struct container_facts *facts);

/* runtime_docker.c: Docker's own folder of containers. */
bool docker_look_up(struct container_state *state, const struct container_path *path,
		    struct container_facts *facts);

/* runtime_storage.c: containers/storage, of Podman and CRI-O. */
bool storage_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts);
int container_stores_new(struct container_stores **ret);
void container_stores_tick(struct container_stores *stores);
void container_stores_free(struct container_stores *stores);

/* runtime_bundle.c: the OCI bundles of containerd's tasks. */
bool bundle_look_up(struct container_state *state, const struct container_path *path,
		    struct container_facts *facts);

/* The annotations of an OCI config.json, of any runtime. False: there is no such file. */
bool bundle_read(struct container_state *state, const char *config, int64_t owner,
		 struct container_facts *facts);

/* runtime_kubelet.c: the log folders of the kubelet. */
bool kubelet_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts);

/* runtime_machine.c: systemd-machined, libvirt, Proxmox. */
bool machined_look_up(struct container_state *state, const struct container_path *path,
		      struct container_facts *facts);
bool libvirt_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts);
bool proxmox_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts);

/* runtime_lxc.c: LXC, LXD and Incus. */
bool lxc_look_up(struct container_state *state, const struct container_path *path,
		 struct container_facts *facts);

#endif
