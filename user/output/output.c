// SPDX-License-Identifier: BSD-2-Clause
#include "output/output.h"

#include "base/cleanup.h"
#include "output/formats.h"
#include "output/spec.h"
#include "output/target_file.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

const struct output_format *const output_formats[] = {
	&output_table, &output_jsonl, &output_powerapi, &output_record, &output_telemetry, NULL,
};

/*
 * Formats write to memory, and each report goes out from there at once: no tick is seen half written,
 * the errno is that of the write that failed, and nothing of a failed tick is left in a buffer.
 */
struct output {
	struct output_spec spec;
	struct target *target;
	void *state; /* the format's */
	struct output_options options;
	FILE *stream; /* to `buffer` */
	char *buffer;
	size_t size;
};

static const char *target_name(const struct output *output)
{
	const char *name = output->spec.target;

	return name && strcmp(name, "-") != 0 ? name : "standard output";
}

int output_check(const char *spec, struct errmsg *msg)
{
	_cleanup_(output_spec_done) struct output_spec parsed = {0};

	return output_spec_parse(spec, &parsed, msg);
}

bool output_spec_takes_calls(const char *spec)
{
	_cleanup_(output_spec_done) struct output_spec parsed = {0};

	return output_spec_parse(spec, &parsed, NULL) == 0 && parsed.format->calls;
}

int output_counters(const char *spec, output_take_counter take, void *userdata)
{
	_cleanup_(output_spec_done) struct output_spec parsed = {0};
	int err = output_spec_parse(spec, &parsed, NULL);

	if (err || !parsed.format->counters)
		return err;
	return parsed.format->counters(&parsed, take, userdata);
}

/* Without TERM, or with that of a typewriter, nothing is known that could be drawn with. */
static bool may_draw(const struct output *output, const struct target *target)
{
	const char *term = getenv("TERM");

	return !output->options.replayed && target->fd >= 0 && isatty(target->fd) && term &&
	       term[0] && strcmp(term, "dumb") != 0;
}

/* A window may have changed since the last report. */
static void measure_terminal(struct output *output)
{
	struct winsize size = {0};

	if (!output->options.terminal)
		return;
	if (ioctl(output->target->fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	output->options.columns = size.ws_col;
	output->options.rows = size.ws_row;
}

/* Drops what the format has written and not sent. */
static void discard(struct output *output)
{
	rewind(output->stream);
	if (output->target->ops->discard)
		output->target->ops->discard(output->target);
}

/* Sends what the format has written. */
static int flush(struct output *output, struct errmsg *msg)
{
	int err;

	if (fflush(output->stream) != 0 || ferror(output->stream)) {
		discard(output);
		return errmsg_set(msg, -ENOMEM, "no memory for the output to %s",
				  target_name(output));
	}
	err = output->target->ops->send(output->target, output->buffer, output->size, msg);
	discard(output);
	return err;
}

static int open_target(struct output *output, struct errmsg *msg)
{
	const struct output_format *format = output->spec.format;

	if (format->open_target)
		return format->open_target(&output->options, &output->target, msg);
	return target_file_open(output->spec.target, &output->target, msg);
}

static int open_format(struct output *output, void **ret, struct errmsg *msg)
{
	*ret = NULL;
	if (!output->spec.format->open)
		return 0;
	return output->spec.format->open(output->stream, &output->options, ret, msg);
}

static void close_format(const struct output *output, void *state)
{
	if (output->spec.format->close)
		output->spec.format->close(state);
}

static int open_parsed(struct output *output, struct errmsg *msg)
{
	int err;

	output->stream = open_memstream(&output->buffer, &output->size);
	if (!output->stream)
		return errmsg_set(msg, -ENOMEM, "no memory for the output to %s",
				  target_name(output));
	err = open_target(output, msg);
	if (err)
		return err;
	output->options.target = output->target;
	output->options.terminal = may_draw(output, output->target);
	err = open_format(output, &output->state, msg);
	return err ? err : flush(output, msg);
}

int output_open(const char *spec, const struct output_options *options, struct output **ret,
		struct errmsg *msg)
{
	struct output *output = calloc(1, sizeof(*output));
	int err;

	if (!output)
		return errmsg_set(msg, -ENOMEM, "no memory for output '%s'", spec);
	output->options = *options;
	output->options.spec = &output->spec;
	err = output_spec_parse(spec, &output->spec, msg);
	if (!err)
		err = open_parsed(output, msg);
	if (err) {
		output_close(output);
		return err;
	}
	*ret = output;
	return 0;
}

bool output_takes_calls(const struct output *output)
{
	return output->spec.format->calls;
}

enum entity_kind output_kind(const struct output *output)
{
	enum entity_kind kind = output->options.kind;
	const char *by = output_spec_value(&output->spec, "by");

	if (!by && !output->options.kind_given)
		by = output->spec.format->by;
	if (by)
		entity_kind_from_name(by, &kind); /* it was checked */
	return kind;
}

static int finish(struct output *output, int err, struct errmsg *msg)
{
	if (!err)
		return flush(output, msg);
	discard(output);
	return errmsg_set(msg, err, "can't write %s to %s: %s", output->spec.format->name,
			  target_name(output), strerror(-err));
}

int output_report(struct output *output, const struct report *report, struct errmsg *msg)
{
	const struct output_format *format = output->spec.format;

	measure_terminal(output);
	return finish(output, format->report(output->state, output->stream, report), msg);
}

int output_totals(struct output *output, const struct totals *totals, struct errmsg *msg)
{
	const struct output_format *format = output->spec.format;

	if (!format->totals)
		return 0;
	return finish(output, format->totals(output->state, output->stream, totals), msg);
}

int output_wake_fd(const struct output *output)
{
	const struct target_ops *ops = output->target->ops;

	return ops->wake_fd ? ops->wake_fd(output->target) : -1;
}

void output_wake(struct output *output)
{
	if (output->target->ops->wake)
		output->target->ops->wake(output->target);
}

void output_finish(struct output *output)
{
	if (output->target->ops->finish)
		output->target->ops->finish(output->target);
}

const char *output_complaint(struct output *output)
{
	const struct output_format *format = output->spec.format;
	const struct target_ops *ops = output->target->ops;
	const char *text = NULL;

	if (format->complaint)
		text = format->complaint(output->state);
	if (!text && ops->complaint)
		text = ops->complaint(output->target);
	return text;
}

/* Goes on with a new target, which the format begins anew. */
static int take_target(struct output *output, struct target *fresh, struct errmsg *msg)
{
	struct target *old = output->target;
	bool was_terminal = output->options.terminal;
	void *state;
	int err;

	output->options.target = fresh;
	output->options.terminal = may_draw(output, fresh);
	err = open_format(output, &state, msg);
	if (err) {
		discard(output);
		output->options.target = old;
		output->options.terminal = was_terminal;
		fresh->ops->close(fresh);
		return err;
	}
	close_format(output, output->state);
	output->state = state;
	output->target = fresh;
	err = old->ops->close(old);
	if (err)
		return errmsg_set(msg, err, "can't close the old %s: %s", target_name(output),
				  strerror(-err));
	return flush(output, msg);
}

int output_reopen(struct output *output, struct errmsg *msg)
{
	struct target *fresh = NULL;
	int err;

	if (!output->target->ops->reopen)
		return 0;
	err = output->target->ops->reopen(output->target, &fresh, msg);
	if (err || !fresh)
		return err;
	return take_target(output, fresh, msg);
}

int output_close(struct output *output)
{
	int err = 0;

	if (!output)
		return 0;
	if (output->target)
		close_format(output, output->state);
	if (output->target)
		err = output->target->ops->close(output->target);
	if (output->stream)
		fclose(output->stream);
	free(output->buffer);
	output_spec_done(&output->spec);
	free(output);
	return err;
}
