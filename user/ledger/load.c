// SPDX-License-Identifier: BSD-2-Clause
/* The one owner of the skeleton: loads, attaches and maps the BPF side. */
#include "ledger/ledger_impl.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger.skel.h"

/* Behind task storage the hash is for the few that it misses; without it, for all. */
#define SPARE_SLOTS 4096U

static int demoted_log(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[512];
	size_t length;

	(void)level;
	if (log_level() < LOG_LEVEL_DEBUG)
		return 0;
	vsnprintf(line, sizeof(line), format, args);
	length = strlen(line);
	if (length && line[length - 1] == '\n')
		line[length - 1] = '\0';
	log_debug("  libbpf: %s", line);
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

/*
 * Mapped from the file descriptor, as memory that is shared with the programs. `size` is rounded up
 * to whole pages, as the map's own memory is.
 */
static int map_memory(struct bpf_map *map, size_t size, void **ret, size_t *ret_size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory;

	size = (size + page - 1) / page * page;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (memory == MAP_FAILED)
		return -errno;
	*ret = memory;
	*ret_size = size;
	return 0;
}

static int configure(struct ledger *ledger, const struct ledger_options *options)
{
	struct ledger_bpf *skeleton = ledger->skeleton;
	uint32_t ring_size = row_pool_ring_size(options->rows, ledger->n_cpus);
	int err;

	skeleton->rodata->ring_size = ring_size;
	skeleton->rodata->use_task_storage = ledger->task_storage;
	skeleton->rodata->use_rq_clock = ledger->rq_clock;
	skeleton->rodata->v1_controller = options->v1 == LEDGER_CPUACCT_V1 ? LEDGER_V1_CPUACCT
					  : options->v1 == LEDGER_CPU_V1   ? LEDGER_V1_CPU
									   : LEDGER_V1_NONE;
	skeleton->rodata->use_v2 = options->v2;
	err = bpf_map__set_max_entries(skeleton->maps.rows, options->rows);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.cpus, ledger->n_cpus);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.rings, ring_size * ledger->n_cpus);
	if (!err)
		err = bpf_map__set_max_entries(skeleton->maps.slots,
					       ledger->task_storage && options->rows > SPARE_SLOTS
						       ? SPARE_SLOTS
						       : options->rows);
	if (!err && !ledger->task_storage) {
		bpf_map__set_autocreate(skeleton->maps.storage, false);
		bpf_program__set_autoload(skeleton->progs.ledger_birth, false);
	}
	return err;
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

/* Asked of the kernel's own description, not of its version. */
static bool kernel_has_rq_in_cfs_rq(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_member *member;
	const struct btf_type *type;
	bool found = false;
	int id;

	if (!btf)
		return false;
	id = btf__find_by_name_kind(btf, "cfs_rq", BTF_KIND_STRUCT);
	if (id > 0) {
		type = btf__type_by_id(btf, (__u32)id);
		member = btf_members(type);
		for (int i = 0; i < btf_vlen(type) && !found; i++)
			found = strcmp(btf__name_by_offset(btf, member[i].name_off), "rq") == 0;
	}
	btf__free(btf);
	return found;
}

static int load_error(int err, struct errmsg *msg)
{
	if (err == -EPERM || err == -EACCES)
		return errmsg_set(msg, -EPERM,
				  "not permitted to load BPF programs: run as root, or give the "
				  "program CAP_BPF and CAP_PERFMON (setcap "
				  "cap_bpf,cap_perfmon+ep FILE; before Linux 5.8 CAP_SYS_ADMIN)");
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		return errmsg_set(msg, -EOPNOTSUPP,
				  "this kernel does not describe its types (no "
				  "/sys/kernel/btf/vmlinux): it must be built with "
				  "CONFIG_DEBUG_INFO_BTF=y");
	return errmsg_set(msg, err == -ENOMEM ? err : -EOPNOTSUPP,
			  "the kernel refused the ledger's programs (%s): -v shows why",
			  strerror(-err));
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

	ledger->rq_clock = !options->no_rq_clock && kernel_has_rq_in_cfs_rq();
	ledger->task_storage = !options->no_task_storage;
	err = try_load(ledger, options);
	if (err && err != -EPERM && ledger->task_storage) {
		/* Task storage in tracing programs came with 5.13: probed by trying. */
		ledger->task_storage = false;
		err = try_load(ledger, options);
	}
	if (err)
		return load_error(err, msg);
	ledger->tick_at = (__u64 *)&ledger->skeleton->bss->tick_at;
	err = row_map_init(&ledger->rows, bpf_map__fd(ledger->skeleton->maps.rows), options->rows);
	if (!err)
		err = map_memory(ledger->skeleton->maps.cpus,
				 (size_t)ledger->n_cpus * sizeof(*ledger->cpus),
				 (void **)&ledger->cpus, &ledger->cpus_size);
	if (!err)
		err = map_memory(ledger->skeleton->maps.rings,
				 (size_t)bpf_map__max_entries(ledger->skeleton->maps.rings) *
					 sizeof(*ledger->rings),
				 (void **)&ledger->rings, &ledger->rings_size);
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

	err = attach(skeleton->progs.ledger_anchor_tick, &skeleton->links.ledger_anchor_tick, NULL);
	if (!err)
		err = attach(skeleton->progs.ledger_anchor_idle,
			     &skeleton->links.ledger_anchor_idle, NULL);
	return err;
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
			    ledger->cpus);
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
	row_map_done(&ledger->rows);
	if (ledger->cpus)
		munmap(ledger->cpus, ledger->cpus_size);
	if (ledger->rings)
		munmap(ledger->rings, ledger->rings_size);
	ledger_bpf__destroy(ledger->skeleton);
}
