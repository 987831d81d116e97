// SPDX-License-Identifier: BSD-2-Clause
#include "base/nearest.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 63 /* longer ones are no one's slip of the finger */
#define FAR ((size_t)-1)

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Damerau-Levenshtein distance in its restricted form (no edit inside a swap): three rows of the
 * usual table are enough.
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_length; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *reused = before;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t replaced = lower(a[i - 1]) != lower(b[j - 1]);

			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + replaced);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = reused;
	}
	return above[b_length];
}

/* The edits between the two, or FAR. */
static size_t edits(const char *word, const char *candidate)
{
	size_t length = strlen(word), candidate_length = strlen(candidate);
	size_t longer = length > candidate_length ? length : candidate_length;
	size_t n;

	if (longer > WORD_MAX)
		return FAR;
	n = distance(word, length, candidate, candidate_length);
	if (length >= 2 && strncasecmp(word, candidate, length) == 0)
		n = least(n, 1);
	return n == 0 || (n < longer && n <= (longer + 2) / 3) ? n : FAR;
}

const char *nearest_word(const char *word, const char *const *words, size_t n)
{
	const char *nearest = NULL;
	size_t fewest = FAR;

	for (size_t i = 0; i < n; i++) {
		size_t those = edits(word, words[i]);

		if (those < fewest) {
			fewest = those;
			nearest = words[i];
		}
	}
	return nearest;
}
