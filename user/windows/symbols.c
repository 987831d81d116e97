// SPDX-License-Identifier: BSD-2-Clause
/* Functions by name, and what is to be said of a name that is none. */
#include "windows/binary_impl.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "base/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST_NAMES 3

/* A look-up, as far as it has come. */
struct lookup {
	struct binary *binary;
	const char *name;
	struct binary_offsets *offsets;
	const char **names; /* of all functions: one of them may be meant */
	size_t n_names, names_room;
	bool imported; /* it is in another file */
	bool chosen;   /* it is a symbol whose function is chosen at run time */
};

static int take_symbol(struct lookup *lookup, const GElf_Sym *symbol, const char *name)
{
	int type = GELF_ST_TYPE(symbol->st_info);
	const char **moved;
	uint64_t offset;

	if (!name[0] || (type != STT_FUNC && type != STT_GNU_IFUNC))
		return 0;
	if (strcmp(name, lookup->name) != 0) {
		if (symbol->st_shndx == SHN_UNDEF)
			return 0;
		moved = grow_array(lookup->names, lookup->n_names, &lookup->names_room,
				   sizeof(*moved));
		if (!moved)
			return -ENOMEM;
		lookup->names = moved;
		lookup->names[lookup->n_names++] = name;
		return 0;
	}
	if (symbol->st_shndx == SHN_UNDEF) {
		lookup->imported = true;
	} else if (type == STT_GNU_IFUNC) {
		lookup->chosen = true;
	} else if (binary_file_offset(lookup->binary, symbol->st_value, PF_X, &offset) == 0) {
		return binary_add_offset(lookup->offsets, offset, 0);
	}
	return 0;
}

static int look_in(struct lookup *lookup, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;
	int err = 0;

	for (int i = 0; data && gelf_getsym(data, i, &symbol) && !err; i++) {
		const char *name = elf_strptr(lookup->binary->elf, header->sh_link, symbol.st_name);

		if (name)
			err = take_symbol(lookup, &symbol, name);
	}
	return err;
}

/* Both tables: a stripped library still has the functions that it exports. */
static int look(struct lookup *lookup)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	int err = 0;

	while (!err && (section = elf_nextscn(lookup->binary->elf, section))) {
		if (gelf_getshdr(section, &header) &&
		    (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
			err = look_in(lookup, section, &header);
	}
	return err;
}

/*
 * A name that debugging information has and the symbols have not is that of a function of which no
 * copy stands by itself.
 */
static bool is_inlined(struct binary *binary, const char *name)
{
	size_t length = strlen(name) + 1;
	GElf_Shdr header;
	Elf_Scn *section = binary_section(binary, ".debug_str", &header);
	const char *at;
	Elf_Data *data;

	if (!section)
		return false;
	if (header.sh_flags & SHF_COMPRESSED && elf_compress(section, 0, 0) < 0)
		return false;
	data = elf_getdata(section, NULL);
	if (!data || !data->d_buf)
		return false;
	at = data->d_buf;
	for (size_t rest = data->d_size; rest >= length;) {
		const char *found = memmem(at, rest, name, length);

		if (!found)
			return false;
		if (found == data->d_buf || found[-1] == '\0')
			return true;
		rest -= (size_t)(found + 1 - at);
		at = found + 1;
	}
	return false;
}

/* "; near it are a, b" of the names nearest, or nothing. */
static void say_nearest(struct lookup *lookup, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < NEAREST_NAMES && used < size; i++) {
		const char *near = nearest_word(lookup->name, lookup->names, lookup->n_names);
		int n;

		if (!near)
			return;
		n = snprintf(text + used, size - used, "%s%s", i ? ", " : "; near it: ", near);
		used += n > 0 ? (size_t)n : 0;
		/* A name that two tables have, or several functions, is said once. */
		for (size_t j = 0; j < lookup->n_names; j++) {
			if (lookup->names[j] != near && strcmp(lookup->names[j], near) == 0)
				lookup->names[j] = "";
		}
		for (size_t j = 0; j < lookup->n_names; j++) {
			if (lookup->names[j] == near)
				lookup->names[j] = "";
		}
	}
}

static int say_why(struct lookup *lookup, struct errmsg *msg)
{
	struct binary *binary = lookup->binary;
	char nearest[256];

	if (lookup->chosen)
		return errmsg_set(msg, -EOPNOTSUPP,
				  "%s of %s stands for one of several functions, chosen when the "
				  "program starts (IFUNC): name that one",
				  lookup->name, binary->path);
	if (lookup->imported)
		return errmsg_set(msg, -ENOENT,
				  "%s only calls %s: name the library that has it (as in "
				  "libc.so.6:%s)",
				  binary->path, lookup->name, lookup->name);
	if (is_inlined(binary, lookup->name))
		return errmsg_set(msg, -ENOENT,
				  "%s has no function %s of its own: it was probably inlined "
				  "wherever it is called (__attribute__((noinline)) keeps it)",
				  binary->path, lookup->name);
	if (lookup->n_names == 0)
		return errmsg_set(msg, -ENOENT,
				  "%s has no names of functions: it is stripped; one that is not, "
				  "or markers (--window-usdt), can be traced",
				  binary->path);
	say_nearest(lookup, nearest, sizeof(nearest));
	return errmsg_set(msg, -ENOENT, "%s has no function %s%s", binary->path, lookup->name,
			  nearest);
}

int binary_function(struct binary *binary, const char *name, struct binary_offsets *offsets,
		    struct errmsg *msg)
{
	struct lookup lookup = {.binary = binary, .name = name, .offsets = offsets};
	size_t before = offsets->n;
	GElf_Shdr header;
	int err;

	/* Go moves its stacks, and a return address that a probe has put there with them. */
	if (binary_section(binary, ".gopclntab", &header))
		return errmsg_set(msg, -EOPNOTSUPP,
				  "%s is a Go program, which a probe at a function's return would "
				  "break: use markers (--window-usdt)",
				  binary->path);
	err = look(&lookup);
	if (err)
		err = errmsg_set(msg, err, "out of memory for the symbols of %s", binary->path);
	else if (lookup.chosen || offsets->n == before)
		err = say_why(&lookup, msg);
	free(lookup.names);
	return err;
}
