// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/svg.h"

#include "output/utf8.h"
#include "telemetry/style.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define COORDINATE_MAX 1e7

/* Hundredths, as text without zeros at the end: half of a report's bytes are coordinates. */
static void put_number(FILE *stream, double value)
{
	char text[32];
	size_t length;

	if (!(fabs(value) < COORDINATE_MAX))
		value = value > 0 ? COORDINATE_MAX : 0;
	length = (size_t)snprintf(text, sizeof(text), "%.2f", value);
	while (text[length - 1] == '0')
		length--;
	if (text[length - 1] == '.')
		length--;
	text[length] = '\0';
	fputs(strcmp(text, "-0") == 0 ? "0" : text, stream);
}

static void put_attribute(FILE *stream, const char *name, double value)
{
	fprintf(stream, " %s=\"", name);
	put_number(stream, value);
	putc('"', stream);
}

static void put_class(FILE *stream, const char *class)
{
	if (class)
		fprintf(stream, " class=\"%s\"", class);
}

/* XML 1.0 has no control characters but tab and line ends, not even escaped. */
static bool is_character(uint32_t code)
{
	return code >= 0x20 ? code != 0x7f && code != 0xfffe && code != 0xffff
			    : code == '\t' || code == '\n' || code == '\r';
}

void svg_escape(FILE *stream, const char *text)
{
	while (*text) {
		uint32_t code;
		size_t length = utf8_decode(text, &code);

		if (length == 0 || !is_character(code))
			fputs("\xef\xbf\xbd", stream);
		else if (code == '&')
			fputs("&amp;", stream);
		else if (code == '<')
			fputs("&lt;", stream);
		else if (code == '>')
			fputs("&gt;", stream);
		else if (code == '"')
			fputs("&quot;", stream);
		else
			fwrite(text, 1, length, stream);
		text += length ? length : 1;
	}
}

static void put_tip(FILE *stream, const char *element, const char *tip)
{
	if (!tip) {
		fputs("/>", stream);
		return;
	}
	fputs("><title>", stream);
	svg_escape(stream, tip);
	fprintf(stream, "</title></%s>", element);
}

void svg_begin(FILE *stream, const struct svg_head *head)
{
	if (head->alone)
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", stream);
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\"", stream);
	if (head->alone) {
		put_attribute(stream, "width", head->width);
		put_attribute(stream, "height", head->height);
	}
	fputs(" viewBox=\"0 0 ", stream);
	put_number(stream, head->width);
	putc(' ', stream);
	put_number(stream, head->height);
	fprintf(stream, "\" role=\"img\" aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">",
		head->id, head->id, head->id);
	svg_escape(stream, head->title);
	fprintf(stream, "</title><desc id=\"%s-d\">", head->id);
	svg_escape(stream, head->description);
	fputs("</desc>", stream);
	if (!head->alone)
		return;
	fputs("<style>", stream);
	style_write_svg(stream);
	fputs("</style>", stream);
	svg_rect(stream, "bg", 0, 0, head->width, head->height, NULL);
}

void svg_end(FILE *stream)
{
	fputs("</svg>\n", stream);
}

void svg_text(FILE *stream, const char *class, double x, double y, enum svg_anchor anchor,
	      const char *text)
{
	static const char *const anchors[] = {"", " text-anchor=\"middle\"",
					      " text-anchor=\"end\""};

	fputs("<text", stream);
	put_class(stream, class);
	put_attribute(stream, "x", x);
	put_attribute(stream, "y", y);
	fprintf(stream, "%s>", anchors[anchor]);
	svg_escape(stream, text);
	fputs("</text>", stream);
}

void svg_line(FILE *stream, const char *class, double x1, double y1, double x2, double y2)
{
	fputs("<line", stream);
	put_class(stream, class);
	put_attribute(stream, "x1", x1);
	put_attribute(stream, "y1", y1);
	put_attribute(stream, "x2", x2);
	put_attribute(stream, "y2", y2);
	fputs("/>", stream);
}

void svg_rect(FILE *stream, const char *class, double x, double y, double width, double height,
	      const char *tip)
{
	fputs("<rect", stream);
	put_class(stream, class);
	put_attribute(stream, "x", x);
	put_attribute(stream, "y", y);
	put_attribute(stream, "width", width);
	put_attribute(stream, "height", height);
	put_tip(stream, "rect", tip);
}

void svg_circle(FILE *stream, const char *class, double x, double y, double radius, const char *tip)
{
	fputs("<circle", stream);
	put_class(stream, class);
	put_attribute(stream, "cx", x);
	put_attribute(stream, "cy", y);
	put_attribute(stream, "r", radius);
	put_tip(stream, "circle", tip);
}

void svg_path_begin(FILE *stream, const char *class)
{
	fputs("<path", stream);
	put_class(stream, class);
	fputs(" d=\"", stream);
}

void svg_path_point(FILE *stream, char command, double x, double y)
{
	putc(command, stream);
	put_number(stream, x);
	putc(' ', stream);
	put_number(stream, y);
}

void svg_path_one(FILE *stream, char command, double value)
{
	putc(command, stream);
	put_number(stream, value);
}

void svg_path_end(FILE *stream)
{
	fputs("\"/>", stream);
}
