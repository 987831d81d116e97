// SPDX-License-Identifier: BSD-2-Clause
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	pid_t pid;
	char *const *argv;
	int go_fd;    /* a byte lets the child execute; closed, it gives up */
	int error_fd; /* the errno of execve comes back; closed by a good one */
	bool executed;
	bool reaped;
	int status;
};

/* The child: waits, executes, and says what failed. */
__attribute__((noreturn)) static void be_child(char *const argv[], int go_fd, int error_fd)
{
	ssize_t n;
	char go;
	int err;

	do
		n = read(go_fd, &go, sizeof(go));
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(COMMAND_NOT_EXECUTABLE);
	execvp(argv[0], argv);
	err = errno;
	n = write(error_fd, &err, sizeof(err));
	_exit(err == ENOENT || n < 0 ? COMMAND_NOT_FOUND : COMMAND_NOT_EXECUTABLE);
}

int child_spawn(char *const argv[], struct child **ret, struct errmsg *msg)
{
	struct child *child = calloc(1, sizeof(*child));
	int go[2] = {-1, -1}, error[2] = {-1, -1}, err;

	if (!child)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	if (pipe2(go, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0)
		goto fail;
	child->pid = fork();
	if (child->pid < 0)
		goto fail;
	if (child->pid == 0) {
		close(go[1]);
		be_child(argv, go[0], error[1]);
	}
	close(go[0]);
	close(error[1]);
	child->argv = argv;
	child->go_fd = go[1];
	child->error_fd = error[0];
	*ret = child;
	return 0;
fail:
	err = -errno;
	for (int i = 0; i < 2; i++) {
		if (go[i] >= 0)
			close(go[i]);
		if (error[i] >= 0)
			close(error[i]);
	}
	free(child);
	return errmsg_set(msg, err, "cannot start %s: %s", argv[0], strerror(-err));
}

uint32_t child_pid(const struct child *child)
{
	return (uint32_t)child->pid;
}

/* 0, or what execve would say of it. */
static int check_program(const char *path)
{
	struct stat facts;

	if (stat(path, &facts) != 0)
		return -errno;
	return S_ISREG(facts.st_mode) && access(path, X_OK) == 0 ? 0 : -EACCES;
}

int child_program(const struct child *child, char *path, size_t size, struct errmsg *msg)
{
	const char *name = child->argv[0], *folders = getenv("PATH");
	int err = -ENOENT, one;

	if (strchr(name, '/') || !*name)
		folders = NULL;
	else if (!folders)
		folders = "/bin:/usr/bin";
	/* An empty folder is the current one; so it is in the C library's own default. */
	for (const char *at = folders ? folders : "";; at++) {
		size_t length = strcspn(at, ":");

		if ((size_t)snprintf(path, size, "%.*s%s%s", (int)length, at, length ? "/" : "",
				     name) < size) {
			one = check_program(path);
			if (!one)
				return 0;
			/* Another folder may have it; else this is what there is to say. */
			if (one == -EACCES)
				err = one;
		}
		at += length;
		if (!*at)
			break;
	}
	return errmsg_set(msg, err, "cannot run %s: %s", name, strerror(-err));
}

int child_release(struct child *child, struct errmsg *msg)
{
	int err = 0;
	ssize_t n;

	do
		n = write(child->go_fd, "", 1);
	while (n < 0 && errno == EINTR);
	close(child->go_fd);
	child->go_fd = -1;
	/* Ends with the execve, which closes the other end. */
	do
		n = read(child->error_fd, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(child->error_fd);
	child->error_fd = -1;
	if (n != (ssize_t)sizeof(err)) {
		child->executed = true;
		return 0;
	}
	return errmsg_set(msg, -err, "cannot run %s: %s", child->argv[0], strerror(err));
}

bool child_was_released(const struct child *child)
{
	return child->go_fd < 0;
}

bool child_has_run(const struct child *child)
{
	return child->executed;
}

void child_kill(const struct child *child, int signal)
{
	if (!child->reaped)
		kill(child->pid, signal);
}

int child_wait(struct child *child)
{
	while (!child->reaped) {
		if (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
			continue;
		child->reaped = true;
	}
	if (WIFSIGNALED(child->status))
		return 128 + WTERMSIG(child->status);
	return WEXITSTATUS(child->status);
}

void child_free(struct child *child)
{
	if (!child)
		return;
	if (child->go_fd >= 0)
		close(child->go_fd);
	if (child->error_fd >= 0)
		close(child->error_fd);
	child_wait(child);
	free(child);
}
