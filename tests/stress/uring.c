// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads that io_uring's own threads do: workers, as every request asks for one (IOSQE_ASYNC), and a
 * thread that polls the submission queue. By system calls, so that no library is needed. The kernel
 * makes these threads without sched_process_fork.
 */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 16
#define READ_SIZE (256 * 1024)

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_flags, *cq_head, *cq_tail;
	unsigned int sq_mask;
	struct io_uring_sqe *sqes;
};

static int open_ring(struct ring *ring)
{
	struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL,
					 .sq_thread_idle = 1 /* ms */};
	unsigned int *array;
	size_t size;
	char *memory;

	ring->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (ring->fd < 0)
		return -errno;
	if (!(params.features & IORING_FEAT_SINGLE_MMAP))
		return -EOPNOTSUPP;
	size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (size < params.sq_off.array + params.sq_entries * sizeof(unsigned int))
		size = params.sq_off.array + params.sq_entries * sizeof(unsigned int);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, params.sq_entries * sizeof(*ring->sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED, ring->fd, IORING_OFF_SQES);
	if (memory == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -errno;
	ring->sq_tail = (unsigned int *)(memory + params.sq_off.tail);
	ring->sq_flags = (unsigned int *)(memory + params.sq_off.flags);
	ring->cq_head = (unsigned int *)(memory + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(memory + params.cq_off.tail);
	ring->sq_mask = *(unsigned int *)(memory + params.sq_off.ring_mask);
	array = (unsigned int *)(memory + params.sq_off.array);
	for (unsigned int i = 0; i < params.sq_entries; i++)
		array[i] = i;
	return 0;
}

static void submit(struct ring *ring, int file, char *buffers)
{
	unsigned int tail = *ring->sq_tail;

	for (unsigned int i = 0; i < ENTRIES; i++, tail++) {
		ring->sqes[tail & ring->sq_mask] = (struct io_uring_sqe){
			.opcode = IORING_OP_READ,
			.flags = IOSQE_ASYNC,
			.fd = file,
			.addr = (uint64_t)(uintptr_t)(buffers + (size_t)i * READ_SIZE),
			.len = READ_SIZE,
		};
	}
	__atomic_store_n(ring->sq_tail, tail, __ATOMIC_SEQ_CST);
}

/* Wakes the polling thread if it has gone to sleep, and waits until all are done. */
static int complete(struct ring *ring, unsigned int until)
{
	while (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) != until) {
		unsigned int flags = IORING_ENTER_GETEVENTS, done;

		if (__atomic_load_n(ring->sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
		done = __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE);
		if (syscall(SYS_io_uring_enter, ring->fd, ENTRIES, until - done, flags, NULL, 0) <
			    0 &&
		    errno != EINTR)
			return -errno;
	}
	__atomic_store_n(ring->cq_head, until, __ATOMIC_RELEASE);
	return 0;
}

int run_uring(struct shared *shared, char **args)
{
	char *buffers = mmap(NULL, (size_t)ENTRIES * READ_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = open("/dev/zero", O_RDONLY | O_CLOEXEC), err;
	struct ring ring = {.fd = -1};
	unsigned int n = 0;

	(void)args;
	if (buffers == MAP_FAILED || file < 0)
		return -errno;
	err = open_ring(&ring);
	while (!err && now_ns() < shared->until) {
		submit(&ring, file, buffers);
		n += ENTRIES;
		err = complete(&ring, n);
	}
	if (ring.fd >= 0)
		close(ring.fd); /* or the polling thread would go on for a while */
	count_work(shared, n);
	return err;
}
