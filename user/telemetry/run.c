// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/run.h"

#include "base/cleanup.h"
#include "telemetry/array.h"
#include "telemetry/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define FACTS_MAX ((size_t)1 << 20) /* bytes of a run.json */

static int out_of_memory(struct errmsg *msg)
{
	return errmsg_set(msg, -ENOMEM, "no memory for the run");
}

void telemetry_run_free(struct telemetry_run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->n_series; i++)
		telemetry_series_free(run->series[i]);
	for (size_t i = 0; i < run->n_files; i++) {
		free(run->files[i].path);
		free(run->files[i].folder);
	}
	free(run->series);
	free(run->files);
	free(run->path);
	free(run);
}

const struct telemetry_series *telemetry_run_find(const struct telemetry_run *run, const char *name)
{
	for (size_t i = 0; i < run->n_series; i++) {
		if (strcmp(run->series[i]->name, name) == 0)
			return run->series[i];
	}
	return NULL;
}

/* The kernel's series, which may be a new one. */
static int series_of(struct telemetry_run *run, const char *name, struct telemetry_series **ret)
{
	struct telemetry_series **series, *made;
	int err;

	/* Windows of one kernel follow each other: it is most often the last. */
	for (size_t i = run->n_series; i-- > 0;) {
		if (strcmp(run->series[i]->name, name) == 0) {
			*ret = run->series[i];
			return 0;
		}
	}
	series = reallocarray(run->series, run->n_series + 1, sizeof(*series));
	if (!series)
		return -ENOMEM;
	run->series = series;
	err = telemetry_series_new(name, &made);
	if (err)
		return err;
	series[run->n_series++] = made;
	*ret = made;
	return 0;
}

/* The host by the first file that says something of it, where there is no run.json. */
static void take_host(struct telemetry_run *run, const struct telemetry_host *host)
{
	if (!run->facts.host.os[0] && !run->facts.host.cpu[0])
		run->facts.host = *host;
}

static int read_windows(struct telemetry_run *run, struct telemetry_run_file *file,
			struct telemetry_reader *reader)
{
	struct telemetry_window window;
	struct telemetry_series *series;
	struct errmsg msg = {""};
	int err = 0;

	while (!err && telemetry_read(reader, &window, &msg) > 0) {
		err = series_of(run, window.plugin, &series);
		if (err)
			break;
		if (!file->series)
			file->series = series;
		err = telemetry_series_add(series, &window);
	}
	file->reading = *telemetry_reader_reading(reader);
	snprintf(file->error, sizeof(file->error), "%s", msg.text);
	run->n_broken += file->reading.n_broken;
	take_host(run, &file->reading.host);
	return err;
}

static int read_file(struct telemetry_run *run, struct telemetry_run_file *file, const char *path,
		     enum telemetry_format format)
{
	_cleanup_fclose_ FILE *stream = fopen(path, "re");
	struct telemetry_reader *reader = NULL;
	int err;

	if (!stream) {
		snprintf(file->error, sizeof(file->error), "%s", strerror(errno));
		return 0;
	}
	err = telemetry_reader_new(stream, format, &reader);
	if (err)
		return err;
	err = read_windows(run, file, reader);
	telemetry_reader_free(reader);
	return err;
}

static int add_file(struct telemetry_run *run, const char *folder, const char *name,
		    struct telemetry_run_file **ret)
{
	struct telemetry_run_file *files =
		reallocarray(run->files, run->n_files + 1, sizeof(*files));
	struct telemetry_run_file *file;

	if (!files)
		return -ENOMEM;
	run->files = files;
	file = &files[run->n_files++];
	*file = (struct telemetry_run_file){.folder = strdup(folder),
					    .path = folder[0] ? telemetry_path(folder, name)
							      : strdup(name)};
	*ret = file;
	return file->folder && file->path ? 0 : -ENOMEM;
}

/* The file of windows in a folder of the run, if there is one. */
static int read_folder(struct telemetry_run *run, const char *folder)
{
	static const char *const names[] = {"telemetry.ndjson", "telemetry.csv"};
	struct telemetry_run_file *file;
	int err;

	for (unsigned int i = 0; i < 2; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s/%s", run->path, folder, names[i]) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		if (access(path, F_OK) < 0)
			continue;
		err = add_file(run, folder, names[i], &file);
		return err ? err
			   : read_file(run, file, path, i == 0 ? TELEMETRY_NDJSON : TELEMETRY_CSV);
	}
	return 0;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In any locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_kernels(struct telemetry_run *run)
{
	_cleanup_free_ char *path = telemetry_path(run->path, TELEMETRY_KERNEL_DATA);
	struct dirent **entries = NULL;
	int n, err = path ? 0 : -ENOMEM;

	if (err)
		return err;
	n = scandir(path, &entries, is_visible, by_bytes);
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *folder =
			telemetry_path(TELEMETRY_KERNEL_DATA, entries[i]->d_name);

		if (!err)
			err = folder ? read_folder(run, folder) : -ENOMEM;
		free(entries[i]);
	}
	free(entries);
	return err;
}

/* A run of another program is called as its folder is. */
static void name_run(struct telemetry_run *run)
{
	_cleanup_free_ char *whole = realpath(run->path, NULL);

	if (!run->facts.run[0] && whole)
		snprintf(run->facts.run, sizeof(run->facts.run), "%s", strrchr(whole, '/') + 1);
}

static void read_facts(struct telemetry_run *run)
{
	_cleanup_free_ char *path = telemetry_path(run->path, "run.json");
	_cleanup_free_ char *text = array_new(FACTS_MAX, 1);
	_cleanup_fclose_ FILE *stream = path ? fopen(path, "re") : NULL;
	struct errmsg msg = {""};
	size_t length;

	if (!stream || !text)
		return;
	length = fread(text, 1, FACTS_MAX, stream);
	telemetry_facts_read(text, length, &run->facts, &msg);
	snprintf(run->facts_error, sizeof(run->facts_error), "%s", msg.text);
}

/* Who names the folder of all runs, or that of a kernel, is told which was meant. */
static int no_telemetry(const char *path, struct errmsg *msg)
{
	struct dirent **entries = NULL;
	char meant[NAME_MAX + 1] = "";
	struct stat status;
	int n;

	if (stat(path, &status) < 0)
		return errmsg_set(msg, -errno, "cannot read the run %s: %s", path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return errmsg_set(msg, -ENOTDIR, "%s is no folder of a run", path);
	n = scandir(path, &entries, is_visible, by_bytes);
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *inner = NULL;

		if (asprintf(&inner, "%s/%s/" TELEMETRY_KERNEL_DATA, path, entries[i]->d_name) < 0)
			inner = NULL;
		if (inner && access(inner, F_OK) == 0)
			snprintf(meant, sizeof(meant), "%s", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (meant[0])
		return errmsg_set(msg, -ENOENT, "%s holds runs: name one of them, such as %s/%s",
				  path, path, meant);
	return errmsg_set(msg, -ENOENT,
			  "there is no telemetry in %s: neither " TELEMETRY_KERNEL_DATA
			  "/NAME/telemetry.ndjson (or .csv) nor telemetry.ndjson",
			  path);
}

int telemetry_run_load(const char *path, struct telemetry_run **ret, struct errmsg *msg)
{
	struct telemetry_run *run = calloc(1, sizeof(*run));
	int err;

	if (!run)
		return out_of_memory(msg);
	telemetry_facts_clear(&run->facts);
	run->path = strdup(path);
	err = run->path ? 0 : -ENOMEM;
	if (!err) {
		read_facts(run);
		name_run(run);
		err = read_kernels(run);
	}
	if (!err && run->n_files == 0)
		err = read_folder(run, "");
	if (err)
		out_of_memory(msg);
	else if (run->n_files == 0)
		err = no_telemetry(path, msg);
	if (err) {
		telemetry_run_free(run);
		return err;
	}
	*ret = run;
	return 0;
}
