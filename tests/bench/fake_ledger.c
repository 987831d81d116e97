// SPDX-License-Identifier: BSD-2-Clause
#include "fake_ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_PID 100000
#define OWN_TID 1
#define N_CGROUPS 8
#define FIRST_CGROUP 7000000 /* none has such an id: its path is "(gone):7000000" */

static struct fake_ledger *next_fake;

int __real_ledger_open(const struct ledger_options *options, struct ledger **ret,
		       struct errmsg *msg);
int __wrap_ledger_open(const struct ledger_options *options, struct ledger **ret,
		       struct errmsg *msg);

void fake_ledger_next(struct fake_ledger *fake)
{
	next_fake = fake;
}

static void *plain_memory(size_t n, size_t size, size_t *ret_size)
{
	void *memory;

	*ret_size = (n * size + 4095) / 4096 * 4096;
	memory = mmap(NULL, *ret_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static int make_rows(struct fake_ledger *fake, uint32_t n_rows)
{
	fake->rows_size = ((size_t)n_rows * sizeof(*fake->rows) + 4095) / 4096 * 4096;
	fake->fd = memfd_create("rows", MFD_CLOEXEC);
	if (fake->fd < 0 || ftruncate(fake->fd, (off_t)fake->rows_size) != 0)
		return -errno;
	fake->rows = mmap(NULL, fake->rows_size, PROT_READ | PROT_WRITE, MAP_SHARED, fake->fd, 0);
	if (fake->rows == MAP_FAILED)
		return -errno;
	return row_map_init(&fake->ledger->rows, fake->fd, n_rows);
}

static int make_ledger(struct fake_ledger *fake, const struct ledger_options *options)
{
	struct ledger *ledger = fake->ledger = calloc(1, sizeof(*ledger));
	uint32_t n_cpus = options->n_cpus;
	int err;

	fake->live = calloc(options->rows, sizeof(*fake->live));
	if (!ledger || !fake->live)
		return -ENOMEM;
	ledger->n_cpus = n_cpus;
	ledger->own_tid = OWN_TID;
	ledger->anchored = true;
	ledger->tick_at = (__u64 *)&fake->tick_at;
	ledger->accounts = calloc(n_cpus, sizeof(*ledger->accounts));
	ledger->snapshots = calloc(n_cpus, sizeof(*ledger->snapshots));
	ledger->cpus = plain_memory(n_cpus, sizeof(*ledger->cpus), &ledger->cpus_size);
	ledger->rings = plain_memory((size_t)n_cpus * row_pool_ring_size(options->rows, n_cpus),
				     sizeof(*ledger->rings), &ledger->rings_size);
	if (!ledger->accounts || !ledger->snapshots || !ledger->cpus || !ledger->rings)
		return -ENOMEM;
	err = make_rows(fake, options->rows);
	return err ? err
		   : row_pool_init(&ledger->pool, options->rows, n_cpus, options->online, false,
				   ledger->cpus);
}

int __wrap_ledger_open(const struct ledger_options *options, struct ledger **ret,
		       struct errmsg *msg)
{
	struct fake_ledger *fake = next_fake;
	int err;

	next_fake = NULL;
	if (!fake)
		return __real_ledger_open(options, ret, msg);
	fake->hierarchy = options->v1 == LEDGER_NO_V1 ? LEDGER_CGROUP_V2 : LEDGER_CGROUP_V1;
	err = make_ledger(fake, options);
	if (err)
		return errmsg_set(msg, err, "no ledger of plain memory: %s", strerror(-err));
	fake_pass(fake, 1000000000);
	*ret = fake->ledger;
	return 0;
}

/* What take_free_row of bpf/ledger.bpf.c does. */
static uint32_t take_free_row(struct ledger *ledger, uint32_t id)
{
	struct ledger_cpu *cpu = &ledger->cpus[id];
	uint32_t ring_size = ledger->pool.ring_size;

	if (cpu->ring_head != cpu->ring_tail)
		return (uint32_t)ledger
			->rings[(size_t)id * ring_size + (cpu->ring_head++ & (ring_size - 1))];
	return cpu->fresh_next < cpu->fresh_end ? cpu->fresh_next++ : LEDGER_ROW_NONE;
}

static void identify(struct fake_ledger *fake, struct ledger_row *row, uint32_t index, uint32_t cpu)
{
	uint32_t birth = fake->births++;

	row->tid = row->tgid = FIRST_PID + birth;
	row->ppid = 1;
	row->start_ns = row->process_start_ns = fake->now + birth;
	row->cgroup_id = FIRST_CGROUP + birth % N_CGROUPS;
	row->hierarchy = fake->hierarchy;
	row->domain = (__u8)fake->ledger->cpus[cpu].domain;
	row->flags = 0;
	row->next = index;
	row->generation++;
	row->state = LEDGER_ROW_LIVE;
	snprintf(row->comm, sizeof(row->comm), "worker-%u", birth % 1000);
}

uint32_t fake_born(struct fake_ledger *fake, uint32_t n)
{
	struct ledger *ledger = fake->ledger;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t cpu = i % ledger->n_cpus, row = take_free_row(ledger, cpu);

		if (row == LEDGER_ROW_NONE)
			return i;
		identify(fake, &fake->rows[row], row, cpu);
		fake->live[fake->n_live++] = row;
	}
	return n;
}

void fake_run(struct fake_ledger *fake, uint64_t ns)
{
	for (uint32_t i = 0; i < fake->n_live; i++) {
		/* No two alike, so that no two lines have the same digits. */
		uint64_t ran = ns + i * 7919 % 1000;

		fake->rows[fake->live[i]].cpu_ns += ran;
		fake->ledger->cpus[i % fake->ledger->n_cpus].busy_ns += ran;
	}
}

void fake_die(struct fake_ledger *fake)
{
	for (uint32_t i = 0; i < fake->n_live; i++) {
		fake->rows[fake->live[i]].flags = LEDGER_TASK_DEAD | LEDGER_GROUP_DEAD;
		fake->rows[fake->live[i]].state = LEDGER_ROW_FINISHED;
	}
	fake->n_live = 0;
}

void fake_pass(struct fake_ledger *fake, uint64_t ns)
{
	fake->now += ns;
	for (uint32_t id = 0; id < fake->ledger->n_cpus; id++) {
		struct ledger_cpu *cpu = &fake->ledger->cpus[id];

		cpu->seq += 2;
		cpu->stamp = fake->now;
		cpu->tid = OWN_TID;
		cpu->row = LEDGER_ROW_IDLE;
		cpu->idle_ns = fake->now - cpu->busy_ns;
	}
}

void fake_done(struct fake_ledger *fake)
{
	if (fake->rows_size)
		munmap(fake->rows, fake->rows_size);
	if (fake->fd > 0)
		close(fake->fd);
	free(fake->live);
	memset(fake, 0, sizeof(*fake));
}
