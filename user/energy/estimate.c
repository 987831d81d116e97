// SPDX-License-Identifier: BSD-2-Clause
/*
 * No meter: joules computed from the CPU time of the tick itself, by watts per logical CPU at rest
 * and at work. For machines without RAPL, which is most virtual ones. docs/estimate.md.
 */
#include "base/parse.h"
#include "energy/cpu_watts.h"
#include "energy/sources.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Watts are kept as whole nanowatts, so that sums are exact: 1 nW × 1 ns is 10^-18 J. */
#define NW_PER_W 1e9
#define UNITS_PER_UJ UINT64_C(1000000000000)

struct estimate {
	struct run_domain *domains; /* one a package, by ascending number */
	size_t n_domains;
	/*
	 * By domain, in 10^-18 J: while a sample is filled the energy of its tick, and between two
	 * what was less than a microjoule, carried. An hour of 4,096 CPUs at 1,000 W each is 2^94.
	 */
	unsigned __int128 *units;
	uint64_t min_nw, max_nw; /* per logical CPU */
	char *complaint;	 /* to be said once, or NULL */
	bool said;
};

static int refuse(const char *text, int err, struct errmsg *msg)
{
	if (err == -ERANGE)
		return errmsg_set(
			msg, err,
			"--estimate takes 0 to %d W per logical CPU, \"%.64s\" is outside",
			ENERGY_ESTIMATE_MAX_WATTS, text);
	return errmsg_set(
		msg, -EINVAL,
		"--estimate takes MIN:MAX in watts per logical CPU (0.7:3.5), not \"%.64s\"", text);
}

int energy_parse_estimate(const char *text, double *ret_min, double *ret_max, struct errmsg *msg)
{
	const char *colon = strchr(text, ':');
	char min_text[64];
	double min, max;
	int err;

	if (!colon || (size_t)(colon - text) >= sizeof(min_text))
		return refuse(text, -EINVAL, msg);
	memcpy(min_text, text, (size_t)(colon - text));
	min_text[colon - text] = '\0';
	err = parse_double(min_text, 0, ENERGY_ESTIMATE_MAX_WATTS, &min);
	if (!err || err == -ERANGE) {
		int max_err = parse_double(colon + 1, 0, ENERGY_ESTIMATE_MAX_WATTS, &max);

		/* What is no number at all is the greater mistake. */
		err = max_err ? max_err : err;
	}
	if (err)
		return refuse(text, err, msg);
	if (min > max)
		return errmsg_set(msg, -EINVAL,
				  "--estimate takes MIN:MAX, and in \"%.64s\" MIN is above MAX",
				  text);
	*ret_min = min + 0.0;
	*ret_max = max + 0.0;
	return 0;
}

/* What the joules are computed from. */
struct basis {
	struct cpu_watts watts;
	bool given; /* by --estimate */
};

static int find_basis(const struct energy_options *options, struct basis *ret, struct errmsg *msg)
{
	if (!options->estimate) {
		ret->given = false;
		cpu_watts_read(options->procfs, &ret->watts);
		return 0;
	}
	ret->given = true;
	snprintf(ret->watts.cpu, sizeof(ret->watts.cpu), "by --estimate");
	ret->watts.taken_for = NULL;
	return energy_parse_estimate(options->estimate, &ret->watts.min_watts,
				     &ret->watts.max_watts, msg);
}

/* "0.77 to 3.76 W per logical CPU": figures of the table have two digits, others what they have. */
static void write_range(const struct basis *basis, char *buffer, size_t size)
{
	snprintf(buffer, size,
		 basis->given ? "%g to %g W per logical CPU" : "%.2f to %.2f W per logical CPU",
		 basis->watts.min_watts, basis->watts.max_watts);
}

static void estimate_probe(const struct energy_options *options, struct energy_probe *ret)
{
	struct errmsg msg = {""};
	struct basis basis;
	char range[64];

	if (find_basis(options, &basis, &msg) != 0) {
		ret->state = ENERGY_BROKEN;
		snprintf(ret->text, sizeof(ret->text), "%s", msg.text);
		return;
	}
	ret->state = ENERGY_USABLE;
	write_range(&basis, range, sizeof(range));
	if (basis.given)
		snprintf(ret->text, sizeof(ret->text), "%s, as --estimate says", range);
	else if (basis.watts.taken_for)
		snprintf(
			ret->text, sizeof(ret->text),
			"%s, taken for %s (no figure of its own is published): %s, " CPU_WATTS_SOURCE
			"; an estimate, often 50 %% off and more; --estimate MIN:MAX gives better ones",
			basis.watts.cpu, basis.watts.taken_for, range);
	else
		snprintf(ret->text, sizeof(ret->text),
			 "%s: %s, " CPU_WATTS_SOURCE
			 "; an estimate, often 50 %% off; --estimate MIN:MAX gives better ones",
			 basis.watts.cpu, range);
}

static int compare_packages(const void *a, const void *b)
{
	const struct run_domain *x = a, *y = b;

	return (x->package > y->package) - (x->package < y->package);
}

/* One domain for each package that has a CPU; without any topology, one for all. */
static int make_domains(struct estimate *estimate, const struct topology *topology)
{
	size_t n = topology && topology->n_cpus > 0 ? topology->n_cpus : 1, kept = 0;
	struct run_domain *domains = calloc(n, sizeof(*domains));

	if (!domains)
		return -ENOMEM;
	for (size_t i = 0; topology && i < topology->n_cpus; i++)
		domains[i].package = topology->cpus[i].package;
	qsort(domains, n, sizeof(*domains), compare_packages);
	for (size_t i = 1; i < n; i++) {
		if (domains[i].package != domains[kept].package)
			domains[++kept].package = domains[i].package;
	}
	estimate->domains = domains;
	estimate->n_domains = kept + 1;
	for (size_t i = 0; i <= kept; i++) {
		struct run_domain *domain = &domains[i];

		domain->type = DOMAIN_PACKAGE;
		domain->die = -1;
		snprintf(domain->name, sizeof(domain->name), "package-%d", domain->package);
		snprintf(domain->node, sizeof(domain->node), "estimate:%d", domain->package);
	}
	estimate->units = calloc(kept + 1, sizeof(*estimate->units));
	return estimate->units ? 0 : -ENOMEM;
}

/* Why there is an estimate in place of a measurement, and what it is made of. */
static int make_complaint(struct estimate *estimate, const char *reason, const struct basis *basis)
{
	const char *name = basis->watts.taken_for;
	char range[64];

	write_range(basis, range, sizeof(range));
	if (asprintf(&estimate->complaint,
		     "no measured source: %s; joules are estimated from CPU time (%s%s%s, %s)",
		     reason, basis->watts.cpu, name ? ", taken for " : "", name ? name : "",
		     range) >= 0)
		return 0;
	estimate->complaint = NULL;
	return -ENOMEM;
}

static void estimate_close(void *state)
{
	struct estimate *estimate = state;

	if (!estimate)
		return;
	free(estimate->domains);
	free(estimate->units);
	free(estimate->complaint);
	free(estimate);
}

static int estimate_open(const struct energy_options *options, void **ret, struct errmsg *msg)
{
	struct estimate *estimate;
	struct basis basis;
	int err;

	err = find_basis(options, &basis, msg);
	if (err)
		return err;
	estimate = calloc(1, sizeof(*estimate));
	if (!estimate)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	estimate->min_nw = (uint64_t)llround(basis.watts.min_watts * NW_PER_W);
	estimate->max_nw = (uint64_t)llround(basis.watts.max_watts * NW_PER_W);
	err = make_domains(estimate, options->topology);
	if (!err && options->why_not_measured)
		err = make_complaint(estimate, options->why_not_measured, &basis);
	if (err) {
		estimate_close(estimate);
		return errmsg_set(msg, err, "out of memory");
	}
	*ret = estimate;
	return 0;
}

static size_t estimate_domains(const void *state, const struct run_domain **ret)
{
	const struct estimate *estimate = state;

	*ret = estimate->domains;
	return estimate->n_domains;
}

static enum energy_kind estimate_kind(const void *state)
{
	(void)state;
	return ENERGY_ESTIMATED;
}

static void estimate_read(void *state, uint64_t now_ns, struct sample_energy *totals)
{
	(void)state;
	(void)now_ns;
	(void)totals;
}

/*
 * min × span + (max - min) × time at work: every CPU that was online costs min all the time. A CPU
 * that was offline has no span.
 */
static void estimate_fill(void *state, const struct run *run, struct sample *sample)
{
	struct estimate *estimate = state;
	uint64_t more_nw = estimate->max_nw - estimate->min_nw;

	for (size_t i = 0; i < sample->n_cpus; i++) {
		const struct sample_cpu *cpu = &sample->cpus[i];
		uint64_t working_ns = cpu->busy_ns + cpu->lost_ns;
		int domain = run->cpus[cpu->cpu].domain;

		if (domain < 0 || (size_t)domain >= estimate->n_domains)
			continue;
		estimate->units[domain] +=
			(unsigned __int128)estimate->min_nw * (working_ns + cpu->idle_ns) +
			(unsigned __int128)more_nw * working_ns;
	}
	for (size_t i = 0; i < estimate->n_domains && i < sample->n_energy; i++) {
		sample->energy[i].uj += (uint64_t)(estimate->units[i] / UNITS_PER_UJ);
		estimate->units[i] %= UNITS_PER_UJ;
	}
}

static uint64_t estimate_max_read_interval_ns(const void *state)
{
	(void)state;
	return UINT64_MAX;
}

static const char *estimate_complaint(void *state)
{
	struct estimate *estimate = state;

	if (estimate->said)
		return NULL;
	estimate->said = true;
	return estimate->complaint;
}

const struct energy_source energy_estimate_source = {
	.name = "estimate",
	.help = "CPU time by the watts published for the processor, or by --estimate",
	.probe = estimate_probe,
	.open = estimate_open,
	.domains = estimate_domains,
	.kind = estimate_kind,
	.read = estimate_read,
	.estimate = estimate_fill,
	.max_read_interval_ns = estimate_max_read_interval_ns,
	.complaint = estimate_complaint,
	.close = estimate_close,
};
