// SPDX-License-Identifier: BSD-2-Clause
/* When the table is drawn: what output.c finds out about its target, seen from a terminal's end. */
#include "output_fixture.h"

#include <fcntl.h>
#include <sys/ioctl.h>

struct pseudo {
	struct place *place;
	int master;
	char spec[64];
	char *term; /* as it was */
};

static int open_pseudo(void **state)
{
	struct pseudo *pseudo = calloc(1, sizeof(*pseudo));
	const char *term = getenv("TERM");
	void *place;

	assert_non_null(pseudo);
	set_up(&place);
	pseudo->place = place;
	pseudo->term = term ? strdup(term) : NULL;
	pseudo->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(pseudo->master >= 0);
	assert_int_equal(grantpt(pseudo->master) | unlockpt(pseudo->master), 0);
	snprintf(pseudo->spec, sizeof(pseudo->spec), "table:%s", ptsname(pseudo->master));
	setenv("TERM", "xterm", 1);
	*state = pseudo;
	return 0;
}

static int close_pseudo(void **state)
{
	struct pseudo *pseudo = *state;
	void *place = pseudo->place;

	if (pseudo->term)
		setenv("TERM", pseudo->term, 1);
	else
		unsetenv("TERM");
	close(pseudo->master);
	FILE *unused = fopen(pseudo->place->file, "we"); /* tear_down removes it */
	fclose(unused);
	tear_down(&place);
	free(pseudo->term);
	free(pseudo);
	return 0;
}

static void resize(struct pseudo *pseudo, unsigned short columns, unsigned short rows)
{
	const struct winsize size = {.ws_col = columns, .ws_row = rows};

	assert_int_equal(ioctl(pseudo->master, TIOCSWINSZ, &size), 0);
}

/* A report, as the terminal gets it. The caller frees it. */
static char *seen_report(struct pseudo *pseudo, struct output *output)
{
	size_t size = 4096;
	char *text = calloc(1, size);
	ssize_t n;

	write_report(pseudo->place, output);
	n = read(pseudo->master, text, size - 1); /* whole: it was written at once */
	assert_true(n > 0);
	return text;
}

static void assert_seen(struct pseudo *pseudo, struct output *output, const char *what, bool there)
{
	char *text = seen_report(pseudo, output);

	if (!strstr(text, what) == there)
		fail_msg("'%s' is %sin %s", what, there ? "not " : "", text);
	free(text);
}

static void test_each_tick_has_the_size_of_its_window(void **state)
{
	struct pseudo *pseudo = *state;
	struct output *output;

	resize(pseudo, 80, 24);
	output = open_output(pseudo->place, pseudo->spec);
	assert_seen(pseudo, output, "  worker           …ice/worker.service\x1b[K\r\n", true);
	resize(pseudo, 120, 40);
	assert_seen(pseudo, output, "  worker           /system.slice/worker.service\x1b[K\r\n",
		    true);
	resize(pseudo, 40, 10);
	assert_seen(pseudo, output, "  95030  50.00  19.880  worker\x1b[K\r\n", true);
	resize(pseudo, 0, 0);
	assert_seen(pseudo, output, "  worker           …ice/worker.service\x1b[K\r\n", true);
	assert_int_equal(output_close(output), 0);
}

static void assert_plain(struct pseudo *pseudo)
{
	struct output *output = open_output(pseudo->place, pseudo->spec);

	assert_seen(pseudo, output, "\x1b", false);
	assert_int_equal(output_close(output), 0);
}

static void test_a_terminal_that_takes_no_commands_gets_lines(void **state)
{
	struct pseudo *pseudo = *state;

	setenv("TERM", "dumb", 1);
	assert_plain(pseudo);
	setenv("TERM", "", 1);
	assert_plain(pseudo);
	unsetenv("TERM");
	assert_plain(pseudo);
}

static void test_a_replay_is_lines(void **state)
{
	struct pseudo *pseudo = *state;

	pseudo->place->options.replayed = true;
	assert_plain(pseudo);
}

static void test_a_file_gets_lines(void **state)
{
	struct pseudo *pseudo = *state;
	struct place *place = pseudo->place;
	struct output *output;
	char *text;

	memcpy(place->spec, "table", 5);
	place->options.terminal = true; /* is not the caller's to say */
	output = open_output(place, place->spec);
	write_report(place, output);
	assert_int_equal(output_close(output), 0);
	text = fixture_render(&output_table, &place->fixture.report);
	assert_file(place->file, text);
	free(text);
}

#define test_on_pseudo(test) cmocka_unit_test_setup_teardown(test, open_pseudo, close_pseudo)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_pseudo(test_each_tick_has_the_size_of_its_window),
		test_on_pseudo(test_a_terminal_that_takes_no_commands_gets_lines),
		test_on_pseudo(test_a_replay_is_lines),
		test_on_pseudo(test_a_file_gets_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
