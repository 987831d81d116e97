// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/load.h"

#include "base/cleanup.h"
#include "base/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_TIMES 8

struct ticks {
	uint64_t idle;	/* with iowait: the CPU has nothing to run in either */
	uint64_t total; /* in units of USER_HZ */
};

struct load {
	const struct machine *machine;
	struct ticks *last, *delta; /* in the order of machine->cpus */
};

int load_open(const struct machine *machine, struct load **ret, struct errmsg *msg)
{
	struct load *load = calloc(1, sizeof(*load));
	int err = -ENOMEM;

	if (!load)
		goto fail;
	load->machine = machine;
	load->last = calloc(machine->n_cpus + 1, sizeof(*load->last));
	load->delta = calloc(machine->n_cpus + 1, sizeof(*load->delta));
	if (!load->last || !load->delta)
		goto fail;
	err = load_sample(load);
	if (err)
		goto fail;
	*ret = load;
	return 0;
fail:
	load_close(load);
	return errmsg_set(msg, err, "cannot read the CPU load from /proc/stat: %s", strerror(-err));
}

/* Both counters can step back by a tick (get_idle_time, fs/proc/stat.c): then nothing passed. */
static uint64_t advance(uint64_t now, uint64_t last)
{
	return now > last ? now - last : 0;
}

/* "cpuN user nice system idle iowait irq softirq steal …", proc_stat(5). */
static bool parse_line(char *line, uint32_t *ret_id, uint64_t t[N_TIMES])
{
	char *save = NULL, *word = strtok_r(line, " ", &save);

	/* The first line, "cpu  …", is the sum of all: no number follows the word at once. */
	if (!word || strncmp(word, "cpu", 3) != 0 ||
	    parse_u32(word + 3, 0, UINT32_MAX, ret_id) != 0)
		return false;
	for (size_t i = 0; i < N_TIMES; i++) {
		word = strtok_r(NULL, " ", &save);
		if (!word || parse_u64(word, 0, UINT64_MAX, &t[i]) != 0)
			return false;
	}
	return true;
}

static void take_line(struct load *load, char *line)
{
	uint64_t t[N_TIMES];
	struct ticks now;
	uint32_t id;

	if (!parse_line(line, &id, t))
		return;
	now.idle = t[3] + t[4];
	now.total = t[0] + t[1] + t[2] + t[3] + t[4] + t[5] + t[6] + t[7];
	for (size_t i = 0; i < load->machine->n_cpus; i++) {
		if (load->machine->cpus[i].id != id)
			continue;
		load->delta[i].idle = advance(now.idle, load->last[i].idle);
		load->delta[i].total = advance(now.total, load->last[i].total);
		load->last[i] = now;
	}
}

int load_sample(struct load *load)
{
	_cleanup_fclose_ FILE *file = NULL;
	char line[512];

	file = fopen("/proc/stat", "re");
	if (!file)
		return -errno;
	memset(load->delta, 0, load->machine->n_cpus * sizeof(*load->delta));
	/* The CPUs come first: the lines after them are long and of no use here. */
	while (fgets(line, sizeof(line), file) && strncmp(line, "cpu", 3) == 0)
		if (line[3] != ' ')
			take_line(load, line);
	return ferror(file) ? -EIO : 0;
}

double load_busy(const struct load *load, int package, int die)
{
	const struct machine_cpu *cpu;
	struct ticks sum = {0};

	for (size_t i = 0; i < load->machine->n_cpus; i++) {
		cpu = &load->machine->cpus[i];
		if (cpu->package != package || (die >= 0 && cpu->die != die))
			continue;
		sum.idle += load->delta[i].idle;
		sum.total += load->delta[i].total;
	}
	if (sum.total == 0)
		return -1;
	if (sum.idle > sum.total)
		return 0;
	return (double)(sum.total - sum.idle) / (double)sum.total;
}

void load_close(struct load *load)
{
	if (!load)
		return;
	free(load->last);
	free(load->delta);
	free(load);
}
