/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LINT_UTHASH_H
#define ENERGYTRACE_LINT_UTHASH_H

/*
 * uthash as `make lint` sees it, nothing is ever built with this. The macros of the real one are so
 * large that the analyzers lose their way in them (memory used after it is freed, keys half
 * uninitialised, all false); here each is a call of which only its effect is known, so that what is
 * around it is checked.
 */
#include <stddef.h>
#include <string.h>

struct UT_hash_table;

typedef struct UT_hash_handle {
	struct UT_hash_table *tbl;
	void *prev, *next;
} UT_hash_handle;

/* The head afterwards; what is linked escapes. */
void *lint_hash_link(void *head, void *element, UT_hash_handle *hh, const void *key, size_t length);
void *lint_hash_unlink(void *head, void *element, UT_hash_handle *hh);
void *lint_hash_find(void *head, const void *key, size_t length);
unsigned int lint_hash_count(void *head);
unsigned int lint_hash_value(const void *key, size_t length);

#define HASH_VALUE(key, length, value) ((value) = lint_hash_value(key, length))

#define HASH_ADD_KEYPTR(hh, head, key, length, add) \
	((head) = lint_hash_link(head, add, &(add)->hh, key, length))
#define HASH_ADD(hh, head, field, length, add) HASH_ADD_KEYPTR(hh, head, &(add)->field, length, add)
#define HASH_ADD_BYHASHVALUE(hh, head, field, length, value, add) \
	((void)(value), HASH_ADD(hh, head, field, length, add))
#define HASH_ADD_KEYPTR_BYHASHVALUE(hh, head, key, length, value, add) \
	((void)(value), HASH_ADD_KEYPTR(hh, head, key, length, add))
#define HASH_ADD_STR(head, field, add) \
	HASH_ADD_KEYPTR(hh, head, (add)->field, strlen((add)->field), add)
#define HASH_ADD_INT(head, field, add) HASH_ADD(hh, head, field, sizeof(int), add)
#define HASH_ADD_PTR(head, field, add) HASH_ADD(hh, head, field, sizeof(void *), add)

#define HASH_FIND(hh, head, key, length, out) ((out) = lint_hash_find(head, key, length))
#define HASH_FIND_BYHASHVALUE(hh, head, key, length, value, out) \
	((void)(value), HASH_FIND(hh, head, key, length, out))
#define HASH_FIND_STR(head, key, out) HASH_FIND(hh, head, key, strlen(key), out)
#define HASH_FIND_INT(head, key, out) HASH_FIND(hh, head, key, sizeof(int), out)
#define HASH_FIND_PTR(head, key, out) HASH_FIND(hh, head, key, sizeof(void *), out)

#define HASH_DELETE(hh, head, element) ((head) = lint_hash_unlink(head, element, &(element)->hh))
#define HASH_DEL(head, element) HASH_DELETE(hh, head, element)
#define HASH_CLEAR(hh, head) ((head) = NULL)
#define HASH_CNT(hh, head) lint_hash_count(head)
#define HASH_COUNT(head) HASH_CNT(hh, head)
#define HASH_ITER(hh, head, element, after)                                                  \
	for ((element) = (head), (after) = (element) ? (element)->hh.next : NULL; (element); \
	     (element) = (after), (after) = (element) ? (element)->hh.next : NULL)

#endif
