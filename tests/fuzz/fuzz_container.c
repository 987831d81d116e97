// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first line as a cgroup's path, the rest as what every runtime has on disk: a container comes of it,
 * or none, with strings within their bounds and a part of the path as its root, and the same again.
 */

#define FUZZ_NAME "fuzz_container"

#include "entity/container.h"
#include "entity/container_source.h"
#include "entity/unit.h"
#include "fuzz_main.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "/pod11111111-2222-4333-8444-555555555555/"

/* All that is read of somebody else's, each with the same bytes in it. */
static const char *const files[] = {
	"/var/lib/docker/containers/" ID "/config.v2.json",
	"/etc/docker/daemon.json",
	"/var/lib/containers/storage/overlay-containers/containers.json",
	"/var/lib/containers/storage/overlay-containers/" ID "/userdata/config.json",
	"/var/lib/containers/storage/overlay-images/images.json",
	"/run/containerd/io.containerd.runtime.v2.task/default/" ID "/config.json",
	"/run/containerd/io.containerd.runtime.v2.task/default/name/config.json",
	"/run/crun/name/status",
	"/run/runc/name/state.json",
	"/etc/passwd",
	"/etc/containers/storage.conf",
	"/var/lib/incus/containers/name/backup.yaml",
	"/run/systemd/machines/name",
	"/etc/pve/lxc/name.conf",
};

/* Asked for beside the input's own, so that every file is read. */
static const char *const paths[] = {
	"/docker/" ID,
	"/machine.slice/libpod-" ID ".scope",
	"/kubepods/burstable" POD "crio-" ID,
	"/kubepods/burstable" POD "cri-containerd-" ID,
	"/user@0.service/libpod-" ID,
	"/unknown/" ID,
	"/lxc.payload.name",
	"/machine.slice/machine-name.scope",
	"/name",
};

static char root[] = "/dev/shm/fuzz-container-XXXXXX";
static bool made;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_tree(void)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_tree(void)
{
	char path[512];

	check(mkdtemp(root) != NULL, "no temporary folder");
	made = true;
	atexit(remove_tree);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
		     slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			check(mkdir(path, 0755) == 0 || errno == EEXIST, "no folder");
			*slash = '/';
		}
	}
}

static void write_files(const void *bytes, size_t size)
{
	char path[512];
	FILE *file;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		file = fopen(path, "w");
		check(file && fwrite(bytes, 1, size, file) == size, "cannot write");
		check(fclose(file) == 0, "cannot write");
	}
}

static void check_text(const char *text)
{
	check(!text || (text[0] && strlen(text) <= CONTAINER_TEXT_MAX), "a text is out of bounds");
}

static void check_container(const struct container *container, const char *path)
{
	size_t length = strlen(container->root);

	check(strncmp(path, container->root, length) == 0 &&
		      (path[length] == '/' || path[length] == '\0'),
	      "the root is no part of the path");
	check(container->runtime[0] && container->id[0] && container->label[0], "nothing is known");
	check(strlen(container->id) <= NAME_MAX, "an id is out of bounds");
	check(container->generation != 0, "no generation");
	check_text(container->label);
	check_text(container->name);
	check_text(container->image);
	check_text(container->pod);
	check_text(container->namespace);
	check_text(container->pod_uid);
	check(container_matches(container, container->label), "it does not match its own label");
}

static void check_path(struct containers *containers, const char *path)
{
	const struct container *container = containers_get(containers, path);
	struct container_path found;
	struct unit_path unit;

	if (container) {
		check_container(container, path);
		check(containers_get(containers, path) == container, "there are two of it");
		check(containers_get(containers, container->root) == container,
		      "its root is another");
	}
	check(container || container_parse(path, &found) != 0, "a container is lost");
	if (unit_of(path, &unit) == 0)
		check(unit.prefix_len <= strlen(path) && unit.name[0], "a unit is out of bounds");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t length = end ? (size_t)(end - data) : size;
	struct containers *containers;
	char *path = strndup((const char *)data, length);

	if (!made)
		make_tree();
	write_files(data + length, size - length);
	check(path && containers_new(root, &containers) == 0, "out of memory");
	for (int tick = 0; tick < 3; tick++) {
		check_path(containers, path);
		for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
			check_path(containers, paths[i]);
		containers_tick(containers);
	}
	containers_free(containers);
	free(path);
	return 0;
}
