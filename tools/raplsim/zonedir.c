// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/zonedir.h"

#include "base/cleanup.h"
#include "raplsim/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define COUNTER "energy_uj"
#define COUNTER_NEW ".energy_uj"

void zonedir_places_init(struct zonedir_places *places)
{
	places->powercap_fd = places->class_fd = places->removed_fd = -1;
}

int zonedir_places_make(struct zonedir_places *places, int root_fd)
{
	int err;

	err = dir_make_path(root_fd, "devices/virtual/powercap", &places->powercap_fd);
	if (err)
		return err;
	err = dir_make_path(root_fd, "class/powercap", &places->class_fd);
	if (err)
		return err;
	return dir_make(root_fd, ZONEDIR_REMOVED, &places->removed_fd);
}

void zonedir_places_close(struct zonedir_places *places)
{
	cleanup_close(&places->powercap_fd);
	cleanup_close(&places->class_fd);
	cleanup_close(&places->removed_fd);
}

/* The directory the zone's own is in: that of its parent, or of its control type. */
static int open_parent(const struct zonedir_places *places, const struct zone *zone, int *ret_fd)
{
	int fd = zone->parent ? fcntl(zone->parent->fd, F_DUPFD_CLOEXEC, 0)
			      : openat(places->powercap_fd, zone->control,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int link_class(const struct zonedir_places *places, const struct zone *zone)
{
	char target[192] = "../../devices/virtual/powercap/";
	size_t used = strlen(target);

	used += (size_t)snprintf(target + used, sizeof(target) - used, "%s/", zone->control);
	if (zone->parent)
		used += (size_t)snprintf(target + used, sizeof(target) - used, "%s/",
					 zone->parent->node);
	snprintf(target + used, sizeof(target) - used, "%s", zone->node);
	return symlinkat(target, places->class_fd, zone->node) == 0 ? 0 : -errno;
}

static int make_control(const struct zonedir_places *places, const char *control)
{
	char target[128];
	_cleanup_close_ int fd = -1;
	int err;

	if (faccessat(places->powercap_fd, control, F_OK, 0) == 0)
		return 0;
	err = dir_make(places->powercap_fd, control, &fd);
	if (err)
		return err;
	err = dir_write(fd, "enabled", "1\n");
	if (err)
		return err;
	snprintf(target, sizeof(target), "../../devices/virtual/powercap/%s", control);
	return symlinkat(target, places->class_fd, control) == 0 ? 0 : -errno;
}

int zonedir_make(const struct zonedir_places *places, struct zone *zone)
{
	_cleanup_close_ int parent_fd = -1;
	int err;

	err = make_control(places, zone->control);
	if (err)
		return err;
	err = open_parent(places, zone, &parent_fd);
	if (err)
		return err;
	err = dir_make(parent_fd, zone->node, &zone->fd);
	if (err)
		return err;
	err = dir_write(zone->fd, "name", "%s\n", zone->name);
	if (err)
		return err;
	err = dir_write(zone->fd, "enabled", "1\n");
	if (err)
		return err;
	err = dir_write(zone->fd, "max_energy_range_uj", "%" PRIu64 "\n", zone->range_uj);
	if (err)
		return err;
	zone->shown = (struct zone_face){.look = ZONE_NO_FILE, .attached = true};
	return zonedir_show(places, zone, zone_face(zone, 0));
}

/* Puts COUNTER_NEW in the place of the counter. */
static int replace(int fd)
{
	/*
	 * Not a plain rename, which makes ext4 flush the new file at once (auto_da_alloc): 78 µs
	 * for 8. A file system without RENAME_EXCHANGE says EINVAL.
	 */
	if (renameat2(fd, COUNTER_NEW, fd, COUNTER, RENAME_EXCHANGE) == 0)
		return unlinkat(fd, COUNTER_NEW, 0) == 0 ? 0 : -errno;
	if (errno != ENOENT && errno != EINVAL && errno != ENOSYS)
		return -errno;
	return renameat(fd, COUNTER_NEW, fd, COUNTER) == 0 ? 0 : -errno;
}

/*
 * A new file each time: neither read() nor write() is atomic to the other on most file systems, and
 * a number that wraps gets shorter, so an overwritten file could be read half old, half new. The
 * price: a reader has to open the counter anew, as those of /sys do, and not keep it open.
 */
static int write_counter(int fd, uint64_t uj, mode_t mode)
{
	char text[32];
	size_t size = (size_t)snprintf(text, sizeof(text), "%" PRIu64 "\n", uj);
	_cleanup_close_ int file =
		openat(fd, COUNTER_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	ssize_t written;

	if (file < 0)
		return -errno;
	written = write(file, text, size);
	if (written < 0)
		return -errno;
	if ((size_t)written != size)
		return -ENOSPC;
	return replace(fd);
}

/* The first page of a process's memory is never mapped, and reading it is EIO: mem_rw, proc/base.c. */
static int write_eio(int fd)
{
	if (symlinkat("/proc/self/mem", fd, COUNTER_NEW) < 0)
		return -errno;
	return replace(fd);
}

static int show_counter(const struct zone *zone, const struct zone_face *face)
{
	if (face->look == zone->shown.look &&
	    (face->look == ZONE_EIO || face->uj == zone->shown.uj))
		return 0;
	if (face->look == ZONE_EIO)
		return write_eio(zone->fd);
	return write_counter(zone->fd, face->uj, face->look == ZONE_READABLE ? 0444 : 0);
}

static int move(const struct zonedir_places *places, const struct zone *zone, bool attach)
{
	_cleanup_close_ int parent_fd = -1;
	int from, to, err;

	err = open_parent(places, zone, &parent_fd);
	if (err)
		return err;
	from = attach ? places->removed_fd : parent_fd;
	to = attach ? parent_fd : places->removed_fd;
	return renameat(from, zone->node, to, zone->node) == 0 ? 0 : -errno;
}

int zonedir_show(const struct zonedir_places *places, struct zone *zone, struct zone_face face)
{
	int err;

	err = show_counter(zone, &face);
	if (err)
		return err;
	if (zone->shown.listed && !face.listed && unlinkat(places->class_fd, zone->node, 0) < 0)
		return -errno;
	if (zone->shown.attached != face.attached) {
		err = move(places, zone, face.attached);
		if (err)
			return err;
	}
	if (!zone->shown.listed && face.listed) {
		err = link_class(places, zone);
		if (err)
			return err;
	}
	zone->shown = face;
	return 0;
}
