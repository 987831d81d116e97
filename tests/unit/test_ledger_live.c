// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ledger on the running kernel: what its programs tell of names, users and rows. Needs the right
 * to load them (root); every test is skipped without.
 */
#include "base/cleanup.h"
#include "ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_CPUS 4096
#define MANY 4096
#define TRIES 200

struct told_exec {
	uint32_t pid;
	uint64_t start_ns;
	size_t length;
	bool cut;
	char args[256];
};

struct told_cgroup {
	enum ledger_cgroup_change change;
	int version;
	uint64_t id;
	bool cut;
	char path[1024];
};

struct fixture {
	struct ledger *ledger;
	uint64_t losses[LOSS_N];

	struct told_exec execs[MANY];
	size_t n_execs;
	struct told_cgroup cgroups[MANY];
	size_t n_cgroups;

	/* Of the process that is looked for. */
	uint32_t wanted_pid;
	uint32_t uid;
	uint64_t start_ns;
	bool found, kernel;

	bool existing_kernel, existing_self; /* pid 2 is a kernel thread, and this is not */
	uint32_t existing_uid;
};

static int note_entry(void *userdata, const struct ledger_entry *entry)
{
	struct fixture *f = userdata;

	if (entry->pid != f->wanted_pid)
		return 0;
	f->found = true;
	f->uid = entry->uid;
	f->kernel = entry->kernel;
	f->start_ns = entry->process_start_ns;
	return 0;
}

static int ignore_span(void *userdata, const struct ledger_span *span)
{
	(void)userdata;
	(void)span;
	return 0;
}

static int note_exec(void *userdata, const struct ledger_exec *exec)
{
	struct fixture *f = userdata;
	struct told_exec *told = &f->execs[f->n_execs % MANY];

	assert_true(exec->length <= sizeof(told->args));
	*told = (struct told_exec){exec->pid, exec->start_ns, exec->length, exec->cut, {0}};
	memcpy(told->args, exec->args, exec->length);
	f->n_execs++;
	return 0;
}

static int note_cgroup(void *userdata, const struct ledger_cgroup *cgroup)
{
	struct fixture *f = userdata;
	struct told_cgroup *told = &f->cgroups[f->n_cgroups % MANY];

	assert_int_equal(strlen(cgroup->path), cgroup->length);
	*told = (struct told_cgroup){cgroup->change, cgroup->version, cgroup->id, cgroup->cut, {0}};
	snprintf(told->path, sizeof(told->path), "%s", cgroup->path);
	f->n_cgroups++;
	return 0;
}

static int note_existing(void *userdata, const struct ledger_existing *process)
{
	struct fixture *f = userdata;

	if (process->kernel && strncmp(process->comm, "migration/", 10) == 0)
		f->existing_kernel = true;
	if (process->pid == (uint32_t)getpid()) {
		f->existing_self = !process->kernel;
		f->existing_uid = process->uid;
	}
	return 0;
}

static const struct ledger_visitor *visitor_of(struct fixture *f, struct ledger_visitor *visitor)
{
	*visitor = (struct ledger_visitor){note_entry, ignore_span, note_exec, note_cgroup, f};
	return visitor;
}

static void tick(struct fixture *f)
{
	struct ledger_visitor visitor;

	assert_int_equal(ledger_mark(f->ledger), 0);
	assert_int_equal(ledger_collect(f->ledger, visitor_of(f, &visitor), f->losses), 0);
}

static void drain(struct fixture *f)
{
	struct ledger_visitor visitor;

	assert_int_equal(ledger_events(f->ledger, visitor_of(f, &visitor)), 0);
}

static bool has_v1(void)
{
	return access("/sys/fs/cgroup/cpuacct/cgroup.procs", F_OK) == 0;
}

static const char *v2_mount(void)
{
	return access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 ? "/sys/fs/cgroup"
								      : "/sys/fs/cgroup/unified";
}

/* Skips the test where the ledger cannot be. */
static struct fixture *begin(uint32_t rows, bool names)
{
	static bool online[MAX_CPUS];
	static int domains[MAX_CPUS];
	struct ledger_options options = {
		.rows = rows,
		.n_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF),
		.online = online,
		.domains = domains,
		.v1 = has_v1() ? LEDGER_CPUACCT_V1 : LEDGER_NO_V1,
		.v2 = true,
		.names = names,
		.existing = note_existing,
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct errmsg msg = {};
	int err;

	assert_non_null(f);
	if (options.n_cpus > MAX_CPUS)
		options.n_cpus = MAX_CPUS;
	for (uint32_t cpu = 0; cpu < options.n_cpus; cpu++)
		online[cpu] = true;
	options.userdata = f;
	err = ledger_open(&options, &f->ledger, &msg);
	if (err == -EPERM || err == -EOPNOTSUPP) {
		print_message("no ledger here: %s\n", msg.text);
		free(f);
		skip();
	}
	if (err)
		fail_msg("%s", msg.text);
	tick(f);
	return f;
}

static void end(struct fixture *f)
{
	ledger_close(f->ledger);
	free(f);
}

/* The kernel tells of uids and of its own threads as the first namespaces have them. */
static void skip_unless_initial(const char *kind)
{
	const char *initial = strcmp(kind, "pid") == 0 ? "pid:[4026531836]" : "user:[4026531837]";
	char path[32], link[32] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (readlink(path, link, sizeof(link) - 1) > 0 && strcmp(link, initial) == 0)
		return;
	print_message("in a %s namespace\n", kind);
	skip();
}

/* A child that has exited when this returns. */
static pid_t run(char *const argv[])
{
	pid_t pid = vfork();

	if (pid == 0) {
		execv("/bin/true", argv);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

static const struct told_exec *find_exec(struct fixture *f, pid_t pid)
{
	for (size_t i = 0; i < f->n_execs && i < MANY; i++) {
		if (f->execs[i].pid == (uint32_t)pid)
			return &f->execs[i];
	}
	fail_msg("no exec of %d among %zu", (int)pid, f->n_execs);
	return NULL;
}

static void test_exec_is_told_with_all_its_arguments(void **state)
{
	static char *const argv[] = {"any name", "", "two\nlines \"\xff\"", "-x", NULL};
	static const char expected[] = "any name\0\0two\nlines \"\xff\"\0-x";
	struct fixture *f = begin(1024, true);
	const struct told_exec *exec;
	pid_t pid;

	(void)state;
	pid = run(argv);
	f->wanted_pid = (uint32_t)pid;
	tick(f);
	exec = find_exec(f, pid);
	assert_int_equal(exec->length, sizeof(expected));
	assert_memory_equal(exec->args, expected, sizeof(expected));
	assert_false(exec->cut);
	/* The same process by both ways. */
	assert_true(f->found);
	assert_int_equal(exec->start_ns, f->start_ns);
	end(f);
}

static void test_long_arguments_are_cut(void **state)
{
	char longest[300];
	char *const exact[] = {"true", longest + 300 - 251, NULL}; /* 5 + 251 bytes */
	char *const more[] = {"true", longest + 300 - 252, NULL};
	struct fixture *f = begin(1024, true);
	const struct told_exec *exec;
	pid_t pid;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[299] = '\0';
	pid = run(exact);
	drain(f);
	exec = find_exec(f, pid);
	assert_int_equal(exec->length, 256);
	assert_false(exec->cut);
	assert_int_equal(exec->args[255], '\0');
	pid = run(more);
	drain(f);
	exec = find_exec(f, pid);
	assert_int_equal(exec->length, 256);
	assert_true(exec->cut);
	assert_int_equal(exec->args[255], 'a');
	end(f);
}

/* Each is told or counted, and room is there again once they were read. */
static void test_execs_without_room_are_counted(void **state)
{
	static char *const argv[] = {"true", NULL};
	struct fixture *f = begin(4096, true);
	struct pollfd fd = {.fd = ledger_fd(f->ledger), .events = POLLIN};
	const int n = 1000; /* of 296 bytes: 885 find room */
	pid_t pid;

	(void)state;
	assert_true(fd.fd >= 0);
	drain(f);
	f->n_execs = 0;
	for (int i = 0; i < 200; i++)
		run(argv);
	assert_int_equal(poll(&fd, 1, 0), 0);
	for (int i = 200; i < 600; i++)
		run(argv);
	assert_int_equal(poll(&fd, 1, 0), 1); /* half full: cannot wait */
	for (int i = 600; i < n; i++)
		run(argv);
	tick(f);
	assert_in_range(f->n_execs, 860, 886);
	assert_true(f->losses[LOSS_NAME_DROPPED] >= (uint64_t)n - f->n_execs);
	f->n_execs = 0;
	pid = run(argv);
	drain(f);
	assert_int_equal(find_exec(f, pid)->length, 5);
	end(f);
}

static const struct told_cgroup *find_cgroup(struct fixture *f, enum ledger_cgroup_change change,
					     int version, const char *path)
{
	for (size_t i = 0; i < f->n_cgroups && i < MANY; i++) {
		const struct told_cgroup *told = &f->cgroups[i];

		if (told->change == change && told->version == version &&
		    strcmp(told->path, path) == 0)
			return told;
	}
	fail_msg("no change %d of %s among %zu", change, path, f->n_cgroups);
	return NULL;
}

/* Of the directory: the id that a task's row would have, by the file handle. */
static uint64_t cgroup_id(const char *path)
{
	_Alignas(struct file_handle) char memory[sizeof(struct file_handle) + sizeof(uint64_t)];
	struct file_handle *handle = (struct file_handle *)memory;
	uint64_t id;
	int mount;

	handle->handle_bytes = sizeof(id);
	assert_int_equal(name_to_handle_at(AT_FDCWD, path, handle, &mount, 0), 0);
	memcpy(&id, handle->f_handle, sizeof(id));
	return id;
}

/* Made, seen and removed in the hierarchy at `mount`, by the name `name`. */
static void come_and_go(struct fixture *f, const char *mount, int version, const char *name)
{
	char directory[2048];
	uint64_t id;

	snprintf(directory, sizeof(directory), "%s%s", mount, name);
	assert_int_equal(mkdir(directory, 0755), 0);
	id = cgroup_id(directory);
	assert_int_equal(rmdir(directory), 0);
	drain(f);
	assert_int_equal(find_cgroup(f, LEDGER_CGROUP_MADE, version, name)->id, id);
	assert_int_equal(find_cgroup(f, LEDGER_CGROUP_REMOVED, version, name)->id, id);
}

/* Of `mount`, or NULL where no cgroup can be made; it lies in `path`, which is below it. */
static bool can_make(const char *mount, const char *path)
{
	char directory[512];

	snprintf(directory, sizeof(directory), "%s%s", mount, path);
	return mkdir(directory, 0755) == 0 && rmdir(directory) == 0;
}

static void test_cgroups_are_told_of_by_id_and_path(void **state)
{
	char name[64], odd[96], longest[1024];
	struct fixture *f;
	int fill;

	(void)state;
	snprintf(name, sizeof(name), "/energytrace-live-%d", (int)getpid());
	if (!can_make(v2_mount(), name)) {
		print_message("no cgroup can be made in %s\n", v2_mount());
		skip();
	}
	f = begin(1024, true);
	come_and_go(f, v2_mount(), 2, name);
	snprintf(odd, sizeof(odd), "%s \"\xff\x01\" %%", name);
	come_and_go(f, v2_mount(), 2, odd);
	/* Around the size up to which a path is short, 255 bytes. */
	for (int length = 254; length <= 256; length++) {
		fill = length - (int)strlen(name);
		snprintf(longest, sizeof(longest), "%s%0*d", name, fill, 0);
		if (length - 1 <= 255)
			come_and_go(f, v2_mount(), 2, longest);
	}
	end(f);
}

static void test_long_path_is_told_whole_up_to_1023_bytes(void **state)
{
	char path[2048] = "", directory[4096];
	struct fixture *f;
	size_t ends[6];
	int n = 0;

	(void)state;
	f = begin(1024, true);
	for (; n < 5; n++) {
		ends[n] = strlen(path);
		snprintf(path + ends[n], sizeof(path) - ends[n], "/energytrace-live-%d-%0200d",
			 (int)getpid(), n);
		snprintf(directory, sizeof(directory), "%s%s", v2_mount(), path);
		if (mkdir(directory, 0755) != 0)
			break;
	}
	for (int i = n; i > 0; i--) {
		snprintf(directory, sizeof(directory), "%s%s", v2_mount(), path);
		rmdir(directory);
		path[ends[i - 1]] = '\0';
	}
	if (n < 5) {
		end(f);
		print_message("no cgroup can be made in %s\n", v2_mount());
		skip();
	}
	drain(f);
	for (int i = 0; i < 5; i++) {
		snprintf(path + strlen(path), sizeof(path) - strlen(path),
			 "/energytrace-live-%d-%0200d", (int)getpid(), i);
		if (strlen(path) < 1024) {
			assert_false(find_cgroup(f, LEDGER_CGROUP_MADE, 2, path)->cut);
			continue;
		}
		path[1023] = '\0';
		assert_true(find_cgroup(f, LEDGER_CGROUP_MADE, 2, path)->cut);
	}
	end(f);
}

static void test_v1_cgroup_is_told_of_when_it_is_renamed(void **state)
{
	static const char mount[] = "/sys/fs/cgroup/cpuacct";
	char name[64], from[128], to[136];
	struct fixture *f;
	uint64_t id;

	(void)state;
	snprintf(name, sizeof(name), "/energytrace-live-%d", (int)getpid());
	if (!has_v1() || !can_make(mount, name)) {
		print_message("no cgroup can be made in %s\n", mount);
		skip();
	}
	f = begin(1024, true);
	come_and_go(f, mount, 1, name);
	snprintf(from, sizeof(from), "%s%s", mount, name);
	snprintf(to, sizeof(to), "%s-2", from);
	assert_int_equal(mkdir(from, 0755), 0);
	id = cgroup_id(from);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(rmdir(to), 0);
	drain(f);
	assert_int_equal(find_cgroup(f, LEDGER_CGROUP_RENAMED, 1, to + strlen(mount))->id, id);
	end(f);
}

/* This program stays on one of its CPUs; returns another of them, or -1. */
static int keep_off_a_cpu(const cpu_set_t *mine)
{
	cpu_set_t here;
	int other = -1;

	CPU_ZERO(&here);
	for (int cpu = 0; cpu < CPU_SETSIZE && other < 0; cpu++) {
		if (!CPU_ISSET((size_t)cpu, mine))
			continue;
		if (CPU_COUNT(&here))
			other = cpu;
		else
			CPU_SET((size_t)cpu, &here);
	}
	return sched_setaffinity(0, sizeof(here), &here) == 0 ? other : -1;
}

/* A child that burns until it is killed: on that CPU, and nobody of the usual policy takes it away. */
static pid_t start_burning(int cpu)
{
	const struct sched_param param = {.sched_priority = 1};
	cpu_set_t there;
	pid_t pid = fork();

	if (pid == 0) {
		CPU_ZERO(&there);
		CPU_SET((size_t)cpu, &there);
		sched_setaffinity(0, sizeof(there), &there);
		sched_setscheduler(0, SCHED_FIFO, &param);
		for (volatile int i = 0;; i++)
			;
	}
	assert_true(pid > 0);
	return pid;
}

static uint64_t cpu_ns(clockid_t clock)
{
	struct timespec used;

	assert_int_equal(clock_gettime(clock, &used), 0);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static void wait_for_cpu_ns(clockid_t clock, uint64_t ns)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	while (cpu_ns(clock) < ns)
		nanosleep(&nap, NULL);
}

static void write_pid(const char *directory, pid_t pid)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "%d\n", (int)pid);
	assert_int_equal(fclose(file), 0);
}

/* What its rows had in this tick, by cgroup, beside its own count. */
struct in_cgroups {
	uint32_t pid;
	uint64_t ids[2], ns[2], elsewhere_ns;
	uint64_t lost_ns; /* of all CPUs: where switches are missed, some of it is its own */
	uint64_t start_ns[2], move_ns[2], end_ns[2]; /* before and after each, in all */
};

static int note_cgroups(void *userdata, const struct ledger_entry *entry)
{
	struct in_cgroups *in = userdata;

	if (entry->pid != in->pid)
		return 0;
	if (entry->cgroup_id == in->ids[0])
		in->ns[0] += entry->cpu_ns;
	else if (entry->cgroup_id == in->ids[1])
		in->ns[1] += entry->cpu_ns;
	else
		in->elsewhere_ns += entry->cpu_ns;
	return 0;
}

static int note_lost(void *userdata, const struct ledger_span *span)
{
	((struct in_cgroups *)userdata)->lost_ns += span->lost_ns;
	return 0;
}

#define BURN_NS 60000000U
#define MOVE_SLACK_NS 2000000U /* of the readings, beside other tasks */

/* No switch comes: it would be charged to the first cgroup to the end. */
static void burn_in_both(struct fixture *f, int cpu, const char *const directories[2],
			 struct in_cgroups *in)
{
	struct ledger_visitor visitor = {.entry = note_cgroups, .span = note_lost, .userdata = in};
	uint64_t losses[LOSS_N] = {};
	pid_t pid = start_burning(cpu);
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
	in->pid = (uint32_t)pid;
	in->ids[0] = cgroup_id(directories[0]);
	in->ids[1] = cgroup_id(directories[1]);
	write_pid(directories[0], pid);
	in->start_ns[0] = cpu_ns(clock);
	tick(f);
	in->start_ns[1] = cpu_ns(clock);
	wait_for_cpu_ns(clock, in->start_ns[1] + BURN_NS);
	in->move_ns[0] = cpu_ns(clock);
	write_pid(directories[1], pid);
	in->move_ns[1] = cpu_ns(clock);
	assert_int_equal(ledger_events(f->ledger, &visitor), 0); /* as one does who was woken */
	wait_for_cpu_ns(clock, in->move_ns[1] + BURN_NS);
	in->end_ns[0] = cpu_ns(clock);
	assert_int_equal(ledger_mark(f->ledger), 0);
	in->end_ns[1] = cpu_ns(clock);
	assert_int_equal(ledger_collect(f->ledger, &visitor, losses), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_task_that_is_moved_while_it_runs_is_charged_where_it_is(void **state)
{
	const char *mount = has_v1() ? "/sys/fs/cgroup/cpuacct" : v2_mount();
	char name[64], from[128], to[136];
	const char *const directories[] = {from, to};
	struct ledger_features features;
	struct in_cgroups in = {};
	cpu_set_t mine;
	struct fixture *f;
	int other;

	(void)state;
	snprintf(name, sizeof(name), "/energytrace-live-%d", (int)getpid());
	if (!can_make(mount, name)) {
		print_message("no cgroup can be made in %s\n", mount);
		skip();
	}
	f = begin(1024, true);
	ledger_features(f->ledger, &features);
	if (!features.moves) {
		end(f);
		print_message("this kernel does not tell of moves\n");
		skip();
	}
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	other = keep_off_a_cpu(&mine);
	if (other < 0) {
		end(f);
		print_message("it takes two CPUs\n");
		skip();
	}
	snprintf(from, sizeof(from), "%s%s", mount, name);
	snprintf(to, sizeof(to), "%s-2", from);
	assert_int_equal(mkdir(from, 0755), 0);
	assert_int_equal(mkdir(to, 0755), 0);
	burn_in_both(f, other, directories, &in);
	assert_int_equal(rmdir(from), 0);
	assert_int_equal(rmdir(to), 0);
	assert_int_equal(sched_setaffinity(0, sizeof(mine), &mine), 0);
	assert_in_range(in.ns[0], in.move_ns[0] - in.start_ns[1] - MOVE_SLACK_NS - in.lost_ns,
			in.move_ns[1] - in.start_ns[0] + MOVE_SLACK_NS);
	assert_in_range(in.ns[1], in.end_ns[0] - in.move_ns[1] - MOVE_SLACK_NS - in.lost_ns,
			in.end_ns[1] - in.move_ns[0] + MOVE_SLACK_NS);
	assert_true(in.elsewhere_ns < 100000); /* T may be a moment before it came to the first */
	end(f);
}

/* Runs as another user for as long as its input is open: two ticks see it. */
static void be_another_user(int until)
{
	char byte;

	if (setgid(12345) != 0 || setuid(12345) != 0)
		_exit(1);
	fcntl(until, F_SETFL, O_NONBLOCK);
	while (read(until, &byte, 1) != 0) { /* EAGAIN until it is closed */
		const struct timespec nap = {.tv_nsec = 1000000};

		nanosleep(&nap, NULL);
	}
	_exit(0);
}

static void test_change_of_user_shows_in_the_next_tick(void **state)
{
	struct fixture *f;
	int pipes[2];
	pid_t pid;

	(void)state;
	skip_unless_initial("user");
	f = begin(1024, false);
	if (geteuid() != 0) {
		end(f);
		print_message("only root can become another user\n");
		skip();
	}
	assert_int_equal(f->existing_uid, getuid());
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(pipes[1]);
		be_another_user(pipes[0]);
	}
	assert_true(pid > 0);
	f->wanted_pid = (uint32_t)pid;
	for (int i = 0; i < TRIES && f->uid != 12345; i++) {
		const struct timespec nap = {.tv_nsec = 5000000};

		nanosleep(&nap, NULL);
		tick(f);
	}
	assert_true(f->found);
	assert_int_equal(f->uid, 12345);
	assert_false(f->kernel);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	end(f);
}

static void test_kernel_threads_are_known(void **state)
{
	struct fixture *f;

	(void)state;
	skip_unless_initial("pid");
	f = begin(1024, false);
	assert_true(f->existing_self);
	assert_true(f->existing_kernel);
	end(f);
}

/* Births on one CPU with a supply of 255 rows: woken, it gets what the others do not need. */
static void test_cpu_that_runs_out_of_rows_gets_more_in_mid_tick(void **state)
{
	static char *const argv[] = {"true", NULL};
	struct fixture *f = begin(1024, false);
	struct pollfd fd = {.fd = ledger_fd(f->ledger), .events = POLLIN};
	cpu_set_t before, one;
	int n_woken = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	tick(f);
	memset(f->losses, 0, sizeof(f->losses));
	for (int i = 0; i < 500; i++) {
		run(argv);
		if (poll(&fd, 1, 0) == 1) {
			n_woken++;
			ledger_refill(f->ledger);
			drain(f);
		}
	}
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	tick(f);
	assert_int_equal(f->losses[LOSS_LEDGER_FULL], 0);
	assert_true(n_woken > 0);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec_is_told_with_all_its_arguments),
		cmocka_unit_test(test_long_arguments_are_cut),
		cmocka_unit_test(test_execs_without_room_are_counted),
		cmocka_unit_test(test_cgroups_are_told_of_by_id_and_path),
		cmocka_unit_test(test_long_path_is_told_whole_up_to_1023_bytes),
		cmocka_unit_test(test_v1_cgroup_is_told_of_when_it_is_renamed),
		cmocka_unit_test(test_change_of_user_shows_in_the_next_tick),
		cmocka_unit_test(test_task_that_is_moved_while_it_runs_is_charged_where_it_is),
		cmocka_unit_test(test_kernel_threads_are_known),
		cmocka_unit_test(test_cpu_that_runs_out_of_rows_gets_more_in_mid_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
