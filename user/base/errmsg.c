// SPDX-License-Identifier: BSD-2-Clause
#include "base/errmsg.h"

#include <stdarg.h>
#include <stdio.h>

int errmsg_set(struct errmsg *msg, int err, const char *format, ...)
{
	va_list args;

	if (!msg)
		return err;
	va_start(args, format);
	vsnprintf(msg->text, sizeof(msg->text), format, args);
	va_end(args);
	return err;
}
