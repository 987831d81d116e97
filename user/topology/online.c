// SPDX-License-Identifier: BSD-2-Clause
#include "topology/online.h"

#include "base/fileio.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct cpu_set_view {
	bool *online;
	size_t n;
};

static int read_list(const char *sysfs, const char *which, char *text, size_t size)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/devices/system/cpu/%s", sysfs, which);

	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	return fileio_read_text(AT_FDCWD, path, text, size);
}

static int keep_highest(unsigned int cpu, void *userdata)
{
	uint32_t *n = userdata;

	if (cpu + 1 > *n)
		*n = cpu + 1;
	return 0;
}

int topology_possible(const char *sysfs, uint32_t *ret)
{
	char text[4096];
	uint32_t n = 0;
	int err;

	err = read_list(sysfs, "possible", text, sizeof(text));
	if (!err)
		err = parse_cpu_list(text, keep_highest, &n);
	if (err)
		return err;
	if (n == 0)
		return -ENODATA;
	*ret = n;
	return 0;
}

static int set_online(unsigned int cpu, void *userdata)
{
	struct cpu_set_view *view = userdata;

	if (cpu < view->n)
		view->online[cpu] = true;
	return 0;
}

static int ignore_cpu(unsigned int cpu, void *userdata)
{
	(void)cpu;
	(void)userdata;
	return 0;
}

int topology_online(const char *sysfs, bool *online, size_t n)
{
	struct cpu_set_view view = {.online = online, .n = n};
	char text[4096];
	int err;

	err = read_list(sysfs, "online", text, sizeof(text));
	if (!err)
		err = parse_cpu_list(text, ignore_cpu, NULL);
	if (err)
		return err;
	memset(online, 0, n * sizeof(*online));
	return parse_cpu_list(text, set_online, &view);
}
