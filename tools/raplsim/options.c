// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/options.h"

#include "base/parse.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#define DEFAULT_WATTS 20
#define DEFAULT_PERIOD_S 0.001

enum row_kind {
	ROW_FLAG,
	ROW_WATTS,
	ROW_PERIOD,
	ROW_DURATION,
	ROW_PACKAGE,
	ROW_FAULT,
};

struct row {
	const char *name;
	int letter; /* 0 for none */
	enum row_kind kind;
	size_t offset; /* of a flag or a number, in struct options */
	const char *argument;
	const char *help;
};

static const struct row rows[] = {
	{"package", 'p', ROW_PACKAGE, 0, "WATTS[,KEY=VALUE...]",
	 "a package, repeatable (one of 20 W)"},
	{"psys", 0, ROW_WATTS, offsetof(struct options, psys_watts), "WATTS", "adds the zone psys"},
	{"mmio", 0, ROW_FLAG, offsetof(struct options, mmio), NULL,
	 "adds intel-rapl-mmio:0, a second package 0"},
	{"fault", 'f', ROW_FAULT, 0, "FROM[-TO]:ZONE:KIND", "a fault, repeatable"},
	{"period", 0, ROW_PERIOD, offsetof(struct options, period_s), "SECONDS",
	 "how often counters move (0.001)"},
	{"duration", 'd', ROW_DURATION, offsetof(struct options, duration_s), "SECONDS",
	 "how long (until SIGINT, SIGTERM)"},
	{"once", 0, ROW_FLAG, offsetof(struct options, once), NULL, "make the tree and exit"},
	{"summary", 0, ROW_FLAG, offsetof(struct options, summary), NULL,
	 "at the end, the true joules on stderr"},
	{"rm", 0, ROW_FLAG, offsetof(struct options, rm), NULL, "at the end, remove the tree"},
	{"help", 'h', ROW_FLAG, offsetof(struct options, help), NULL, "this text"},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* getopt_long's values for rows: beyond any letter. */
#define ROW_VALUE 256

static int parse_number(const struct row *row, double min, double max, const char *value,
			struct options *options, struct errmsg *msg)
{
	void *target = (char *)options + row->offset;

	if (parse_double(value, min, max, target) != 0)
		return errmsg_set(msg, -EINVAL, "--%s %s is not a number from %g to %g", row->name,
				  value, min, max);
	return 0;
}

static int set_row(const struct row *row, const char *value, struct options *options,
		   struct errmsg *msg)
{
	switch (row->kind) {
	case ROW_FLAG:
		*(bool *)((char *)options + row->offset) = true;
		return 0;
	case ROW_WATTS:
		return parse_number(row, 0, PACKAGE_MAX_WATTS, value, options, msg);
	case ROW_PERIOD:
		return parse_number(row, 1e-4, 3600, value, options, msg);
	case ROW_DURATION:
		return parse_number(row, 1e-3, 1e7, value, options, msg);
	case ROW_PACKAGE:
		if (options->n_packages == OPTIONS_MAX_PACKAGES)
			return errmsg_set(msg, -EINVAL, "more than %d packages",
					  OPTIONS_MAX_PACKAGES);
		return package_parse(value, &options->packages[options->n_packages++], msg);
	case ROW_FAULT:
		if (options->n_faults == OPTIONS_MAX_FAULTS)
			return errmsg_set(msg, -EINVAL, "more than %d faults", OPTIONS_MAX_FAULTS);
		return fault_parse(value, &options->faults[options->n_faults++], msg);
	}
	return -EINVAL;
}

/* What getopt_long needs, from the table. */
static void make_getopt(struct option *ret_long, char *ret_short)
{
	*ret_short++ = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; i < N_ROWS; i++) {
		ret_long[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = ROW_VALUE + (int)i,
		};
		if (!rows[i].letter)
			continue;
		*ret_short++ = (char)rows[i].letter;
		if (rows[i].argument)
			*ret_short++ = ':';
	}
	ret_long[N_ROWS] = (struct option){0};
	*ret_short = '\0';
}

static const struct row *find_row(int value)
{
	if (value >= ROW_VALUE)
		return &rows[value - ROW_VALUE];
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].letter == value)
			return &rows[i];
	return NULL;
}

static int parse_rows(int argc, char **argv, struct options *options, struct errmsg *msg)
{
	struct option long_options[N_ROWS + 1];
	char short_options[2 * N_ROWS + 2];
	const struct row *row;
	int value;

	make_getopt(long_options, short_options);
	opterr = 0;
	while ((value = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (value == ':')
			return errmsg_set(msg, -EINVAL, "the option %s needs a value",
					  argv[optind - 1]);
		row = value == '?' ? NULL : find_row(value);
		if (!row)
			return errmsg_set(msg, -EINVAL, "no such option: %s", argv[optind - 1]);
		if (set_row(row, optarg, options, msg) != 0)
			return -EINVAL;
	}
	return 0;
}

static int check(const struct options *options, struct errmsg *msg)
{
	if (options->command && !options->command[0])
		return errmsg_set(msg, -EINVAL, "no command behind --");
	if (options->once && options->command)
		return errmsg_set(msg, -EINVAL, "--once and a command exclude each other");
	if (options->once && (options->duration_s > 0 || options->rm))
		return errmsg_set(msg, -EINVAL,
				  "--once makes a tree that stands still: no --duration, no --rm");
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct errmsg *msg)
{
	int own = 1;

	*ret = (struct options){.psys_watts = PACKAGE_NO_WATTS, .period_s = DEFAULT_PERIOD_S};
	/* Options may stand on either side of DIR; those of the command are behind the "--". */
	while (own < argc && strcmp(argv[own], "--") != 0)
		own++;
	if (own < argc)
		ret->command = argv + own + 1;
	if (parse_rows(own, argv, ret, msg) != 0)
		return -EINVAL;
	if (ret->help)
		return 0;
	if (own - optind != 1)
		return errmsg_set(msg, -EINVAL, "%s",
				  own == optind
					  ? "no directory given to make the tree in"
					  : "more than one directory (a command goes behind --)");
	ret->dir = argv[optind];
	if (ret->n_packages == 0)
		package_init(&ret->packages[ret->n_packages++], DEFAULT_WATTS);
	return check(ret, msg);
}

void options_help(FILE *file)
{
	char left[64];

	fputs("Usage: raplsim [OPTION...] DIR [-- COMMAND [ARG...]]\n"
	      "Makes a powercap tree like that of /sys in DIR and feeds its counters: while\n"
	      "COMMAND runs, or until a signal (and prints \"ready DIR\" when the tree is made).\n\n",
	      file);
	for (size_t i = 0; i < N_ROWS; i++) {
		snprintf(left, sizeof(left), "%s--%s %s", rows[i].letter ? "" : "    ",
			 rows[i].name, rows[i].argument ? rows[i].argument : "");
		if (rows[i].letter)
			fprintf(file, "  -%c, %-31s %s\n", rows[i].letter, left, rows[i].help);
		else
			fprintf(file, "  %-35s %s\n", left, rows[i].help);
	}
	fputs("\nKeys of a package:\n"
	      "  at=SECONDS:WATTS[,...]    other watts from that time on\n"
	      "  busy=WATTS                follow the real load, from the first WATTS to these\n"
	      "  core= uncore= dram=WATTS  subzones\n"
	      "  cpus=LIST                 its CPUs (the online ones, in equal blocks)\n"
	      "  dies=N                    zones package-N-die-M; WATTS is of each die\n"
	      "  mirror                    the dies show one and the same counter\n"
	      "  range=JOULES              where its counters wrap (262143.328850)\n"
	      "  start=JOULES              where its counters begin (all somewhere else)\n\n"
	      "Faults: FROM and TO are seconds, or usr1 or usr2 for when that signal comes;\n"
	      "ZONE is a name or a node (dram, intel-rapl:0:0); KIND is reset, stuck, eio,\n"
	      "removed or unreadable.\n\n"
	      "Exit status: 0, 1 failed, 2 usage; with COMMAND its own (128+N for a signal, 127\n"
	      "not found, 126 not executable). COMMAND finds DIR in RAPLSIM_DIR.\n",
	      file);
}
