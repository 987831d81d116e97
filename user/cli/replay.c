// SPDX-License-Identifier: BSD-2-Clause
/* A recorded run through the same pipeline: no root, no BPF, no RAPL. */
#include "cli/cli.h"
#include "cli/pipeline.h"

#include "base/log.h"
#include "sample/record.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct replay {
	FILE *stream;
	struct record_reader *reader;
	struct pipeline *pipeline;
	struct config config; /* the record's settings, then the command line's */
	struct sample sample;
};

static int open_replay(struct replay *replay, const char *file, int argc, char **argv,
		       struct errmsg *msg)
{
	const struct record_setting *settings;
	size_t n_settings;
	int err;

	replay->stream = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	if (!replay->stream)
		return errmsg_set(msg, -errno, "cannot open %s: %s", file, strerror(errno));
	err = record_reader_new(replay->stream, file, &replay->reader, msg);
	if (err)
		return err;
	n_settings = record_reader_settings(replay->reader, &settings);
	for (size_t i = 0; i < n_settings; i++) {
		err = options_take_setting(&replay->config, settings[i].name, settings[i].value,
					   msg);
		if (err)
			return err;
	}
	err = options_parse(argc, argv, &replay->config, msg);
	if (err)
		return err;
	if (replay->config.children && !replay->config.n_pids)
		return errmsg_set(msg, -EINVAL, "-C goes with -p PID, and %s was recorded without",
				  file);
	return pipeline_open(&replay->config, record_reader_run(replay->reader), &replay->pipeline,
			     msg);
}

static void say_once(struct replay *replay)
{
	const char *complaint;

	while ((complaint = pipeline_complaint(replay->pipeline)))
		log_info("%s", complaint);
}

static int run_samples(struct replay *replay, struct errmsg *msg)
{
	int got;

	while ((got = record_read_sample(replay->reader, &replay->sample, msg)) > 0) {
		int err = pipeline_tick(replay->pipeline, &replay->sample, msg);

		say_once(replay);
		if (err)
			return err;
	}
	return got;
}

static void close_replay(struct replay *replay)
{
	pipeline_close(replay->pipeline);
	record_reader_free(replay->reader);
	sample_done(&replay->sample);
	config_done(&replay->config);
	if (replay->stream && replay->stream != stdin)
		fclose(replay->stream);
}

int cli_replay(const struct config *config, int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	struct errmsg msg = {}, last = {};
	struct replay replay = {};
	int err;

	signal(SIGPIPE, SIG_IGN);
	config_init(&replay.config);
	err = open_replay(&replay, config->file, argc, argv, &msg);
	if (err) {
		log_error("%s", msg.text);
		close_replay(&replay);
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	err = run_samples(&replay, &msg);
	if (err && err != -EPIPE) {
		log_error("%s", msg.text);
		status = EXIT_FAILED;
	}
	err = pipeline_finish(replay.pipeline, &last);
	if (err && err != -EPIPE) {
		log_error("%s", last.text);
		status = EXIT_FAILED;
	}
	say_once(&replay);
	close_replay(&replay);
	return status;
}
