// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(char **argv, const char *dir, const sigset_t *mask)
{
	int err;

	sigprocmask(SIG_SETMASK, mask, NULL);
	if (setenv("RAPLSIM_DIR", dir, 1) == 0)
		execvp(argv[0], argv);
	err = errno;
	fprintf(stderr, "raplsim: cannot run %s: %s\n", argv[0], strerror(err));
	_exit(err == ENOENT ? 127 : 126);
}

int command_start(char **argv, const char *dir, const sigset_t *mask, pid_t *ret,
		  struct errmsg *msg)
{
	pid_t pid = fork();

	if (pid < 0)
		return errmsg_set(msg, -errno, "cannot start %s: %s", argv[0], strerror(errno));
	if (pid == 0)
		become(argv, dir, mask);
	*ret = pid;
	return 0;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool command_ended(pid_t pid, int *ret_status)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return false;
	*ret_status = exit_status(status);
	return true;
}

int command_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return exit_status(status);
}
