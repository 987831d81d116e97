// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_path.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants some of those before it. */
#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "8f14e45f-ceea-467f-ab6a-1c2d3e4f5a6b"
#define UID_SLICE "8f14e45f_ceea_467f_ab6a_1c2d3e4f5a6b"
#define STATIC_UID "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define ANN "/user.slice/user-1000.slice/user@1000.service"

struct expected {
	const char *root, *inside; /* the path is both */
	enum container_runtime runtime;
	const char *id, *name, *pod_uid;
	int64_t uid; /* 0: none, as root's are not rootless */
};

static void assert_container(const struct expected *expected)
{
	struct container_path path = {.id = "rubbish", .name = "rubbish", .pod_uid = "rubbish"};
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", expected->root, expected->inside);
	if (container_parse(text, &path))
		fail_msg("%s: no container", text);
	if (path.runtime != expected->runtime)
		fail_msg("%s: %s", text, container_runtime_name(path.runtime));
	assert_string_equal(path.id, expected->id);
	assert_string_equal(path.name, expected->name ? expected->name : "");
	assert_string_equal(path.pod_uid, expected->pod_uid ? expected->pod_uid : "");
	assert_int_equal(path.uid, expected->uid ? expected->uid : -1);
	assert_int_equal(path.root_len, strlen(expected->root));
}

static void assert_containers(const struct expected *expected, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_container(&expected[i]);
}

#define ASSERT_CONTAINERS(...)                                             \
	assert_containers((const struct expected[]){__VA_ARGS__},          \
			  sizeof((const struct expected[]){__VA_ARGS__}) / \
				  sizeof(struct expected))

#define ROW(of_root, below, what, of_id, ...)                                                 \
	{                                                                                     \
		.root = of_root, .inside = below, .runtime = what, .id = of_id, ##__VA_ARGS__ \
	}

static void assert_none(const char *path)
{
	struct container_path found = {.id = "untouched"};

	if (container_parse(path, &found) != -ENOENT)
		fail_msg("%s: container %s", path, found.id);
	assert_string_equal(found.id, "untouched");
}

static void test_docker(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/docker/" ID, "", CONTAINER_DOCKER, ID),
		ROW("/docker/" ID, "/init/deep", CONTAINER_DOCKER, ID),
		ROW("/system.slice/docker-" ID ".scope", "", CONTAINER_DOCKER, ID),
		ROW("/ci.slice/docker-" ID ".scope", "/system.slice", CONTAINER_DOCKER, ID),
		ROW(ANN "/user.slice/docker-" ID ".scope", "", CONTAINER_DOCKER, ID, .uid = 1000));
}

static void test_podman(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/machine.slice/libpod-" ID ".scope", "/container", CONTAINER_PODMAN, ID),
		ROW("/libpod_parent/libpod-" ID, "", CONTAINER_PODMAN, ID),
		ROW("/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID ".scope", "",
		    CONTAINER_PODMAN, ID),
		ROW("/system.slice/web.service/libpod-payload-" ID, "/init.scope", CONTAINER_PODMAN,
		    ID),
		ROW(ANN "/user.slice/libpod-" ID ".scope", "/container", CONTAINER_PODMAN, ID,
		    .uid = 1000),
		ROW(ANN "/app.slice/web.service/libpod-payload-" ID, "", CONTAINER_PODMAN, ID,
		    .uid = 1000));
}

static void test_containerd_and_buildkit(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(ROW("/system.slice/nerdctl-" ID ".scope", "", CONTAINER_CONTAINERD, ID),
			  ROW("/default/" ID, "", CONTAINER_UNKNOWN, ID),
			  ROW("/k8s.io/" ID, "", CONTAINER_UNKNOWN, ID),
			  ROW("/buildkit/abcdefghij0123456789klmno", "", CONTAINER_BUILDKIT,
			      "abcdefghij0123456789klmno"),
			  ROW("/docker/buildkit/abcdefghij0123456789klmno", "/x",
			      CONTAINER_BUILDKIT, "abcdefghij0123456789klmno"),
			  ROW("/system.slice/docker-abcdefghij0123456789klmno.scope", "",
			      CONTAINER_BUILDKIT, "abcdefghij0123456789klmno"));
}

static void test_kubernetes(void **state)
{
#define SLICES "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_SLICE ".slice"

	(void)state;
	ASSERT_CONTAINERS(
		ROW(SLICES "/cri-containerd-" ID ".scope", "", CONTAINER_CONTAINERD, ID,
		    .pod_uid = UID),
		ROW(SLICES "/crio-" ID ".scope", "/container", CONTAINER_CRIO, ID, .pod_uid = UID),
		ROW(SLICES "/docker-" ID ".scope", "", CONTAINER_DOCKER, ID, .pod_uid = UID),
		/* Guaranteed pods are one slice up. */
		ROW("/kubepods.slice/kubepods-pod" UID_SLICE ".slice/cri-containerd-" ID ".scope",
		    "", CONTAINER_CONTAINERD, ID, .pod_uid = UID),
		/* kind: the kubelet's own cgroup root */
		ROW("/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
		    "kubelet-kubepods-besteffort-pod" UID_SLICE ".slice/cri-containerd-" ID
		    ".scope",
		    "", CONTAINER_CONTAINERD, ID, .pod_uid = UID),
		/* cgroupfs */
		ROW("/kubepods/burstable/pod" UID "/" ID, "", CONTAINER_UNKNOWN, ID,
		    .pod_uid = UID),
		ROW("/kubepods/pod" UID "/" ID, "/inside", CONTAINER_UNKNOWN, ID, .pod_uid = UID),
		ROW("/kubelet/kubepods/besteffort/pod" UID "/" ID, "", CONTAINER_UNKNOWN, ID,
		    .pod_uid = UID),
		ROW("/kubepods/besteffort/pod" UID "/crio-" ID, "", CONTAINER_CRIO, ID,
		    .pod_uid = UID),
		/* A static pod's uid is a hash. */
		ROW("/kubepods/burstable/pod" STATIC_UID "/" ID, "", CONTAINER_UNKNOWN, ID,
		    .pod_uid = STATIC_UID),
		/* The kubelet with systemd, containerd without */
		ROW("/system.slice/containerd.service/kubepods-burstable-pod" UID_SLICE
		    ".slice:cri-containerd:" ID,
		    "", CONTAINER_CONTAINERD, ID, .pod_uid = UID),
		/* Kata: the sandbox's virtual machine */
		ROW("/kubepods/burstable/pod" UID "/kata_" ID, "", CONTAINER_UNKNOWN, ID,
		    .pod_uid = UID),
		ROW("/kata_overhead/" ID, "", CONTAINER_UNKNOWN, ID));
#undef SLICES
}

static void test_what_is_in_a_pod_and_in_no_container_is_the_pod_s(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/kubepods/burstable/pod" UID, "", CONTAINER_KUBERNETES, UID, .pod_uid = UID),
		ROW("/kubepods/burstable/pod" UID, "/crio-conmon-" ID, CONTAINER_KUBERNETES, UID,
		    .pod_uid = UID),
		ROW("/kubepods.slice/kubepods-pod" UID_SLICE ".slice", "/vcpu0",
		    CONTAINER_KUBERNETES, UID, .pod_uid = UID));
}

static void test_lxc(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(ROW("/lxc.payload.mail", "/init.scope", CONTAINER_LXC, "mail"),
			  ROW("/lxc.payload/mail", "/init.scope", CONTAINER_LXC, "mail"),
			  ROW("/lxc/mail", "", CONTAINER_LXC, "mail"),
			  ROW("/lxc/101", "/ns/system.slice", CONTAINER_LXC, "101"),
			  ROW("/lxc.payload.lxc.payload.x", "", CONTAINER_LXC, "lxc.payload.x"));
}

static void test_machines(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/machine.slice/systemd-nspawn@debian-12.service", "/payload/init.scope",
		    CONTAINER_NSPAWN, "debian-12"),
		ROW("/machine.slice/systemd-nspawn@debian\\x2d12.service", "", CONTAINER_NSPAWN,
		    "debian-12"),
		ROW("/machine.slice/machine-debian\\x2d12.scope", "/payload", CONTAINER_NSPAWN,
		    "debian-12"),
		ROW("/machine.slice/systemd-vmspawn@vm.service", "", CONTAINER_QEMU, "vm"),
		ROW("/qemu.slice/100.scope", "", CONTAINER_QEMU, "100"));
}

static void test_libvirt(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/machine.slice/machine-qemu\\x2d1\\x2dweb\\x2dserver.scope",
		    "/libvirt/emulator", CONTAINER_LIBVIRT, "qemu-1-web-server",
		    .name = "web-server"),
		ROW("/machine.slice/machine-lxc\\x2d12\\x2dbox.scope", "", CONTAINER_LIBVIRT,
		    "lxc-12-box", .name = "box"),
		/* libvirt's session driver, and its embedded one */
		ROW("/machine.slice/machine-qemu\\x2dann\\x2d7\\x2dweb.scope", "",
		    CONTAINER_LIBVIRT, "qemu-ann-7-web", .name = "web"),
		ROW("/machine.slice/machine-qemu\\x2dembed\\x2d12345678\\x2d7\\x2dweb.scope", "",
		    CONTAINER_LIBVIRT, "qemu-embed-12345678-7-web", .name = "web"),
		ROW("/machine/qemu-1-web.libvirt-qemu", "/vcpu0", CONTAINER_LIBVIRT, "qemu-1-web",
		    .name = "web"),
		ROW("/machine/web.libvirt-qemu", "/emulator", CONTAINER_LIBVIRT, "web",
		    .name = "web"),
		/* A machine that is called so, and no domain of libvirt's */
		ROW("/machine.slice/machine-qemu\\x2dtest.scope", "", CONTAINER_NSPAWN,
		    "qemu-test"),
		ROW("/machine.slice/machine-qemu\\x2d1\\x2d.scope", "", CONTAINER_NSPAWN,
		    "qemu-1-"));
}

static void test_slurm(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(ROW("/slurm/uid_1000/job_123", "/step_0/task_0", CONTAINER_SLURM, "123",
			      .name = "job_123", .uid = 1000),
			  ROW("/slurm_node1/uid_1000/job_123", "/step_batch", CONTAINER_SLURM,
			      "123", .name = "job_123", .uid = 1000),
			  ROW("/system.slice/slurmstepd.scope/job_42",
			      "/step_extern/user/task_special", CONTAINER_SLURM, "42",
			      .name = "job_42"),
			  ROW("/system.slice/node1_slurmstepd.scope/job_42", "/step_0/user/task_0",
			      CONTAINER_SLURM, "42", .name = "job_42"));
}

static void test_an_unknown_runtime_has_its_id(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(ROW("/new-thing/" ID, "", CONTAINER_UNKNOWN, ID),
			  ROW("/ecs/cluster/" ID, "", CONTAINER_UNKNOWN, ID),
			  ROW("/system.slice/thing-" ID ".scope", "", CONTAINER_UNKNOWN, ID),
			  ROW("/actions_job/" ID, "", CONTAINER_UNKNOWN, ID));
}

static void test_the_outermost_is_the_container(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/docker/" ID, "/docker/" ID2, CONTAINER_DOCKER, ID),
		ROW("/docker/" ID, "/kubelet/kubepods/burstable/pod" UID "/" ID2, CONTAINER_DOCKER,
		    ID),
		ROW("/system.slice/docker-" ID ".scope",
		    "/kubelet.slice/kubelet-kubepods-pod" UID_SLICE ".slice/cri-containerd-" ID2
		    ".scope",
		    CONTAINER_DOCKER, ID),
		ROW("/lxc.payload.ci", "/system.slice/docker-" ID ".scope", CONTAINER_LXC, "ci"),
		ROW("/machine.slice/systemd-nspawn@ci.service", "/payload/docker/" ID,
		    CONTAINER_NSPAWN, "ci"),
		ROW(ANN "/user.slice/libpod-" ID ".scope", "/user.slice/user@7.service/libpod-" ID2,
		    CONTAINER_PODMAN, ID, .uid = 1000));
}

static void test_no_containers(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		"//",
		"/init.scope",
		"/system.slice/docker.service",
		"/system.slice/containerd.service",
		"/user.slice/user-1000.slice/session-3.scope",
		ANN "/app.slice/app-firefox.scope",
		"/docker",
		"/docker/short",
		"/kubepods/burstable",
		"/kubepods.slice/kubepods-burstable.slice",
		"/pod" UID,
		"/lxc",
		"/lxc.payload.",
		"/lxc.monitor.mail",
		"/machine.slice",
		"/machine.slice/machine-libpod_pod_" ID ".slice",
		"/machine.slice/systemd-nspawn@.service",
		"/machine.slice/libpod-conmon-" ID ".scope",
		"/libpod_parent/conmon",
		"/system.slice/slurmstepd.scope/system",
		"/system.slice/slurmstepd.scope/job_x",
		"/slurm/uid_1000",
		"/home/job_123",
		"/qemu.slice/windows.scope",
		"/buildkit/short",
		"/system.slice/docker-short.scope",
		/* Nearly an id: one more digit, one less, none, capitals */
		"/docker/0" ID,
		"/docker/123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"/docker/g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		"(gone):42",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_none(paths[i]);
}

static void test_any_bytes_stay_as_they_are(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/lxc.payload.a\nb\"c\\", "", CONTAINER_LXC, "a\nb\"c\\"),
		ROW("/lxc/\xff\xfe\x01", "", CONTAINER_LXC, "\xff\xfe\x01"),
		ROW("/machine.slice/machine-a\\x0ab\\xff\\x.scope", "", CONTAINER_NSPAWN,
		    "a\nb\xff\\x"),
		/* A NUL would end it. */
		ROW("/machine.slice/machine-a\\x00b.scope", "", CONTAINER_NSPAWN, "a\\x00b"));
}

static void test_a_component_is_as_long_as_the_kernel_allows(void **state)
{
	char path[2 * NAME_MAX], name[NAME_MAX + 1];
	struct container_path found;

	(void)state;
	memset(name, 'x', NAME_MAX);
	name[NAME_MAX] = '\0';
	snprintf(path, sizeof(path), "/lxc/%s", name);
	assert_int_equal(container_parse(path, &found), 0);
	assert_string_equal(found.id, name);
	snprintf(path, sizeof(path), "/lxc/%sx", name);
	assert_none(path);
}

static void test_uids_that_are_none(void **state)
{
	(void)state;
	ASSERT_CONTAINERS(
		ROW("/user.slice/user@ann.service/libpod-" ID, "", CONTAINER_PODMAN, ID),
		ROW("/user.slice/user@4294967295.service/libpod-" ID, "", CONTAINER_PODMAN, ID),
		ROW("/user.slice/user@99999999999999999999.service/libpod-" ID, "",
		    CONTAINER_PODMAN, ID),
		/* Only root can make a cgroup there. */
		ROW("/user.slice/user-1000.slice/session-3.scope/libpod-" ID, "", CONTAINER_PODMAN,
		    ID));
}

static void test_every_runtime_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < N_CONTAINER_RUNTIMES; i++) {
		for (int j = 0; j < i; j++)
			assert_string_not_equal(container_runtime_name((enum container_runtime)i),
						container_runtime_name((enum container_runtime)j));
	}
	assert_string_equal(container_runtime_name(CONTAINER_CRIO), "cri-o");
	assert_string_equal(container_runtime_name(CONTAINER_UNKNOWN), "unknown");
	assert_string_equal(container_runtime_name((enum container_runtime)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_podman),
		cmocka_unit_test(test_containerd_and_buildkit),
		cmocka_unit_test(test_kubernetes),
		cmocka_unit_test(test_what_is_in_a_pod_and_in_no_container_is_the_pod_s),
		cmocka_unit_test(test_lxc),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_libvirt),
		cmocka_unit_test(test_slurm),
		cmocka_unit_test(test_an_unknown_runtime_has_its_id),
		cmocka_unit_test(test_the_outermost_is_the_container),
		cmocka_unit_test(test_no_containers),
		cmocka_unit_test(test_any_bytes_stay_as_they_are),
		cmocka_unit_test(test_a_component_is_as_long_as_the_kernel_allows),
		cmocka_unit_test(test_uids_that_are_none),
		cmocka_unit_test(test_every_runtime_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
