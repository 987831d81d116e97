// SPDX-License-Identifier: BSD-2-Clause
/* What each runtime's tree in fixtures/containers/ says of its containers. */

#include "container_fixture.h"

#define POD_SLICE(uid) \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" uid ".slice"

static void test_docker(void **state)
{
	(void)state;
	assert_container_at(
		FIXTURE("docker"), "/system.slice/docker-" ID6("d0c4e2", "d0c4") ".scope",
		(struct known){
			.runtime = "docker", .label = "web", .name = "web", .image = "nginx:1.25"});
	assert_container_at(
		FIXTURE("docker"), "/docker/" ID6("d0c4e2", "d0c4") "/deep",
		(struct known){
			.runtime = "docker", .label = "web", .name = "web", .image = "nginx:1.25"});
}

static void test_docker_under_another_parent(void **state)
{
	(void)state;
	assert_container_at(
		FIXTURE("docker"), "/actions_job/" ID6("d0c4e2", "d0c4"),
		(struct known){
			.runtime = "docker", .label = "web", .name = "web", .image = "nginx:1.25"});
}

static void test_docker_that_was_moved(void **state)
{
	(void)state;
	assert_container_at(
		FIXTURE("docker"), "/docker/" ID6("d0c4e3", "d0c4"),
		(struct known){
			.runtime = "docker", .label = "db", .name = "db", .image = "postgres:16"});
}

static void test_docker_of_kubernetes(void **state)
{
	(void)state;
	assert_container_at(
		FIXTURE("docker"),
		"/kubepods/pod8f14e45f-ceea-467f-ab6a-1c2d3e4f5a6b/" ID6("d0c4e5", "d0c4"),
		(struct known){
			.runtime = "docker",
			.label = "shop/api-0/api",
			.name = "api",
			.image = "sha256:ea2cc31bf2de1dc98e3bb76f7ec20b71b24075e141a570e5a9bd683b"
				 "071528f4",
			.pod = "api-0",
			.namespace = "shop",
			.pod_uid = "8f14e45f-ceea-467f-ab6a-1c2d3e4f5a6b"});
}

static void test_podman(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("podman"),
			    "/machine.slice/libpod-" ID4("90d1") ".scope/container",
			    (struct known){.runtime = "podman",
					   .label = "web1",
					   .name = "web1",
					   .image = "docker.io/library/httpd:2.4"});
	/* run --rm */
	assert_container_at(FIXTURE("podman"), "/libpod_parent/libpod-" ID4("90d2"),
			    (struct known){.runtime = "podman",
					   .label = "once",
					   .name = "once",
					   .image = "quay.io/fedora/fedora:41"});
	/* storage.conf: graphroot, and another driver */
	assert_container_at(FIXTURE("podman"), "/machine.slice/libpod-" ID4("90d4") ".scope",
			    (struct known){.runtime = "podman",
					   .label = "moved",
					   .name = "moved",
					   .image = "docker.io/library/redis:7"});
}

static void test_podman_s_image_by_its_id(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("podman"), "/machine.slice/libpod-" ID4("90d3") ".scope",
			    (struct known){.runtime = "podman",
					   .label = "unnamed-image",
					   .name = "unnamed-image",
					   .image = "localhost/tiny:1"});
}

static void test_cri_o(void **state)
{
	const struct known nginx = {.runtime = "cri-o",
				    .label = "shop/front-7c9/nginx",
				    .name = "nginx",
				    .image = "docker.io/library/nginx:1.27",
				    .pod = "front-7c9",
				    .namespace = "shop",
				    .pod_uid = "0b1e2d3c-4f5a-4b6c-8d7e-9f0a1b2c3d4e"};
	/* Its own config.json is not there: by the lists alone. */
	const struct known pause = {.runtime = "cri-o",
				    .label = "shop/front-7c9/POD",
				    .name = "POD",
				    .image = "registry.k8s.io/pause:3.9",
				    .pod = "front-7c9",
				    .namespace = "shop",
				    .pod_uid = "0b1e2d3c-4f5a-4b6c-8d7e-9f0a1b2c3d4e"};

	(void)state;
	assert_container_at(FIXTURE("cri-o"),
			    POD_SLICE("0b1e2d3c_4f5a_4b6c_8d7e_9f0a1b2c3d4e") "/crio-" ID4(
				    "c411") ".scope/container",
			    nginx);
	assert_container_at(FIXTURE("cri-o"),
			    "/kubepods/besteffort/pod0b1e2d3c-4f5a-4b6c-8d7e-9f0a1b2c3d4e/"
			    "crio-" ID4("c410"),
			    pause);
}

static void test_containerd_of_kubernetes(void **state)
{
	struct known coredns = {.runtime = "containerd",
				.label = "kube-system/coredns-76f75df574-abcde/coredns",
				.name = "coredns",
				.image = "registry.k8s.io/coredns/coredns:v1.11.1",
				.pod = "coredns-76f75df574-abcde",
				.namespace = "kube-system",
				.pod_uid = "5f2d7c1e-8a3b-4c9d-9e0f-1a2b3c4d5e6f"};

	(void)state;
	assert_container_at(
		FIXTURE("containerd"),
		POD_SLICE("5f2d7c1e_8a3b_4c9d_9e0f_1a2b3c4d5e6f") "/cri-containerd-" ID4(
			"cd10") ".scope",
		coredns);
	assert_container_at(
		FIXTURE("containerd"),
		"/kubepods/burstable/pod5f2d7c1e-8a3b-4c9d-9e0f-1a2b3c4d5e6f/" ID4("cd10"),
		coredns);
	coredns.label = "kube-system/coredns-76f75df574-abcde/POD";
	coredns.name = "POD";
	coredns.image = "registry.k8s.io/pause:3.9";
	assert_container_at(
		FIXTURE("containerd"),
		POD_SLICE("5f2d7c1e_8a3b_4c9d_9e0f_1a2b3c4d5e6f") "/cri-containerd-" ID4(
			"cd11") ".scope",
		coredns);
}

static void test_containerd_of_k3s(void **state)
{
	(void)state;
	assert_container_at(
		FIXTURE("k3s"),
		POD_SLICE("5f2d7c1e_8a3b_4c9d_9e0f_1a2b3c4d5e6f") "/cri-containerd-" ID4(
			"cd14") ".scope",
		(struct known){.runtime = "containerd",
			       .label = "kube-system/traefik-f4564c4f4-xyz/traefik",
			       .name = "traefik",
			       .image = "docker.io/rancher/mirrored-library-traefik:2.10.7",
			       .pod = "traefik-f4564c4f4-xyz",
			       .namespace = "kube-system",
			       .pod_uid = "5f2d7c1e-8a3b-4c9d-9e0f-1a2b3c4d5e6f"});
}

static void test_containerd_by_itself(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("containerd"), "/system.slice/nerdctl-" ID4("cd12") ".scope",
			    (struct known){.runtime = "containerd",
					   .label = "proxy",
					   .name = "proxy",
					   .namespace = "default"});
	assert_container_at(FIXTURE("containerd"), "/default/redis/inside",
			    (struct known){.runtime = "containerd",
					   .label = "redis",
					   .name = "redis",
					   .namespace = "default"});
	/* ctr run --cgroup */
	assert_container_at(FIXTURE("containerd"), "/somewhere/else",
			    (struct known){.runtime = "containerd",
					   .label = "odd",
					   .name = "odd",
					   .namespace = "default"});
	/* Where Docker's own folder cannot be found. */
	assert_container_at(
		FIXTURE("containerd"), "/ci/" ID4("cd13"),
		(struct known){.runtime = "docker", .label = "cd13cd13cd13", .namespace = "moby"});
}

static void test_kubernetes_by_the_kubelet_s_logs_alone(void **state)
{
	struct known pod = {.runtime = "unknown",
			    .label = "prod/billing-0/worker",
			    .name = "worker",
			    .pod = "billing-0",
			    .namespace = "prod",
			    .pod_uid = "11111111-2222-4333-8444-555555555555"};

	(void)state;
	assert_container_at(FIXTURE("kubernetes"),
			    "/kubepods/pod11111111-2222-4333-8444-555555555555/" ID4("5eed"), pod);
	pod.runtime = "cri-o";
	assert_container_at(
		FIXTURE("kubernetes"),
		POD_SLICE("11111111_2222_4333_8444_555555555555") "/crio-" ID4("5eed") ".scope",
		pod);
	/* A container that has no log yet */
	pod.name = NULL;
	pod.label = "prod/billing-0/00ff00ff00ff";
	assert_container_at(
		FIXTURE("kubernetes"),
		POD_SLICE("11111111_2222_4333_8444_555555555555") "/crio-" ID4("00ff") ".scope",
		pod);
	/* What is the pod's own */
	pod.runtime = "kubernetes";
	pod.label = "prod/billing-0";
	assert_container_at(FIXTURE("kubernetes"),
			    POD_SLICE("11111111_2222_4333_8444_555555555555") "/crio-conmon-" ID4(
				    "5eed") ".scope",
			    pod);
}

static void test_kubernetes_static_pods(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("kubernetes"),
			    "/kubepods/burstable/pod0f1e2d3c4b5a69788796a5b4c3d2e1f0/" ID4("5eee"),
			    (struct known){.runtime = "unknown",
					   .label = "kube-system/etcd-node1/etcd",
					   .name = "etcd",
					   .pod = "etcd-node1",
					   .namespace = "kube-system",
					   .pod_uid = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"});
}

/* The link's name has been cut off in the id. */
static void test_kubernetes_with_the_longest_names(void **state)
{
	struct containers *containers;
	const struct container *container;

	(void)state;
	assert_int_equal(containers_new(FIXTURE("kubernetes"), &containers), 0);
	container = containers_get(
		containers, "/kubepods/pod22222222-2222-4333-8444-555555555555/" ID4("5eef"));
	assert_non_null(container->pod);
	assert_int_equal(strlen(container->pod), 150);
	assert_string_equal(container->namespace, "prod");
	assert_int_equal(strlen(container->name), 63);
	containers_free(containers);
}

/* Under containers/ LXD has links into the storage pools: one that the test makes, as archives lose them. */
static void test_lxd(void **state)
{
	static const char in_pool[] = "var/lib/lxd/storage-pools/default/containers/build_ci";
	struct sysfs_tree tree = tree_new();
	char text[512], path[512];
	FILE *file;
	size_t n;

	(void)state;
	file = fopen(
		FIXTURE("lxd/var/lib/lxd/storage-pools/default/containers/build_ci/backup.yaml"),
		"re");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	snprintf(path, sizeof(path), "%s/backup.yaml", in_pool);
	tree_put(&tree, path, text);
	tree_parents(&tree, "var/lib/lxd/containers/build_ci");
	snprintf(path, sizeof(path), "/%s", in_pool);
	assert_int_equal(symlink(path, tree_path(&tree, "var/lib/lxd/containers/build_ci")), 0);
	assert_container_at(tree.root, "/lxc.payload.build_ci/init.scope",
			    (struct known){.runtime = "lxd",
					   .label = "ci",
					   .name = "ci",
					   .namespace = "build",
					   .image = "Ubuntu noble amd64 (20250701)"});
	tree_free(&tree);
}

static void test_lxc(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("lxc"), "/lxc.payload.mail/init.scope",
			    (struct known){.runtime = "lxc", .label = "mail", .name = "mail"});
	assert_container_at(FIXTURE("incus"), "/lxc.payload.dns",
			    (struct known){.runtime = "incus",
					   .label = "dns",
					   .name = "dns",
					   .image = "Debian trixie amd64 (20250701_05:24)"});
}

static void test_proxmox(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("proxmox"), "/lxc/101/ns",
			    (struct known){.runtime = "lxc", .label = "wiki", .name = "wiki"});
	assert_container_at(
		FIXTURE("proxmox"), "/qemu.slice/100.scope",
		(struct known){.runtime = "qemu", .label = "windows", .name = "windows"});
}

static void test_nspawn(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("nspawn"),
			    "/machine.slice/systemd-nspawn@debian-12.service/payload/init.scope",
			    (struct known){.runtime = "nspawn",
					   .label = "debian-12",
					   .name = "debian-12",
					   .image = "/var/lib/machines/debian-12"});
	/* --register=no */
	assert_container_at(FIXTURE("nspawn"), "/machine.slice/machine-other.scope",
			    (struct known){.runtime = "nspawn", .label = "other", .name = "other"});
}

static void test_libvirt(void **state)
{
	const struct known db = {.runtime = "libvirt", .label = "db_server", .name = "db_server"};

	(void)state;
	/* The _ cannot be in a machine's name; the domain's file has it. */
	assert_container_at(FIXTURE("libvirt"),
			    "/machine.slice/machine-qemu\\x2d3\\x2ddbserver.scope/libvirt/vcpu0",
			    db);
	assert_container_at(FIXTURE("libvirt"), "/machine/qemu-4-web.libvirt-qemu/emulator",
			    (struct known){.runtime = "libvirt", .label = "web", .name = "web"});
	assert_container_at(FIXTURE("libvirt"), "/machine.slice/machine-qemu\\x2d9\\x2dgone.scope",
			    (struct known){.runtime = "libvirt", .label = "gone", .name = "gone"});
}

static void test_slurm(void **state)
{
	struct containers *containers;

	(void)state;
	assert_container_at(
		FIXTURE("docker"), "/slurm/uid_1000/job_123/step_0",
		(struct known){.runtime = "slurm", .label = "job_123", .name = "job_123"});
	assert_int_equal(containers_new(FIXTURE("docker"), &containers), 0);
	assert_int_equal(containers_get(containers, "/slurm/uid_1000/job_123")->uid, 1000);
	containers_free(containers);
}

static void test_runc_and_crun_by_themselves(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("runc"), "/rt1",
			    (struct known){.runtime = "runc", .label = "rt1", .name = "rt1"});
	assert_container_at(FIXTURE("runc"), "/jobs/rt2/inside",
			    (struct known){.runtime = "runc", .label = "rt2", .name = "rt2"});
	assert_container_at(FIXTURE("runc"), "/rt3",
			    (struct known){.runtime = "runc", .label = "rt3", .name = "rt3"});
	assert_container_at(FIXTURE("runc"), "/foo/bar",
			    (struct known){.runtime = "crun", .label = "ct1", .name = "ct1"});
}

/* A runc in a container of that name is the container's; one outside of it is the container. */
static void test_the_outermost_of_all_is_the_container(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("runc"), "/rt1/docker/" ID4("90d1"),
			    (struct known){.runtime = "runc", .label = "rt1", .name = "rt1"});
	assert_container_at(FIXTURE("runc"), "/docker/" ID4("90d1") "/rt1",
			    (struct known){.runtime = "docker", .label = "90d190d190d1"});
}

static void test_what_nobody_knows_has_its_short_id(void **state)
{
	(void)state;
	assert_container_at(FIXTURE("docker"), "/new-thing/" ID4("f00d"),
			    (struct known){.runtime = "unknown", .label = "f00df00df00d"});
	assert_container_at(FIXTURE("docker"), "/docker/" ID4("f00d"),
			    (struct known){.runtime = "docker", .label = "f00df00df00d"});
	assert_container_at(
		FIXTURE("docker"), "/buildkit/abcdefghij0123456789klmno",
		(struct known){.runtime = "buildkit", .label = "abcdefghij0123456789klmno"});
}

static void test_what_is_in_no_container(void **state)
{
	struct containers *containers;

	(void)state;
	assert_int_equal(containers_new(FIXTURE("runc"), &containers), 0);
	assert_null(containers_get(containers, "/"));
	assert_null(containers_get(containers, ""));
	assert_null(containers_get(containers, "/rt"));
	assert_null(containers_get(containers, "/rt11"));
	assert_null(containers_get(containers, "/jobs"));
	assert_null(containers_get(containers, "/system.slice/ssh.service"));
	assert_null(containers_get(containers, "(gone):42"));
	containers_free(containers);
}

static void test_no_root(void **state)
{
	struct containers *containers = NULL;

	(void)state;
	assert_int_equal(containers_new(FIXTURE("nowhere"), &containers), -ENOENT);
	assert_null(containers);
	containers_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_docker_under_another_parent),
		cmocka_unit_test(test_docker_that_was_moved),
		cmocka_unit_test(test_docker_of_kubernetes),
		cmocka_unit_test(test_podman),
		cmocka_unit_test(test_podman_s_image_by_its_id),
		cmocka_unit_test(test_cri_o),
		cmocka_unit_test(test_containerd_of_kubernetes),
		cmocka_unit_test(test_containerd_of_k3s),
		cmocka_unit_test(test_containerd_by_itself),
		cmocka_unit_test(test_kubernetes_by_the_kubelet_s_logs_alone),
		cmocka_unit_test(test_kubernetes_static_pods),
		cmocka_unit_test(test_kubernetes_with_the_longest_names),
		cmocka_unit_test(test_lxc),
		cmocka_unit_test(test_lxd),
		cmocka_unit_test(test_proxmox),
		cmocka_unit_test(test_nspawn),
		cmocka_unit_test(test_libvirt),
		cmocka_unit_test(test_slurm),
		cmocka_unit_test(test_runc_and_crun_by_themselves),
		cmocka_unit_test(test_the_outermost_of_all_is_the_container),
		cmocka_unit_test(test_what_nobody_knows_has_its_short_id),
		cmocka_unit_test(test_what_is_in_no_container),
		cmocka_unit_test(test_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
