// SPDX-License-Identifier: BSD-2-Clause
#include "windows/binary_impl.h"

#include "base/cleanup.h"
#include "base/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* Takes the binary over. */
static int check(struct binary *binary, struct binary **ret, struct errmsg *msg)
{
	GElf_Ehdr header;
	int err = 0;

	if (!binary->elf || elf_kind(binary->elf) != ELF_K_ELF ||
	    !gelf_getehdr(binary->elf, &header))
		err = errmsg_set(msg, -ENOEXEC,
				 "%s is no ELF file: a program or a shared library "
				 "is needed (of a script, name its interpreter)",
				 binary->path);
	else if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
		err = errmsg_set(msg, -ENOEXEC, "%s is not of this machine (64-bit x86)",
				 binary->path);
	/* Without any section it has no names; that shows when one is asked for. */
	else if (elf_getshdrstrndx(binary->elf, &binary->names) != 0)
		binary->names = 0;
	if (err) {
		binary_close(binary);
		return err;
	}
	*ret = binary;
	return 0;
}

static struct binary *make(const char *path)
{
	struct binary *binary = calloc(1, sizeof(*binary));

	if (!binary || elf_version(EV_CURRENT) == EV_NONE) {
		free(binary);
		return NULL;
	}
	binary->fd = -1;
	binary->path = binary->path_owned = strdup(path);
	if (binary->path)
		return binary;
	free(binary);
	return NULL;
}

int binary_open(const char *path, struct binary **ret, struct errmsg *msg)
{
	struct binary *binary = make(path);
	int err;

	if (!binary)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	binary->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (binary->fd < 0) {
		err = -errno;
		binary_close(binary);
		return errmsg_set(msg, err, "cannot read %s: %s", path, strerror(-err));
	}
	binary->elf = elf_begin(binary->fd, ELF_C_READ_MMAP, NULL);
	return check(binary, ret, msg);
}

int binary_from_memory(void *bytes, size_t size, const char *path, struct binary **ret,
		       struct errmsg *msg)
{
	struct binary *binary = make(path);

	if (!binary)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	binary->elf = elf_memory(bytes, size);
	return check(binary, ret, msg);
}

void binary_close(struct binary *binary)
{
	if (!binary)
		return;
	elf_end(binary->elf);
	cleanup_close(&binary->fd);
	free(binary->path_owned);
	free(binary);
}

Elf_Scn *binary_section(struct binary *binary, const char *name, GElf_Shdr *ret)
{
	Elf_Scn *section = NULL;
	const char *found;

	while (binary->names && (section = elf_nextscn(binary->elf, section))) {
		if (!gelf_getshdr(section, ret))
			continue;
		found = elf_strptr(binary->elf, binary->names, ret->sh_name);
		if (found && strcmp(found, name) == 0)
			return section;
	}
	return NULL;
}

int binary_file_offset(struct binary *binary, uint64_t address, uint32_t flags, uint64_t *ret)
{
	GElf_Phdr segment;
	size_t n;

	if (elf_getphdrnum(binary->elf, &n) != 0)
		return -ENOENT;
	for (size_t i = 0; i < n && i < INT32_MAX; i++) {
		if (!gelf_getphdr(binary->elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
		    (segment.p_flags & flags) != flags)
			continue;
		if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
			*ret = address - segment.p_vaddr + segment.p_offset;
			return 0;
		}
	}
	return -ENOENT;
}

int binary_add_offset(struct binary_offsets *offsets, uint64_t offset, uint64_t semaphore)
{
	struct binary_offset *moved;

	for (size_t i = 0; i < offsets->n; i++) {
		if (offsets->at[i].offset == offset)
			return 0;
	}
	moved = grow_array(offsets->at, offsets->n, &offsets->room, sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	offsets->at = moved;
	offsets->at[offsets->n++] = (struct binary_offset){offset, semaphore};
	return 0;
}

void binary_offsets_done(struct binary_offsets *offsets)
{
	free(offsets->at);
	*offsets = (struct binary_offsets){0};
}

/* The text of an entry of the dynamic section's `index`th, or NULL; the tag in *ret_tag. */
static const char *dynamic_text(struct binary *binary, const GElf_Shdr *header, Elf_Data *data,
				int index, int64_t *ret_tag)
{
	GElf_Dyn entry;

	*ret_tag = DT_NULL;
	if (!gelf_getdyn(data, index, &entry))
		return NULL;
	*ret_tag = entry.d_tag;
	if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_SONAME)
		return NULL;
	return elf_strptr(binary->elf, header->sh_link, entry.d_un.d_val);
}

static Elf_Data *dynamic_section(struct binary *binary, GElf_Shdr *ret)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(binary->elf, section))) {
		if (gelf_getshdr(section, ret) && ret->sh_type == SHT_DYNAMIC)
			return elf_getdata(section, NULL);
	}
	return NULL;
}

int binary_each_needed(struct binary *binary, int (*each)(void *userdata, const char *name),
		       void *userdata)
{
	GElf_Shdr header;
	Elf_Data *data = dynamic_section(binary, &header);
	int64_t tag = DT_NULL + 1;
	int err = 0;

	for (int i = 0; data && tag != DT_NULL && !err; i++) {
		const char *text = dynamic_text(binary, &header, data, i, &tag);

		if (text && tag == DT_NEEDED)
			err = each(userdata, text);
	}
	return err;
}

const char *binary_soname(struct binary *binary)
{
	GElf_Shdr header;
	Elf_Data *data = dynamic_section(binary, &header);
	int64_t tag = DT_NULL + 1;

	for (int i = 0; data && tag != DT_NULL; i++) {
		const char *text = dynamic_text(binary, &header, data, i, &tag);

		if (text && tag == DT_SONAME)
			return text;
	}
	return NULL;
}
