/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TCP_ADDRESS_H
#define ENERGYTRACE_OUTPUT_TCP_ADDRESS_H

#include "base/errmsg.h"

struct tcp_address {
	char host[256]; /* a name, or an address in digits without brackets */
	char port[6];	/* 1 to 65535 */
};

/* Reads HOST:PORT, with a host of colons in brackets: [::1]:9080. 0, or -EINVAL with `msg` filled. */
int tcp_address_parse(const char *text, struct tcp_address *ret, struct errmsg *msg);

#endif
