// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/array.h"

#include <stdlib.h>

void *array_new(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}
