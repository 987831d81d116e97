// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_path.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Docker, containerd's CRI, CRI-O and Podman: 32 random bytes. */
#define ID_DIGITS 64
/* BuildKit (identity/randomid.go): 128 random bits in base 36. */
#define BUILDKIT_ID_DIGITS 25

/* Bytes of the path, not terminated. */
struct part {
	const char *at;
	size_t length;
};

/* The components of a path, from the root on. */
struct walk {
	struct part part, parent; /* that above the first is empty */
	bool below_kubepods, below_slurm;
	char pod_uid[NAME_MAX + 1];
	int64_t uid;
};

static const char *const runtime_names[N_CONTAINER_RUNTIMES] = {
	[CONTAINER_UNKNOWN] = "unknown",
	[CONTAINER_DOCKER] = "docker",
	[CONTAINER_PODMAN] = "podman",
	[CONTAINER_CONTAINERD] = "containerd",
	[CONTAINER_CRIO] = "cri-o",
	[CONTAINER_BUILDKIT] = "buildkit",
	[CONTAINER_KUBERNETES] = "kubernetes",
	[CONTAINER_RUNC] = "runc",
	[CONTAINER_CRUN] = "crun",
	[CONTAINER_LXC] = "lxc",
	[CONTAINER_LXD] = "lxd",
	[CONTAINER_INCUS] = "incus",
	[CONTAINER_NSPAWN] = "nspawn",
	[CONTAINER_LIBVIRT] = "libvirt",
	[CONTAINER_QEMU] = "qemu",
	[CONTAINER_SLURM] = "slurm",
};

const char *container_runtime_name(enum container_runtime runtime)
{
	return (unsigned int)runtime < N_CONTAINER_RUNTIMES ? runtime_names[runtime] : "unknown";
}

static bool part_is(struct part part, const char *text)
{
	return part.length == strlen(text) && memcmp(part.at, text, part.length) == 0;
}

/* The text before or behind is cut off, if it is there and is not all. */
static bool cut_prefix(struct part *part, const char *prefix)
{
	size_t length = strlen(prefix);

	if (part->length <= length || memcmp(part->at, prefix, length) != 0)
		return false;
	part->at += length;
	part->length -= length;
	return true;
}

static bool cut_suffix(struct part *part, const char *suffix)
{
	size_t length = strlen(suffix);

	if (part->length <= length || memcmp(part->at + part->length - length, suffix, length) != 0)
		return false;
	part->length -= length;
	return true;
}

static struct part part_from(struct part part, size_t offset)
{
	return (struct part){part.at + offset, part.length - offset};
}

static bool part_starts(struct part part, const char *prefix)
{
	return cut_prefix(&part, prefix);
}

static bool part_ends(struct part part, const char *suffix)
{
	return cut_suffix(&part, suffix);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_number(struct part part)
{
	for (size_t i = 0; i < part.length; i++) {
		if (!is_digit(part.at[i]))
			return false;
	}
	return part.length > 0;
}

static bool is_hex_id(struct part part)
{
	for (size_t i = 0; i < part.length; i++) {
		if (!is_digit(part.at[i]) && !(part.at[i] >= 'a' && part.at[i] <= 'f'))
			return false;
	}
	return part.length == ID_DIGITS;
}

static bool is_buildkit_id(struct part part)
{
	for (size_t i = 0; i < part.length; i++) {
		if (!is_digit(part.at[i]) && !(part.at[i] >= 'a' && part.at[i] <= 'z'))
			return false;
	}
	return part.length == BUILDKIT_ID_DIGITS;
}

/* -1 where it is no number that a uid can be. */
static int64_t read_uid(struct part part)
{
	uint64_t uid = 0;

	if (!is_number(part))
		return -1;
	for (size_t i = 0; i < part.length; i++) {
		uid = uid * 10 + (uint64_t)(part.at[i] - '0');
		if (uid >= UINT32_MAX)
			return -1;
	}
	return (int64_t)uid;
}

/* A component of a path fits (man 7 path_resolution: NAME_MAX); longer ones have been refused. */
static void copy_part(struct part part, char *to)
{
	memcpy(to, part.at, part.length);
	to[part.length] = '\0';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What \xHH stands for, -1 where it is nothing that a name can have (NUL and the slash are none). */
static int escaped_value(struct part part)
{
	int value;

	if (part.length < 4 || part.at[0] != '\\' || part.at[1] != 'x' ||
	    hex_value(part.at[2]) < 0 || hex_value(part.at[3]) < 0)
		return -1;
	value = hex_value(part.at[2]) * 16 + hex_value(part.at[3]);
	return value && value != '/' ? value : -1;
}

/* As systemd escapes what may not stand in a unit's name (man 7 systemd.unit). */
static void copy_unescaped(struct part part, char *to)
{
	while (part.length > 0) {
		int value = escaped_value(part);

		*to++ = value >= 0 ? (char)value : *part.at;
		part = part_from(part, value >= 0 ? 4 : 1);
	}
	*to = '\0';
}

/*
 * The pod's uid, in both ways of the kubelet (pkg/kubelet/cm): a cgroup "pod" UID below "kubepods", and
 * a slice kubepods[-burstable]-podUID.slice, in which - of the uid is _, as - would be a deeper slice.
 * A cgroup root of the kubelet's own (kind has "kubelet") stands before.
 */
static bool read_pod(const struct walk *walk, char *ret_uid)
{
	struct part part = walk->part;
	const char *colon = memchr(part.at, ':', part.length);
	bool is_slice;
	size_t at = 0;

	/* containerd that was told of no systemd: "SLICE:cri-containerd:ID", as one cgroup's name. */
	if (colon)
		part.length = (size_t)(colon - part.at);
	is_slice = cut_suffix(&part, ".slice");
	if (!is_slice && walk->below_kubepods && !colon && cut_prefix(&part, "pod")) {
		copy_part(part, ret_uid);
		return true;
	}
	if (!is_slice || !memmem(part.at, part.length, "kubepods-", strlen("kubepods-")))
		return false;
	for (size_t i = 0; i + strlen("-pod") < part.length; i++) {
		if (memcmp(part.at + i, "-pod", strlen("-pod")) == 0)
			at = i + strlen("-pod");
	}
	if (!at)
		return false;
	copy_part(part_from(part, at), ret_uid);
	for (char *c = ret_uid; *c; c++) {
		if (*c == '_')
			*c = '-';
	}
	return true;
}

/* Who writes an id behind this and a dash. A monitor is its container's supervisor and outside it. */
static const struct {
	const char *prefix;
	enum container_runtime runtime;
	bool is_monitor;
} id_prefixes[] = {
	{"docker", CONTAINER_DOCKER, false},
	{"libpod", CONTAINER_PODMAN, false},
	{"libpod-payload", CONTAINER_PODMAN, false}, /* podman run --cgroups=split, Quadlet */
	{"libpod-conmon", CONTAINER_PODMAN, true},
	{"crio", CONTAINER_CRIO, false},
	{"crio-conmon", CONTAINER_CRIO, true},
	{"cri-containerd", CONTAINER_CONTAINERD, false},
	{"nerdctl", CONTAINER_CONTAINERD, false},
};

/* "ID", "docker-ID.scope", "SLICE:cri-containerd:ID" and whatever else has an id at its end. */
static bool match_hex_id(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part, prefix;
	const char *colon;

	cut_suffix(&part, ".scope");
	if (part.length < ID_DIGITS || !is_hex_id(part_from(part, part.length - ID_DIGITS)))
		return false;
	prefix = (struct part){part.at, part.length - ID_DIGITS};
	copy_part(part_from(part, prefix.length), ret->id);
	ret->runtime = CONTAINER_UNKNOWN;
	if (prefix.length == 0) {
		if (part_is(walk->parent, "docker"))
			ret->runtime = CONTAINER_DOCKER;
		return true;
	}
	/* Kata: "kata_ID". No letter may stand before the id, or it is something longer. */
	if (!strchr("-:_", part.at[--prefix.length]))
		return false;
	colon = memrchr(prefix.at, ':', prefix.length);
	if (colon)
		prefix = part_from(prefix, (size_t)(colon + 1 - prefix.at));
	for (size_t i = 0; i < sizeof(id_prefixes) / sizeof(*id_prefixes); i++) {
		if (!part_is(prefix, id_prefixes[i].prefix))
			continue;
		ret->runtime = id_prefixes[i].runtime;
		return !id_prefixes[i].is_monitor;
	}
	return true;
}

/* BuildKit (executor/oci/spec.go): PARENT/buildkit/ID, or a scope with dockerd's prefix. */
static bool match_buildkit(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part;

	if (!part_is(walk->parent, "buildkit") &&
	    !(cut_prefix(&part, "docker-") && cut_suffix(&part, ".scope")))
		return false;
	if (!is_buildkit_id(part))
		return false;
	ret->runtime = CONTAINER_BUILDKIT;
	copy_part(part, ret->id);
	return true;
}

/* liblxc (src/lxc/cgroups): lxc.payload.NAME, before 4.0 lxc.payload/NAME, before 3.1 lxc/NAME. */
static bool match_lxc(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part;

	if (!cut_prefix(&part, "lxc.payload.") && !part_is(walk->parent, "lxc.payload") &&
	    !part_is(walk->parent, "lxc"))
		return false;
	ret->runtime = CONTAINER_LXC;
	copy_part(part, ret->id);
	return true;
}

/*
 * libvirt's name of a machine (virDomainDriverGenerateMachineName): DRIVER-[USER-|embed-HASH-]ID-NAME.
 * What is behind the first number is the domain.
 */
static bool read_libvirt(const char *machine, const char **ret_domain)
{
	static const char *const drivers[] = {"qemu-", "lxc-", "ch-", "libxl-"};
	const char *at = NULL;

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers) && !at; i++) {
		if (strncmp(machine, drivers[i], strlen(drivers[i])) == 0)
			at = machine + strlen(drivers[i]);
	}
	if (!at)
		return false;
	if (strncmp(at, "embed-", strlen("embed-")) == 0)
		at += strlen("embed-") + strcspn(at + strlen("embed-"), "-");
	for (; at; at = strchr(at, '-')) {
		size_t digits;

		at += *at == '-';
		digits = strspn(at, "0123456789");
		if (digits > 0 && at[digits] == '-' && at[digits + 1]) {
			*ret_domain = at + digits + 1;
			return true;
		}
	}
	return false;
}

/* systemd-machined's scopes, and the two services that start a machine in their own. */
static bool match_machine(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part;
	const char *domain;

	if (cut_suffix(&part, ".service")) {
		ret->runtime = part_starts(part, "systemd-vmspawn@") ? CONTAINER_QEMU
								     : CONTAINER_NSPAWN;
		if (!cut_prefix(&part, "systemd-nspawn@") && !cut_prefix(&part, "systemd-vmspawn@"))
			return false;
		copy_unescaped(part, ret->id);
		return true;
	}
	if (!cut_suffix(&part, ".scope") || !cut_prefix(&part, "machine-"))
		return false;
	copy_unescaped(part, ret->id);
	ret->runtime = CONTAINER_NSPAWN;
	if (read_libvirt(ret->id, &domain)) {
		ret->runtime = CONTAINER_LIBVIRT;
		memcpy(ret->name, domain, strlen(domain) + 1);
	}
	return true;
}

/* libvirt without systemd: machine/qemu-1-NAME.libvirt-qemu, before 1.3 machine/NAME.libvirt-qemu. */
static bool match_libvirt(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part;
	const char *domain = ret->id;

	if (!part_is(walk->parent, "machine") ||
	    (!cut_suffix(&part, ".libvirt-qemu") && !cut_suffix(&part, ".libvirt-lxc")))
		return false;
	ret->runtime = CONTAINER_LIBVIRT;
	copy_part(part, ret->id);
	read_libvirt(ret->id, &domain);
	memcpy(ret->name, domain, strlen(domain) + 1);
	return true;
}

/* Proxmox VE: qemu.slice/VMID.scope */
static bool match_qemu(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part;

	if (!part_is(walk->parent, "qemu.slice") || !cut_suffix(&part, ".scope") ||
	    !is_number(part))
		return false;
	ret->runtime = CONTAINER_QEMU;
	copy_part(part, ret->id);
	return true;
}

/* Slurm: slurm[_NODE]/uid_UID/job_ID, with cgroup v2 system.slice/[NODE_]slurmstepd.scope/job_ID. */
static bool match_slurm(const struct walk *walk, struct container_path *ret)
{
	struct part part = walk->part;

	if (!walk->below_slurm || !cut_prefix(&part, "job_") || !is_number(part))
		return false;
	ret->runtime = CONTAINER_SLURM;
	copy_part(part, ret->id);
	copy_part(walk->part, ret->name);
	return true;
}

typedef bool (*matcher)(const struct walk *walk, struct container_path *ret);

static const matcher matchers[] = {
	match_hex_id,  match_buildkit, match_lxc,   match_machine,
	match_libvirt, match_qemu,     match_slurm,
};

/* What a component says of those below it. */
static void learn(struct walk *walk)
{
	struct part part = walk->part;

	if (part_is(part, "kubepods") || part_ends(part, "-kubepods"))
		walk->below_kubepods = true;
	if (part_is(part, "slurm") || part_starts(part, "slurm_") ||
	    part_ends(part, "slurmstepd.scope") || part_is(part, "slurmstepd.scope"))
		walk->below_slurm = true;
	if (walk->below_slurm && cut_prefix(&part, "uid_"))
		walk->uid = read_uid(part);
	/* Below user@UID.service all is the user's own doing; above it, systemd's (root's). */
	if (cut_prefix(&part, "user@") && cut_suffix(&part, ".service"))
		walk->uid = read_uid(part);
}

static void clear(struct container_path *found)
{
	found->id[0] = found->name[0] = found->pod_uid[0] = '\0';
}

static bool match(const struct walk *walk, struct container_path *found)
{
	for (size_t i = 0; i < sizeof(matchers) / sizeof(*matchers); i++) {
		clear(found);
		if (!matchers[i](walk, found))
			continue;
		strcpy(found->pod_uid, walk->pod_uid);
		found->uid = walk->uid;
		return true;
	}
	return false;
}

static void found_pod(const struct walk *walk, size_t root_len, struct container_path *ret)
{
	clear(ret);
	ret->runtime = CONTAINER_KUBERNETES;
	ret->root_len = root_len;
	ret->uid = walk->uid;
	strcpy(ret->id, walk->pod_uid);
	strcpy(ret->pod_uid, walk->pod_uid);
}

int container_parse(const char *path, struct container_path *ret)
{
	struct walk walk = {.uid = -1};
	struct container_path found;
	size_t pod_len = 0;

	for (const char *at = path + strspn(path, "/"); *at; at += strspn(at, "/")) {
		walk.parent = walk.part;
		walk.part = (struct part){at, strcspn(at, "/")};
		if (walk.part.length > NAME_MAX || part_is(walk.part, ".") ||
		    part_is(walk.part, ".."))
			break;
		at += walk.part.length;
		if (!pod_len && read_pod(&walk, walk.pod_uid))
			pod_len = (size_t)(at - path);
		if (match(&walk, &found)) {
			found.root_len = (size_t)(at - path);
			*ret = found;
			return 0;
		}
		learn(&walk);
	}
	if (!pod_len)
		return -ENOENT;
	found_pod(&walk, pod_len, ret);
	return 0;
}
