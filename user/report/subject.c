// SPDX-License-Identifier: BSD-2-Clause
#include "report/subject.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GROUP_KERNEL "(kernel)"
#define GROUP_HOST "(host)"	  /* in no container */
#define GROUP_NO_UNIT "(no unit)" /* in no unit of systemd */
#define GROUP_UNKNOWN "(unknown)" /* the sample does not tell */

/* Who a task or a process belongs to, before it is looked up. */
struct subject {
	const struct sample_process *process;
	const struct sample_task *task;
	const struct lineage_tree *tree;
	const struct cgroup_names *cgroup; /* NULL: not known */
	struct text *user;		   /* the same */

	struct identity key;
	struct text *text; /* what the key is the address of */
	const char *group; /* set: one of the groups */
};

static struct identity text_key(const struct text *text, uint64_t by)
{
	return (struct identity){.of = (uint64_t)(uintptr_t)text, .by = by};
}

static void key_by_cgroup(struct subject *subject, enum entity_kind kind)
{
	const struct cgroup_names *cgroup = subject->cgroup;

	if (kind != ENTITY_CGROUP && subject->process->kernel)
		subject->group = GROUP_KERNEL;
	else if (!cgroup)
		subject->group = GROUP_UNKNOWN;
	else if (kind == ENTITY_CGROUP)
		subject->text = cgroup->path;
	else if (kind == ENTITY_UNIT && cgroup->unit_path)
		subject->text = cgroup->unit_path;
	else if (kind == ENTITY_UNIT)
		subject->group = GROUP_NO_UNIT;
	else if (!cgroup->container)
		subject->group = GROUP_HOST;
}

/* Sets what the entity is known by: key and text, or group. A container's text comes later. */
static void find_key(struct subject *subject, const struct subject_context *context)
{
	const struct sample_process *process = subject->process;
	int32_t user;

	switch (context->entities->kind) {
	case ENTITY_THREAD:
		/* The leader has the start and the number of its process. */
		subject->key = (struct identity){process->start_ns, process->pid};
		if (subject->task)
			subject->key =
				(struct identity){subject->task->start_ns, subject->task->tid};
		break;
	case ENTITY_PROCESS:
		subject->key = (struct identity){process->start_ns, process->pid};
		break;
	case ENTITY_TREE:
		subject->key = (struct identity){subject->tree->start_ns, subject->tree->pid};
		if (subject->tree->kernel)
			subject->group = GROUP_KERNEL;
		break;
	case ENTITY_USER:
		user = subject->task ? subject->task->user : process->user;
		if (process->kernel)
			subject->group = GROUP_KERNEL;
		else if (user < 0)
			subject->group = GROUP_UNKNOWN;
		else
			subject->key =
				(struct identity){context->sample->users[user].uid, IDENTITY_USER};
		break;
	default:
		key_by_cgroup(subject, context->entities->kind);
		break;
	}
}

/* What the tree shows is in this sample; or it is no tree. */
static bool is_told(const struct subject_context *context, const struct lineage_tree *tree)
{
	return !tree || tree->told == context->lineage->ticks;
}

/* The cgroup and user that the subject shows. 0 or -ENOMEM. */
static int find_names(struct subject *subject, const struct subject_context *context)
{
	const struct sample_task *task = subject->task;
	const struct sample_process *process = subject->process;
	enum entity_kind kind = context->entities->kind;
	/* A process is shown where it is; what it did, counts where it was done. */
	bool of_task = task && kind != ENTITY_PROCESS;
	int32_t cgroup = of_task ? task->cgroup : process->cgroup;
	int32_t user = of_task ? task->user : process->user;

	if (subject->tree) {
		bool told = is_told(context, subject->tree);

		cgroup = told ? subject->tree->cgroup : SAMPLE_UNKNOWN;
		user = told ? subject->tree->user : SAMPLE_UNKNOWN;
	}
	if (cgroup >= 0) {
		subject->cgroup = names_cgroup(context->names, cgroup);
		if (!subject->cgroup)
			return -ENOMEM;
	}
	if (user >= 0) {
		subject->user = names_user(context->names, user);
		if (!subject->user)
			return -ENOMEM;
	}
	return 0;
}

static void set_text(struct texts *texts, struct text **slot, struct text *text)
{
	if (*slot == text)
		return;
	texts_put(texts, *slot);
	*slot = text ? text_reference(text) : NULL;
}

static int set_name(struct entities *entities, struct tracked *tracked, const char *name)
{
	int err;

	err = texts_set(&entities->texts, &tracked->name, name);
	if (!err)
		tracked->entity.name = tracked->name->text;
	return err;
}

static void describe_cgroup(struct entities *entities, struct tracked *tracked,
			    const struct cgroup_names *cgroup)
{
	struct entity *entity = &tracked->entity;
	struct container_label *label = cgroup ? cgroup->container : NULL;
	bool whole = entities->kind != ENTITY_CONTAINER && entities->kind != ENTITY_UNIT &&
		     entities->kind != ENTITY_USER;

	/* Containers and units are of several cgroups; that which is theirs is their id's. */
	set_text(&entities->texts, &tracked->cgroup, cgroup && whole ? cgroup->path : NULL);
	entity->cgroup = tracked->cgroup ? tracked->cgroup->text : NULL;
	if (entities->kind == ENTITY_USER)
		return;
	set_text(&entities->texts, &tracked->unit, cgroup ? cgroup->unit : NULL);
	entity->unit = tracked->unit ? tracked->unit->text : NULL;
	if (label == tracked->container)
		return;
	container_labels_put(&entities->containers, tracked->container);
	tracked->container = label ? container_label_reference(label) : NULL;
	entity->container = label ? &tracked->container->container : NULL;
}

static void copy_comm(struct entity *entity, const char comm[SAMPLE_COMM_LEN])
{
	memcpy(entity->comm, comm, sizeof(entity->comm));
	entity->comm[sizeof(entity->comm) - 1] = '\0';
	entity->name = entity->comm;
}

/* An entity's number is its key, and so never another. */
static void set_number(struct tracked *tracked, uint64_t number)
{
	if (tracked->number[0])
		return;
	snprintf(tracked->number, sizeof(tracked->number), "%llu", (unsigned long long)number);
	tracked->entity.id = tracked->number;
}

static void describe_thread(struct entity *entity, const struct sample_process *process,
			    const struct sample_task *task)
{
	entity->tid = task->tid;
	entity->start_ns = task->start_ns;
	copy_comm(entity, task->comm);
	/*
	 * One that calls exec takes the number and the start of the leader, which ends: the process tells.
	 * In a pid namespace all that is outside of it has the number 0.
	 */
	if (entity->tid != entity->pid || task->start_ns != process->start_ns)
		entity->ended |= task->ended;
}

static int describe_process(struct entities *entities, struct tracked *tracked,
			    const struct subject *subject)
{
	const struct sample_process *process = subject->process;
	struct entity *entity = &tracked->entity;
	int err;

	err = texts_set(&entities->texts, &tracked->cmdline, process->cmdline);
	if (err)
		return err;
	entity->cmdline = tracked->cmdline ? tracked->cmdline->text : NULL;
	entity->pid = process->pid;
	entity->ppid = process->ppid;
	entity->self = process->self;
	entity->kernel = process->kernel;
	entity->rss_bytes = process->rss_bytes;
	if (entities->kind == ENTITY_THREAD && subject->task) {
		describe_thread(entity, process, subject->task);
	} else {
		entity->tid = entities->kind == ENTITY_THREAD ? process->pid : 0;
		entity->start_ns = process->start_ns;
		copy_comm(entity, process->comm);
		entity->ended = process->ended;
	}
	set_number(tracked, tracked->key.by);
	return 0;
}

static int describe_tree(struct entities *entities, struct tracked *tracked,
			 const struct lineage_tree *tree, bool told)
{
	struct entity *entity = &tracked->entity;
	int err = 0;

	if (told)
		err = texts_set(&entities->texts, &tracked->cmdline, tree->cmdline);
	if (err)
		return err;
	entity->cmdline = tracked->cmdline ? tracked->cmdline->text : NULL;
	entity->pid = tree->pid;
	entity->ppid = tree->ppid;
	entity->start_ns = tree->start_ns;
	entity->ended = tree->alive == 0;
	entity->rss_bytes = tree->rss_bytes;
	copy_comm(entity, tree->comm);
	set_number(tracked, tree->pid);
	return 0;
}

static int describe_container(struct entities *entities, struct tracked *tracked)
{
	char room[13];

	assert(tracked->entity.container);
	tracked->entity.id = tracked->entity.container->id;
	return set_name(entities, tracked, entity_container_name(tracked->entity.container, room));
}

static int describe_group(struct entities *entities, struct tracked *tracked, const char *group)
{
	tracked->entity.group = true;
	tracked->entity.kernel = strcmp(group, GROUP_KERNEL) == 0;
	tracked->entity.id = tracked->id->text;
	return set_name(entities, tracked, group);
}

static int describe(const struct subject_context *context, struct tracked *tracked,
		    const struct subject *subject)
{
	struct entities *entities = context->entities;
	struct entity *entity = &tracked->entity;
	bool told, elsewhere;

	if (subject->group)
		return describe_group(entities, tracked, subject->group);
	told = is_told(context, subject->tree);
	/* Of the cgroups that a thread ran in, the one that its process is in is where it is now. */
	elsewhere = entities->kind == ENTITY_THREAD && tracked->seen == context->tick &&
		    subject->task && subject->task->cgroup != subject->process->cgroup;
	if (told && !elsewhere)
		describe_cgroup(entities, tracked, subject->cgroup);
	if (told && entities->kind <= ENTITY_TREE) {
		set_text(&entities->texts, &tracked->user, subject->user);
		entity->user = tracked->user ? tracked->user->text : NULL;
	}
	switch (entities->kind) {
	case ENTITY_THREAD:
	case ENTITY_PROCESS:
		return describe_process(entities, tracked, subject);
	case ENTITY_TREE:
		assert(subject->tree);
		return describe_tree(entities, tracked, subject->tree, told);
	case ENTITY_CONTAINER:
		return describe_container(entities, tracked);
	case ENTITY_UNIT:
		assert(subject->cgroup);
		entity->id = tracked->id->text;
		return set_name(entities, tracked, subject->cgroup->unit->text);
	case ENTITY_USER:
		set_number(tracked, tracked->key.of);
		return set_name(entities, tracked, subject->user->text);
	default:
		entity->id = tracked->id->text;
		return set_name(entities, tracked, tracked->id->text);
	}
}

/* Looks the subject up, or makes it. The text of a group or a container is taken for that long. */
static int look_up(const struct subject_context *context, struct subject *subject,
		   struct tracked **ret)
{
	struct entities *entities = context->entities;
	struct text *taken = NULL;
	bool new;

	if (subject->group)
		subject->text = taken = texts_take(&entities->texts, subject->group);
	else if (entities->kind == ENTITY_CONTAINER)
		subject->text = taken =
			texts_take(&entities->texts, subject->cgroup->container->container.path);
	if (!taken && (subject->group || entities->kind == ENTITY_CONTAINER))
		return -ENOMEM;
	if (subject->text)
		subject->key =
			text_key(subject->text, subject->group ? IDENTITY_GROUP : IDENTITY_TEXT);
	*ret = entities_get(entities, &subject->key, subject->text, &new);
	texts_put(&entities->texts, taken);
	return *ret ? 0 : -ENOMEM;
}

static struct subject begin(const struct subject_context *context, uint32_t process,
			    const struct sample_task *task)
{
	return (struct subject){
		.process = &context->sample->processes[process],
		.task = task,
		.tree = context->entities->kind == ENTITY_TREE
				? context->lineage->of_process[process]
				: NULL,
	};
}

int subject_take(const struct subject_context *context, uint32_t process,
		 const struct sample_task *task, struct tracked **ret)
{
	struct subject subject = begin(context, process, task);
	int err;

	err = find_names(&subject, context);
	if (err)
		return err;
	find_key(&subject, context);
	err = look_up(context, &subject, ret);
	if (err)
		return err;
	return describe(context, *ret, &subject);
}

struct tracked *subject_peek(const struct subject_context *context, uint32_t process,
			     const struct sample_task *task)
{
	struct subject subject = begin(context, process, task);

	find_key(&subject, context);
	return subject.group ? NULL : entities_peek(context->entities, &subject.key);
}

int subject_take_path(const struct subject_context *context, const char *path, struct tracked **ret)
{
	struct texts *texts = &context->entities->texts;
	struct text *text = texts_take(texts, path);
	struct identity key;
	int err = 0;
	bool new;

	if (!text)
		return -ENOMEM;
	key = text_key(text, IDENTITY_TEXT);
	*ret = entities_get(context->entities, &key, text, &new);
	texts_put(texts, text);
	if (*ret && new) {
		set_text(texts, &(*ret)->cgroup, (*ret)->id);
		(*ret)->entity.cgroup = (*ret)->entity.id = (*ret)->id->text;
		err = set_name(context->entities, *ret, (*ret)->id->text);
	}
	return *ret ? err : -ENOMEM;
}

struct tracked *subject_of_removed(const struct subject_context *context, int32_t cgroup)
{
	enum entity_kind kind = context->entities->kind;
	struct text *text;
	struct identity key;

	if (kind != ENTITY_CGROUP && kind != ENTITY_CONTAINER && kind != ENTITY_UNIT)
		return NULL;
	HASH_FIND_STR(context->entities->texts.table, context->sample->cgroups[cgroup].path, text);
	if (!text)
		return NULL;
	key = text_key(text, IDENTITY_TEXT);
	return entities_peek(context->entities, &key);
}
