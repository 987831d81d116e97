// SPDX-License-Identifier: BSD-2-Clause
#include "energy/sources.h"

#include <stdio.h>

static void none_probe(const struct energy_options *options, struct energy_probe *ret)
{
	(void)options;
	ret->state = ENERGY_USABLE;
	snprintf(ret->text, sizeof(ret->text), "CPU time only, no joules");
}

static int none_open(const struct energy_options *options, void **ret, struct errmsg *msg)
{
	(void)options;
	(void)msg;
	*ret = NULL;
	return 0;
}

static size_t none_domains(const void *state, const struct run_domain **ret)
{
	(void)state;
	*ret = NULL;
	return 0;
}

static enum energy_kind none_kind(const void *state)
{
	(void)state;
	return ENERGY_NONE;
}

static void none_read(void *state, uint64_t now_ns, struct sample_energy *totals)
{
	(void)state;
	(void)now_ns;
	(void)totals;
}

static uint64_t none_max_read_interval_ns(const void *state)
{
	(void)state;
	return UINT64_MAX;
}

static const char *none_complaint(void *state)
{
	(void)state;
	return NULL;
}

static void none_close(void *state)
{
	(void)state;
}

const struct energy_source energy_none_source = {
	.name = "none",
	.help = "no energy: CPU time only",
	.probe = none_probe,
	.open = none_open,
	.domains = none_domains,
	.kind = none_kind,
	.read = none_read,
	.max_read_interval_ns = none_max_read_interval_ns,
	.complaint = none_complaint,
	.close = none_close,
};
