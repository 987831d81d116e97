// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/windows.h"

#include "base/cleanup.h"
#include "ledger/ledger_impl.h"
#include "windows_shared.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ledger.skel.h" /* for its maps */
#include "windows.skel.h"

#define DEFAULT_RING_BYTES (4U * 1024 * 1024)
#define NS_PER_S 1000000000
#define EVERY_PROCESS (-1)

/* The clocks' rates are compared over this at least: reading both takes some 100 ns. */
#define DRIFT_SPAN_NS 500000000
#define DRIFT_UNIT (1 << 30)

_Static_assert(LEDGER_WINDOW_FUNCTIONS == WINDOW_FUNCTIONS_MAX, "one limit");

struct ledger_windows {
	struct windows_bpf *skeleton;
	struct ring_buffer *ring;
	struct bpf_link **links;
	size_t n_links;
	int (*finished)(void *userdata, const struct window *window);
	void *userdata;
	uint64_t page_bytes;
	bool drifts; /* the ledger's clock is not CLOCK_MONOTONIC */
	int64_t monotonic_ns, raw_ns;
	struct window_counts *copies; /* one for each possible CPU, to read into */
	int n_copies;
};

static int domain_of(uint8_t domain)
{
	return domain == LEDGER_DOMAIN_NONE ? SAMPLE_NO_DOMAIN : domain;
}

/* Called by libbpf for each record. */
static int take_record(void *userdata, void *data, size_t size)
{
	const struct ledger_windows *windows = userdata;
	const struct window_record *record = data;
	bool unresolved;
	struct window window;

	if (size < sizeof(*record))
		return 0;
	unresolved = record->flags & WINDOW_UNRESOLVED;
	window = (struct window){
		.function = record->function,
		.tid = record->tid,
		.pid = record->tgid,
		.start_ns = record->start_ns,
		.process_start_ns = record->process_start_ns,
		.begin_ns = record->begin_ns,
		.end_ns = record->end_ns,
		.cpu_ns = unresolved ? 0 : record->cpu_ns,
		.root_ns = record->root_ns,
		.depth = record->depth,
		.unresolved = unresolved,
		.rss_bytes = record->rss_pages > 0
				     ? (uint64_t)record->rss_pages * windows->page_bytes
				     : 0,
		.domain_begin = domain_of(record->domain_begin),
		.domain_end = domain_of(record->domain_end),
	};
	if (window.cpu_ns > record->inner_ns)
		window.own_ns = window.cpu_ns - record->inner_ns;
	return windows->finished(windows->userdata, &window);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* How much faster CLOCK_MONOTONIC goes than the ledger's clock, which nobody steers. */
static void follow_drift(struct ledger_windows *windows)
{
	int64_t monotonic_ns = clock_ns(CLOCK_MONOTONIC), raw_ns = clock_ns(CLOCK_MONOTONIC_RAW);
	int64_t passed = monotonic_ns - windows->monotonic_ns;

	if (!windows->drifts || (windows->monotonic_ns && passed < DRIFT_SPAN_NS))
		return;
	if (windows->monotonic_ns)
		windows->skeleton->bss->clock_drift =
			(__s64)((double)(passed - (raw_ns - windows->raw_ns)) / (double)passed *
				DRIFT_UNIT);
	windows->monotonic_ns = monotonic_ns;
	windows->raw_ns = raw_ns;
}

#define OUT_OF_FILES "no more files can be opened for the windows: raise the limit (ulimit -n)"

static bool is_out_of_files(int err)
{
	return err == -EMFILE || err == -ENFILE;
}

static int load_error(int err, struct errmsg *msg)
{
	if (err == -EPERM || err == -EACCES)
		return errmsg_set(msg, -EPERM,
				  "not permitted to load the windows' programs: run as root, or "
				  "give the program CAP_BPF and CAP_PERFMON");
	if (is_out_of_files(err))
		return errmsg_set(msg, err, OUT_OF_FILES);
	return errmsg_set(msg, err == -ENOMEM ? err : -EOPNOTSUPP,
			  "the kernel refused the windows' programs (%s): they need Linux 5.17 or "
			  "newer; -v shows why",
			  strerror(-err));
}

static int share_maps(struct windows_bpf *skeleton, const struct ledger *ledger)
{
	int err;

	err = bpf_map__reuse_fd(skeleton->maps.rows, bpf_map__fd(ledger->skeleton->maps.rows));
	if (!err)
		err = bpf_map__reuse_fd(skeleton->maps.cpus,
					bpf_map__fd(ledger->skeleton->maps.cpus));
	return err;
}

static int load_windows(struct ledger_windows *windows, const struct ledger *ledger,
			const struct ledger_windows_options *options)
{
	struct windows_bpf *skeleton = windows_bpf__open();
	int err;

	if (!skeleton)
		return -errno;
	windows->skeleton = skeleton;
	skeleton->rodata->follow = options->descendants;
	bpf_program__set_autoload(skeleton->progs.window_birth, options->descendants);
	bpf_program__set_autoload(skeleton->progs.window_existing, options->descendants);
	err = bpf_map__set_max_entries(skeleton->maps.finished, options->ring_bytes
									? options->ring_bytes
									: DEFAULT_RING_BYTES);
	if (!err)
		err = share_maps(skeleton, ledger);
	if (!err)
		err = windows_bpf__load(skeleton);
	if (err)
		return err;
	windows->ring =
		ring_buffer__new(bpf_map__fd(skeleton->maps.finished), take_record, windows, NULL);
	return windows->ring ? 0 : -errno;
}

static int attach_error(int err, const struct window_probe *probe, int pid, struct errmsg *msg)
{
	if (err == -ESRCH)
		return errmsg_set(msg, err, "no process has the pid %d", pid);
	if (err == -EPERM || err == -EACCES)
		return errmsg_set(msg, -EPERM,
				  "not permitted to set probes: run as root, or give the program "
				  "CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH");
	if (err == -ENOENT && strncmp(probe->path, "/proc/", strlen("/proc/")) == 0)
		return errmsg_set(msg, -ESRCH, "the process that has %s has ended", probe->path);
	if (is_out_of_files(err))
		return errmsg_set(msg, err, OUT_OF_FILES);
	if (access("/sys/bus/event_source/devices/uprobe", F_OK) != 0)
		return errmsg_set(msg, -EOPNOTSUPP,
				  "this kernel has no probes in programs: it must be built with "
				  "CONFIG_UPROBE_EVENTS=y");
	return errmsg_set(msg, err, "cannot set a probe at offset 0x%llx of %s: %s",
			  (unsigned long long)probe->offset, probe->path, strerror(-err));
}

/* One program at one place, in the process or (EVERY_PROCESS) in all. */
static int attach_at(struct ledger_windows *windows, const struct bpf_program *program,
		     const struct window_probe *probe, bool at_return, int pid, struct errmsg *msg)
{
	const struct bpf_uprobe_opts opts = {
		.sz = sizeof(opts),
		.bpf_cookie = probe->function,
		.retprobe = at_return,
		.ref_ctr_offset = probe->semaphore,
	};
	struct bpf_link *link;

	link = bpf_program__attach_uprobe_opts(program, pid, probe->path, probe->offset, &opts);
	if (!link)
		return attach_error(-errno, probe, pid, msg);
	windows->links[windows->n_links++] = link;
	return 0;
}

/* The end before the begin: what has begun is then sure to be seen to end. */
static int attach_probe(struct ledger_windows *windows, const struct window_probe *probe, int pid,
			struct errmsg *msg)
{
	const struct windows_bpf *skeleton = windows->skeleton;
	int err = 0;

	switch (probe->kind) {
	case WINDOW_CALL:
		err = attach_at(windows, skeleton->progs.window_return, probe, true, pid, msg);
		return err ? err
			   : attach_at(windows, skeleton->progs.window_call, probe, false, pid,
				       msg);
	case WINDOW_BEGIN:
		return attach_at(windows, skeleton->progs.window_begin, probe, false, pid, msg);
	case WINDOW_END:
		return attach_at(windows, skeleton->progs.window_end, probe, false, pid, msg);
	}
	return -EINVAL;
}

static int attach_probes(struct ledger_windows *windows,
			 const struct ledger_windows_options *options, struct errmsg *msg)
{
	size_t n_targets = options->descendants ? 1 : options->n_pids;
	int err = 0;

	windows->links = calloc(2 * n_targets * options->n_probes, sizeof(struct bpf_link *));
	if (!windows->links)
		return errmsg_set(msg, -ENOMEM, "out of memory for the probes");
	for (int begins = 0; begins <= 1; begins++) {
		for (size_t i = 0; i < n_targets * options->n_probes && !err; i++) {
			const struct window_probe *probe = &options->probes[i / n_targets];
			int pid = options->descendants ? EVERY_PROCESS
						       : (int)options->pids[i % n_targets];

			if ((probe->kind == WINDOW_BEGIN) == (begins == 1))
				err = attach_probe(windows, probe, pid, msg);
		}
	}
	return err;
}

static int attach_program(const struct bpf_program *program, struct bpf_link **ret,
			  struct errmsg *msg)
{
	*ret = bpf_program__attach(program);
	return *ret ? 0
		    : errmsg_set(msg, -EOPNOTSUPP, "cannot attach %s: %s",
				 bpf_program__name(program), strerror(errno));
}

/* User space names a task of a task storage by pidfd. */
static int follow_process(const struct ledger_windows *windows, uint32_t pid, struct errmsg *msg)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	__u32 mark = 1;

	if (fd < 0)
		return errmsg_set(msg, -errno, "no process has the pid %u", pid);
	if (bpf_map_update_elem(bpf_map__fd(windows->skeleton->maps.followed), &fd, &mark,
				BPF_ANY) != 0)
		return errmsg_set(msg, -errno, "cannot follow process %u: %s", pid,
				  strerror(errno));
	return 0;
}

static int run_iterator(const struct bpf_link *link)
{
	_cleanup_close_ int fd = bpf_iter_create(bpf_link__fd(link));
	char byte;

	if (fd < 0)
		return -errno;
	while (read(fd, &byte, sizeof(byte)) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	return 0;
}

/* All that belongs to those who are followed: each round finds the children of the last one's. */
static int follow_existing(const struct ledger_windows *windows, struct errmsg *msg)
{
	volatile __u64 *n_joined = &windows->skeleton->bss->n_joined;
	struct bpf_link *link;
	__u64 before;
	int err;

	err = attach_program(windows->skeleton->progs.window_existing, &link, msg);
	if (err)
		return err;
	do {
		before = *n_joined;
		err = run_iterator(link);
	} while (!err && *n_joined != before);
	bpf_link__destroy(link);
	return err ? errmsg_set(msg, err, "cannot follow who is there already: %s", strerror(-err))
		   : 0;
}

static int attach_windows(struct ledger_windows *windows,
			  const struct ledger_windows_options *options, struct errmsg *msg)
{
	struct windows_bpf *skeleton = windows->skeleton;
	int err;

	err = attach_program(skeleton->progs.window_exit, &skeleton->links.window_exit, msg);
	if (!err)
		err = attach_program(skeleton->progs.window_exec, &skeleton->links.window_exec,
				     msg);
	if (!err && options->descendants)
		err = attach_program(skeleton->progs.window_birth, &skeleton->links.window_birth,
				     msg);
	for (size_t i = 0; i < options->n_pids && options->descendants && !err; i++)
		err = follow_process(windows, options->pids[i], msg);
	if (!err && options->descendants)
		err = follow_existing(windows, msg);
	return err ? err : attach_probes(windows, options, msg);
}

int ledger_windows_open(struct ledger *ledger, const struct ledger_windows_options *options,
			struct ledger_windows **ret, struct errmsg *msg)
{
	struct ledger_windows *windows = calloc(1, sizeof(*windows));
	int err;

	if (!windows)
		return errmsg_set(msg, -ENOMEM, "out of memory for the windows");
	windows->finished = options->finished;
	windows->userdata = options->userdata;
	windows->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	windows->drifts = ledger->rq_clock;
	windows->n_copies = libbpf_num_possible_cpus();
	windows->copies = windows->n_copies > 0
				  ? calloc((size_t)windows->n_copies, sizeof(*windows->copies))
				  : NULL;
	err = windows->copies ? load_windows(windows, ledger, options) : -ENOMEM;
	if (err) {
		err = load_error(err, msg);
	} else {
		follow_drift(windows);
		err = attach_windows(windows, options, msg);
	}
	if (err) {
		ledger_windows_close(windows);
		return err;
	}
	*ret = windows;
	return 0;
}

int ledger_windows_fd(const struct ledger_windows *windows)
{
	return ring_buffer__epoll_fd(windows->ring);
}

int ledger_windows_drain(struct ledger_windows *windows)
{
	int n = ring_buffer__consume(windows->ring);

	follow_drift(windows);
	return n < 0 ? n : 0;
}

void ledger_windows_counts(const struct ledger_windows *windows, uint32_t function,
			   struct window_totals *ret)
{
	*ret = (struct window_totals){0};
	if (bpf_map_lookup_elem(bpf_map__fd(windows->skeleton->maps.counts), &function,
				windows->copies) != 0)
		return;
	for (int i = 0; i < windows->n_copies; i++) {
		const struct window_counts *copy = &windows->copies[i];

		ret->begun += copy->begun;
		ret->ended += copy->ended;
		ret->dropped += copy->dropped;
		ret->abandoned += copy->abandoned;
		ret->too_deep += copy->too_deep;
		ret->unmatched += copy->unmatched;
		ret->unresolved += copy->unresolved;
		ret->unseen += copy->no_memory;
	}
}

/* The begins first, in the reverse order of the attaching. */
void ledger_windows_detach(struct ledger_windows *windows)
{
	while (windows->n_links > 0)
		bpf_link__destroy(windows->links[--windows->n_links]);
}

void ledger_windows_close(struct ledger_windows *windows)
{
	if (!windows)
		return;
	ledger_windows_detach(windows);
	ring_buffer__free(windows->ring);
	windows_bpf__destroy(windows->skeleton);
	free(windows->links);
	free(windows->copies);
	free(windows);
}
