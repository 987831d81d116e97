// SPDX-License-Identifier: BSD-2-Clause
#include "base/errmsg.h"
#include "raplsim/feed.h"
#include "raplsim/load.h"
#include "raplsim/machine.h"
#include "raplsim/options.h"
#include "raplsim/tree.h"
#include "raplsim/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

/* All that lives as long as the program. */
struct simulation {
	struct options options;
	char *arguments;
	struct machine *machine;
	struct zones *zones;
	struct load *load;
	struct tree *tree;
};

static void free_simulation(struct simulation *simulation)
{
	tree_close(simulation->tree);
	load_close(simulation->load);
	zones_free(simulation->zones);
	machine_free(simulation->machine);
	free(simulation->arguments);
}

/* argv in one line, for the marker. */
static char *join(int argc, char **argv)
{
	size_t size = 1, used = 0;
	char *line;

	for (int i = 1; i < argc; i++)
		size += strlen(argv[i]) + 1;
	line = calloc(1, size);
	for (int i = 1; line && i < argc; i++)
		used += (size_t)snprintf(line + used, size - used, "%s%s", i > 1 ? " " : "",
					 argv[i]);
	return line;
}

/* What the options ask for, checked against this machine and itself; nothing is written yet. */
static int plan(struct simulation *simulation, struct errmsg *msg)
{
	struct options *options = &simulation->options;
	struct zone_plan zone_plan = {
		.packages = options->packages,
		.n_packages = options->n_packages,
		.psys_watts = options->psys_watts,
		.mmio = options->mmio,
	};
	int err;

	err = machine_read(&simulation->machine, msg);
	if (err)
		return err;
	err = zones_make(&zone_plan, &simulation->zones, msg);
	if (err)
		return err;
	if (machine_divide(simulation->machine, options->packages, options->n_packages, msg) != 0 ||
	    fault_check(options->faults, options->n_faults, simulation->zones, msg) != 0)
		return -EINVAL;
	return 0;
}

static int make(struct simulation *simulation, struct errmsg *msg)
{
	struct options *options = &simulation->options;
	int err;

	for (size_t i = 0; i < simulation->zones->n_powers && !simulation->load; i++) {
		if (!simulation->zones->powers[i].follows_load)
			continue;
		err = load_open(simulation->machine, &simulation->load, msg);
		if (err)
			return err;
	}
	err = tree_open(options->dir, simulation->arguments, &simulation->tree, msg);
	if (err)
		return err;
	err = machine_write(simulation->machine, tree_fd(simulation->tree), msg);
	if (err)
		return err;
	return tree_add_zones(simulation->tree, simulation->zones, msg);
}

static void print_summary(const struct zones *zones, uint64_t end_ns)
{
	for (size_t i = 0; i < zones->n_zones; i++)
		fprintf(stderr, "%s %s %.6f %.9f\n", zones->zones[i].name, zones->zones[i].node,
			power_uj(zones->zones[i].power, end_ns) / 1e6, (double)end_ns / 1e9);
}

/* Returns the status to exit with, or a negative errno. */
static int feed(struct simulation *simulation, const sigset_t *mask, struct errmsg *msg)
{
	struct feed feed = {
		.options = &simulation->options,
		.tree = simulation->tree,
		.zones = simulation->zones,
		.load = simulation->load,
	};
	uint64_t end_ns = 0;
	int status = 0;
	int err;

	err = feed_begin(&feed, msg);
	if (!err && !simulation->options.once)
		err = feed_run(&feed, mask, &status, &end_ns, msg);
	if (!err && simulation->options.summary)
		print_summary(simulation->zones, end_ns);
	if (!err && simulation->options.rm)
		err = tree_remove(simulation->tree, msg);
	return err ? err : status;
}

static int complain(const struct errmsg *msg, int status)
{
	fprintf(stderr, "raplsim: %s%s\n", msg->text,
		status == EXIT_USAGE ? " (see raplsim --help)" : "");
	return status;
}

/* Returns the status to exit with. */
static int run(struct simulation *simulation)
{
	struct errmsg msg = {0};
	sigset_t mask;
	int status;

	status = plan(simulation, &msg);
	if (status < 0)
		return complain(&msg, status == -EINVAL ? EXIT_USAGE : EXIT_FAILURE);
	feed_block(&mask);
	status = make(simulation, &msg);
	if (status == 0)
		status = feed(simulation, &mask, &msg);
	return status < 0 ? complain(&msg, EXIT_FAILURE) : status;
}

int main(int argc, char **argv)
{
	struct simulation simulation = {0};
	struct errmsg msg = {0};
	int status = EXIT_SUCCESS;

	simulation.arguments = join(argc, argv);
	if (!simulation.arguments)
		status = EXIT_FAILURE;
	else if (options_parse(argc, argv, &simulation.options, &msg) != 0)
		status = complain(&msg, EXIT_USAGE);
	else if (simulation.options.help)
		options_help(stdout);
	else
		status = run(&simulation);
	free_simulation(&simulation);
	return status;
}
