/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_SVG_H
#define ENERGYTRACE_TELEMETRY_SVG_H

/*
 * SVG 1.1 written as it comes, of what charts need. Coordinates are user units, written with two
 * decimals. How things look is said by classes (style.h), so that one drawing fits a page in light
 * and in dark. Errors of the stream are the caller's to find.
 */

#include <stdbool.h>
#include <stdio.h>

struct svg_head {
	const char *id;		 /* begins the ids in it, so unique in a page; plain characters */
	const char *title;	 /* for who does not see it: what it shows */
	const char *description; /* and what there is to see */
	double width, height;
	bool alone; /* a file of its own: with XML's first line, its own style and a background */
};

void svg_begin(FILE *stream, const struct svg_head *head);
void svg_end(FILE *stream);

enum svg_anchor {
	SVG_START,
	SVG_MIDDLE,
	SVG_END,
};

/* `text` is any text: what is not for XML is escaped or replaced. */
void svg_text(FILE *stream, const char *class, double x, double y, enum svg_anchor anchor,
	      const char *text);

void svg_line(FILE *stream, const char *class, double x1, double y1, double x2, double y2);

/* `tip` is shown where the pointer rests; NULL: nothing. */
void svg_rect(FILE *stream, const char *class, double x, double y, double width, double height,
	      const char *tip);

void svg_circle(FILE *stream, const char *class, double x, double y, double radius,
		const char *tip);

/*
 * A path: begin, then commands of the SVG grammar, each a letter and its numbers ("%.2f" of them
 * without the zeros at their ends), then the end. Nothing at all is drawn for a path without any.
 */
void svg_path_begin(FILE *stream, const char *class);
void svg_path_point(FILE *stream, char command, double x, double y);
void svg_path_one(FILE *stream, char command, double value);
void svg_path_end(FILE *stream);

/* Text inside an element or an attribute in double quotes, of XML and of HTML. */
void svg_escape(FILE *stream, const char *text);

#endif
