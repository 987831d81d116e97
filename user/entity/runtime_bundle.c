// SPDX-License-Identifier: BSD-2-Clause
/*
 * containerd keeps an OCI bundle for every task that runs: STATE/io.containerd.runtime.v2.task/
 * NAMESPACE/ID (core/runtime/v2/bundle.go). Names are among the annotations of its config.json: CRI's
 * (internal/cri/annotations), nerdctl's labels (pkg/labels). ctr writes none.
 */

#include "entity/container_source.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const states[] = {
	"run/containerd", "run/k3s/containerd", /* K3s and RKE2 */
	"var/snap/microk8s/common/run/containerd",
	"run/docker/containerd/daemon", /* a containerd that dockerd started itself */
};

static void offer_annotations(json_object *annotations, struct container_facts *facts)
{
	static const struct {
		const char *key;
		enum container_fact fact;
	} keys[] = {
		{"io.kubernetes.cri.container-name", CONTAINER_NAME},
		{"io.kubernetes.cri.image-name", CONTAINER_IMAGE},
		{"io.kubernetes.cri.podsandbox.image-name", CONTAINER_IMAGE},
		{"io.kubernetes.cri.sandbox-name", CONTAINER_POD},
		{"io.kubernetes.cri.sandbox-namespace", CONTAINER_NAMESPACE},
		{"io.kubernetes.cri.sandbox-uid", CONTAINER_POD_UID},
		{"io.kubernetes.cri-o.ImageName", CONTAINER_IMAGE},
		{"nerdctl/name", CONTAINER_NAME},
	};
	const char *type = container_json_text(annotations, "io.kubernetes.cri.container-type");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		container_facts_offer(facts, keys[i].fact,
				      container_json_text(annotations, keys[i].key));
	container_facts_offer_kubernetes(facts, annotations);
	/* As the other runtimes call what keeps a pod's namespaces. */
	if (type && strcmp(type, "sandbox") == 0)
		container_facts_offer(facts, CONTAINER_NAME, "POD");
}

bool bundle_read(struct container_state *state, const char *config, int64_t owner,
		 struct container_facts *facts)
{
	_cleanup_json_ json_object *spec = container_state_json(state, config, owner);

	if (!spec)
		return false;
	offer_annotations(container_json_get(spec, "annotations"), facts);
	return true;
}

struct search {
	struct container_state *state;
	const struct container_path *path;
	struct container_facts *facts;
	char folder[PATH_MAX];
};

/* 1: found. Docker's containers are in the namespace moby. */
static int look_in_namespace(const char *namespace, void *userdata)
{
	struct search *search = userdata;
	struct container_facts *facts = search->facts;
	char config[PATH_MAX];

	if (snprintf(config, sizeof(config), "%s/%s/%s/config.json", search->folder, namespace,
		     search->path->id) >= (int)sizeof(config))
		return 0;
	if (!bundle_read(search->state, config, CONTAINER_ANY_OWNER, facts))
		return 0;
	facts->runtime = strcmp(namespace, "moby") == 0 ? CONTAINER_DOCKER : CONTAINER_CONTAINERD;
	if (!search->path->pod_uid[0])
		container_facts_offer(facts, CONTAINER_NAMESPACE, namespace);
	return 1;
}

bool bundle_look_up(struct container_state *state, const struct container_path *path,
		    struct container_facts *facts)
{
	struct search search = {.state = state, .path = path, .facts = facts};

	/* That of a user is in a mount namespace of its own. */
	if (path->uid >= 0)
		return false;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		snprintf(search.folder, sizeof(search.folder), "%s/io.containerd.runtime.v2.task",
			 states[i]);
		if (container_root_list(&state->root, search.folder, look_in_namespace, &search) >
		    0)
			return true;
	}
	return false;
}
