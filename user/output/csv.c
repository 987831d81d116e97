// SPDX-License-Identifier: BSD-2-Clause
#include "output/csv.h"

#include "base/cleanup.h"
#include "base/fileio.h"
#include "output/csv_file.h"
#include "output/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define CLAIM_MAX 256

struct table {
	struct csv_file file;
	FILE *stream; /* to `rows` */
	char *rows;
	size_t size;
};

struct csv {
	struct target target; /* first */
	char *path;	      /* without the slash at its end */
	struct table tables[CSV_TABLES_MAX];
	size_t n_tables;
};

static void discard(struct target *target)
{
	struct csv *csv = (struct csv *)target;

	for (size_t i = 0; i < csv->n_tables; i++)
		rewind(csv->tables[i].stream);
}

/* Before the first of them is written, all have their memory. */
static int gather(struct csv *csv, struct errmsg *msg)
{
	for (size_t i = 0; i < csv->n_tables; i++) {
		FILE *stream = csv->tables[i].stream;

		if (fflush(stream) != 0 || ferror(stream))
			return errmsg_set(msg, -ENOMEM, "no memory for the rows of %s", csv->path);
	}
	return 0;
}

static int send_tables(struct target *target, const char *bytes, size_t size, struct errmsg *msg)
{
	struct csv *csv = (struct csv *)target;
	int err = gather(csv, msg);
	size_t i;

	(void)bytes;
	(void)size;
	if (err)
		return err;
	for (i = 0; i < csv->n_tables && !err; i++) {
		struct table *table = &csv->tables[i];

		if (table->size > 0)
			err = csv_file_write(&table->file, table->rows, table->size);
		if (err)
			errmsg_set(msg, err, "can't write to %s: %s", table->file.path,
				   strerror(-err));
	}
	while (err && i > 0) {
		if (csv->tables[--i].size > 0)
			csv_file_undo(&csv->tables[i].file);
	}
	return err;
}

/* In place: the format need not begin anew, as each new file has its header. */
static int reopen_tables(struct target *target, struct target **ret, struct errmsg *msg)
{
	struct csv *csv = (struct csv *)target;
	int first = 0;

	*ret = NULL;
	for (size_t i = 0; i < csv->n_tables; i++) {
		struct csv_file *file = &csv->tables[i].file, fresh;
		int err;

		if (csv_file_is_current(file))
			continue;
		err = csv_file_open(file->path, file->header, &fresh, first ? NULL : msg);
		if (!err) {
			err = csv_file_close(file);
			*file = fresh;
			if (err && !first)
				errmsg_set(msg, err, "can't close the old %s: %s", fresh.path,
					   strerror(-err));
		}
		first = first ? first : err;
	}
	return first;
}

static int close_tables(struct target *target)
{
	struct csv *csv = (struct csv *)target;
	int first = 0;

	for (size_t i = 0; i < csv->n_tables; i++) {
		int err = csv_file_close(&csv->tables[i].file);

		first = first ? first : err;
		fclose(csv->tables[i].stream);
		free(csv->tables[i].rows);
	}
	free(csv->path);
	free(csv);
	return first;
}

static const struct target_ops csv_ops = {
	.send = send_tables,
	.discard = discard,
	.reopen = reopen_tables,
	.close = close_tables,
};

/* The directory, with those above it. */
static int make_directory(char *path, struct errmsg *msg)
{
	struct stat status;

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755); /* the last one tells what went wrong */
		*slash = '/';
	}
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return errmsg_set(msg, -errno, "can't make the directory %s: %s", path,
				  strerror(errno));
	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		return errmsg_set(msg, -ENOTDIR, "%s is there and is no directory", path);
	return 0;
}

static char *without_slash(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return strndup(path, length);
}

int csv_open(const char *path, struct target **ret, struct errmsg *msg)
{
	struct csv *csv = calloc(1, sizeof(*csv));
	int err;

	if (!csv)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	csv->target = (struct target){.ops = &csv_ops, .fd = -1};
	csv->path = without_slash(path);
	if (!csv->path) {
		close_tables(&csv->target);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	err = make_directory(csv->path, msg);
	if (err) {
		close_tables(&csv->target);
		return err;
	}
	*ret = &csv->target;
	return 0;
}

int csv_add_table(struct target *target, const char *name, const char *header, FILE **ret,
		  struct errmsg *msg)
{
	struct csv *csv = (struct csv *)target;
	struct table *table = &csv->tables[csv->n_tables];
	_cleanup_free_ char *path = NULL;
	int err;

	if (csv->n_tables == CSV_TABLES_MAX)
		return errmsg_set(msg, -ENOSPC, "too many tables in %s", csv->path);
	if (asprintf(&path, "%s/%s.csv", csv->path, name) < 0)
		path = NULL;
	table->stream = path ? open_memstream(&table->rows, &table->size) : NULL;
	if (!table->stream)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = csv_file_open(path, header, &table->file, msg);
	if (err) {
		fclose(table->stream);
		free(table->rows);
		*table = (struct table){0};
		return err;
	}
	csv->n_tables++;
	*ret = table->stream;
	return 0;
}

/* Made under another name first: a claim is there whole or not at all, whoever is killed. */
static int write_claim(const char *path, const char *line)
{
	_cleanup_free_ char *draft = NULL;
	_cleanup_close_ int fd = -1;
	size_t length = strlen(line), written;
	int err;

	if (asprintf(&draft, "%s.new", path) < 0) {
		draft = NULL;
		return -ENOMEM;
	}
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = target_write_all(fd, line, length, &written);
	if (!err)
		err = target_write_all(fd, "\n", 1, &written);
	if (!err && rename(draft, path) < 0)
		err = -errno;
	return err;
}

int csv_claim(struct target *target, const char *name, const char *line, struct errmsg *msg)
{
	const struct csv *csv = (const struct csv *)target;
	_cleanup_free_ char *path = NULL;
	char found[CLAIM_MAX];
	int err;

	if (asprintf(&path, "%s/%s", csv->path, name) < 0) {
		path = NULL;
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	err = fileio_read_text(AT_FDCWD, path, found, sizeof(found));
	if (!err && strcmp(found, line) == 0)
		return 0;
	if (!err || err == -EFBIG)
		return errmsg_set(msg, -EEXIST, "%s says %s, not %s: choose another directory",
				  path, err ? "something long" : found, line);
	if (err == -ENOENT)
		err = write_claim(path, line);
	return err ? errmsg_set(msg, err, "can't write %s: %s", path, strerror(-err)) : 0;
}

void csv_put_text(FILE *stream, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs_unlocked(text, stream);
		return;
	}
	fputc_unlocked('"', stream);
	for (; *text; text++) {
		if (*text == '"')
			fputc_unlocked('"', stream);
		fputc_unlocked(*text, stream);
	}
	fputc_unlocked('"', stream);
}
