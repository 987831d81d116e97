// SPDX-License-Identifier: BSD-2-Clause
#include "entity/unit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants some of those before it. */
#include <cmocka.h>

static void assert_unit(const char *path, const char *name, const char *prefix, int64_t uid)
{
	struct unit_path unit = {.name = "rubbish", .prefix_len = 4242, .uid = 4242};

	assert_int_equal(unit_of(path, &unit), 0);
	assert_string_equal(unit.name, name);
	assert_int_equal(unit.prefix_len, strlen(prefix));
	assert_memory_equal(path, prefix, strlen(prefix));
	assert_int_equal(unit.uid, uid);
}

static void assert_no_unit(const char *path)
{
	struct unit_path unit = {.name = "untouched", .prefix_len = 4242, .uid = 4242};

	assert_int_equal(unit_of(path, &unit), -ENOENT);
	assert_string_equal(unit.name, "untouched");
	assert_int_equal(unit.prefix_len, 4242);
	assert_int_equal(unit.uid, 4242);
}

static void test_units_of_the_system(void **state)
{
	(void)state;
	assert_unit("/init.scope", "init.scope", "/init.scope", -1);
	assert_unit("/system.slice/ssh.service", "ssh.service", "/system.slice/ssh.service", -1);
	assert_unit("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service",
		    "/system.slice/system-getty.slice/getty@tty1.service", -1);
	assert_unit("/system.slice/boot-efi.mount", "boot-efi.mount",
		    "/system.slice/boot-efi.mount", -1);
	assert_unit("/system.slice/docker.socket", "docker.socket", "/system.slice/docker.socket",
		    -1);
	assert_unit("/system.slice/dev-sda2.swap", "dev-sda2.swap", "/system.slice/dev-sda2.swap",
		    -1);
	assert_unit("/user.slice/user-1000.slice/session-3.scope", "session-3.scope",
		    "/user.slice/user-1000.slice/session-3.scope", -1);
}

static void test_what_is_below_a_unit_belongs_to_it(void **state)
{
	(void)state;
	assert_unit("/system.slice/containerd.service/kubepods/pod1", "containerd.service",
		    "/system.slice/containerd.service", -1);
	assert_unit("/machine.slice/systemd-nspawn@web.service/payload/system.slice/ssh.service",
		    "systemd-nspawn@web.service", "/machine.slice/systemd-nspawn@web.service", -1);
	assert_unit("/init.scope/", "init.scope", "/init.scope", -1);
	assert_unit("/user.slice/user-1000.slice/session-3.scope/app.service", "session-3.scope",
		    "/user.slice/user-1000.slice/session-3.scope", -1);
}

static void test_units_of_a_user(void **state)
{
#define MANAGER "/user.slice/user-1000.slice/user@1000.service"

	(void)state;
	assert_unit(MANAGER "/app.slice/app-firefox-42.scope", "app-firefox-42.scope",
		    MANAGER "/app.slice/app-firefox-42.scope", 1000);
	assert_unit(MANAGER "/init.scope", "init.scope", MANAGER "/init.scope", 1000);
	assert_unit(MANAGER "/app.slice/web.service/sub/deep", "web.service",
		    MANAGER "/app.slice/web.service", 1000);
	assert_unit(MANAGER, "user@1000.service", MANAGER, -1);
	assert_unit(MANAGER "/no-unit", "user@1000.service", MANAGER, -1);
	assert_unit(MANAGER "/app.slice", "app.slice", MANAGER "/app.slice", 1000);
	assert_unit("/user.slice/user-0.slice/user@0.service/init.scope", "init.scope",
		    "/user.slice/user-0.slice/user@0.service/init.scope", 0);
#undef MANAGER
}

/* Units by their names and no user's: what is below is their own. */
static void test_no_user_s_manager(void **state)
{
	(void)state;
	assert_unit("/system.slice/user@ann.service/init.scope", "user@ann.service",
		    "/system.slice/user@ann.service", -1);
	assert_unit("/system.slice/user@4294967295.service/init.scope", "user@4294967295.service",
		    "/system.slice/user@4294967295.service", -1);
	assert_unit("/system.slice/user@00000000001000.service/a.scope",
		    "user@00000000001000.service", "/system.slice/user@00000000001000.service", -1);
}

static void test_a_slice_where_there_is_nothing_else(void **state)
{
	(void)state;
	assert_unit("/system.slice", "system.slice", "/system.slice", -1);
	assert_unit("/user.slice/user-1000.slice", "user-1000.slice", "/user.slice/user-1000.slice",
		    -1);
	assert_unit("/kubepods.slice/kubepods-burstable.slice/odd", "kubepods-burstable.slice",
		    "/kubepods.slice/kubepods-burstable.slice", -1);
}

static void test_escapes(void **state)
{
	(void)state;
	/* As systemctl shows it. */
	assert_unit("/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator",
		    "machine-qemu\\x2d1\\x2dweb.scope",
		    "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope", -1);
	/* What the kernel would take for a file of its own (cg_escape). */
	assert_unit("/system.slice/_cpu.service", "cpu.service", "/system.slice/_cpu.service", -1);
	assert_unit("/_cgroup.slice/_memory.scope/x", "memory.scope",
		    "/_cgroup.slice/_memory.scope", -1);
	assert_unit("/system.slice/__tmp.service", "_tmp.service", "/system.slice/__tmp.service",
		    -1);
}

static void test_no_units(void **state)
{
	char name[300];

	(void)state;
	assert_no_unit("");
	assert_no_unit("/");
	assert_no_unit("///");
	assert_no_unit("/docker/0123456789abcdef");
	assert_no_unit("/kubepods/burstable");
	assert_no_unit("/.service");
	assert_no_unit("/_.service");
	assert_no_unit("/getty@.service");
	assert_no_unit("/@tty1.service");
	assert_no_unit("/a b.service");
	assert_no_unit("/a\nb.service");
	assert_no_unit("/\xff\xfe.service");
	assert_no_unit("/web.service.d");
	assert_no_unit("/network.target");
	assert_no_unit("(gone):42");
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	strcpy(name + sizeof(name) - sizeof(".service"), ".service");
	assert_no_unit(name);
}

static void test_the_longest_name_fits(void **state)
{
	char path[UNIT_NAME_LEN + 1];
	struct unit_path unit;

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	strcpy(path + sizeof(path) - sizeof(".service"), ".service");
	assert_int_equal(unit_of(path, &unit), 0);
	assert_string_equal(unit.name, path + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units_of_the_system),
		cmocka_unit_test(test_what_is_below_a_unit_belongs_to_it),
		cmocka_unit_test(test_units_of_a_user),
		cmocka_unit_test(test_no_user_s_manager),
		cmocka_unit_test(test_a_slice_where_there_is_nothing_else),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_no_units),
		cmocka_unit_test(test_the_longest_name_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
