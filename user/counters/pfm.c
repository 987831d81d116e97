// SPDX-License-Identifier: BSD-2-Clause
#include "counters/pfm.h"

#include "base/grow.h"
#include "base/nearest.h"

#include <dlfcn.h>
#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct pfm {
	__typeof__(pfm_initialize) *initialize;
	__typeof__(pfm_get_pmu_info) *get_pmu_info;
	__typeof__(pfm_get_event_next) *get_event_next;
	__typeof__(pfm_get_event_info) *get_event_info;
	__typeof__(pfm_get_os_event_encoding) *get_os_event_encoding;
	__typeof__(pfm_strerror) *strerror;
};

static bool find_functions(void *library, struct pfm *pfm)
{
	pfm->initialize = dlsym(library, "pfm_initialize");
	pfm->get_pmu_info = dlsym(library, "pfm_get_pmu_info");
	pfm->get_event_next = dlsym(library, "pfm_get_event_next");
	pfm->get_event_info = dlsym(library, "pfm_get_event_info");
	pfm->get_os_event_encoding = dlsym(library, "pfm_get_os_event_encoding");
	pfm->strerror = dlsym(library, "pfm_strerror");
	return pfm->initialize && pfm->get_pmu_info && pfm->get_event_next && pfm->get_event_info &&
	       pfm->get_os_event_encoding && pfm->strerror;
}

int pfm_open(struct pfm **ret)
{
	/* Not closed: what it returns points into it. */
	void *library = dlopen("libpfm.so.4", RTLD_NOW);
	struct pfm *pfm;

	if (!library)
		return -ENOENT;
	pfm = calloc(1, sizeof(*pfm));
	if (!pfm)
		return -ENOMEM;
	if (!find_functions(library, pfm) || pfm->initialize() != PFM_SUCCESS) {
		free(pfm);
		return -ENOENT;
	}
	*ret = pfm;
	return 0;
}

int pfm_encode(struct pfm *pfm, const char *name, struct perf_event_attr *ret, const char **ret_why)
{
	pfm_perf_encode_arg_t encoded = {.attr = ret, .size = sizeof(encoded)};
	int err;

	ret->size = sizeof(*ret);
	err = pfm->get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &encoded);
	*ret_why = pfm->strerror(err);
	if (err == PFM_SUCCESS)
		return 0;
	return err == PFM_ERR_NOTFOUND ? -ENOENT : -EINVAL;
}

/* Calls `each` with the name of every event of every CPU until it says true. */
static bool each_event(struct pfm *pfm, bool (*each)(void *userdata, const char *name),
		       void *userdata)
{
	pfm_pmu_t pmu;

	pfm_for_all_pmus(pmu)
	{
		pfm_pmu_info_t info = {.size = sizeof(info)};

		if (pfm->get_pmu_info(pmu, &info) != PFM_SUCCESS)
			continue;
		for (int i = info.first_event; i != -1; i = pfm->get_event_next(i)) {
			pfm_event_info_t event = {.size = sizeof(event)};

			if (pfm->get_event_info(i, PFM_OS_PERF_EVENT, &event) == PFM_SUCCESS &&
			    each(userdata, event.name))
				return true;
		}
	}
	return false;
}

static bool is_name(void *userdata, const char *name)
{
	const char *wanted = userdata;
	size_t length = strcspn(wanted, ":");

	return strncasecmp(wanted, name, length) == 0 && name[length] == '\0';
}

bool pfm_knows_event(struct pfm *pfm, const char *name)
{
	const char *pmu_end = strstr(name, "::"); /* "skl::INST_RETIRED:ANY" */

	return each_event(pfm, is_name, (void *)(pmu_end ? pmu_end + 2 : name));
}

struct all_names {
	const char **names;
	size_t n, room;
};

static bool add_name(void *userdata, const char *name)
{
	struct all_names *all = userdata;
	const char **moved = grow_array(all->names, all->n, &all->room, sizeof(*all->names));

	if (!moved)
		return true;
	all->names = moved;
	all->names[all->n++] = name;
	return false;
}

const char *pfm_nearest_event(struct pfm *pfm, const char *name)
{
	struct all_names all = {};
	const char *nearest;

	each_event(pfm, add_name, &all);
	nearest = nearest_word(name, all.names, all.n);
	free(all.names);
	return nearest;
}

void pfm_close(struct pfm *pfm)
{
	free(pfm);
}
