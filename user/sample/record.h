/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_H
#define ENERGYTRACE_SAMPLE_RECORD_H

/*
 * The recorded form of a run: one text line a record, `KIND key=value …`, described in
 * docs/record.md. Values are percent-encoded where they hold a blank, '%', or a byte outside
 * printable ASCII. A reader skips kinds and keys that it does not know.
 */

#include "base/errmsg.h"
#include "sample/sample.h"

#include <stdio.h>

#define RECORD_VERSION 1

/* An option of the recorded run that its replay takes as a default. */
struct record_setting {
	char *name;
	char *value;
};

struct record_writer;

/* Writes the run. `run` and `stream` outlive the writer. 0 or -ENOMEM. */
int record_writer_new(FILE *stream, const struct run *run, struct record_writer **ret);
/* Settings come before the first sample. */
void record_write_setting(struct record_writer *writer, const char *name, const char *value);
/* 0 or -ENOMEM with nothing written of the sample; errors of the stream are the caller's to find. */
int record_write_sample(struct record_writer *writer, const struct sample *sample);
void record_writer_free(struct record_writer *writer);

struct record_reader;

/*
 * Reads the head of a record: all up to the first sample. `stream` outlives the reader. Returns 0 or
 * a negative errno with `msg` filled (file, line, what is wrong): -EPROTONOSUPPORT for a newer
 * version, -EBADMSG for what is no record, -ENODATA for an empty file.
 */
int record_reader_new(FILE *stream, const char *name, struct record_reader **ret,
		      struct errmsg *msg);

const struct run *record_reader_run(const struct record_reader *reader);
size_t record_reader_settings(const struct record_reader *reader,
			      const struct record_setting **ret);

/*
 * The next whole sample into *sample (reset first). Returns 1, 0 at the end of the file, or a
 * negative errno with `msg` filled: -EBADMSG for a bad line or a file cut short (all whole samples
 * before it have been returned). After an error it returns the same one again.
 */
int record_read_sample(struct record_reader *reader, struct sample *sample, struct errmsg *msg);
void record_reader_free(struct record_reader *reader);

#endif
