/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_STUDENT_H
#define ENERGYTRACE_TELEMETRY_STUDENT_H

/* Student's t distribution, for degrees of freedom that need not be whole. */

/* The chance of a value at least as far from 0 as t, on either side. */
double student_p(double t, double freedom);

/* The value that is exceeded, on either side, with the chance p: student_p of it is p. 0 < p < 1. */
double student_t(double p, double freedom);

#endif
