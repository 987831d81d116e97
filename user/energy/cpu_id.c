// SPDX-License-Identifier: BSD-2-Clause
#include "energy/cpu_id.h"

#include "base/cleanup.h"
#include "base/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one processor's lines have told. */
struct found {
	bool vendor, family, model, implementer, part;
};

/* Longer than the flags of any processor; more is no cpuinfo. */
#define LINE_MAX_LENGTH 16384

/* "0x41", as ARM writes it. */
static bool parse_hex(const char *text, uint32_t *ret)
{
	unsigned long value;
	char *end;

	if (strncmp(text, "0x", 2) != 0)
		return false;
	errno = 0;
	value = strtoul(text, &end, 16);
	if (errno != 0 || end == text + 2 || *end != '\0' || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static bool parse_decimal(const char *text, uint32_t *ret)
{
	return parse_u32(text, 0, UINT32_MAX, ret) == 0;
}

static enum cpu_vendor vendor_of(const char *name)
{
	if (strcmp(name, "GenuineIntel") == 0)
		return CPU_INTEL;
	if (strcmp(name, "AuthenticAMD") == 0)
		return CPU_AMD;
	if (strcmp(name, "HygonGenuine") == 0)
		return CPU_HYGON;
	return CPU_OTHER;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += length) {
		if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* Splits "key<blanks>: value" in place; false for a line that is not of this form. */
static bool split(char *line, char **ret_value)
{
	char *colon = strchr(line, ':'), *end = colon;

	if (!colon)
		return false;
	while (end > line && (end[-1] == '\t' || end[-1] == ' '))
		end--;
	*end = '\0';
	colon++;
	colon += strspn(colon, " \t");
	colon[strcspn(colon, "\r\n")] = '\0';
	*ret_value = colon;
	return true;
}

/* The first of each key counts. */
static void learn(const char *key, const char *value, struct found *found, struct cpu_id *id)
{
	if (strcmp(key, "vendor_id") == 0 && !found->vendor) {
		found->vendor = true;
		id->vendor = vendor_of(value);
		snprintf(id->vendor_name, sizeof(id->vendor_name), "%s", value);
	} else if (strcmp(key, "cpu family") == 0 && !found->family) {
		found->family = parse_decimal(value, &id->family);
	} else if (strcmp(key, "model") == 0 && !found->model) {
		found->model = parse_decimal(value, &id->model);
	} else if (strcmp(key, "stepping") == 0) {
		(void)parse_decimal(value, &id->stepping);
	} else if (strcmp(key, "flags") == 0) {
		id->amx = has_word(value, "amx_tile");
	} else if (strcmp(key, "CPU implementer") == 0 && !found->implementer) {
		found->implementer = parse_hex(value, &id->family);
	} else if (strcmp(key, "CPU part") == 0 && !found->part) {
		found->part = parse_hex(value, &id->model);
	}
}

/* Whether all that tells a processor has been read. */
static bool is_known(const struct found *found)
{
	return (found->vendor && found->family && found->model) ||
	       (found->implementer && found->part);
}

bool cpu_id_read(const char *procfs, struct cpu_id *ret)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	struct found found = {0};
	struct cpu_id id = {0};
	size_t room = 0;
	ssize_t length;
	char *value;

	if (asprintf(&path, "%s/cpuinfo", procfs) < 0) {
		path = NULL;
		return false;
	}
	file = fopen(path, "re");
	if (!file)
		return false;
	while ((length = getline(&line, &room, file)) >= 0 && length < LINE_MAX_LENGTH) {
		/* A blank line ends a processor. */
		if (line[0] == '\n' && is_known(&found))
			break;
		if (split(line, &value))
			learn(line, value, &found, &id);
	}
	if (!is_known(&found))
		return false;
	if (!found.vendor)
		id.vendor = CPU_ARM;
	*ret = id;
	return true;
}
