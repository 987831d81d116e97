// SPDX-License-Identifier: BSD-2-Clause
#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CPU_LIST_MAX 1048575U

static int is_end(const char *end)
{
	while (isspace((unsigned char)*end))
		end++;
	return *end == '\0';
}

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	/* strtoull takes blanks and a minus sign, and negates. */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (!is_end(end))
		return -EINVAL;
	if (errno == ERANGE || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int parse_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret)
{
	uint64_t value;
	int err;

	err = parse_u64(text, min, max, &value);
	if (err)
		return err;
	*ret = (uint32_t)value;
	return 0;
}

int parse_i64(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	long long value;
	char *end;

	if (!isdigit((unsigned char)text[0]) &&
	    !(text[0] == '-' && isdigit((unsigned char)text[1])))
		return -EINVAL;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (!is_end(end))
		return -EINVAL;
	if (errno == ERANGE || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int parse_double(const char *text, double min, double max, double *ret)
{
	double value;
	char *end;

	/* Only the characters of a decimal number: strtod also takes "0x1p3", "inf" and "nan". */
	if (text[strspn(text, "+-.0123456789eE \t\n\v\f\r")] != '\0' ||
	    isspace((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtod(text, &end);
	if (end == text || !is_end(end))
		return -EINVAL;
	if (!isfinite(value) || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

static int parse_cpu(const char **cursor, unsigned int *ret)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)**cursor))
		return -EINVAL;
	errno = 0;
	value = strtoul(*cursor, &end, 10);
	if (errno == ERANGE || value > CPU_LIST_MAX)
		return -ERANGE;
	*cursor = end;
	*ret = (unsigned int)value;
	return 0;
}

int parse_cpu_list(const char *text, int (*each)(unsigned int cpu, void *userdata), void *userdata)
{
	unsigned int first, last;
	int err;

	if (is_end(text))
		return 0;
	for (;; text++) {
		err = parse_cpu(&text, &first);
		if (err)
			return err;
		last = first;
		if (*text == '-') {
			text++;
			err = parse_cpu(&text, &last);
			if (err)
				return err;
			if (last < first)
				return -EINVAL;
		}
		for (unsigned int cpu = first; cpu <= last; cpu++) {
			err = each(cpu, userdata);
			if (err)
				return err;
		}
		if (*text != ',')
			return is_end(text) ? 0 : -EINVAL;
	}
}
