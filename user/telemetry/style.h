/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_STYLE_H
#define ENERGYTRACE_TELEMETRY_STYLE_H

/*
 * How charts and pages look. Colours are told apart with any colour vision (after Okabe & Ito, "Color
 * Universal Design", 2008, made darker or lighter until each stands out 3:1 from its paper, WCAG
 * 2.1 success criterion 1.4.11), and never tell something alone: lines differ in their dashes too,
 * and a missed deadline is a triangle.
 */

#include <stdio.h>

#define STYLE_SERIES 6		  /* classes l0… for lines and f0… for areas */
#define STYLE_OTHERS STYLE_SERIES /* the class of all lines beyond: thin and grey */

/* The style of a chart in a file of its own, on white paper. */
void style_write_svg(FILE *stream);

/* The style of a page: light, dark as the reader's system has it, and light in print. */
void style_write_page(FILE *stream);

#endif
