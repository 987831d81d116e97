// SPDX-License-Identifier: BSD-2-Clause
#include "cli/config.h"

#include "ledger/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void config_init(struct config *config)
{
	*config = (struct config){
		.interval_s = 1,
		.window = 10,
		.by = ENTITY_PROCESS,
		.source = "auto",
		.model = &attribution_share,
		.sysfs = "/sys",
		.procfs = "/proc",
		.ledger_rows = LEDGER_DEFAULT_ROWS,
	};
	carbon_parse(CARBON_DEFAULT, &config->carbon, NULL);
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->n_settings; i++)
		free((char *)(uintptr_t)config->settings[i].value);
	while (config->n_cgroups)
		free(config->cgroups[--config->n_cgroups]);
	free(config->cgroups);
	while (config->n_containers)
		free((char *)(uintptr_t)config->containers[--config->n_containers]);
	free(config->containers);
	while (config->n_events)
		free(config->events[--config->n_events]);
	free(config->events);
	free(config->settings);
	free(config->outputs);
	while (config->n_windows)
		window_request_done(&config->windows[--config->n_windows]);
	free(config->windows);
	run_config_done(&config->run_config);
	config_file_done(&config->config_file);
	free(config->pids);
}

int config_keep_setting(struct config *config, const char *name, const char *value)
{
	struct output_setting *moved;
	char *copy = strdup(value);

	moved = copy ? reallocarray(config->settings, config->n_settings + 1, sizeof(*moved))
		     : NULL;
	if (!moved) {
		free(copy);
		return -ENOMEM;
	}
	config->settings = moved;
	config->settings[config->n_settings++] =
		(struct output_setting){.name = name, .value = copy};
	return 0;
}

void config_drop_settings(struct config *config, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < config->n_settings; i++) {
		if (strcmp(config->settings[i].name, name) == 0)
			free((char *)(uintptr_t)config->settings[i].value);
		else
			config->settings[kept++] = config->settings[i];
	}
	config->n_settings = kept;
}
