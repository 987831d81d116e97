// SPDX-License-Identifier: BSD-2-Clause
/*
 * windows_early [once]: has a child and a second thread before anyone looks. Told to, the child makes a
 * call of quick(), and then the thread executes this program anew, which makes one more.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int go[2];
static char *self;

__attribute__((noinline)) void quick(void)
{
	__asm__ volatile("");
}

static void *execute(void *nothing)
{
	char byte;

	(void)nothing;
	if (read(go[0], &byte, 1) == 1)
		execl(self, self, "once", (char *)NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	int child_go[2];
	pthread_t thread;
	char line[16];

	self = argv[0];
	if (argc > 1 && strcmp(argv[1], "once") == 0) {
		quick();
		puts("done");
		return 0;
	}
	if (pipe(go) != 0 || pipe(child_go) != 0)
		return 1;
	if (fork() == 0) {
		if (read(child_go[0], line, 1) == 1)
			quick();
		_exit(0);
	}
	pthread_create(&thread, NULL, execute, NULL);
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin) || write(child_go[1], "x", 1) != 1)
		return 1;
	wait(NULL);
	if (write(go[1], "x", 1) != 1)
		return 1;
	pause();
	return 1;
}
