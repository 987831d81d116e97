// SPDX-License-Identifier: BSD-2-Clause
#include "cli/child.h"
#include "cli/wait.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];
static char marker[96]; /* a file that the commands make */
static struct errmsg msg;
static sigset_t mask;

static int begin(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/test-child-XXXXXX");
	if (!mkdtemp(directory))
		return -errno;
	snprintf(marker, sizeof(marker), "%s/ran", directory);
	msg.text[0] = '\0';
	return sigprocmask(SIG_BLOCK, NULL, &mask);
}

static int end(void **state)
{
	(void)state;
	unlink(marker);
	rmdir(directory);
	signal(SIGPIPE, SIG_DFL);
	return sigprocmask(SIG_SETMASK, &mask, NULL);
}

#define ARGV(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})
#define SHELL(script) ARGV(WORD("sh"), WORD("-c"), WORD(script))

static struct child *spawn(char *const *argv)
{
	struct child *child = NULL;

	assert_int_equal(child_spawn(argv, &child, &msg), 0);
	assert_int_equal(kill((pid_t)child_pid(child), 0), 0);
	assert_false(child_has_run(child));
	return child;
}

/* Runs it to its end and returns the status. */
static int run(char *const *argv)
{
	struct child *child = spawn(argv);
	int status;

	if (child_release(child, &msg) != 0)
		fail_msg("%s", msg.text);
	assert_true(child_has_run(child));
	status = child_wait(child);
	assert_int_equal(child_wait(child), status); /* as often as is asked */
	child_free(child);
	return status;
}

static void test_status_of_the_command(void **state)
{
	(void)state;
	assert_int_equal(run(SHELL("exit 0")), 0);
	assert_int_equal(run(SHELL("exit 7")), 7);
	assert_int_equal(run(SHELL("exit 255")), 255);
	assert_int_equal(run(ARGV(WORD("true"), WORD("ignored"))), 0); /* by PATH */
	/* Its own, though it looks like ours. */
	assert_int_equal(run(SHELL("exit 127")), 127);
}

static void test_signal_is_128_and_its_number(void **state)
{
	(void)state;
	assert_int_equal(run(SHELL("kill -TERM $$")), 128 + SIGTERM);
	assert_int_equal(run(SHELL("kill -KILL $$")), 128 + SIGKILL);
}

static void assert_not_run(char *name, int err, int status)
{
	struct child *child = spawn(ARGV(name));

	assert_int_equal(child_release(child, &msg), err);
	assert_non_null(strstr(msg.text, name));
	assert_non_null(strstr(msg.text, strerror(-err)));
	assert_false(child_has_run(child));
	assert_int_equal(child_wait(child), status);
	child_free(child);
}

static void test_command_that_is_not_found(void **state)
{
	(void)state;
	assert_not_run(WORD("/nonexistent/command"), -ENOENT, COMMAND_NOT_FOUND);
	assert_not_run(WORD("no-such-command-anywhere"), -ENOENT, COMMAND_NOT_FOUND);
	assert_not_run(WORD(""), -ENOENT, COMMAND_NOT_FOUND);
}

static void test_command_that_is_not_executable(void **state)
{
	FILE *file = fopen(marker, "we");

	(void)state;
	assert_non_null(file);
	fputs("#!/bin/sh\nexit 0\n", file);
	fclose(file);
	assert_not_run(marker, -EACCES, COMMAND_NOT_EXECUTABLE);
	assert_not_run(directory, -EACCES, COMMAND_NOT_EXECUTABLE);
	/* Its interpreter is what is not there. */
	assert_int_equal(chmod(marker, 0755), 0);
	file = fopen(marker, "we");
	fputs("#!/nonexistent/interpreter\n", file);
	fclose(file);
	assert_not_run(marker, -ENOENT, COMMAND_NOT_FOUND);
}

static bool has_run(void)
{
	return access(marker, F_OK) == 0;
}

static void test_command_waits_to_be_released(void **state)
{
	const struct timespec nap = {.tv_nsec = 50000000};
	struct child *child = spawn(ARGV(WORD("touch"), marker));

	(void)state;
	nanosleep(&nap, NULL);
	assert_false(has_run());
	assert_int_equal(child_release(child, &msg), 0);
	assert_int_equal(child_wait(child), 0);
	assert_true(has_run());
	child_free(child);
}

static void test_child_that_is_never_released_ends(void **state)
{
	struct child *child = spawn(ARGV(WORD("touch"), marker));
	pid_t pid = (pid_t)child_pid(child);

	(void)state;
	child_free(child);
	assert_int_equal(kill(pid, 0), -1); /* and no zombie is left */
	assert_int_equal(errno, ESRCH);
	assert_false(has_run());
}

static void test_child_ends_with_a_parent_that_is_gone(void **state)
{
	struct child *child = NULL;
	int pipe_fds[2], status;
	pid_t parent, orphan = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	parent = fork();
	if (parent == 0) {
		if (child_spawn(ARGV(WORD("touch"), marker), &child, NULL) == 0)
			orphan = (pid_t)child_pid(child);
		_exit(write(pipe_fds[1], &orphan, sizeof(orphan)) < 0);
	}
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(read(pipe_fds[0], &orphan, sizeof(orphan)), sizeof(orphan));
	assert_true(orphan > 0);
	assert_int_equal(waitpid(orphan, &status, 0), orphan);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), COMMAND_NOT_EXECUTABLE);
	assert_false(has_run());
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_child_can_be_killed_before_and_after_its_release(void **state)
{
	struct child *child = spawn(ARGV(WORD("sleep"), WORD("1000")));

	(void)state;
	assert_int_equal(child_release(child, &msg), 0);
	child_kill(child, SIGKILL);
	assert_int_equal(child_wait(child), 128 + SIGKILL);
	child_kill(child, SIGKILL); /* the pid may be another's by now */
	child_free(child);

	child = spawn(ARGV(WORD("touch"), marker));
	child_kill(child, SIGKILL);
	assert_int_equal(child_wait(child), 128 + SIGKILL);
	child_free(child);
	assert_false(has_run());
}

/* What the run before it blocked and ignored is no business of the command: --repeat. */
static void test_command_after_an_earlier_run_has_its_signals(void **state)
{
	const struct waiter_options options = {
		.interval_ns = 1000000000, .poll_interval_ns = UINT64_MAX, .pass_signals = true};
	struct waiter *waiter;

	(void)state;
	assert_int_equal(waiter_new(&options, &waiter, &msg), 0);
	waiter_free(waiter);
	assert_int_equal(run(SHELL("kill -TERM $$; exit 3")), 128 + SIGTERM);
	assert_int_equal(run(SHELL("kill -INT $$; exit 3")), 128 + SIGINT);
	assert_int_equal(run(SHELL("kill -PIPE $$; exit 3")), 128 + SIGPIPE);
}

/* nohup energytrace -- COMMAND */
static void test_command_inherits_what_the_caller_ignored(void **state)
{
	(void)state;
	signal(SIGUSR1, SIG_IGN);
	assert_int_equal(run(SHELL("kill -USR1 $$; exit 3")), 3);
	signal(SIGUSR1, SIG_DFL);
}

static void test_free_takes_null(void **state)
{
	(void)state;
	child_free(NULL);
}

#define one(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		one(test_status_of_the_command),
		one(test_signal_is_128_and_its_number),
		one(test_command_that_is_not_found),
		one(test_command_that_is_not_executable),
		one(test_command_waits_to_be_released),
		one(test_child_that_is_never_released_ends),
		one(test_child_ends_with_a_parent_that_is_gone),
		one(test_child_can_be_killed_before_and_after_its_release),
		one(test_command_after_an_earlier_run_has_its_signals),
		one(test_command_inherits_what_the_caller_ignored),
		one(test_free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
