// SPDX-License-Identifier: BSD-2-Clause
/* ld.so.cache, as glibc's ldconfig writes it (dl-cache.h): a head, entries, texts. */
#include "windows/files.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAGIC "glibc-ld.so.cache1.1"
#define MAGIC_LENGTH (sizeof(MAGIC) - 1)
#define X86_64_LIBC6 0x0303 /* FLAG_X8664_LIB64 | FLAG_ELF_LIBC6 */

struct cache_head {
	char magic[MAGIC_LENGTH];
	uint32_t n_entries;
	uint32_t texts_size;
	uint32_t more[5];
};

/* The texts are at offsets from the head. */
struct cache_entry {
	int32_t flags;
	uint32_t soname, path;
	uint32_t os_version;
	uint64_t hwcap; /* 0: for every machine of the kind */
};

_Static_assert(sizeof(struct cache_head) == 48, "no padding");
_Static_assert(sizeof(struct cache_entry) == 24, "no padding");

static const char *text_at(const char *bytes, size_t size, uint32_t offset)
{
	if (offset >= size || strnlen(bytes + offset, size - offset) == size - offset)
		return NULL;
	return bytes + offset;
}

const char *library_cache_find(const char *bytes, size_t size, const char *soname)
{
	const char *magic = size ? memmem(bytes, size, MAGIC, MAGIC_LENGTH) : NULL;
	struct cache_entry entry;
	struct cache_head head;
	const char *name;

	/* An older cache may stand before it. */
	if (!magic)
		return NULL;
	size -= (size_t)(magic - bytes);
	bytes = magic;
	if (size < sizeof(head))
		return NULL;
	memcpy(&head, bytes, sizeof(head));
	for (uint32_t i = 0; i < head.n_entries; i++) {
		size_t at = sizeof(head) + (size_t)i * sizeof(entry);

		if (size < sizeof(entry) || at > size - sizeof(entry))
			return NULL;
		memcpy(&entry, bytes + at, sizeof(entry));
		name = text_at(bytes, size, entry.soname);
		if (entry.flags == X86_64_LIBC6 && entry.hwcap == 0 && name &&
		    strcmp(name, soname) == 0)
			return text_at(bytes, size, entry.path);
	}
	return NULL;
}

int library_find(const char *cache, const char *soname, char **ret)
{
	_cleanup_close_ int fd = open(cache, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	const char *path;
	void *bytes;
	int err = 0;

	if (fd < 0 || fstat(fd, &stat) != 0 || stat.st_size <= 0)
		return -ENOENT;
	bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	path = library_cache_find(bytes, (size_t)stat.st_size, soname);
	if (!path) {
		err = -ENOENT;
	} else {
		*ret = strdup(path);
		err = *ret ? 0 : -ENOMEM;
	}
	munmap(bytes, (size_t)stat.st_size);
	return err;
}
