// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows of single calls: programs at the begin and end of functions, and at pairs of markers, that
 * read the ledger (whose maps they are given) and tell of each window. windows_shared.h says how.
 *
 * They run in the thread that they measure and may be preempted (from 6.0 on, 8c7dcb84e3b7), but not
 * moved to another CPU. Nothing here waits: what finds no room is counted.
 */
#include "windows_state.h"

#include <linux/ptrace.h>

#include <bpf/bpf_tracing.h>

static __always_inline __u32 function_of(void *ctx)
{
	return bpf_get_attach_cookie(ctx) & (WINDOW_FUNCTIONS_MAX - 1);
}

/*
 * Where a return probe has been at work, the stack has the address of its trampoline in place of the
 * return address. So a function that is entered there was jumped to by the one that was called.
 */
static __always_inline bool returns_to_probe(__u64 sp)
{
	struct mm_struct___windows *mm = (void *)BPF_CORE_READ(current_task(), mm);
	__u64 trampoline, address = 0;

	if (!bpf_core_field_exists(mm->uprobes_state) ||
	    !bpf_core_field_exists(((struct xol_area *)0)->vaddr))
		return false;
	trampoline = BPF_CORE_READ(mm, uprobes_state.xol_area, vaddr);
	return trampoline && bpf_probe_read_user(&address, sizeof(address), (void *)sp) == 0 &&
	       address == trampoline;
}

static long is_left_call(__u32 i, struct walk *walk)
{
	struct window_frame *frame = frame_below(walk->thread, i);
	__u64 sp = walk->met->sp;

	if (!frame)
		return 1;
	if (frame->ip)
		return 0;
	if (frame->sp > sp || (frame->sp == sp && returns_to_probe(sp)))
		return 1;
	walk->depth = walk->thread->depth - i - 1;
	return 0;
}

static long is_left_marker(__u32 i, struct walk *walk)
{
	struct window_frame *frame = frame_below(walk->thread, i);

	if (!frame)
		return 1;
	if (frame->ip == walk->met->ip && frame->sp <= walk->met->sp)
		walk->depth = walk->thread->depth - i - 1;
	return 0;
}

/*
 * A function is entered with the stack pointer at met->sp: calls whose own was there or deeper have been
 * left without a return, and so has all that began in them. Except where the new one was jumped to as
 * the last act of a call: both will return.
 *
 * A marker is met at met->ip: windows that began at the same one, no less deep in the stack, were left
 * without their end.
 */
static __always_inline void drop_left(struct window_thread *thread, const struct met *met,
				      long (*is_left)(__u32 i, struct walk *walk))
{
	struct walk walk = {.thread = thread, .met = met, .depth = thread->depth};

	if (thread->depth == 0)
		return;
	walk_down(&walk, is_left);
	abandon_above(thread, walk.depth);
}

static __always_inline void begin(struct window_thread *thread, const struct met *met)
{
	struct window_frame *frame;
	struct reading reading;

	count(met->function, offsetof(struct window_counts, begun), 1);
	if (thread->depth >= WINDOW_DEPTH_MAX) {
		thread->over += met->ip != 0;
		count(met->function, offsetof(struct window_counts, too_deep), 1);
		return;
	}
	frame = &thread->frames[thread->depth & (WINDOW_DEPTH_MAX - 1)];
	thread->depth++;
	thread->over = 0;
	frame->inner_ns = 0;
	frame->sp = met->sp;
	frame->ip = met->ip;
	frame->function = met->function;
	read_account(&reading, LEDGER_ROW_NONE);
	frame->begin_ns = reading.now;
	frame->total_ns = reading.total_ns;
	frame->stamp = reading.stamp;
	frame->row = reading.row;
	frame->generation = reading.generation;
	frame->domain = reading.domain;
	frame->flags = reading.good ? 0 : WINDOW_UNRESOLVED;
}

SEC("uprobe")
int window_call(struct pt_regs *ctx)
{
	const struct met met = {.sp = PT_REGS_SP(ctx), .function = function_of(ctx)};
	struct window_thread *thread = make_thread(met.function);

	if (!thread)
		return 0;
	drop_left(thread, &met, is_left_call);
	begin(thread, &met);
	return 0;
}

SEC("uprobe")
int window_begin(struct pt_regs *ctx)
{
	const struct met met = {
		.sp = PT_REGS_SP(ctx), .ip = PT_REGS_IP(ctx), .function = function_of(ctx)};
	struct window_thread *thread = make_thread(met.function);

	if (!thread)
		return 0;
	drop_left(thread, &met, is_left_marker);
	begin(thread, &met);
	return 0;
}

/* The on-CPU time of the topmost window, from its begin to the reading; its flags say if it is none. */
static __always_inline __u64 time_of(struct window_frame *frame, const struct reading *reading,
				     __u32 row_generation)
{
	__s64 passed = reading->now - frame->begin_ns, ns;

	/* The row of the begin has to be among those of the end, and not another task's by now. */
	if (!reading->good || (reading->row != frame->row && !reading->found) ||
	    row_generation != frame->generation)
		frame->flags |= WINDOW_UNRESOLVED;
	if (frame->flags & WINDOW_UNRESOLVED)
		return 0;
	if (reading->stamp == frame->stamp)
		return passed;
	ns = reading->total_ns - frame->total_ns + passed - (reading->stamp - frame->stamp);
	/* Over the time that passed, the two clocks may have drifted apart. */
	ns -= ((passed >> 10) * clock_drift) >> 20;
	if (ns < 0)
		return 0;
	return ns > passed ? passed : ns;
}

/* False: there was no room. */
static __always_inline bool tell(struct window_thread *thread, struct window_frame *frame,
				 const struct reading *reading, __u64 cpu_ns)
{
	__u64 held = bpf_ringbuf_query(&finished, BPF_RB_AVAIL_DATA);
	__u64 size = bpf_ringbuf_query(&finished, BPF_RB_RING_SIZE), step = size / 16 + 1;
	__u64 then = held + WINDOW_RECORD_ROOM;
	struct window_record *record = bpf_ringbuf_reserve(&finished, sizeof(*record), 0);

	if (!record) {
		count(frame->function, offsetof(struct window_counts, dropped), 1);
		return false;
	}
	*record = (struct window_record){
		.begin_ns = frame->begin_ns,
		.end_ns = reading->now,
		.cpu_ns = cpu_ns,
		.inner_ns = frame->inner_ns,
		.root_ns = thread->frames[0].begin_ns,
		.rss_pages = resident_pages(),
		.function = frame->function,
		.depth = thread->depth,
		.flags = frame->flags,
		.domain_begin = frame->domain,
		.domain_end = reading->domain,
	};
	identify(record, reading->row);
	count(frame->function, offsetof(struct window_counts, ended), 1);
	/*
	 * All can wait for the tick, but for there being no room: woken when it is half full, and, as two CPUs
	 * may pass a mark at once and neither see it, at each sixteenth after that.
	 */
	bpf_ringbuf_submit(record, then >= size / 2 && held / step != then / step
					   ? BPF_RB_FORCE_WAKEUP
					   : BPF_RB_NO_WAKEUP);
	return true;
}

static long is_call(__u32 i, struct walk *walk)
{
	struct window_frame *frame = frame_below(walk->thread, i);
	__u64 sp = walk->met->sp;

	if (!frame || (!frame->ip && frame->sp > sp))
		return 1;
	if (frame->ip || frame->function != walk->met->function || frame->sp != sp)
		return 0;
	walk->depth = walk->thread->depth - i;
	return 1;
}

static long is_marker(__u32 i, struct walk *walk)
{
	struct window_frame *frame = frame_below(walk->thread, i);

	if (!frame)
		return 1;
	if (!frame->ip || frame->function != walk->met->function)
		return 0;
	walk->depth = walk->thread->depth - i;
	return 1;
}

/*
 * Ends the topmost call of the function whose return address stood at met->sp, or the window that its
 * last begin marker has opened, by `is_it`. What is above it was left without an end.
 */
static __always_inline void end(const struct met *met, struct reading *reading,
				long (*is_it)(__u32 i, struct walk *walk))
{
	struct window_thread *thread = find_thread();
	struct walk walk = {.thread = thread, .met = met};
	struct window_frame *frame = NULL, *outer;
	struct ledger_row *row;
	__u64 cpu_ns;
	bool told;

	if (thread) {
		walk_down(&walk, is_it);
		abandon_above(thread, walk.depth ? walk.depth : WINDOW_DEPTH_MAX);
		frame = walk.depth ? frame_below(thread, 0) : NULL;
	}
	if (!frame) {
		if (is_followed())
			count(met->function, offsetof(struct window_counts, unmatched), 1);
		return;
	}
	/* Another row of the circle now: was that of the begin left with a circle of old? */
	if (reading->good && reading->row != frame->row)
		read_account(reading, frame->row);
	row = row_at(frame->row);
	cpu_ns = time_of(frame, reading, row ? row->generation : 0);
	if (frame->flags & WINDOW_UNRESOLVED)
		count(frame->function, offsetof(struct window_counts, unresolved), 1);
	thread->depth--;
	told = tell(thread, frame, reading, cpu_ns);
	outer = frame_below(thread, 0);
	if (outer)
		/* What is not told of, or has no time, is the outer one's own. */
		outer->inner_ns += told && !(frame->flags & WINDOW_UNRESOLVED) ? cpu_ns
									       : frame->inner_ns;
}

SEC("uretprobe")
int window_return(struct pt_regs *ctx)
{
	struct met met = {.function = function_of(ctx)};
	struct reading reading;

	read_account(&reading, LEDGER_ROW_NONE);
	met.sp = PT_REGS_SP(ctx) - sizeof(__u64); /* before the return address was taken off */
	end(&met, &reading, is_call);
	return 0;
}

SEC("uprobe")
int window_end(struct pt_regs *ctx)
{
	struct met met = {.function = function_of(ctx)};
	struct window_thread *thread;
	struct reading reading;

	read_account(&reading, LEDGER_ROW_NONE);
	thread = find_thread();
	if (thread && thread->over)
		thread->over--;
	else
		end(&met, &reading, is_marker);
	return 0;
}

/* Calls that are cut by the thread's end, or by a new program in its place. */
static __always_inline int cut(struct task_struct *task)
{
	struct window_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);

	if (thread)
		abandon_above(thread, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(window_exit, struct task_struct *task)
{
	return cut(task);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(window_exec, struct task_struct *task)
{
	return cut(task);
}

/* Those who descend from a process that is followed are followed. */
SEC("?tp_btf/task_newtask")
int BPF_PROG(window_birth, struct task_struct *task, __u64 clone_flags)
{
	if (is_followed())
		bpf_task_storage_get(&followed, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

/* How many window_existing has found. */
__u64 n_joined;

static __always_inline bool has_mark(struct task_struct *task)
{
	return task && bpf_task_storage_get(&followed, task, 0, 0);
}

/*
 * Run at the start until it finds no more: the other threads of who is followed (one that calls exec becomes
 * the leader, and the old one takes its mark along), and children that are there already.
 */
SEC("?iter/task")
int window_existing(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || has_mark(task) ||
	    (!has_mark(task->group_leader) && !has_mark(task->real_parent)))
		return 0;
	if (bpf_task_storage_get(&followed, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		n_joined++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
