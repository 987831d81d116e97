// SPDX-License-Identifier: BSD-2-Clause
#include "bench.h"

#include "base/parse.h"
#include "topology/online.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const usage =
	"usage: bench [-r ROUNDS] [-t SECONDS] BINARY FILE [PART...]\n"
	"  BINARY is energytrace, FILE may be written; parts: switch tick real windows idle (all)\n";

static const struct {
	const char *name;
	int (*run)(struct bench_options *options);
} parts[] = {
	{"switch", bench_switch},   {"tick", bench_tick}, {"real", bench_real},
	{"windows", bench_windows}, {"idle", bench_idle},
};

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

uint64_t bench_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_size);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static int ignore_existing(void *userdata, const struct ledger_existing *process)
{
	(void)userdata;
	(void)process;
	return 0;
}

int bench_open_ledger(const struct bench_options *options, const struct ledger_options *how,
		      struct ledger **ret)
{
	struct ledger_options wanted = *how;
	struct errmsg msg = {};
	int err;

	wanted.n_cpus = options->n_cpus;
	wanted.online = options->online;
	wanted.domains = options->domains;
	wanted.v2 = true;
	wanted.existing = ignore_existing;
	err = ledger_open(&wanted, ret, &msg);
	if (err)
		fprintf(stderr, "bench: %s\n", msg.text);
	return err;
}

static int run_part(const char *name, struct bench_options *options)
{
	for (size_t i = 0; i < N_PARTS; i++) {
		if (strcmp(parts[i].name, name) == 0)
			return parts[i].run(options);
	}
	fprintf(stderr, "bench: no part is called %s\n%s", name, usage);
	return -EINVAL;
}

static int run_parts(char **names, struct bench_options *options)
{
	int ret = 0, err;

	for (size_t i = 0; !*names && i < N_PARTS; i++) {
		err = parts[i].run(options);
		ret = ret ? ret : err;
	}
	for (; *names; names++) {
		err = run_part(*names, options);
		ret = ret ? ret : err;
	}
	return ret;
}

/* Returns where the arguments go on, or NULL. */
static char **take_options(char **argv, struct bench_options *options)
{
	for (argv++; argv[0] && argv[0][0] == '-'; argv += 2) {
		unsigned int *value = strcmp(argv[0], "-r") == 0   ? &options->rounds
				      : strcmp(argv[0], "-t") == 0 ? &options->seconds
								   : NULL;
		uint64_t number;

		if (!value || !argv[1] || parse_u64(argv[1], 1, 1000, &number) != 0)
			return NULL;
		*value = (unsigned int)number;
	}
	if (!argv[0] || !argv[1])
		return NULL;
	options->binary = argv[0];
	options->target = argv[1];
	return argv + 2;
}

int main(int argc, char **argv)
{
	struct bench_options options = {.rounds = 9, .seconds = 20};
	char **names = take_options(argv, &options);
	bool *online = NULL;
	int *domains = NULL;
	int err;

	(void)argc;
	if (!names) {
		fputs(usage, stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = topology_possible("/sys", &options.n_cpus);
	if (!err) {
		online = calloc(options.n_cpus, sizeof(*online));
		domains = calloc(options.n_cpus, sizeof(*domains));
		err = online && domains ? topology_online("/sys", online, options.n_cpus) : -ENOMEM;
	}
	options.online = online;
	options.domains = domains;
	if (!err)
		err = run_parts(names, &options);
	else
		fprintf(stderr, "bench: which CPUs there are: %s\n", strerror(-err));
	free(online);
	free(domains);
	return err ? 1 : 0;
}
