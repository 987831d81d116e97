// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random machines, and beside the reporter a book-keeping that knows who belongs to whom: births, ends,
 * moves, users that change, cgroups that go and come again. Each is reported by every kind, whole and in
 * part, and every figure is summed again from what was put in.
 */
#include "base/hash.h"
#include "machine_fixture.h"

#define TICKS 50U
#define SEEDS 8U

/* --- the accounts */

struct account {
	UT_hash_handle hh;
	char key[96];
	bool taken;   /* it has been in the report's reach */
	bool living;  /* something of it is in a cgroup that is there */
	bool ended;   /* in this tick */
	bool counted; /* seen in this tick's report */
	uint64_t ns[TICKS + 1], subtree_ns[TICKS + 1];
	double joules[TICKS + 1];
};

/* What was asked for. */
struct part {
	bool pids, children;
	const char *cgroup, *container;
	size_t top;
};

static struct {
	struct account *table;
	enum entity_kind kind;
	const struct part *part;
	uint32_t tick;
	uint64_t ns; /* of all that was asked for, in all ticks */
} books;

static struct account *account_of(const char *key)
{
	struct account *account;

	HASH_FIND_STR(books.table, key, account);
	if (account)
		return account;
	account = calloc(1, sizeof(*account));
	assert_non_null(account);
	snprintf(account->key, sizeof(account->key), "%s", key);
	HASH_ADD_STR(books.table, key, account);
	return account;
}

/* Whose it is, by the rules of the kind. */
static struct account *owner(const struct life *life, uint32_t thread, int place, int user)
{
	char key[48];

	if (books.kind > ENTITY_CGROUP && life->kernel)
		return account_of("(kernel)");
	switch (books.kind) {
	case ENTITY_THREAD:
		snprintf(key, sizeof(key), "%u:%" PRIu64, life->pid + thread,
			 life->start_ns + thread);
		return account_of(key);
	case ENTITY_PROCESS:
		snprintf(key, sizeof(key), "%u:%" PRIu64, life->pid, life->start_ns);
		return account_of(key);
	case ENTITY_TREE:
		return account_of(life->tree);
	case ENTITY_USER:
		snprintf(key, sizeof(key), "%u", user < 0 ? 0 : users[user].uid);
		return account_of(user < 0 ? "(unknown)" : key);
	default:
		break;
	}
	if (place == NOWHERE)
		return account_of("(unknown)");
	if (books.kind == ENTITY_CGROUP)
		return account_of(places[place].path);
	if (books.kind == ENTITY_UNIT)
		return account_of(places[place].unit ? places[place].unit : "(no unit)");
	return account_of(places[place].container < 0 ? "(host)"
						      : containers[places[place].container].id);
}

static bool is_whole(void)
{
	return !books.part->pids && !books.part->cgroup && !books.part->container;
}

static bool is_taken(const struct life *life, int place)
{
	const struct part *part = books.part;

	if (is_whole())
		return true;
	if (part->pids)
		return part->children || books.kind == ENTITY_TREE ? life->family : life->asked;
	if (place == NOWHERE)
		return false;
	if (part->cgroup)
		return is_below(places[place].path, part->cgroup);
	return places[place].container >= 0 &&
	       strcmp(containers[places[place].container].name, part->container) == 0;
}

/* Puts it in the account and, where that is a cgroup, in all that is above and was asked for. */
static void book(struct account *account, uint64_t ns, bool living)
{
	char path[96];

	account->taken = true;
	account->living |= living;
	account->ns[books.tick] += ns;
	account->subtree_ns[books.tick] += ns;
	books.ns += ns;
	snprintf(path, sizeof(path), "%s", account->key);
	while (books.kind == ENTITY_CGROUP && path[0] == '/' && path[1]) {
		char *slash = strrchr(path, '/');

		slash[slash == path] = '\0';
		if (books.part->container ||
		    (books.part->cgroup && !is_below(path, books.part->cgroup)))
			break;
		account = account_of(path);
		account->taken = true;
		account->living |= living;
		account->subtree_ns[books.tick] += ns;
	}
}

/* The path with which it goes, if it is one that goes. */
static const char *path_of(const struct account *account)
{
	if (books.kind == ENTITY_CGROUP || books.kind == ENTITY_UNIT)
		return account->key;
	for (size_t i = 0; i < 3 && books.kind == ENTITY_CONTAINER; i++) {
		if (strcmp(containers[i].id, account->key) == 0)
			return containers[i].path;
	}
	return "";
}

/* --- a tick */

static int32_t living_index(int place)
{
	return place == NOWHERE ? SAMPLE_UNKNOWN : place;
}

/* Of what happened before the removal, if there was one. */
static int32_t early_index(int place)
{
	return place != NOWHERE && machine.removed[place] ? (int32_t)PLACES + place
							  : living_index(place);
}

static void add_names(struct fixture *f)
{
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(sample_add_container(&f->sample, &containers[i]), i);
		assert_int_equal(sample_add_user(&f->sample, &users[i]), i);
	}
	for (size_t i = 0; i < 2 * PLACES; i++) {
		const struct place *place = &places[i % PLACES];
		const struct sample_cgroup cgroup = {place->path, place->container,
						     i >= PLACES && machine.removed[i % PLACES]};

		assert_int_equal(sample_add_cgroup(&f->sample, &cgroup), i);
	}
}

struct share {
	struct account *account;
	uint64_t ns;
	uint32_t cpu;
};

static struct share shares[MAX_LIVES * 4];
static size_t n_shares;

static void run_thread(struct fixture *f, const struct life *life)
{
	uint32_t thread = below(life->n_threads), cpu = below(2);
	bool early = life->ended || below(2);
	int place = early ? life->was_place : life->place;
	int user = early ? life->was_user : life->user;
	int32_t index = early ? early_index(place) : living_index(place);
	uint64_t ns = 1 + below(2000000);
	struct sample_task *task;

	ran(f, cpu, ns);
	task = last_task(f);
	task->tid = life->pid + thread;
	task->start_ns = life->start_ns + thread;
	task->cgroup = index;
	task->user = user < 0 ? SAMPLE_UNKNOWN : user;
	task->ended = life->ended;
	if (!is_taken(life, place))
		return;
	shares[n_shares] = (struct share){owner(life, thread, place, user), ns, cpu};
	book(shares[n_shares++].account, ns, index >= 0 && index < (int32_t)PLACES);
}

/* Each is in the sample if it runs, ends or was asked for: the youngest first, children before parents. */
static void put_lives(struct fixture *f)
{
	for (uint32_t k = 0; k < machine.n_lives; k++) {
		const struct life *life = &machine.lives[machine.n_lives - 1 - k];
		/* Who is born runs, or could bear nobody. */
		uint32_t rows = books.tick ? below(3) + life->born : 0;
		struct sample_process *added;

		if (!rows && !life->ended && !life->asked && books.tick)
			continue;
		added = process(f, life->pid, life->start_ns, "p");
		added->ppid = life->ppid;
		added->kernel = life->kernel;
		added->ended = life->ended;
		added->cgroup = life->ended ? early_index(life->was_place)
					    : living_index(life->place);
		added->user = life->user < 0 ? SAMPLE_UNKNOWN : life->user;
		if (!is_whole() && books.kind != ENTITY_PROCESS &&
		    is_taken(life, life->ended ? life->was_place : life->place))
			book(owner(life, 0, life->ended ? life->was_place : life->place,
				   life->user),
			     0, added->cgroup >= 0 && added->cgroup < (int32_t)PLACES);
		while (rows-- > 0)
			run_thread(f, life);
	}
}

static void share_energy(struct fixture *f)
{
	for (uint32_t c = 0; c < 2; c++) {
		struct sample_cpu *cpu = &f->sample.cpus[c];
		double joules;

		cpu->lost_ns = below(4) ? 0 : below(500000);
		cpu->idle_ns -= cpu->lost_ns;
		f->sample.energy[2 * c].uj = below(90000000);
		joules = (double)f->sample.energy[2 * c].uj / 1e6;
		for (size_t i = 0; i < n_shares; i++) {
			if (shares[i].cpu == c)
				shares[i].account->joules[books.tick] +=
					joules * (double)shares[i].ns /
					(double)(cpu->busy_ns + cpu->lost_ns);
		}
	}
}

/* A cgroup, container or unit has ended when its own cgroup was removed and nothing of it came after. */
static void note_ends(void)
{
	struct account *account, *next;

	HASH_ITER(hh, books.table, account, next) {
		for (size_t i = 0; i < PLACES && account->taken && !account->living; i++)
			account->ended |= machine.removed[i] &&
					  strcmp(places[i].path, path_of(account)) == 0;
	}
}

/* --- what the reporter makes of it */

static void check_entity(const struct entity *entity)
{
	uint32_t t = books.tick, window = 10, from = t > window ? t - window : 0;
	uint64_t total_ns = 0, window_ns = 0, subtree_ns = 0;
	struct account *account;
	double joules = 0;
	char key[48];

	snprintf(key, sizeof(key), "%s:%" PRIu64, entity->id, entity->start_ns);
	account = account_of(entity->start_ns ? key : entity->id);
	assert_false(account->counted);
	account->counted = true;
	for (uint32_t i = 1; i <= t; i++) {
		total_ns += account->ns[i];
		subtree_ns += account->subtree_ns[i];
		joules += account->joules[i];
		window_ns += i > from ? account->ns[i] : 0;
	}
	assert_figures(&entity->tick, account->ns[t], account->joules[t]);
	assert_figures(&entity->total, total_ns, joules);
	assert_int_equal(entity->window_ns, window_ns);
	if (books.kind == ENTITY_CGROUP) {
		assert_int_equal(entity->subtree_tick.cpu_ns, account->subtree_ns[t]);
		assert_int_equal(entity->subtree_total.cpu_ns, subtree_ns);
	}
	if (books.kind >= ENTITY_CGROUP)
		assert_int_equal(entity->ended, account->ended);
}

/* Who had time is there; so is, of what was asked for, who had none; and nobody else's time is. */
static void check_report(const struct fixture *f)
{
	const struct report *report = f->report;
	struct account *account, *next;
	double least = INFINITY, most_left = 0;

	for (size_t i = 0; i < report->n_entities; i++) {
		check_entity(report->entities[i]);
		least = fmin(least, report->entities[i]->tick.joules);
	}
	HASH_ITER(hh, books.table, account, next) {
		bool wanted = account->subtree_ns[books.tick] > 0 ||
			      (!is_whole() && account->taken && books.kind >= ENTITY_CGROUP);

		if (wanted && !account->counted && !books.part->top)
			fail_msg("%s is not in tick %u", account->key, books.tick);
		if (!account->counted)
			most_left = fmax(most_left, account->joules[books.tick]);
		account->counted = false;
	}
	if (books.part->top) {
		assert_true(report->n_entities <= books.part->top);
		assert_true(most_left <= least * (1 + 1e-12));
	}
	if (books.tick > 0)
		assert_conserved(f);
}

/* What comes after an end begins at 0. */
static void forget_ends(void)
{
	struct account *account, *next;

	HASH_ITER(hh, books.table, account, next) {
		if (account->ended) {
			memset(account->ns, 0, sizeof(account->ns));
			memset(account->subtree_ns, 0, sizeof(account->subtree_ns));
			memset(account->joules, 0, sizeof(account->joules));
			account->taken = false;
		}
		account->ended = account->living = false;
	}
}

static void check_totals(const struct fixture *f)
{
	struct totals totals;
	uint64_t ns = 0;

	assert_int_equal(reporter_totals(f->reporter, &totals), 0);
	for (size_t i = 0; i < totals.n_lines; i++)
		ns += totals.lines[i].figures.cpu_ns;
	assert_int_equal(ns, books.ns);
	ns += totals.host.total_idle.cpu_ns + totals.host.total_unattributed.cpu_ns +
	      totals.host.total_others.cpu_ns;
	assert_int_equal(ns, totals.host.total.cpu_ns);
	totals_done(&totals);
}

static void close_books(void)
{
	struct account *account, *next;

	HASH_ITER(hh, books.table, account, next) {
		HASH_DEL(books.table, account);
		free(account);
	}
	memset(&books, 0, sizeof(books));
}

static void run_once(enum entity_kind kind, const struct part *part)
{
	struct reporter_options options = {
		.pids = (const uint32_t[]){100, 101, 102},
		.n_pids = part->pids ? 3 : 0,
		.children = part->children,
		.cgroups = &part->cgroup,
		.n_cgroups = part->cgroup != NULL,
		.containers = &part->container,
		.n_containers = part->container != NULL,
		.top = part->top,
	};
	struct fixture f;

	memset(&machine, 0, sizeof(machine));
	machine.next_pid = 100;
	machine.asking = part->pids;
	books.kind = kind;
	books.part = part;
	begin_kind(&f, kind, options);
	for (uint32_t i = 0; i < 12; i++)
		bear(i > 3 ? (int)below(i) : INIT, 1000 + i * 100);
	for (books.tick = 0; books.tick <= TICKS; books.tick++) {
		next(&f);
		if (books.tick > 0)
			live(books.tick);
		add_names(&f);
		n_shares = 0;
		put_lives(&f);
		if (books.tick > 0)
			share_energy(&f);
		note_ends();
		tick(&f);
		check_report(&f);
		forget_ends();
	}
	check_totals(&f);
	end(&f);
	close_books();
}

static void test_every_kind_of_every_part(void **state)
{
	static const struct part parts[] = {
		{0},
		{.top = 3},
		{.pids = true},
		{.pids = true, .children = true},
		{.cgroup = "/system.slice"},
		{.container = "web"},
	};

	(void)state;
	for (size_t p = 0; p < sizeof(parts) / sizeof(*parts); p++) {
		for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
			for (uint64_t seed = 1; seed <= SEEDS; seed++) {
				random_state = seed * 1000003;
				run_once((enum entity_kind)kind, &parts[p]);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_every_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
