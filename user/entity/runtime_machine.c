// SPDX-License-Identifier: BSD-2-Clause
/*
 * Machines: what systemd-machined has registered (/run/systemd/machines/NAME, src/machine/machine.c),
 * libvirt's domains (/run/libvirt/DRIVER/DOMAIN.xml) and those of Proxmox VE.
 */

#include "entity/container_source.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

bool machined_look_up(struct container_state *state, const struct container_path *path,
		      struct container_facts *facts)
{
	_cleanup_free_ char *text = NULL;
	char file[PATH_MAX], value[PATH_MAX];
	size_t size;

	/* The name that is in the path, even where machined knows nothing (--register=no). */
	if (path->runtime == CONTAINER_NSPAWN)
		container_facts_offer(facts, CONTAINER_NAME, path->id);
	snprintf(file, sizeof(file), "run/systemd/machines/%s", path->id);
	if (container_root_read(&state->root, file, CONTAINER_ANY_OWNER, &text, &size))
		return false;
	if (container_text_value(text, "SERVICE", value, sizeof(value))) {
		if (strncmp(value, "libvirt-", strlen("libvirt-")) == 0)
			facts->runtime = CONTAINER_LIBVIRT;
		else if (strcmp(value, "systemd-vmspawn") == 0)
			facts->runtime = CONTAINER_QEMU;
	}
	if (container_text_value(text, "ROOT", value, sizeof(value)))
		container_facts_offer(facts, CONTAINER_IMAGE, value);
	return true;
}

/*
 * As libvirt makes a machine's name of a domain's (virDomainMachineNameAppendValid): what may not stand
 * in a host's name is left out, so several domains may have one.
 */
static void machine_name(const char *domain, char *name, size_t room)
{
	size_t used = 0;
	bool skip = true;

	for (; *domain && used + 1 < room; domain++) {
		bool is_mark = *domain == '.' || *domain == '-';

		if (is_mark ? skip
			    : !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
				      *domain))
			continue;
		name[used++] = *domain;
		skip = is_mark;
	}
	while (used > 0 && (name[used - 1] == '.' || name[used - 1] == '-'))
		used--;
	name[used] = '\0';
}

struct search {
	const struct container_path *path;
	struct container_facts *facts;
};

/* DOMAIN.xml; 1: found. A machine's name ends after 64 bytes, or one before if that is a mark. */
static int read_domain(const char *name, void *userdata)
{
	struct search *search = userdata;
	char domain[NAME_MAX + 1], machine[NAME_MAX + 1];
	const char *end = strstr(name, ".xml"), *wanted = search->path->name;

	if (!end || end[strlen(".xml")] || end - name > NAME_MAX)
		return 0;
	snprintf(domain, sizeof(domain), "%.*s", (int)(end - name), name);
	machine_name(domain, machine, sizeof(machine));
	if (strlen(search->path->id) >= 63)
		machine[strnlen(machine, strlen(wanted))] = '\0';
	if (strcmp(machine, wanted) != 0)
		return 0;
	container_facts_offer(search->facts, CONTAINER_NAME, domain);
	return 1;
}

bool libvirt_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts)
{
	static const char *const folders[] = {"run/libvirt/qemu", "run/libvirt/lxc",
					      "run/libvirt/ch"};
	struct search search = {.path = path, .facts = facts};
	char file[PATH_MAX];
	bool known = false;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders) && !known; i++) {
		snprintf(file, sizeof(file), "%s/%s.xml", folders[i], path->name);
		if (container_root_stamp(&state->root, file).inode)
			known = true; /* the name is the domain's */
		else
			known = container_root_list(&state->root, folders[i], read_domain,
						    &search) > 0;
	}
	container_facts_offer(facts, CONTAINER_NAME, path->name);
	return known;
}

bool proxmox_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts)
{
	char file[PATH_MAX];

	snprintf(file, sizeof(file), "etc/pve/qemu-server/%s.conf", path->id);
	container_offer_value(state, file, "name", CONTAINER_NAME, facts);
	return facts->text[CONTAINER_NAME] != NULL;
}
