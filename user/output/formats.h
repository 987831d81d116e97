/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_FORMATS_H
#define ENERGYTRACE_OUTPUT_FORMATS_H

/* The formats there are, for the table in output.c. */

#include "output/output.h"

extern const struct output_format output_table;
extern const struct output_format output_jsonl;
extern const struct output_format output_powerapi;
extern const struct output_format output_record;
extern const struct output_format output_telemetry;

#endif
