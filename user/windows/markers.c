// SPDX-License-Identifier: BSD-2-Clause
/*
 * USDT markers: notes in the section .note.stapsdt, as <sys/sdt.h> of SystemTap makes them. A note has
 * three addresses (the marker, .stapsdt.base as it was linked, the semaphore), then the provider, the
 * name and the arguments, each with its NUL.
 */
#include "windows/binary_impl.h"

#include <errno.h>
#include <string.h>

#define NOTE_NAME "stapsdt"
#define NOTE_TYPE 3
#define ADDRESSES (3 * sizeof(uint64_t))

struct marker {
	uint64_t address, base, semaphore;
	const char *provider, *name;
};

static bool read_marker(const char *at, size_t size, struct marker *ret)
{
	const char *provider = at + ADDRESSES, *name, *end = at + size;
	size_t length;

	if (size < ADDRESSES)
		return false;
	length = strnlen(provider, (size_t)(end - provider));
	name = provider + length + 1;
	if (name >= end || strnlen(name, (size_t)(end - name)) == (size_t)(end - name))
		return false;
	memcpy(&ret->address, at, sizeof(ret->address));
	memcpy(&ret->base, at + sizeof(uint64_t), sizeof(ret->base));
	memcpy(&ret->semaphore, at + 2 * sizeof(uint64_t), sizeof(ret->semaphore));
	ret->provider = provider;
	ret->name = name;
	return true;
}

static int each_note(struct binary *binary,
		     int (*each)(void *userdata, const struct marker *marker), void *userdata)
{
	size_t offset = 0, next, name_at, text_at;
	struct marker marker;
	GElf_Shdr header;
	Elf_Scn *section = binary_section(binary, ".note.stapsdt", &header);
	Elf_Data *data = section && header.sh_type == SHT_NOTE ? elf_getdata(section, NULL) : NULL;
	GElf_Nhdr note;
	int err = 0;

	while (data && !err && (next = gelf_getnote(data, offset, &note, &name_at, &text_at)) > 0) {
		const char *bytes = data->d_buf;

		offset = next;
		if (note.n_type == NOTE_TYPE && note.n_namesz == sizeof(NOTE_NAME) &&
		    memcmp(bytes + name_at, NOTE_NAME, sizeof(NOTE_NAME)) == 0 &&
		    read_marker(bytes + text_at, note.n_descsz, &marker))
			err = each(userdata, &marker);
	}
	return err;
}

struct search {
	struct binary *binary;
	const char *provider, *name;
	struct binary_offsets *offsets;
	uint64_t base; /* where .stapsdt.base is; 0: there is none */
};

static int take_place(void *userdata, const struct marker *marker)
{
	const struct search *search = userdata;
	uint64_t moved = search->base && marker->base ? search->base - marker->base : 0;
	uint64_t offset, semaphore = 0;

	if (strcmp(marker->provider, search->provider) != 0 ||
	    strcmp(marker->name, search->name) != 0 ||
	    binary_file_offset(search->binary, marker->address + moved, PF_X, &offset) != 0)
		return 0;
	/* The kernel counts it up where the marker would otherwise be jumped over. */
	if (marker->semaphore &&
	    binary_file_offset(search->binary, marker->semaphore + moved, PF_W, &semaphore) != 0)
		return 0;
	return binary_add_offset(search->offsets, offset, semaphore);
}

int binary_marker(struct binary *binary, const char *provider, const char *name,
		  struct binary_offsets *offsets)
{
	struct search search = {
		.binary = binary, .provider = provider, .name = name, .offsets = offsets};
	GElf_Shdr header;

	/* Prelinking moves it, the notes stay as they are. */
	if (binary_section(binary, ".stapsdt.base", &header))
		search.base = header.sh_addr;
	return each_note(binary, take_place, &search);
}

struct listing {
	int (*each)(void *userdata, const char *provider, const char *name);
	void *userdata;
};

static int tell_names(void *userdata, const struct marker *marker)
{
	const struct listing *listing = userdata;

	return listing->each(listing->userdata, marker->provider, marker->name);
}

int binary_each_marker(struct binary *binary,
		       int (*each)(void *userdata, const char *provider, const char *name),
		       void *userdata)
{
	struct listing listing = {each, userdata};

	return each_note(binary, tell_names, &listing);
}
