// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/chart_frame.h"

#include "output/utf8.h"

#include <stdint.h>
#include <string.h>

#define MARGIN 12.0
#define TITLE_HEIGHT 28.0
#define LINE_HEIGHT 20.0
#define TICK_HEIGHT 20.0
#define LABEL_HEIGHT 22.0
#define SWATCH 26.0
#define LEGEND_NAME_MAX 24
#define DOTS_FEW 150

void chart_class(char *text, size_t size, const char *before, char kind, int colour)
{
	snprintf(text, size, "%s %c%d", before, kind, colour);
}

const char *chart_dots(size_t n)
{
	return n <= DOTS_FEW ? "dots few" : "dots";
}

static size_t count_characters(const char *text)
{
	size_t n = 0;

	for (uint32_t code; *text; n++) {
		size_t length = utf8_decode(text, &code);

		text += length ? length : 1;
	}
	return n;
}

/* Cuts a text to so many characters, with an ellipsis for the rest. */
static void clip(const char *text, size_t most, char *ret, size_t size)
{
	bool cut = count_characters(text) > most;
	size_t used = 0, kept = 0;

	while (*text && (!cut || kept + 1 < most)) {
		uint32_t code;
		size_t length = utf8_decode(text, &code);

		length = length ? length : 1;
		if (used + length + sizeof("…") > size)
			break;
		memcpy(ret + used, text, length);
		used += length;
		text += length;
		kept++;
	}
	memcpy(ret + used, cut ? "…" : "", cut ? sizeof("…") : 1);
}

static double text_width(const char *text)
{
	return CHART_CHAR * (double)count_characters(text);
}

/* "Latency (ms)". */
static void make_label(const struct axis *axis, const char *label, char *text, size_t size)
{
	if (axis->log)
		snprintf(text, size, "%s (logarithmic)", label);
	else if (axis->unit.symbol[0])
		snprintf(text, size, "%s (%s)", label, axis->unit.symbol);
	else
		snprintf(text, size, "%s", label);
}

static void open_svg(FILE *stream, const struct chart_head *head, double width, double height)
{
	struct svg_head svg = {.id = head->id,
			       .title = head->title,
			       .description = head->description,
			       .width = width,
			       .height = height,
			       .alone = head->alone};

	svg_begin(stream, &svg);
	if (head->alone)
		svg_text(stream, "title", MARGIN, 24, SVG_START, head->title);
}

/* Entries beside each other, as many as fit, from `top` on. Puts its height. */
static double draw_legend(FILE *stream, const struct legend_entry *entries, size_t n, double top,
			  bool draw)
{
	double x = MARGIN, y = top;

	for (size_t i = 0; i < n; i++) {
		char name[128], class[32];
		double width;

		clip(entries[i].name, LEGEND_NAME_MAX, name, sizeof(name));
		width = SWATCH + 6 + text_width(name) + 18;
		if (x + width > CHART_WIDTH && x > MARGIN) {
			x = MARGIN;
			y += LINE_HEIGHT;
		}
		if (draw) {
			chart_class(class, sizeof(class), "line", 'l', entries[i].colour);
			svg_line(stream, class, x, y + 10, x + SWATCH, y + 10);
			svg_text(stream, NULL, x + SWATCH + 6, y + 14.5, SVG_START, name);
		}
		x += width;
	}
	return n > 0 ? y - top + LINE_HEIGHT + 4 : 0;
}

static void draw_x(const struct frame *frame, const struct axis *axis, const char *label)
{
	FILE *stream = frame->stream;

	for (size_t i = 0; i < axis->n_ticks; i++) {
		double at = axis_at(axis, axis->ticks[i].value);

		svg_line(stream, "grid", at, frame->top, at, frame->bottom);
		svg_text(stream, "tick", at, frame->bottom + 16, SVG_MIDDLE, axis->ticks[i].label);
	}
	svg_text(stream, NULL, frame->right, frame->bottom + TICK_HEIGHT + 16, SVG_END, label);
}

static void draw_y(const struct frame *frame, const struct axis *axis, const char *label)
{
	FILE *stream = frame->stream;

	for (size_t i = 0; i < axis->n_ticks; i++) {
		double at = axis_at(axis, axis->ticks[i].value);

		svg_line(stream, "grid", frame->left, at, frame->right, at);
		svg_text(stream, "tick", frame->left - 8, at + 4, SVG_END, axis->ticks[i].label);
	}
	svg_text(stream, NULL, MARGIN, frame->top - 10, SVG_START, label);
}

/* Of the longest label at the left. */
static double ticks_width(const struct axis *axis)
{
	double widest = 0;

	for (size_t i = 0; i < axis->n_ticks; i++) {
		double width = text_width(axis->ticks[i].label);

		widest = width > widest ? width : widest;
	}
	return widest;
}

void chart_begin(FILE *stream, const struct chart_head *head, struct axis *x, const char *x_label,
		 struct axis *y, const char *y_label, const struct legend_entry *legend,
		 size_t n_legend, struct frame *ret)
{
	double above = head->alone ? TITLE_HEIGHT + 4 : 0;
	double legend_height = draw_legend(stream, legend, n_legend, 0, false);
	struct frame frame = {.stream = stream, .width = CHART_WIDTH};
	char text[128];

	frame.height = CHART_HEIGHT + above + legend_height;
	frame.left = MARGIN + ticks_width(y) + 8;
	frame.right = CHART_WIDTH - MARGIN - 10;
	frame.top = above + legend_height + LABEL_HEIGHT + 8;
	frame.bottom = frame.height - TICK_HEIGHT - LABEL_HEIGHT;
	axis_place(x, frame.left, frame.right);
	axis_place(y, frame.bottom, frame.top);
	open_svg(stream, head, frame.width, frame.height);
	draw_legend(stream, legend, n_legend, above, true);
	make_label(x, x_label, text, sizeof(text));
	draw_x(&frame, x, text);
	make_label(y, y_label, text, sizeof(text));
	draw_y(&frame, y, text);
	*ret = frame;
}

void chart_begin_rows(FILE *stream, const struct chart_head *head, struct axis *x,
		      const char *x_label, const char *const *names, size_t n, double room_right,
		      struct frame *ret)
{
	double above = head->alone ? TITLE_HEIGHT + 4 : 4, widest = 0;
	struct frame frame = {.stream = stream, .width = CHART_WIDTH};
	char text[128];

	for (size_t i = 0; i < n; i++) {
		clip(names[i], CHART_NAME_MAX, text, sizeof(text));
		widest = text_width(text) > widest ? text_width(text) : widest;
	}
	frame.height = above + (double)n * CHART_ROW + TICK_HEIGHT + LABEL_HEIGHT + 4;
	frame.left = MARGIN + widest + 10;
	frame.right = CHART_WIDTH - MARGIN - room_right;
	frame.top = above;
	frame.bottom = frame.height - TICK_HEIGHT - LABEL_HEIGHT;
	axis_place(x, frame.left, frame.right);
	open_svg(stream, head, frame.width, frame.height);
	make_label(x, x_label, text, sizeof(text));
	draw_x(&frame, x, text);
	for (size_t i = 0; i < n; i++) {
		clip(names[i], CHART_NAME_MAX, text, sizeof(text));
		svg_text(stream, NULL, frame.left - 10, chart_row(&frame, i) + 4.5, SVG_END, text);
	}
	*ret = frame;
}

double chart_row(const struct frame *frame, size_t i)
{
	return frame->top + ((double)i + 0.5) * CHART_ROW;
}

static bool is_on(const struct axis *axis, const struct chart_mark *mark)
{
	return mark->value >= axis->low && mark->value <= axis->high;
}

void chart_marks_x(const struct frame *frame, const struct axis *x, const struct chart_mark *marks,
		   size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double at = axis_at(x, marks[i].value);

		if (!is_on(x, &marks[i]))
			continue;
		svg_line(frame->stream, "halo", at, frame->top, at, frame->bottom);
		svg_line(frame->stream, marks[i].limit ? "limit" : "ref", at, frame->top, at,
			 frame->bottom);
	}
	for (size_t i = 0; i < n; i++) {
		double at = axis_at(x, marks[i].value);
		bool left = at > frame->left + (frame->right - frame->left) * 0.8;

		if (!is_on(x, &marks[i]))
			continue;
		svg_text(frame->stream, marks[i].limit ? "limit-text" : "ref-text",
			 at + (left ? -4 : 4), frame->top + 12 + (double)i * 15,
			 left ? SVG_END : SVG_START, marks[i].label);
	}
}

void chart_mark_y(const struct frame *frame, const struct axis *y, const struct chart_mark *mark)
{
	double at = axis_at(y, mark->value);

	if (!is_on(y, mark))
		return;
	svg_line(frame->stream, "halo", frame->left, at, frame->right, at);
	svg_line(frame->stream, mark->limit ? "limit" : "ref", frame->left, at, frame->right, at);
	svg_text(frame->stream, mark->limit ? "limit-text" : "ref-text", frame->right - 4, at - 5,
		 SVG_END, mark->label);
}

void chart_end(const struct frame *frame)
{
	svg_end(frame->stream);
}
