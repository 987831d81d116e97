// SPDX-License-Identifier: BSD-2-Clause
/* Functions and markers in files: this very program, the C library, and bytes made for it. */
#include "windows/binary.h"
#include "windows/files.h"
#include "windows/locate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CACHE "/etc/ld.so.cache"

int known_function(int a);

__attribute__((noinline)) int known_function(int a)
{
	__asm__ volatile("");
	return a + 1;
}

static struct window_target self(void)
{
	return (struct window_target){.pid = (uint32_t)getpid(), .procfs = "/proc", .cache = CACHE};
}

/* Places "BINARY:FUNCTION" for this process. */
static int locate(const char *text, struct window_probes *probes, struct errmsg *msg)
{
	const struct window_target target = self();
	struct window_request request = {0};
	int err = window_request_function(text, &request, msg);

	assert_int_equal(err, 0);
	err = windows_locate(&request, 3, &target, probes, msg);
	window_request_done(&request);
	return err;
}

/* What is at the offset in the file is what is at the function's address. */
static void test_offset_is_where_the_code_is(void **state)
{
	struct window_probes probes = {0};
	unsigned char there[16];
	struct errmsg msg;
	FILE *file;

	(void)state;
	assert_int_equal(locate("/proc/self/exe:known_function", &probes, &msg), 0);
	assert_int_equal(probes.n, 1);
	assert_int_equal(probes.at[0].kind, WINDOW_CALL);
	assert_int_equal(probes.at[0].function, 3);
	assert_int_equal(probes.at[0].semaphore, 0);
	file = fopen(probes.at[0].path, "r");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)probes.at[0].offset, SEEK_SET), 0);
	assert_int_equal(fread(there, 1, sizeof(there), file), sizeof(there));
	assert_memory_equal(there, (const void *)(uintptr_t)known_function, sizeof(there));
	fclose(file);
	assert_int_equal(known_function(1), 2);
	window_probes_done(&probes);
}

/* By the program's path and its name, and found twice: one place. */
static void test_place_is_told_once(void **state)
{
	struct window_probes probes = {0};
	char path[4096], text[4200];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct errmsg msg;

	(void)state;
	assert_true(n > 0);
	path[n] = '\0';
	snprintf(text, sizeof(text), "%s:known_function", path);
	assert_int_equal(locate(text, &probes, &msg), 0);
	assert_int_equal(locate("/proc/self/exe:known_function", &probes, &msg), 0);
	snprintf(text, sizeof(text), "%s:known_function", strrchr(path, '/') + 1);
	assert_int_equal(locate(text, &probes, &msg), 0);
	assert_int_equal(probes.n, 1);
	window_probes_done(&probes);
}

static void test_library_is_found_by_its_soname(void **state)
{
	struct window_probes probes = {0};
	struct errmsg msg;

	(void)state;
	assert_int_equal(locate("libc.so.6:qsort", &probes, &msg), 0);
	assert_int_equal(probes.n, 1);
	assert_non_null(strstr(probes.at[0].path, "libc"));
	window_probes_done(&probes);
}

static void test_what_is_not_there_is_explained(void **state)
{
	struct window_probes probes = {0};
	struct errmsg msg;

	(void)state;
	assert_int_equal(locate("/proc/self/exe:known_functoin", &probes, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "near it: known_function"));
	assert_int_equal(locate("/proc/self/exe:fseek", &probes, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "only calls fseek: name the library that has it"));
	assert_int_equal(locate("libc.so.6:memcpy", &probes, &msg), -EOPNOTSUPP);
	assert_non_null(strstr(msg.text, "(IFUNC)"));
	assert_int_equal(locate("libnone.so.1:f", &probes, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "the process has no file libnone.so.1 mapped"));
	assert_int_equal(locate("/proc/self/status:f", &probes, &msg), -ENOEXEC);
	assert_non_null(strstr(msg.text, "/proc/self/status is no ELF file"));
	assert_int_equal(locate("/:f", &probes, &msg), -ENOEXEC);
	assert_int_equal(locate("/nowhere/at/all:f", &probes, &msg), -ENOENT);
	assert_int_equal(probes.n, 0);
	window_probes_done(&probes);
}

static void test_no_process_is_told(void **state)
{
	const struct window_target target = {
		.pid = 4194304, .procfs = "/proc", .cache = CACHE}; /* above PID_MAX_LIMIT */
	struct window_request request = {0};
	struct window_probes probes = {0};
	struct errmsg msg;

	(void)state;
	assert_int_equal(window_request_markers("a:b:c", &request, &msg), 0);
	assert_int_equal(windows_locate(&request, 0, &target, &probes, &msg), -ESRCH);
	assert_string_equal(msg.text, "no process has the pid 4194304");
	window_request_done(&request);
	window_probes_done(&probes);
}

static bool has_name(const struct code_files *files, const char *name)
{
	return code_files_find(files, name) != NULL;
}

/* Before a command runs: what it needs is known from its file, and what that needs. */
static void test_program_has_the_libraries_it_needs(void **state)
{
	struct code_files files = {0};

	(void)state;
	assert_int_equal(code_files_of_program("/proc/self/exe", CACHE, &files), 0);
	assert_string_equal(files.at[0].path, "/proc/self/exe");
	assert_true(has_name(&files, "libcmocka.so.0"));
	assert_true(has_name(&files, "libc.so.6"));
	assert_false(has_name(&files, "libnone.so"));
	code_files_done(&files);
}

static void test_process_has_what_it_runs(void **state)
{
	struct code_files files = {0};

	(void)state;
	assert_int_equal(code_files_of_process("/proc", (uint32_t)getpid(), &files), 0);
	assert_true(has_name(&files, "libcmocka.so.0"));
	for (size_t i = 0; i < files.n; i++) {
		assert_int_equal(access(files.at[i].path, R_OK), 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(files.at[i].name, files.at[j].name);
	}
	code_files_done(&files);
}

/* --- the cache of libraries, made by hand */

struct cache {
	struct {
		char magic[20];
		uint32_t n, texts_size, more[5];
	} head;
	struct {
		int32_t flags;
		uint32_t soname, path, os;
		uint64_t hwcap;
	} entries[3];
	char texts[64];
};

static struct cache make_cache(void)
{
	const uint32_t texts = offsetof(struct cache, texts);
	struct cache cache = {
		.head = {.n = 3, .texts_size = 64},
		.entries = {{0x0003, texts, texts + 5, 0, 0},	/* of 32 bits */
			    {0x0303, texts, texts + 5, 0, 1},	/* for another machine */
			    {0x0303, texts, texts + 14, 0, 0}}, /* this one */
	};

	memcpy(cache.head.magic, "glibc-ld.so.cache1.1", 20);
	memcpy(cache.texts, "l.so\0/a/l.so.1\0/b/l.so", 23);
	cache.entries[2].path = texts + 15;
	return cache;
}

static void test_cache_gives_the_library_of_this_machine(void **state)
{
	struct cache cache = make_cache();

	(void)state;
	assert_string_equal(library_cache_find((char *)&cache, sizeof(cache), "l.so"), "/b/l.so");
	assert_null(library_cache_find((char *)&cache, sizeof(cache), "m.so"));
}

static void test_broken_cache_gives_nothing(void **state)
{
	struct cache cache = make_cache();

	(void)state;
	/* Whatever is cut off. */
	for (size_t size = 0; size < offsetof(struct cache, texts) + 23; size++)
		assert_null(library_cache_find((char *)&cache, size, "l.so"));
	cache.head.n = UINT32_MAX;
	assert_non_null(library_cache_find((char *)&cache, sizeof(cache), "l.so"));
	assert_null(library_cache_find((char *)&cache, sizeof(cache), "m.so"));
	cache.entries[2].path = UINT32_MAX;
	assert_null(library_cache_find((char *)&cache, sizeof(cache), "l.so"));
	cache.head.magic[0] = 'x';
	assert_null(library_cache_find((char *)&cache, sizeof(cache), "l.so"));
}

static void test_bytes_that_are_no_program_are_refused(void **state)
{
	char bytes[] = "\177ELF\2\1\1 and no more";
	struct binary *binary;
	struct errmsg msg;

	(void)state;
	assert_int_equal(binary_from_memory(bytes, sizeof(bytes), "it", &binary, &msg), -ENOEXEC);
	assert_int_equal(binary_from_memory(bytes, 0, "it", &binary, &msg), -ENOEXEC);
	assert_string_equal(msg.text,
			    "it is no ELF file: a program or a shared library is needed (of "
			    "a script, name its interpreter)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offset_is_where_the_code_is),
		cmocka_unit_test(test_place_is_told_once),
		cmocka_unit_test(test_library_is_found_by_its_soname),
		cmocka_unit_test(test_what_is_not_there_is_explained),
		cmocka_unit_test(test_no_process_is_told),
		cmocka_unit_test(test_program_has_the_libraries_it_needs),
		cmocka_unit_test(test_process_has_what_it_runs),
		cmocka_unit_test(test_cache_gives_the_library_of_this_machine),
		cmocka_unit_test(test_broken_cache_gives_nothing),
		cmocka_unit_test(test_bytes_that_are_no_program_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
