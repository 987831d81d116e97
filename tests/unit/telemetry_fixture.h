/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_TELEMETRY_FIXTURE_H
#define ENERGYTRACE_TESTS_TELEMETRY_FIXTURE_H

/* Windows for the tests of the telemetry, and a folder for what they write. */

#include "telemetry/series.h"
#include "telemetry/window.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MS 1000000U /* ns */

/* Window `index` of kernel "fir": released each 10 ms, begun 1 µs later, done in `latency_ns`. */
__attribute__((unused)) static struct telemetry_window window_of(uint64_t index,
								 uint64_t latency_ns)
{
	struct telemetry_window window;

	telemetry_window_clear(&window);
	window.run_id = "1768213218428";
	window.plugin = "fir";
	window.window_index = index;
	window.release_ts_ns = 1000000000 + index * 10 * MS;
	window.deadline_ts_ns = window.release_ts_ns + 10 * MS;
	window.start_ts_ns = window.release_ts_ns + 1000;
	window.end_ts_ns = window.start_ts_ns + latency_ns;
	window.deadline_missed = window.end_ts_ns > window.deadline_ts_ns;
	window.w = 20;
	window.h = 10;
	window.c = 64;
	window.fs_hz = 1000;
	window.repeat = 1;
	return window;
}

__attribute__((unused)) static void give_energy(struct telemetry_window *window, double joules,
						const char *source, const char *kind)
{
	window->energy_j = joules;
	window->power_mw = telemetry_power_mw(window);
	window->energy_source = source;
	window->energy_kind = kind;
}

__attribute__((unused)) static void add_window(struct telemetry_series *series,
					       const struct telemetry_window *window)
{
	assert_int_equal(telemetry_series_add(series, window), 0);
}

/* A series of windows with these latencies, in ns. */
__attribute__((unused)) static struct telemetry_series *
series_of_latencies(const uint64_t *latencies, size_t n)
{
	struct telemetry_series *series;

	assert_int_equal(telemetry_series_new("fir", &series), 0);
	for (size_t i = 0; i < n; i++) {
		struct telemetry_window window = window_of(i, latencies[i]);

		add_window(series, &window);
	}
	return series;
}

/* The whole of a stream that was opened by open_memstream, closed. */
struct memory {
	FILE *stream;
	char *text;
	size_t size;
};

__attribute__((unused)) static void memory_open(struct memory *memory)
{
	*memory = (struct memory){0};
	memory->stream = open_memstream(&memory->text, &memory->size);
	assert_non_null(memory->stream);
}

__attribute__((unused)) static const char *memory_text(struct memory *memory)
{
	assert_int_equal(fflush(memory->stream), 0);
	return memory->text;
}

__attribute__((unused)) static void memory_close(struct memory *memory)
{
	fclose(memory->stream);
	free(memory->text);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Setup and teardown: *state is the path of a new folder. */
__attribute__((unused)) static int make_folder(void **state)
{
	char path[] = "/tmp/energytrace-telemetry-XXXXXX";

	*state = mkdtemp(path) ? strdup(path) : NULL;
	return *state ? 0 : -1;
}

__attribute__((unused)) static int remove_folder(void **state)
{
	int err = nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return err;
}

/* "FOLDER/NAME" in a buffer of its own, good until the sixteenth call after. */
__attribute__((unused, format(printf, 1, 2))) static const char *path_of(const char *format, ...)
{
	static char paths[16][512];
	static unsigned int next;
	char *path = paths[next++ % 16];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(paths[0]), format, args);
	va_end(args);
	return path;
}

/* The caller frees it. */
__attribute__((unused)) static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		fail_msg("cannot open %s", path);
	if (getdelim(&text, &room, EOF, file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

__attribute__((unused)) static void write_whole(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		fail_msg("cannot open %s", path);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

#define assert_near(expected, actual, tolerance)                                                 \
	do {                                                                                     \
		double expected_ = (expected), actual_ = (actual);                               \
		if (!(actual_ >= expected_ - (tolerance) && actual_ <= expected_ + (tolerance))) \
			fail_msg("expected %.17g, got %.17g", expected_, actual_);               \
	} while (0)

#define assert_has(text, part)                                            \
	do {                                                              \
		if (!strstr((text), (part)))                              \
			fail_msg("no \"%s\" in %.4000s", (part), (text)); \
	} while (0)

#define assert_has_not(text, part)                                        \
	do {                                                              \
		if (strstr((text), (part)))                               \
			fail_msg("\"%s\" is in %.4000s", (part), (text)); \
	} while (0)

#endif
