// SPDX-License-Identifier: BSD-2-Clause
/* The one owner of the skeleton: loads, attaches and maps the BPF side. */
#include "ledger/ledger_impl.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "ledger/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger.skel.h"

/* Of news of names in mid-tick, 400 execs of them: then the reader is woken. A power of two of pages. */
#define NAMES_SIZE (256U * 1024)

/* Behind task storage the hash is for the few that it misses; without it, for all. */
#define SPARE_SLOTS 4096U

static int demoted_log(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text, *rest;

	(void)level;
	if (log_level() < LOG_LEVEL_DEBUG || vasprintf(&text, format, args) < 0)
		return 0;
	/* The verifier's log is one text, and its last lines tell what was wrong. */
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (*line)
			log_debug("  %s", line);
	}
	free(text);
	return 0;
}

uint64_t ledger_programs_skipped(const struct ledger *ledger)
{
	struct bpf_program *program;
	uint64_t skipped = 0;

	if (!ledger->skeleton)
		return 0;
	bpf_object__for_each_program(program, ledger->skeleton->obj)
	{
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_program__fd(program) >= 0 &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
			skipped += info.recursion_misses;
	}
	return skipped;
}

int ledger_map_memory(int fd, size_t size, void **ret, size_t *ret_size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory;

	size = (size + page - 1) / page * page;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	*ret = memory;
	*ret_size = size;
	return 0;
}

/* A program of names is left out where the kernel lacks its tracepoint. */
static void choose_names(struct ledger *ledger)
{
	const struct kernel_facts *facts = &ledger->facts;
	struct ledger_bpf *skeleton = ledger->skeleton;

	bpf_program__set_autoload(skeleton->progs.ledger_exec, ledger->names && facts->exec);
	bpf_program__set_autoload(skeleton->progs.ledger_cgroup_mkdir,
				  ledger->names && facts->cgroup_mkdir);
	bpf_program__set_autoload(skeleton->progs.ledger_cgroup_rmdir,
				  ledger->names && facts->cgroup_rmdir);
	bpf_program__set_autoload(skeleton->progs.ledger_cgroup_rename,
				  ledger->names && facts->cgroup_rename);
	bpf_program__set_autoload(skeleton->progs.ledger_cgroup_attach,
				  ledger->names && facts->cgroup_attach);
}

static int size_counts(struct ledger *ledger, uint32_t n_rows)
{
	uint32_t size = ledger->n_counters * (uint32_t)sizeof(struct ledger_count);
	struct ledger_bpf *skeleton = ledger->skeleton;
	int err;

	err = bpf_map__set_max_entries(skeleton->maps.counters,
				       ledger->n_counters * ledger->n_cpus);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.row_counts, n_rows);
	if (!err)
		err = bpf_map__set_value_size(skeleton->maps.row_counts, size);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.cpu_counts, ledger->n_cpus);
	if (!err)
		err = bpf_map__set_value_size(skeleton->maps.cpu_counts, size);
	return err;
}

static int size_maps(struct ledger *ledger, uint32_t n_rows)
{
	uint32_t spare_slots = n_rows < SPARE_SLOTS ? n_rows : SPARE_SLOTS;
	uint32_t events_size = ledger->names ? NAMES_SIZE : (uint32_t)sysconf(_SC_PAGESIZE);
	struct ledger_bpf *skeleton = ledger->skeleton;
	int err;

	err = bpf_map__set_max_entries(skeleton->maps.rows, n_rows);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.cpus, ledger->n_cpus);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.rings,
					       skeleton->rodata->ring_size * ledger->n_cpus);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.slots,
					       ledger->task_storage ? spare_slots : n_rows);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.events, events_size);
	if (!err && ledger->n_counters)
		err = size_counts(ledger, n_rows);
	return err;
}

static int configure(struct ledger *ledger, const struct ledger_options *options)
{
	struct ledger_bpf *skeleton = ledger->skeleton;

	skeleton->rodata->ring_size = row_pool_ring_size(options->rows, ledger->n_cpus);
	skeleton->rodata->use_task_storage = ledger->task_storage;
	skeleton->rodata->use_rq_clock = ledger->rq_clock;
	skeleton->rodata->v1_controller = options->v1 == LEDGER_CPUACCT_V1 ? LEDGER_V1_CPUACCT
					  : options->v1 == LEDGER_CPU_V1   ? LEDGER_V1_CPU
									   : LEDGER_V1_NONE;
	skeleton->rodata->use_v2 = options->v2;
	skeleton->rodata->can_ask = ledger->can_ask;
	skeleton->rodata->n_counters = ledger->n_counters;
	skeleton->rodata->can_look = ledger->can_look;
	skeleton->rodata->fail_births = options->no_births;
	if (!ledger->task_storage) {
		bpf_map__set_autocreate(skeleton->maps.storage, false);
		bpf_program__set_autoload(skeleton->progs.ledger_birth, false);
	}
	/* bpf_get_current_task_btf: from 5.11 on (3ca1032ab7ab). */
	bpf_program__set_autoload(skeleton->progs.ledger_anchor_tick, ledger->facts.anchors);
	bpf_program__set_autoload(skeleton->progs.ledger_anchor_idle, ledger->facts.anchors);
	choose_names(ledger);
	bpf_program__set_autoload(skeleton->progs.ledger_look, ledger->can_look);
	return size_maps(ledger, options->rows);
}

static int try_load(struct ledger *ledger, const struct ledger_options *options)
{
	int err;

	ledger->skeleton = ledger_bpf__open();
	if (!ledger->skeleton)
		return -errno;
	err = configure(ledger, options);
	if (!err)
		err = ledger_bpf__load(ledger->skeleton);
	if (err) {
		ledger_bpf__destroy(ledger->skeleton);
		ledger->skeleton = NULL;
	}
	return err;
}

/* With all there is first, then without what a kernel may refuse. */
static int load_what_works(struct ledger *ledger, const struct ledger_options *options)
{
	int err = try_load(ledger, options);

	if (err && err != -EPERM && ledger->task_storage) {
		/* Task storage in tracing programs came with 5.13: probed by trying. */
		ledger->task_storage = false;
		err = try_load(ledger, options);
	}
	if (err && err != -EPERM && (ledger->n_counters || ledger->names)) {
		if (ledger->n_counters)
			ledger->n_counters = 0;
		else
			ledger->names = false;
		ledger->can_look &= ledger->names;
		ledger->task_storage = !options->no_task_storage;
		err = load_what_works(ledger, options);
	}
	return err;
}

static int load_error(int err, struct errmsg *msg)
{
	if (err == -EPERM || err == -EACCES)
		return errmsg_set(msg, -EPERM,
				  "not permitted to load BPF programs: run as root, or give the "
				  "program CAP_BPF and CAP_PERFMON (setcap "
				  "cap_bpf,cap_perfmon+ep FILE; before Linux 5.8 CAP_SYS_ADMIN)");
	if (err == -EMFILE || err == -ENFILE)
		return errmsg_set(msg, err,
				  "no more files can be opened for the ledger: raise the limit "
				  "(ulimit -n)");
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		return errmsg_set(msg, -EOPNOTSUPP,
				  "this kernel does not describe its types (no "
				  "/sys/kernel/btf/vmlinux): it must be built with "
				  "CONFIG_DEBUG_INFO_BTF=y");
	return errmsg_set(msg, err == -ENOMEM ? err : -EOPNOTSUPP,
			  "the kernel refused the ledger's programs (%s): -v shows why",
			  strerror(-err));
}

static int map_ledger(struct ledger *ledger, const struct ledger_options *options)
{
	struct ledger_bpf *skeleton = ledger->skeleton;
	int err;

	ledger->tick_at = (__u64 *)&skeleton->bss->tick_at;
	ledger->moved_at = (__u64 *)&skeleton->bss->moved_at;
	ledger->counters_fd = bpf_map__fd(skeleton->maps.counters);
	ledger->look_fd = bpf_program__fd(skeleton->progs.ledger_look);
	ledger->move_told = (__u64 *)&skeleton->bss->move_told;
	ledger->ktime_ahead = (__s64 *)&skeleton->bss->ktime_ahead;
	err = row_map_init(&ledger->rows, bpf_map__fd(skeleton->maps.rows), options->rows);
	if (!err)
		err = ledger_map_memory(bpf_map__fd(skeleton->maps.cpus),
					(size_t)ledger->n_cpus * sizeof(*ledger->cpus),
					(void **)&ledger->cpus, &ledger->cpus_size);
	if (!err)
		err = ledger_map_memory(bpf_map__fd(skeleton->maps.rings),
					(size_t)bpf_map__max_entries(skeleton->maps.rings) *
						sizeof(*ledger->rings),
					(void **)&ledger->rings, &ledger->rings_size);
	if (!err)
		err = ledger_open_events(ledger, bpf_map__fd(skeleton->maps.events));
	if (!err && ledger->n_counters)
		err = ledger_map_counts(ledger, options, bpf_map__fd(skeleton->maps.row_counts),
					bpf_map__fd(skeleton->maps.cpu_counts));
	return err;
}

int ledger_load(struct ledger *ledger, const struct ledger_options *options, struct errmsg *msg)
{
	int err;

	libbpf_set_print(demoted_log);
	ledger->n_cpus = options->n_cpus;
	ledger->accounts = calloc(ledger->n_cpus, sizeof(*ledger->accounts));
	ledger->snapshots = calloc(ledger->n_cpus, sizeof(*ledger->snapshots));
	if (!ledger->accounts || !ledger->snapshots)
		return errmsg_set(msg, -ENOMEM, "out of memory for %u CPUs", ledger->n_cpus);

	kernel_facts_read(&ledger->facts);
	ledger->rq_clock = !options->no_rq_clock && ledger->facts.rq_clock;
	ledger->can_ask = ledger->facts.can_ask;
	/* Where the ring buffer's lock may sleep, these tracepoints are no place for it either. */
	ledger->names = options->names && ledger->can_ask;
	ledger->n_counters = (uint32_t)options->n_counters;
	ledger->can_look = ledger->facts.anchors && (ledger->names || ledger->n_counters);
	ledger->task_storage = !options->no_task_storage;
	err = load_what_works(ledger, options);
	if (err)
		return load_error(err, msg);
	err = map_ledger(ledger, options);
	return err ? errmsg_set(msg, err, "cannot map the ledger's memory: %s", strerror(-err)) : 0;
}

/* Reads the task iterator: makes storage for what exists, and tells who it is. */
static int visit_existing(struct ledger *ledger, const struct ledger_options *options)
{
	_cleanup_close_ int fd =
		bpf_iter_create(bpf_link__fd(ledger->skeleton->links.ledger_existing));
	struct ledger_seen seen[64];
	size_t have = 0;
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return -errno;
	/* Reads are of whole records or not: keep what is left over. */
	while ((n = read(fd, (char *)seen + have, sizeof(seen) - have)) != 0) {
		size_t count;

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		count = have / sizeof(*seen);
		for (size_t i = 0; i < count && !err; i++) {
			struct ledger_existing process = {
				.pid = seen[i].pid,
				.ppid = seen[i].ppid,
				.uid = seen[i].uid,
				.kernel = seen[i].kernel,
				.n_threads = seen[i].n_threads,
				.exited = seen[i].live == 0,
				.start_ns = seen[i].start_ns,
				.cgroup_id = seen[i].cgroup_id,
				.cgroup_version = (int)seen[i].hierarchy,
			};

			memcpy(process.comm, seen[i].comm, sizeof(process.comm));
			if (process.pid == (uint32_t)getpid())
				ledger->own_tid = seen[i].kernel_pid;
			ledger->saw_init |= seen[i].kernel_pid == 1;
			if (options->existing)
				err = options->existing(options->userdata, &process);
		}
		if (err)
			return err;
		have -= count * sizeof(*seen);
		memmove(seen, seen + count, have);
	}
	return ledger->own_tid ? 0 : -ESRCH;
}

/*
 * Goes to every CPU once, which makes each of them switch and so begin its account. It is the one
 * time that a CPU is woken. A CPU that this program may not run on begins with its own next switch.
 */
static void visit_cpus(const struct ledger *ledger)
{
	size_t size = CPU_ALLOC_SIZE(ledger->n_cpus);
	cpu_set_t *here = CPU_ALLOC(ledger->n_cpus), *before = CPU_ALLOC(ledger->n_cpus);

	if (here && before && sched_getaffinity(0, size, before) == 0) {
		for (uint32_t cpu = 0; cpu < ledger->n_cpus; cpu++) {
			if (ledger->accounts[cpu].offline)
				continue;
			CPU_ZERO_S(size, here);
			CPU_SET_S(cpu, size, here);
			sched_setaffinity(0, size, here);
		}
		sched_setaffinity(0, size, before);
	}
	CPU_FREE(here);
	CPU_FREE(before);
}

static int attach(struct bpf_program *program, struct bpf_link **link, struct errmsg *msg)
{
	int err;

	*link = bpf_program__attach(program);
	if (*link)
		return 0;
	err = -errno;
	return errmsg_set(msg, err == -EPERM ? err : -EOPNOTSUPP, "cannot attach %s: %s",
			  bpf_program__name(program), strerror(-err));
}

int ledger_attach_anchors(struct ledger *ledger)
{
	struct ledger_bpf *skeleton = ledger->skeleton;
	int err;

	if (!ledger->facts.anchors)
		return -EOPNOTSUPP;
	err = attach(skeleton->progs.ledger_anchor_tick, &skeleton->links.ledger_anchor_tick, NULL);
	if (!err)
		err = attach(skeleton->progs.ledger_anchor_idle,
			     &skeleton->links.ledger_anchor_idle, NULL);
	return err;
}

/* Each that was loaded; the ledger works without any of them. */
static void attach_names(struct ledger *ledger)
{
	struct ledger_bpf *skeleton = ledger->skeleton;
	const struct {
		struct bpf_program *program;
		struct bpf_link **link;
	} names[] = {
		{skeleton->progs.ledger_exec, &skeleton->links.ledger_exec},
		{skeleton->progs.ledger_cgroup_mkdir, &skeleton->links.ledger_cgroup_mkdir},
		{skeleton->progs.ledger_cgroup_rmdir, &skeleton->links.ledger_cgroup_rmdir},
		{skeleton->progs.ledger_cgroup_rename, &skeleton->links.ledger_cgroup_rename},
		{skeleton->progs.ledger_cgroup_attach, &skeleton->links.ledger_cgroup_attach},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (bpf_program__fd(names[i].program) >= 0)
			attach(names[i].program, names[i].link, NULL);
	}
	ledger->names = skeleton->links.ledger_exec && skeleton->links.ledger_cgroup_mkdir;
}

static int begin_accounts(struct ledger *ledger, const struct ledger_options *options,
			  struct errmsg *msg)
{
	int err;

	for (uint32_t cpu = 0; cpu < ledger->n_cpus; cpu++) {
		int domain = options->domains[cpu];

		ledger_set_online(ledger, cpu, options->online[cpu]);
		ledger->cpus[cpu].domain = domain >= 0 && domain < LEDGER_MAX_DOMAINS
						   ? (uint32_t)domain
						   : LEDGER_DOMAIN_NONE;
	}
	err = row_pool_init(&ledger->pool, options->rows, ledger->n_cpus, options->online,
			    ledger->can_ask, ledger->cpus);
	return err ? errmsg_set(msg, err, "out of memory for %u rows", options->rows) : 0;
}

int ledger_start(struct ledger *ledger, const struct ledger_options *options, struct errmsg *msg)
{
	struct ledger_bpf *skeleton = ledger->skeleton;
	int err;

	err = begin_accounts(ledger, options, msg);

	/* Births first, then what exists, then the switches: so nobody is met without storage. */
	if (!err && ledger->task_storage)
		err = attach(skeleton->progs.ledger_birth, &skeleton->links.ledger_birth, msg);
	if (!err)
		err = attach(skeleton->progs.ledger_rename, &skeleton->links.ledger_rename, msg);
	if (!err)
		err = attach(skeleton->progs.ledger_exit, &skeleton->links.ledger_exit, msg);
	if (!err)
		err = attach(skeleton->progs.ledger_existing, &skeleton->links.ledger_existing,
			     msg);
	if (err)
		return err;
	err = visit_existing(ledger, options);
	if (err)
		return errmsg_set(msg, err, "cannot list the tasks that exist: %s", strerror(-err));
	attach_names(ledger);
	err = attach(skeleton->progs.ledger_switch, &skeleton->links.ledger_switch, msg);
	if (err)
		return err;
	/*
	 * An iterator that keeps the first process back: a kernel that hides some of its tasks from
	 * BPF, where switches will be missed. In a pid namespace it is never seen.
	 */
	if (!ledger->saw_init && ledger->own_tid == (uint32_t)getpid())
		ledger->anchored = ledger_attach_anchors(ledger) == 0;
	visit_cpus(ledger);
	return 0;
}

void ledger_unload(struct ledger *ledger)
{
	ring_buffer__free(ledger->events);
	row_map_done(&ledger->rows);
	if (ledger->cpus)
		munmap(ledger->cpus, ledger->cpus_size);
	if (ledger->rings)
		munmap(ledger->rings, ledger->rings_size);
	ledger_unmap_counts(ledger);
	ledger_bpf__destroy(ledger->skeleton);
}
