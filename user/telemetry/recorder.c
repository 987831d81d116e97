// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/recorder.h"

#include "base/cleanup.h"
#include "base/hash.h"
#include "telemetry/report.h"
#include "telemetry/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#define GATHERED_MAX ((size_t)1 << 20) /* bytes of a kernel before they are written at once */

/* A kernel: its file, and what is still to go there. */
struct kernel {
	char *plugin;
	char *path;
	FILE *gathered;
	char *bytes; /* gathered's */
	size_t size;
	size_t n_windows; /* in them */
	bool begun;	  /* the file has its head */
	UT_hash_handle hh;
};

struct telemetry_recorder {
	char *path;
	enum telemetry_format format;
	struct telemetry_facts facts;
	struct kernel *kernels; /* hash by plugin */
	uint64_t n_dropped;
};

static int out_of_memory(struct errmsg *msg)
{
	return errmsg_set(msg, -ENOMEM, "no memory for the telemetry");
}

static int write_facts(struct telemetry_recorder *recorder, const struct telemetry_facts *facts,
		       struct errmsg *msg)
{
	_cleanup_free_ char *path = telemetry_path(recorder->path, "run.json");
	struct telemetry_file file;
	int err;

	if (!path)
		return out_of_memory(msg);
	err = telemetry_file_open(&file, path, msg);
	if (err)
		return err;
	telemetry_facts_write(file.stream, facts);
	return telemetry_file_close(&file, msg);
}

static int make_kernel_data(struct telemetry_recorder *recorder, struct errmsg *msg)
{
	_cleanup_free_ char *path = telemetry_path(recorder->path, TELEMETRY_KERNEL_DATA);

	return path ? telemetry_mkdir(path, msg) : out_of_memory(msg);
}

int telemetry_recorder_new(const char *dir, const char *run, enum telemetry_format format,
			   const struct telemetry_facts *facts, struct telemetry_recorder **ret,
			   struct errmsg *msg)
{
	struct telemetry_recorder *recorder = calloc(1, sizeof(*recorder));
	int err;

	if (!recorder)
		return out_of_memory(msg);
	recorder->format = format;
	recorder->facts = *facts;
	err = telemetry_rundir_create(dir, run, facts->started_ns, &recorder->path, msg);
	if (!err) {
		snprintf(recorder->facts.run, sizeof(recorder->facts.run), "%s",
			 strrchr(recorder->path, '/') + 1);
		err = write_facts(recorder, &recorder->facts, msg);
	}
	if (!err)
		err = make_kernel_data(recorder, msg);
	if (err) {
		telemetry_recorder_free(recorder);
		return err;
	}
	*ret = recorder;
	return 0;
}

const char *telemetry_recorder_path(const struct telemetry_recorder *recorder)
{
	return recorder->path;
}

static void free_kernel(struct kernel *kernel)
{
	if (kernel->gathered)
		fclose(kernel->gathered);
	free(kernel->bytes);
	free(kernel->plugin);
	free(kernel->path);
	free(kernel);
}

void telemetry_recorder_free(struct telemetry_recorder *recorder)
{
	struct kernel *kernel, *next;

	if (!recorder)
		return;
	HASH_ITER(hh, recorder->kernels, kernel, next) {
		HASH_DEL(recorder->kernels, kernel);
		free_kernel(kernel);
	}
	free(recorder->path);
	free(recorder);
}

/* The kernel's folder, and the path of its file. */
static int open_kernel(struct telemetry_recorder *recorder, struct kernel *kernel,
		       struct errmsg *msg)
{
	char name[TELEMETRY_DIRNAME_SIZE];
	_cleanup_free_ char *folder = NULL;
	int err;

	telemetry_dirname(kernel->plugin, name);
	if (asprintf(&folder, "%s/" TELEMETRY_KERNEL_DATA "/%s", recorder->path, name) < 0) {
		folder = NULL;
		return out_of_memory(msg);
	}
	err = telemetry_mkdir(folder, msg);
	if (err)
		return err;
	if (asprintf(&kernel->path, "%s/telemetry.%s", folder,
		     telemetry_format_name(recorder->format)) < 0) {
		kernel->path = NULL;
		return out_of_memory(msg);
	}
	kernel->gathered = open_memstream(&kernel->bytes, &kernel->size);
	if (!kernel->gathered)
		return out_of_memory(msg);
	telemetry_write_head(kernel->gathered, recorder->format);
	return 0;
}

static int find_kernel(struct telemetry_recorder *recorder, const char *plugin, struct kernel **ret,
		       struct errmsg *msg)
{
	struct kernel *kernel;
	int err;

	HASH_FIND_STR(recorder->kernels, plugin, *ret);
	if (*ret)
		return 0;
	kernel = calloc(1, sizeof(*kernel));
	if (!kernel)
		return out_of_memory(msg);
	kernel->plugin = strdup(plugin);
	err = kernel->plugin ? open_kernel(recorder, kernel, msg) : out_of_memory(msg);
	if (err) {
		free_kernel(kernel);
		return err;
	}
	HASH_ADD_KEYPTR(hh, recorder->kernels, kernel->plugin, strlen(plugin), kernel);
	if (!kernel->hh.tbl) {
		free_kernel(kernel);
		return out_of_memory(msg);
	}
	*ret = kernel;
	return 0;
}

/* Appends the bytes; what of them fitted is cut off again when not all did. */
static int append(const char *path, const char *bytes, size_t size)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	off_t end;

	if (fd < 0)
		return -errno;
	end = lseek(fd, 0, SEEK_END);
	for (size_t written = 0; written < size;) {
		ssize_t n = write(fd, bytes + written, size - written);
		int err = errno;

		if (n >= 0) {
			written += (size_t)n;
		} else if (err != EINTR) {
			if (ftruncate(fd, end) < 0)
				return -errno;
			return -err;
		}
	}
	return 0;
}

static int flush_kernel(struct telemetry_recorder *recorder, struct kernel *kernel,
			struct errmsg *msg)
{
	int err;

	/* A stream in memory that cannot grow need not say so, but its last line is not whole then. */
	if (fflush(kernel->gathered) != 0 || ferror(kernel->gathered) ||
	    (kernel->size > 0 && kernel->bytes[kernel->size - 1] != '\n'))
		err = -ENOMEM;
	else if (kernel->size == 0)
		return 0;
	else
		err = append(kernel->path, kernel->bytes, kernel->size);
	if (err)
		recorder->n_dropped += kernel->n_windows;
	else
		kernel->begun = true;
	kernel->n_windows = 0;
	rewind(kernel->gathered);
	if (!kernel->begun)
		telemetry_write_head(kernel->gathered, recorder->format);
	return err ? errmsg_set(msg, err, "cannot write %s: %s", kernel->path, strerror(-err)) : 0;
}

int telemetry_recorder_add(struct telemetry_recorder *recorder,
			   const struct telemetry_window *window, struct errmsg *msg)
{
	struct kernel *kernel;
	int err;

	if (!window->plugin || !window->plugin[0])
		return errmsg_set(msg, -EINVAL, "a window of no kernel");
	err = find_kernel(recorder, window->plugin, &kernel, msg);
	if (err)
		return err;
	telemetry_write(kernel->gathered, recorder->format, window);
	kernel->n_windows++;
	if (ftell(kernel->gathered) < (long)GATHERED_MAX)
		return 0;
	return flush_kernel(recorder, kernel, msg);
}

int telemetry_recorder_flush(struct telemetry_recorder *recorder, struct errmsg *msg)
{
	struct kernel *kernel, *next;
	int err = 0;

	HASH_ITER(hh, recorder->kernels, kernel, next) {
		struct errmsg later;
		int failed = flush_kernel(recorder, kernel, err ? &later : msg);

		err = err ? err : failed;
	}
	return err;
}

int telemetry_recorder_finish(struct telemetry_recorder *recorder,
			      const struct telemetry_facts *facts, struct errmsg *msg)
{
	struct telemetry_facts last = *facts;
	struct errmsg later;
	int err, failed;

	err = telemetry_recorder_flush(recorder, msg);
	memcpy(last.run, recorder->facts.run, sizeof(last.run));
	memcpy(last.run_id, recorder->facts.run_id, sizeof(last.run_id));
	last.n_dropped += recorder->n_dropped;
	failed = write_facts(recorder, &last, err ? &later : msg);
	err = err ? err : failed;
	failed = telemetry_report_write(recorder->path, err ? &later : msg);
	return err ? err : failed;
}
