// SPDX-License-Identifier: BSD-2-Clause
#include "energy/energy.h"

#include "energy/sources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct energy_source *const energy_sources[] = {
	&energy_powercap_source,
	&energy_estimate_source,
	&energy_none_source,
	NULL,
};

struct energy {
	const struct energy_source *source;
	void *state;
	const struct run_domain *domains; /* the source's */
	size_t n_domains;
	struct sample_energy *totals; /* since the last energy_take */
};

const struct energy_source *energy_source_find(const char *name)
{
	for (size_t i = 0; energy_sources[i]; i++) {
		if (strcmp(energy_sources[i]->name, name) == 0)
			return energy_sources[i];
	}
	return NULL;
}

static int open_source(const struct energy_source *source, const struct energy_options *options,
		       struct energy **ret, struct errmsg *msg)
{
	struct energy *energy;
	int err;

	energy = calloc(1, sizeof(*energy));
	if (!energy)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = source->open(options, &energy->state, msg);
	if (err) {
		free(energy);
		return err;
	}
	energy->source = source;
	energy->n_domains = source->domains(energy->state, &energy->domains);
	/* One more, for malloc(0) may return NULL. */
	energy->totals = calloc(energy->n_domains + 1, sizeof(*energy->totals));
	if (!energy->totals) {
		energy_close(energy);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	*ret = energy;
	return 0;
}

/*
 * What a person wants to hear of several failures: the lack of permission, which they can mend,
 * before counters that fail, before counters that are not there.
 */
static int failure_rank(int err)
{
	switch (err) {
	case -EACCES:
		return 3;
	case -ENOENT:
		return 1;
	default:
		return 2;
	}
}

/* Opens a source that measures, unless its probe finds that it does not. */
static int open_measured(const struct energy_source *source, const struct energy_options *options,
			 struct energy **ret, struct errmsg *msg)
{
	struct energy_probe probe;

	source->probe(options, &probe);
	switch (probe.state) {
	case ENERGY_DENIED:
		return errmsg_set(msg, -EACCES, "%s", probe.text);
	case ENERGY_MISSING:
		return errmsg_set(msg, -ENOENT, "%s", probe.text);
	case ENERGY_BROKEN:
		return errmsg_set(msg, -EIO, "%s", probe.text);
	case ENERGY_USABLE:
		break;
	}
	return open_source(source, options, ret, msg);
}

/*
 * `none` always works: it is taken when it is asked for, never in silence. So does `estimate`: it is
 * what remains, and says why.
 */
static int open_first(const struct energy_options *options, struct energy **ret, struct errmsg *msg)
{
	struct energy_options fallback = *options;
	struct errmsg failure = {"none is built in"};
	int rank = 0;

	for (size_t i = 0; energy_sources[i]; i++) {
		struct errmsg why = {""};
		int err;

		if (energy_sources[i] == &energy_estimate_source ||
		    energy_sources[i] == &energy_none_source)
			continue;
		err = open_measured(energy_sources[i], options, ret, &why);
		if (!err)
			return 0;
		if (failure_rank(err) > rank) {
			rank = failure_rank(err);
			failure = why;
		}
	}
	fallback.why_not_measured = failure.text;
	return open_source(&energy_estimate_source, &fallback, ret, msg);
}

static int unknown_source(const char *name, struct errmsg *msg)
{
	char words[256] = "auto";
	size_t used = strlen(words);

	for (size_t i = 0; energy_sources[i] && used < sizeof(words); i++) {
		used += (size_t)snprintf(words + used, sizeof(words) - used, ", %s",
					 energy_sources[i]->name);
	}
	return errmsg_set(msg, -EINVAL, "no energy source is called \"%.64s\": there are %s", name,
			  words);
}

int energy_open(const char *name, const struct energy_options *options, struct energy **ret,
		struct errmsg *msg)
{
	const struct energy_source *source;

	if (strcmp(name, "auto") == 0)
		return open_first(options, ret, msg);
	source = energy_source_find(name);
	if (!source)
		return unknown_source(name, msg);
	return open_source(source, options, ret, msg);
}

const struct energy_source *energy_source(const struct energy *energy)
{
	return energy->source;
}

size_t energy_domains(const struct energy *energy, const struct run_domain **ret)
{
	*ret = energy->domains;
	return energy->n_domains;
}

enum energy_kind energy_kind(const struct energy *energy)
{
	return energy->source->kind(energy->state);
}

int energy_domain_of(const struct energy *energy, const struct topology_cpu *cpu)
{
	for (size_t i = 0; i < energy->n_domains; i++) {
		const struct run_domain *domain = &energy->domains[i];

		if (domain->type == DOMAIN_PACKAGE && domain->package == cpu->package &&
		    (domain->die == -1 || domain->die == cpu->die))
			return (int)i;
	}
	return SAMPLE_NO_DOMAIN;
}

void energy_poll(struct energy *energy, uint64_t now_ns)
{
	energy->source->read(energy->state, now_ns, energy->totals);
}

int energy_take(struct energy *energy, uint64_t now_ns, struct sample *sample)
{
	size_t before = sample->n_energy;

	energy_poll(energy, now_ns);
	for (size_t i = 0; i < energy->n_domains; i++) {
		struct sample_energy *taken = sample_add_energy(sample);

		if (!taken) {
			/* Kept for the next call. */
			sample->n_energy = before;
			return -ENOMEM;
		}
		*taken = energy->totals[i];
	}
	memset(energy->totals, 0, energy->n_domains * sizeof(*energy->totals));
	return 0;
}

void energy_estimate(struct energy *energy, const struct run *run, struct sample *sample)
{
	if (energy->source->estimate)
		energy->source->estimate(energy->state, run, sample);
}

uint64_t energy_max_read_interval_ns(const struct energy *energy)
{
	return energy->source->max_read_interval_ns(energy->state);
}

const char *energy_complaint(struct energy *energy)
{
	return energy->source->complaint(energy->state);
}

void energy_close(struct energy *energy)
{
	if (!energy)
		return;
	energy->source->close(energy->state);
	free(energy->totals);
	free(energy);
}
