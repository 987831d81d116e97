// SPDX-License-Identifier: BSD-2-Clause
#include "output/utf8.h"

size_t utf8_decode(const char *text, uint32_t *ret)
{
	/* The smallest code that needs that many bytes. */
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)text[0];
	uint32_t code;
	size_t length;

	if (first < 0x80) {
		*ret = first;
		return 1;
	}
	if (first < 0xc0 || first >= 0xf8)
		return 0;
	length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	code = first & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)text[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (next & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret = code;
	return length;
}
