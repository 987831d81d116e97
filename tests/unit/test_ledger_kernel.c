// SPDX-License-Identifier: BSD-2-Clause
/* What is concluded from a kernel's description of its types, of kernels made of a few of them. */
#include "ledger/kernel.h"

#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static int add_struct(struct btf *btf, const char *name, const char *member, int type)
{
	int id = btf__add_struct(btf, name, 8);

	assert_true(id > 0);
	assert_int_equal(btf__add_field(btf, member, type, 0, 0), 0);
	return id;
}

/* struct spinlock's one member, and what the ring buffer's lock is a typedef of, or NULL for no ring. */
static struct btf *make_kernel(const char *spinlock_member, const char *ring_lock)
{
	struct btf *btf = btf__new_empty();
	int word, lock;

	assert_non_null(btf);
	word = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	lock = add_struct(btf, "raw_spinlock", "raw_lock", word);
	add_struct(btf, "spinlock", spinlock_member, lock);
	if (!ring_lock)
		return btf;
	lock = btf__find_by_name_kind(btf, ring_lock, BTF_KIND_STRUCT);
	if (lock < 0)
		lock = add_struct(btf, ring_lock, "val", word);
	lock = btf__add_typedef(btf, "some_lock_t", lock);
	add_struct(btf, "bpf_ringbuf", "spinlock", lock);
	return btf;
}

static bool can_ask(const char *spinlock_member, const char *ring_lock)
{
	struct btf *btf = make_kernel(spinlock_member, ring_lock);
	struct kernel_facts facts;

	kernel_facts_from(btf, &facts);
	btf__free(btf);
	return facts.can_ask;
}

static void test_ring_buffer_whose_lock_spins_may_be_written_at_a_switch(void **state)
{
	(void)state;
	assert_true(can_ask("", "spinlock"));	  /* up to 6.11 */
	assert_true(can_ask("", "raw_spinlock")); /* 6.12 */
	assert_true(can_ask("lock", "raw_spinlock"));
	assert_true(can_ask("lock", "rqspinlock")); /* 6.15 */
}

static void test_ring_buffer_whose_lock_sleeps_may_not(void **state)
{
	(void)state;
	assert_false(can_ask("lock", "spinlock")); /* PREEMPT_RT before 6.12 */
	assert_false(can_ask("", NULL));
}

static void test_rq_clock_wants_the_run_queue_within_reach(void **state)
{
	struct btf *btf = make_kernel("", "spinlock");
	struct kernel_facts facts;

	(void)state;
	kernel_facts_from(btf, &facts);
	assert_false(facts.rq_clock);
	add_struct(btf, "cfs_rq", "load", 1);
	kernel_facts_from(btf, &facts);
	assert_false(facts.rq_clock);
	btf__free(btf);

	btf = make_kernel("", "spinlock");
	add_struct(btf, "cfs_rq", "rq", 1);
	kernel_facts_from(btf, &facts);
	assert_true(facts.rq_clock);
	btf__free(btf);
}

static void test_tracepoint_is_there_by_its_probes_type(void **state)
{
	struct btf *btf = make_kernel("", "spinlock");
	struct kernel_facts facts;

	(void)state;
	assert_true(btf__add_typedef(btf, "btf_trace_sched_process_exec", 1) > 0);
	assert_true(btf__add_typedef(btf, "btf_trace_cgroup_mkdir_", 1) > 0);
	assert_true(btf__add_typedef(btf, "btf_trace_cgroup_attach_task", 1) > 0);
	kernel_facts_from(btf, &facts);
	assert_true(facts.exec);
	assert_true(facts.cgroup_attach);
	assert_false(facts.cgroup_mkdir);
	assert_false(facts.cgroup_rmdir);
	assert_false(facts.cgroup_rename);
	btf__free(btf);
}

static void test_helper_is_there_by_its_number(void **state)
{
	struct btf *btf = make_kernel("", "spinlock");
	struct kernel_facts facts;

	(void)state;
	kernel_facts_from(btf, &facts);
	assert_false(facts.anchors);
	assert_true(btf__add_enum(btf, "bpf_func_id", 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, "BPF_FUNC_get_current_task", 35), 0);
	kernel_facts_from(btf, &facts);
	assert_false(facts.anchors);
	assert_int_equal(btf__add_enum_value(btf, "BPF_FUNC_get_current_task_btf", 158), 0);
	kernel_facts_from(btf, &facts);
	assert_true(facts.anchors);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_buffer_whose_lock_spins_may_be_written_at_a_switch),
		cmocka_unit_test(test_ring_buffer_whose_lock_sleeps_may_not),
		cmocka_unit_test(test_rq_clock_wants_the_run_queue_within_reach),
		cmocka_unit_test(test_tracepoint_is_there_by_its_probes_type),
		cmocka_unit_test(test_helper_is_there_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
