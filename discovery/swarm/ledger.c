#include "discovery/swarm/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/docker/survey.h"
#include "discovery/docker/time_text.h"
#include "discovery/field.h"
#include "discovery/swarm/portrait.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

#define STOP_DEFAULT_MS 10000
#define STOP_MAX_MS     3600000
/* How long after its grace period a task is believed to be ending. */
#define STOP_SLACK_MS 5000
/* So many are asked for at once: their ids stand in the path. */
#define QUESTION_MAX 64

void ledger_init(struct ledger *ledger, const struct dialect_settings *settings)
{
    *ledger = (struct ledger){.count = 0};
    if (settings)
        ledger->interpreter.settings = *settings;
    ledger->roster.settings = &ledger->interpreter.settings;
    vantage_init(&ledger->vantage);
}

void ledger_fini(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        free(ledger->tasks[i]);
    free(ledger->tasks);
    roster_fini(&ledger->roster);
    vantage_fini(&ledger->vantage);
    swarm_services_fini(&ledger->services);
    swarm_nodes_fini(&ledger->nodes);
    swarm_images_fini(&ledger->images);
}

static void note_change(struct ledger *ledger)
{
    ledger->is_dirty = ledger->has_moved = true;
}

void ledger_take_services(struct ledger *ledger, struct swarm_services *services)
{
    swarm_services_fini(&ledger->services);
    ledger->services = *services;
    *services = (struct swarm_services){0};
}

void ledger_take_nodes(struct ledger *ledger, struct swarm_nodes *nodes)
{
    swarm_nodes_fini(&ledger->nodes);
    ledger->nodes = *nodes;
    *nodes = (struct swarm_nodes){0};
}

/* ---- the table of tasks --------------------------------------------------------------------- */

/* Index of the first task whose id is not before `id`. */
static size_t find_place(const struct ledger *ledger, const struct swarm_id *id)
{
    size_t low = 0, high = ledger->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (swarm_id_compare(&ledger->tasks[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct ledger_task *find(const struct ledger *ledger, const struct swarm_id *id)
{
    size_t place = find_place(ledger, id);
    bool is_there = place < ledger->count && swarm_id_compare(&ledger->tasks[place]->id, id) == 0;
    return is_there ? ledger->tasks[place] : NULL;
}

/* NULL: there are too many. */
static struct ledger_task *add(struct ledger *ledger, const struct swarm_id *id)
{
    if (ledger->count == LIMITS_ENDPOINTS_MAX)
        return NULL;
    ledger->tasks =
        memory_make_room(ledger->tasks, ledger->count, &ledger->capacity, sizeof(ledger->tasks[0]));
    size_t place = find_place(ledger, id);
    struct ledger_task *task = memory_new(sizeof(*task));
    task->id = *id;
    memmove(ledger->tasks + place + 1, ledger->tasks + place,
            (ledger->count - place) * sizeof(ledger->tasks[0]));
    ledger->tasks[place] = task;
    ledger->count++;
    return task;
}

static void forget_member(struct ledger *ledger, struct ledger_task *task)
{
    struct member *member = roster_find(&ledger->roster, &task->key);
    if (member)
        roster_remove(&ledger->roster, member);
    task->key = (struct engine_id){""};
}

static void drop(struct ledger *ledger, size_t place)
{
    struct ledger_task *task = ledger->tasks[place];
    forget_member(ledger, task);
    ledger->leaving_count -= task->gone_at_ms > 0;
    free(task);
    ledger->count--;
    memmove(ledger->tasks + place, ledger->tasks + place + 1,
            (ledger->count - place) * sizeof(ledger->tasks[0]));
    note_change(ledger);
}

/* ---- one task ------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001B3u;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = mix(hash, (unsigned char)*text);
    return mix(hash, 0);
}

/* Of all that a portrait shows; never 0. */
static uint64_t fingerprint(const struct portrait_sitter *sitter)
{
    const json_t *version = json_object_get(sitter->task, "Version");
    uint64_t hash = mix(0xCBF29CE484222325u, (uint64_t)field_int(version, "Index", 0));
    hash = mix(hash, sitter->service->version);
    hash = mix_text(hash, sitter->service->name);
    hash = mix(hash, sitter->image ? sitter->image->version + 1 : 0);
    hash = mix(hash, sitter->is_here);
    if (sitter->node)
        hash = mix_text(mix(hash, 1 + sitter->node->is_down), sitter->node->address);
    return hash > 0 ? hash : 1;
}

static uint64_t read_stop_ms(const json_t *task)
{
    const json_t *spec = json_object_get(json_object_get(task, "Spec"), "ContainerSpec");
    json_int_t grace_ms = field_int(spec, "StopGracePeriod", 0) / 1000000;
    if (grace_ms <= 0)
        grace_ms = STOP_DEFAULT_MS;
    return (uint64_t)(grace_ms < STOP_MAX_MS ? grace_ms : STOP_MAX_MS) + STOP_SLACK_MS;
}

/* Takes `container`. */
static void show(struct ledger *ledger, struct ledger_task *task, struct container *container,
                 const struct portrait_sitter *sitter)
{
    const json_t *status = json_object_get(sitter->task, "Status");
    const char *state = field_str(status, "State");
    struct listing entry = {.id = container->id,
                            .name = container->name,
                            .state = container->status,
                            .image = "",
                            .is_alive = true,
                            .fingerprint = task->fingerprint};
    struct member *member;
    bool is_down = sitter->node && sitter->node->is_down && container->running;
    roster_take_listing(&ledger->roster, &entry, 0, true, &member);
    if (!member) {
        container_free(container);
        ledger->lost_count++;
        return;
    }
    roster_take_container(&ledger->roster, member, container, 0);
    if (is_down)
        member_set_cause(member, "node_down", 0);
    else if (ledger->was_listed && state[0] != '\0')
        member_set_cause(member, state, time_text_parse(view_str(field_str(status, "Timestamp"))));
    note_change(ledger);
}

static void look(struct ledger *ledger, struct ledger_task *task,
                 const struct portrait_sitter *sitter)
{
    uint64_t now = fingerprint(sitter);
    struct engine_id key;
    if (now == task->fingerprint)
        return;
    struct container *container = portrait_make(sitter, &ledger->interpreter.settings);
    if (!container)
        return;
    key = container->id;
    if (!engine_id_eq(&task->key, &key))
        forget_member(ledger, task);
    task->key = key;
    task->fingerprint = now;
    task->stop_ms = read_stop_ms(sitter->task);
    show(ledger, task, container, sitter);
}

static bool sit(struct ledger *ledger, const json_t *element, struct portrait_sitter *sitter)
{
    const json_t *spec = json_object_get(json_object_get(element, "Spec"), "ContainerSpec");
    struct swarm_id service, node;
    *sitter = (struct portrait_sitter){.task = element};
    if (!swarm_id_parse(view_str(field_str(element, "ServiceID")), &service))
        return false;
    sitter->service = swarm_services_find(&ledger->services, &service);
    ledger->lacks_service |= !sitter->service;
    if (swarm_id_parse(view_str(field_str(element, "NodeID")), &node)) {
        sitter->node = swarm_nodes_find(&ledger->nodes, &node);
        sitter->is_here = swarm_id_compare(&node, &ledger->own_node) == 0;
    }
    sitter->image = swarm_images_find(&ledger->images, field_str(spec, "Image"));
    return sitter->service != NULL;
}

/* ---- the list of those that are to run ------------------------------------------------------ */

void ledger_begin_tasks(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        ledger->tasks[i]->is_listed = false;
    ledger->lost_count = 0;
    ledger->lacks_service = false;
    swarm_images_begin(&ledger->images);
}

void ledger_take_task(struct ledger *ledger, const json_t *element)
{
    struct portrait_sitter sitter;
    struct swarm_id id;
    if (!swarm_id_parse(view_str(field_str(element, "ID")), &id) ||
        strcmp(field_str(element, "DesiredState"), "running") != 0)
        return;
    struct ledger_task *task = find(ledger, &id);
    if (task)
        task->is_listed = true;
    if (!sit(ledger, element, &sitter))
        return;
    if (!task)
        task = add(ledger, &id);
    if (!task) {
        ledger->lost_count++;
        return;
    }
    task->is_listed = true;
    look(ledger, task, &sitter);
}

static bool is_running(const struct ledger *ledger, const struct ledger_task *task)
{
    const struct member *member = roster_find(&ledger->roster, &task->key);
    return member && member->container->running;
}

/* It is told to end: the node may have heard it already. */
static void see_off(struct ledger *ledger, struct ledger_task *task, uint64_t now_ms)
{
    struct member *member = roster_find(&ledger->roster, &task->key);
    task->gone_at_ms = now_ms + task->stop_ms;
    ledger->leaving_count++;
    member->is_draining = true;
    member_set_cause(member, "shutdown", 0);
    note_change(ledger);
}

static void welcome_back(struct ledger *ledger, struct ledger_task *task)
{
    struct member *member = roster_find(&ledger->roster, &task->key);
    task->gone_at_ms = 0;
    task->fingerprint = 0; /* so that it is looked at again */
    ledger->leaving_count--;
    if (member)
        member->is_draining = false;
    note_change(ledger);
}

/* All at once: a manager that has lost its memory says the same. Then it is asked once more, soon. */
static bool is_doubtful(struct ledger *ledger)
{
    bool is_empty = true, had_any = false;
    for (size_t i = 0; i < ledger->count; i++) {
        is_empty &= !ledger->tasks[i]->is_listed;
        had_any |= ledger->tasks[i]->gone_at_ms == 0 && is_running(ledger, ledger->tasks[i]);
    }
    ledger->is_doubted = is_empty && had_any && !ledger->is_doubted;
    ledger->has_moved |= ledger->is_doubted;
    return ledger->is_doubted;
}

void ledger_end_tasks(struct ledger *ledger, uint64_t now_ms)
{
    ledger->was_listed = true;
    if (is_doubtful(ledger))
        return;
    for (size_t i = ledger->count; i > 0; i--) {
        struct ledger_task *task = ledger->tasks[i - 1];
        bool is_leaving = task->gone_at_ms > 0;
        if (task->is_listed && is_leaving)
            welcome_back(ledger, task);
        else if (!task->is_listed && !is_leaving && is_running(ledger, task))
            see_off(ledger, task, now_ms);
        else if (!task->is_listed && (!is_leaving || now_ms >= task->gone_at_ms))
            drop(ledger, i - 1);
    }
}

/* ---- the list of those that were told to end ------------------------------------------------- */

/* {"id":["…","…"]} */
bool ledger_append_question(struct ledger *ledger, const char *prefix, struct text *target)
{
    size_t count = 0;
    text_appendf(target, "%s/tasks?filters=%%7B%%22id%%22%%3A%%5B", prefix);
    for (size_t i = 0; i < ledger->count; i++) {
        struct ledger_task *task = ledger->tasks[i];
        task->is_listed = task->gone_at_ms == 0 || count == QUESTION_MAX;
        if (!task->is_listed)
            text_appendf(target, "%s%%22%s%%22", count++ > 0 ? "%2C" : "", task->id.text);
    }
    text_append_str(target, "%5D%7D");
    return count > 0;
}

/* Until it has ended, it serves what it has. */
static bool has_ended(const char *state)
{
    static const char *const before[] = {"new",      "allocated", "pending",
                                         "assigned", "accepted",  "preparing",
                                         "ready",    "starting",  "running"};
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        if (strcmp(state, before[i]) == 0)
            return false;
    return true;
}

void ledger_take_leaving(struct ledger *ledger, const json_t *element)
{
    struct swarm_id id;
    if (!swarm_id_parse(view_str(field_str(element, "ID")), &id))
        return;
    struct ledger_task *task = find(ledger, &id);
    if (task && !has_ended(field_str(json_object_get(element, "Status"), "State")))
        task->is_listed = true;
}

void ledger_end_leaving(struct ledger *ledger)
{
    for (size_t i = ledger->count; i > 0; i--)
        if (!ledger->tasks[i - 1]->is_listed)
            drop(ledger, i - 1);
}

/* ---- the line ------------------------------------------------------------------------------- */

static void ignore(void *owner, const struct container *container)
{
    (void)owner;
    (void)container;
}

void ledger_survey(struct ledger *ledger, uint64_t wall_ns, struct set *set)
{
    ledger->is_dirty = false;
    interpreter_follow(&ledger->interpreter, &ledger->roster, ignore, NULL);
    survey_take(&ledger->roster, &ledger->vantage, wall_ns, set);
}
