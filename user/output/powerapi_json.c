// SPDX-License-Identifier: BSD-2-Clause
/* The reports as JSON, a line each. docs/powerapi.md describes them. */
#include "output/json.h"
#include "output/powerapi_report.h"

/* A key that may be any text. */
static void put_key(struct json *json, const char *key)
{
	json_text(json, NULL, key);
	json_put_char(json, ':');
	json->comma = false;
}

static void put_text(struct json *json, const char *key, const char *text)
{
	put_key(json, key);
	json_text(json, NULL, text);
}

static void put_number(struct json *json, const char *key, double value)
{
	put_key(json, key);
	json_double(json, NULL, value);
}

static void put_timestamp(struct json *json, const struct powerapi_tick *tick)
{
	if (tick->settings->timestamp_iso) {
		json_word(json, "timestamp", tick->timestamp);
		return;
	}
	json_key(json, "timestamp");
	json_put(json, tick->timestamp, strlen(tick->timestamp));
}

static void begin_report(struct json *json, const struct powerapi_tick *tick, const char *target)
{
	json_object(json, NULL);
	put_timestamp(json, tick);
	json_text(json, "sensor", tick->sensor);
	if (target)
		json_text(json, "target", target);
}

static void begin_metadata(struct json *json, const struct powerapi_tick *tick)
{
	const struct run *run = tick->report->run;

	json_object(json, "metadata");
	json_text(json, "source", powerapi_has_joules(tick) ? run->source : "none");
	json_word(json, "kind", energy_kind_name(run->kind));
}

static void end_report(struct json *json)
{
	json_object_end(json); /* metadata */
	json_object_end(json);
	json_newline(json);
}

/* Counter resets and failed reads make joules of a tick doubtful: they are told where they happened. */
static void put_doubts(struct json *json, const struct sample *sample)
{
	uint64_t resets = 0, gaps = 0;

	for (size_t i = 0; i < sample->n_energy; i++) {
		resets += sample->energy[i].resets;
		gaps += sample->energy[i].gaps;
	}
	if (resets > 0)
		json_u64(json, "resets", resets);
	if (gaps > 0)
		json_u64(json, "gaps", gaps);
}

/* What the targets lack to `all`. */
static void put_rest(struct json *json, const struct powerapi_tick *tick)
{
	const struct report_host *host = &tick->report->host;
	double others = host->others.joules + tick->targets->left_out.joules;

	json_double(json, "idle", powerapi_watts(tick, host->idle.joules));
	json_double(json, "unattributed", powerapi_watts(tick, host->unattributed.joules));
	if (tick->report->selective || tick->settings->base)
		json_double(json, "others", powerapi_watts(tick, others));
}

static void put_labels(struct json *json, const struct powerapi_tick *tick,
		       const struct powerapi_target *target)
{
	struct entity_label labels[ENTITY_LABELS_MAX];
	const struct entity *entity = target->entity;
	size_t n = entity_labels(entity, labels);

	json_word(json, "entity", entity_kind_name(entity->kind));
	if (entity->name && strcmp(entity->name, target->name) != 0)
		json_text(json, "name", entity->name);
	for (size_t i = 0; i < n; i++)
		put_text(json, labels[i].key, labels[i].value);
	if (entity->kind == ENTITY_CGROUP &&
	    entity->subtree_tick.joules != entity->tick.joules) /* it has others below it */
		json_double(json, "subtree", powerapi_watts(tick, entity->subtree_tick.joules));
	if (entity->self)
		json_bool(json, "self", true);
}

static void put_power(struct json *json, const struct powerapi_tick *tick)
{
	const struct powerapi_targets *targets = tick->targets;

	begin_report(json, tick, POWERAPI_ALL);
	json_double(json, "power", powerapi_watts(tick, tick->report->host.joules));
	begin_metadata(json, tick);
	put_rest(json, tick);
	put_doubts(json, tick->report->sample);
	end_report(json);
	for (size_t i = 0; i < targets->n; i++) {
		const struct powerapi_target *target = &targets->list[i];

		begin_report(json, tick, target->name);
		json_double(json, "power", powerapi_watts(tick, target->tick.joules));
		begin_metadata(json, tick);
		put_labels(json, tick, target);
		end_report(json);
	}
}

static void put_procfs(struct json *json, const struct powerapi_tick *tick)
{
	const struct powerapi_targets *targets = tick->targets;

	begin_report(json, tick, NULL);
	json_array(json, "target");
	for (size_t i = 0; i < targets->n; i++)
		json_text(json, NULL, targets->list[i].name);
	json_array_end(json);
	json_object(json, "usage");
	for (size_t i = 0; i < targets->n; i++)
		put_number(json, targets->list[i].name,
			   powerapi_percent(tick, targets->list[i].tick.cpu_ns));
	json_object_end(json);
	json_double(json, "global_cpu_usage", powerapi_percent(tick, tick->report->host.active_ns));
	json_object(json, "metadata"); /* readers demand it; CPU time has no source to tell */
	end_report(json);
}

static void put_cpu(struct json *json, const struct hwpc_group *group, const struct hwpc_cpu *cpu)
{
	char number[NUMBER_SIZE];

	number_u64(cpu->cpu, number);
	json_object(json, number);
	for (size_t i = 0; i < group->n_events; i++) {
		if (cpu->values[i] == HWPC_NONE)
			continue;
		put_key(json, group->events[i]);
		json_u64(json, NULL, cpu->values[i]);
	}
	json_u64(json, "time_enabled", cpu->enabled_ns);
	json_u64(json, "time_running", cpu->running_ns);
	json_object_end(json);
}

/* group, socket, CPU, event: the order of the sensor and its readers, whatever the document's names say. */
static void put_group(struct json *json, const struct hwpc_group *group)
{
	char number[NUMBER_SIZE];
	int socket = -1;

	json_object(json, group->name);
	for (size_t i = 0; i < group->n_cpus; i++) {
		const struct hwpc_cpu *cpu = &group->cpus[i];

		if (hwpc_is_idle(cpu))
			continue;
		if (cpu->socket != socket) {
			if (socket >= 0)
				json_object_end(json);
			socket = cpu->socket;
			number_u64((uint64_t)socket, number);
			json_object(json, number);
		}
		put_cpu(json, group, cpu);
	}
	if (socket >= 0)
		json_object_end(json);
	json_object_end(json);
}

/* The groups of one target, if it has any. `entity` NULL: of the whole machine. */
static void put_hwpc(struct json *json, const struct powerapi_tick *tick, const char *name,
		     const struct entity *entity)
{
	struct hwpc *hwpc = tick->hwpc;
	bool begun = false;

	for (size_t i = 0; i < hwpc->n_groups; i++) {
		if (!hwpc->sources[i]->read(tick->report, entity, &hwpc->groups[i]))
			continue;
		if (!begun) {
			begin_report(json, tick, name);
			json_object(json, "groups");
		}
		begun = true;
		put_group(json, &hwpc->groups[i]);
	}
	if (!begun)
		return;
	json_object_end(json);
	begin_metadata(json, tick);
	if (!entity)
		put_doubts(json, tick->report->sample);
	end_report(json);
}

void powerapi_put_json(const struct powerapi_tick *tick, FILE *stream)
{
	unsigned int reports = tick->settings->reports;
	struct json json;

	json_begin(&json, stream);
	if ((reports & POWERAPI_POWER) && powerapi_has_joules(tick))
		put_power(&json, tick);
	if (reports & POWERAPI_PROCFS)
		put_procfs(&json, tick);
	if (reports & POWERAPI_HWPC) {
		put_hwpc(&json, tick, POWERAPI_ALL, NULL);
		for (size_t i = 0; i < tick->targets->n; i++)
			put_hwpc(&json, tick, tick->targets->list[i].name,
				 tick->targets->list[i].entity);
	}
	json_flush(&json);
}
