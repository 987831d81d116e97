// SPDX-License-Identifier: BSD-2-Clause
#include "output/tcp_address.h"

#include "base/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int tcp_address_parse(const char *text, struct tcp_address *ret, struct errmsg *msg)
{
	const char *colon = strrchr(text, ':'), *host = text;
	size_t length = colon ? (size_t)(colon - text) : 0;
	struct tcp_address address = {0};
	uint32_t port;

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		host++;
		length -= 2;
	} else if (memchr(text, ':', length)) {
		return errmsg_set(msg, -EINVAL, "'%s': put the host in brackets: [HOST]:PORT",
				  text);
	}
	if (length == 0 || length >= sizeof(address.host))
		return errmsg_set(msg, -EINVAL, "'%s' is no HOST:PORT", text);
	if (parse_u32(colon + 1, 1, UINT16_MAX, &port) != 0)
		return errmsg_set(msg, -EINVAL, "'%s' has no port from 1 to 65535 at its end",
				  text);
	memcpy(address.host, host, length);
	snprintf(address.port, sizeof(address.port), "%u", port);
	*ret = address;
	return 0;
}
