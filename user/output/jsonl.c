// SPDX-License-Identifier: BSD-2-Clause
/*
 * The format `jsonl`: one line for each tick and entity. docs/jsonl.md describes the keys. Within
 * each object the keys of the original format come first, in its order, then those added to it.
 */
#include "base/cleanup.h"
#include "output/formats.h"
#include "output/json.h"

#include <errno.h>
#include <math.h>

#define NS_PER_S 1e9
#define UJ_PER_J 1e6
#define CLAMPED_DT_MIN 0.2
#define CLAMPED_DT_MAX 5.0

static bool has_joules(const struct report *report)
{
	return report->run->kind != ENERGY_NONE;
}

/* Joules and grams are null where the run has no energy source. */
static void put_amount(struct json *json, const struct report *report, const char *key,
		       double value)
{
	json_double(json, key, has_joules(report) ? value : NAN);
}

static void put_quantity(struct json *json, const struct report *report, const char *key,
			 const char *unit, double value)
{
	json_object(json, key);
	json_word(json, "unit", unit);
	put_amount(json, report, "value", value);
	json_object_end(json);
}

static void put_figures(struct json *json, const struct report *report, const char *key,
			const struct figures *figures)
{
	json_object(json, key);
	json_u64_text(json, "cpuNs", figures->cpu_ns);
	put_quantity(json, report, "energy", "joules", figures->joules);
	put_quantity(json, report, "emissions", "gCO2e", figures->grams);
	json_object_end(json);
}

/* What a domain used in this tick; zeros where the sample has nothing of it (the start mark). */
static struct sample_energy energy_of(const struct report *report, size_t domain)
{
	const struct sample *sample = report->sample;

	return domain < sample->n_energy ? sample->energy[domain] : (struct sample_energy){0};
}

static double joules_of(const struct sample_energy *energy)
{
	return (double)energy->uj / UJ_PER_J;
}

static bool is_package(const struct report *report, size_t domain)
{
	return report->run->domains[domain].type == DOMAIN_PACKAGE;
}

static void put_domain(struct json *json, const struct report *report, size_t domain)
{
	const struct run_domain *of = &report->run->domains[domain];
	struct sample_energy energy = energy_of(report, domain);

	json_object(json, NULL);
	json_text(json, "node", of->node);
	json_double(json, "delta", joules_of(&energy));
	json_u64(json, "wraps", energy.wraps);
	if (!is_package(report, domain))
		json_text(json, "type", domain_type_name(of->type));
	json_object_end(json);
}

/* The packages, or all else. */
static void put_domains(struct json *json, const struct report *report, const char *key,
			bool packages)
{
	json_array(json, key);
	for (size_t i = 0; has_joules(report) && i < report->run->n_domains; i++) {
		if (is_package(report, i) == packages)
			put_domain(json, report, i);
	}
	json_array_end(json);
}

static double clamped_dt(double seconds)
{
	if (!isfinite(seconds) || seconds < CLAMPED_DT_MIN)
		return CLAMPED_DT_MIN;
	return seconds < CLAMPED_DT_MAX ? seconds : CLAMPED_DT_MAX;
}

static void put_energy_meta(struct json *json, const struct report *report)
{
	uint64_t resets = 0, gaps = 0;

	for (size_t i = 0; i < report->sample->n_energy; i++) {
		resets += report->sample->energy[i].resets;
		gaps += report->sample->energy[i].gaps;
	}
	json_object(json, "meta");
	json_double(json, "internalClampedDt",
		    clamped_dt((double)report->sample->interval_ns / NS_PER_S));
	json_text(json, "source", has_joules(report) ? report->run->source : "none");
	json_text(json, "kind", energy_kind_name(report->run->kind));
	json_u64(json, "resets", resets);
	json_u64(json, "gaps", gaps);
	if (report->run->update_ns > 0) {
		json_double(json, "updateSeconds", (double)report->run->update_ns / NS_PER_S);
		json_double(json, "unresolved", report_unresolved(report));
	}
	json_object_end(json);
}

static void put_host_energy(struct json *json, const struct report *report)
{
	size_t n_packages = 0;
	double delta = 0;

	/* Summed as they are printed, so that a reader's sum is the same to the last bit. */
	for (size_t i = 0; i < report->run->n_domains; i++) {
		struct sample_energy energy = energy_of(report, i);

		if (!is_package(report, i))
			continue;
		delta += joules_of(&energy);
		n_packages++;
	}
	json_object(json, "energy");
	json_word(json, "unit", "joules");
	put_amount(json, report, "delta", delta);
	put_domains(json, report, "perPackage", true);
	put_energy_meta(json, report);
	if (has_joules(report) && n_packages < report->run->n_domains)
		put_domains(json, report, "domains", false);
	json_object_end(json);
}

static void put_losses(struct json *json, const struct sample *sample)
{
	bool any = false;

	for (unsigned int i = 0; i < LOSS_N; i++)
		any = any || sample->losses[i] > 0;
	if (!any)
		return;
	json_object(json, "losses");
	for (unsigned int i = 0; i < LOSS_N; i++) {
		if (sample->losses[i] > 0)
			json_u64(json, sample_loss_name((enum sample_loss)i), sample->losses[i]);
	}
	json_object_end(json);
}

static void put_host(struct json *json, const struct report *report)
{
	const struct report_host *host = &report->host;

	json_object(json, "host");
	json_object(json, "cpu");
	json_word(json, "unit", "jiffies");
	json_u64_text(json, "deltaActive", host->active_jiffies);
	json_u64_text(json, "deltaIdle", host->idle_jiffies);
	json_u64_text(json, "deltaTotal", host->active_jiffies + host->idle_jiffies);
	json_object_end(json);
	put_host_energy(json, report);
	put_figures(json, report, "idle", &host->idle);
	put_figures(json, report, "unattributed", &host->unattributed);
	if (report->selective)
		put_figures(json, report, "others", &host->others);
	/* The start mark has no spans; those of the run are what will be accounted. */
	json_u64(json, "cpus", report->first ? report->run->n_cpus : report->sample->n_cpus);
	json_u64_text(json, "spanNs", host->span_ns);
	if (report->sample->suspended_ns > 0)
		json_u64_text(json, "suspendedNs", report->sample->suspended_ns);
	put_losses(json, report->sample);
	json_object_end(json);
}

/* What all lines of the tick begin with. */
static void put_tick(struct json *json, const struct report *report)
{
	json_utc_ms(json, "timestamp", report->sample->realtime_ns);
	json_double(json, "intervalSeconds",
		    report->first ? NAN : (double)report->sample->interval_ns / NS_PER_S);
	put_host(json, report);
}

static void put_window(struct json *json, const struct report *report, const struct entity *entity)
{
	const struct report_host *host = &report->host;

	json_object(json, "window");
	json_u64(json, "samples", host->window_samples);
	json_object(json, "cpuTicks");
	json_word(json, "unit", "jiffies");
	json_u64_text(json, "hostActive", host->window_active_jiffies);
	json_u64_text(json, "processActive", entity->window_jiffies);
	json_object_end(json);
	json_object(json, "energy");
	json_word(json, "unit", "joules");
	put_amount(json, report, "host", host->window_joules);
	json_object_end(json);
	json_object_end(json);
}

static void put_labels(struct json *json, const struct entity *entity)
{
	struct entity_label labels[ENTITY_LABELS_MAX];
	size_t n = entity_labels(entity, labels);

	if (n == 0)
		return;
	json_object(json, "labels");
	for (size_t i = 0; i < n; i++)
		json_text(json, labels[i].key, labels[i].value);
	json_object_end(json);
}

/* What every kind of entity has of the original format: shares and joules of the window. */
static void put_use(struct json *json, const struct report *report, const struct entity *entity)
{
	json_bool(json, "active", entity->window_ns > 0);
	json_double(json, "cpuShare", entity->window_share);
	put_window(json, report, entity);
	put_quantity(json, report, "energy", "joules", entity->window_joules);
}

static void put_container(struct json *json, const struct entity *entity)
{
	char room[13];

	if (entity->container)
		json_text(json, "container", entity_container_name(entity->container, room));
	else
		json_null(json, "container");
}

static void put_command(struct json *json, const struct report *report, const struct entity *entity)
{
	json_text(json, "comm", entity->comm);
	json_utc_ms(json, "startTime", report->run->boot_realtime_ns + (int64_t)entity->start_ns);
	json_text(json, "cgroup", entity->cgroup);
	put_container(json, entity);
}

static void put_sums(struct json *json, const struct report *report, const struct entity *entity)
{
	put_figures(json, report, "tick", &entity->tick);
	put_figures(json, report, "total", &entity->total);
	if (entity->kind == ENTITY_CGROUP && !entity->group) {
		json_object(json, "subtree");
		put_figures(json, report, "tick", &entity->subtree_tick);
		put_figures(json, report, "total", &entity->subtree_total);
		json_object_end(json);
	}
	put_labels(json, entity);
	if (entity->self)
		json_bool(json, "self", true);
	if (entity->kernel && !entity->group)
		json_bool(json, "kernel", true);
	if (entity->ended)
		json_bool(json, "ended", true);
}

static void put_process(struct json *json, const struct report *report, const struct entity *entity)
{
	json_object(json, "process");
	json_u64(json, "pid", entity->pid);
	put_use(json, report, entity);
	put_command(json, report, entity);
	put_sums(json, report, entity);
	json_object_end(json);
}

/* An entity of another kind, in a block of that name. */
static void put_other(struct json *json, const struct report *report, const struct entity *entity)
{
	bool command = entity->kind <= ENTITY_TREE && !entity->group;

	json_object(json, entity_kind_name(entity->kind));
	json_text(json, "id", entity->id);
	json_text(json, "name", entity->name);
	if (entity->group)
		json_bool(json, "group", true);
	if (command)
		json_u64(json, "pid", entity->pid);
	if (entity->kind == ENTITY_THREAD)
		json_u64(json, "tid", entity->tid);
	put_use(json, report, entity);
	if (command)
		put_command(json, report, entity);
	put_sums(json, report, entity);
	json_object_end(json);
}

static void put_carbon(struct json *json, const struct report *report, const struct entity *entity)
{
	json_object(json, "carbon");
	json_word(json, "scope", "cpu-electricity-only");
	json_object(json, "emissionFactor");
	json_text(json, "countryCode", report->carbon->code);
	json_word(json, "unit", "gCO2e/kWh");
	json_double(json, "value", report->carbon->grams_per_kwh);
	json_object_end(json);
	put_quantity(json, report, "energy", "kWh", carbon_kwh(entity->window_joules));
	put_quantity(json, report, "emissions", "gCO2e", entity->window_grams);
	json_object_end(json);
}

/* Renders the tick's part once: its lines are many, and the host part is half of each. */
static int render_tick(const struct report *report, char **ret, size_t *ret_length)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	struct json json;
	bool failed;

	if (!stream)
		return -ENOMEM;
	json_begin(&json, stream);
	put_tick(&json, report);
	json_flush(&json);
	failed = ferror(stream);
	failed |= fclose(stream) != 0;
	if (failed)
		return -ENOMEM;
	*ret = TAKE_PTR(text);
	*ret_length = length;
	return 0;
}

static int report_jsonl(void *state, FILE *stream, const struct report *report)
{
	_cleanup_free_ char *tick = NULL;
	struct json json;
	size_t length;
	int err;

	(void)state;
	err = render_tick(report, &tick, &length);
	if (err)
		return err;
	json_begin(&json, stream);
	for (size_t i = 0; i < report->n_entities; i++) {
		json_object(&json, NULL);
		json_splice(&json, tick, length);
		if (report->kind == ENTITY_PROCESS)
			put_process(&json, report, report->entities[i]);
		else
			put_other(&json, report, report->entities[i]);
		put_carbon(&json, report, report->entities[i]);
		json_object_end(&json);
		json_newline(&json);
	}
	json_flush(&json);
	return 0;
}

const struct output_format output_jsonl = {
	.name = "jsonl",
	.help = "one JSON line for each tick and entity (docs/jsonl.md)",
	.report = report_jsonl,
};
