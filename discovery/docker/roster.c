#include "discovery/docker/roster.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "discovery/field.h"
#include "lb/base/bounds.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* How long after its stop timeout a container is believed to be stopping. */
#define DRAIN_SLACK_MS 2000
/* When it is asked why one has died: a restart or a removal comes before that. */
#define AUTOPSY_AFTER_MS 250

/* Index of the first member whose id is not before `id`. */
static size_t find_place(const struct roster *roster, const char *id)
{
    size_t low = 0, high = roster->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(roster->members[middle]->container->id.text, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct member *roster_find(const struct roster *roster, const struct engine_id *id)
{
    size_t place = find_place(roster, id->text);
    if (place == roster->count || !engine_id_eq(&roster->members[place]->container->id, id))
        return NULL;
    return roster->members[place];
}

struct member *roster_network_owner(const struct roster *roster, const struct member *member)
{
    const char *owner = member->container->network_owner;
    struct engine_id id;
    if (!owner)
        return roster_find(roster, &member->container->id);
    if (engine_id_parse_container(view_str(owner), &id))
        return roster_find(roster, &id);
    for (size_t i = 0; i < roster->count; i++)
        if (strcmp(roster->members[i]->container->name, owner) == 0)
            return roster->members[i];
    return NULL;
}

/* Adds a member. Takes `container`. Gives NULL, and frees it, when there are too many. */
static struct member *add(struct roster *roster, struct container *container)
{
    if (roster->count == LIMITS_ENDPOINTS_MAX) {
        container_free(container);
        return NULL;
    }
    if (roster->count == roster->capacity) {
        roster->capacity = roster->capacity > 0 ? roster->capacity * 2 : 64;
        roster->members =
            memory_resize(roster->members, roster->capacity * sizeof(roster->members[0]));
    }
    struct member *member = member_new(container);
    size_t place = find_place(roster, container->id.text);
    memmove(roster->members + place + 1, roster->members + place,
            (roster->count - place) * sizeof(roster->members[0]));
    roster->members[place] = member;
    roster->count++;
    return member;
}

void roster_remove(struct roster *roster, struct member *member)
{
    size_t place = find_place(roster, member->container->id.text);
    bounds_hold(place < roster->count && roster->members[place] == member);
    roster->count--;
    memmove(roster->members + place, roster->members + place + 1,
            (roster->count - place) * sizeof(roster->members[0]));
    member_free(member);
}

void roster_fini(struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++)
        member_free(roster->members[i]);
    free(roster->members);
    arena_fini(&roster->shares);
    *roster = (struct roster){.settings = roster->settings};
}

static void ask_at(struct roster *roster, struct member *member, uint64_t at_ms)
{
    member->ask_at_ms = at_ms;
    if (at_ms > 0 && (roster->next_ask_at_ms == 0 || at_ms < roster->next_ask_at_ms))
        roster->next_ask_at_ms = at_ms;
}

struct member *roster_take_due(struct roster *roster, uint64_t now_ms)
{
    if (roster->next_ask_at_ms == 0 || now_ms < roster->next_ask_at_ms)
        return NULL;
    roster->next_ask_at_ms = 0;
    struct member *due = NULL;
    for (size_t i = 0; i < roster->count; i++) {
        struct member *member = roster->members[i];
        if (!due && member->ask_at_ms > 0 && member->ask_at_ms <= now_ms) {
            due = member;
            due->ask_at_ms = 0;
        }
        ask_at(roster, member, member->ask_at_ms);
    }
    return due;
}

/* -1: the event does not say; Podman has a word of its own. */
static int read_exit_code(const json_t *attributes)
{
    uint64_t code;
    const char *text = field_str(attributes, "exitCode");
    if (text[0] == '\0')
        text = field_str(attributes, "containerExitCode");
    return view_parse_u64(view_str(text), 255, &code) ? (int)code : -1;
}

/* Only the container's own stop signal and KILL mean that it will end; HUP, USR1 and their like
 * are how programs are told to do something else. */
static enum roster_step take_kill(struct roster *roster, struct member *member, int number,
                                  uint64_t now_ms)
{
    const struct container *container = member->container;
    if (!container->running)
        member->early_signal = number;
    if (!container->running || (number != container->stop_signal && number != SIGKILL))
        return ROSTER_IGNORE;
    member->is_draining = true;
    if (container->stop_timeout_s >= 0) {
        member->drain_until_ms =
            now_ms + (uint64_t)container->stop_timeout_s * 1000 + DRAIN_SLACK_MS;
        ask_at(roster, member, member->drain_until_ms);
    }
    return ROSTER_SHOW;
}

/* What the check said, the event does not tell. */
static enum roster_step take_health(struct roster *roster, struct member *member,
                                    enum container_health health, uint64_t now_ms)
{
    struct container *container = member->container;
    container->health = health;
    free(container->health_output);
    container->health_output = NULL;
    if (container->running && health == CONTAINER_HEALTH_UNHEALTHY && !member->is_draining)
        ask_at(roster, member, now_ms);
    return container->running ? ROSTER_SHOW : ROSTER_IGNORE;
}

bool roster_health_may_differ(const struct roster *roster, const struct engine_id *id)
{
    const struct member *member = roster_find(roster, id);
    return member && member->container->running &&
           (member->container->health == CONTAINER_HEALTH_UNHEALTHY ||
            member->container->health == CONTAINER_HEALTH_STARTING);
}

/* The engine is to tell what neither events nor lists do. */
static void plan_autopsy(struct roster *roster, struct member *member, uint64_t at_ms)
{
    member->is_autopsy = true;
    ask_at(roster, member, at_ms);
}

static enum roster_step apply(struct roster *roster, struct member *member,
                              const struct docker_event *event, uint64_t now_ms)
{
    struct container *container = member->container;
    switch (event->kind) {
    case DOCKER_EVENT_RESTART:
        if (member->inspection)
            return ROSTER_IGNORE; /* the start has asked already */
        member_forget_run(member);
        return ROSTER_ASK;
    case DOCKER_EVENT_START:
        member_forget_run(member);
        return ROSTER_ASK;
    case DOCKER_EVENT_KILL:
        return take_kill(roster, member, event->signal, now_ms);
    case DOCKER_EVENT_DIE:
        member_note_death(member);
        if (read_exit_code(event->attributes) >= 0) /* "stop" has none: after "die", or before */
            member_note_exit_code(member, read_exit_code(event->attributes));
        if (container->exit_code != 0)
            plan_autopsy(roster, member, now_ms + AUTOPSY_AFTER_MS);
        return ROSTER_SHOW;
    case DOCKER_EVENT_DESTROY:
        roster->last_destroy = roster->event_count;
        return ROSTER_GONE;
    case DOCKER_EVENT_PAUSE:
        container->paused = true;
        return ROSTER_SHOW;
    case DOCKER_EVENT_UNPAUSE:
        container->paused = false;
        return ROSTER_ASK;
    case DOCKER_EVENT_HEALTHY:
        return take_health(roster, member, CONTAINER_HEALTH_HEALTHY, now_ms);
    case DOCKER_EVENT_UNHEALTHY:
        return take_health(roster, member, CONTAINER_HEALTH_UNHEALTHY, now_ms);
    case DOCKER_EVENT_RENAME:
        container_rename(container, event->name);
        return container->running ? ROSTER_ASK : ROSTER_SHOW;
    case DOCKER_EVENT_CHANGE:
    case DOCKER_EVENT_CONNECT:
    case DOCKER_EVENT_DISCONNECT:
        /* An inspect during the start waits until the start is done, and "start" asks anyway. */
        return container->running ? ROSTER_ASK : ROSTER_IGNORE;
    case DOCKER_EVENT_OTHER:
        break;
    }
    return ROSTER_IGNORE;
}

enum roster_step roster_take_event(struct roster *roster, const struct docker_event *event,
                                   uint64_t now_ms, struct member **member)
{
    roster->event_count++;
    *member = roster_find(roster, &event->container);
    if (!*member && event->kind == DOCKER_EVENT_DESTROY)
        roster->last_destroy = roster->event_count;
    if (!*member && (event->kind == DOCKER_EVENT_START || event->kind == DOCKER_EVENT_RESTART))
        *member =
            add(roster, container_sketch(&(struct container_outline){.id = &event->container,
                                                                     .name = event->name,
                                                                     .status = "starting",
                                                                     .labels = event->attributes,
                                                                     .image = event->image},
                                         roster->settings));
    if (!*member)
        return ROSTER_IGNORE;
    enum roster_step step = apply(roster, *member, event, now_ms);
    if (step != ROSTER_IGNORE) {
        (*member)->touched = roster->event_count;
        member_set_cause(*member, event->action, event->time_ns);
        if (step == ROSTER_SHOW && (*member)->inspection)
            step = ROSTER_ASK; /* what was asked before the event may be answered from before it */
        if (event->kind == DOCKER_EVENT_DIE)
            step = ROSTER_SHOW;
    }
    return step;
}

static struct member *add_listed(struct roster *roster, const struct listing *entry, uint64_t asked)
{
    /* It may be one that was removed while the list was on its way. If it lives, the inspect will
     * tell; if not, the next list will. */
    if (!entry->is_alive && roster->last_destroy > asked)
        return NULL;
    struct member *member =
        add(roster, container_sketch(&(struct container_outline){.id = &entry->id,
                                                                 .name = entry->name,
                                                                 .status = entry->state,
                                                                 .labels = entry->labels,
                                                                 .image = entry->image,
                                                                 .created_ns = entry->created_ns},
                                     roster->settings));
    if (member)
        member->is_hidden = entry->is_alive;
    return member;
}

enum roster_step roster_take_listing(struct roster *roster, const struct listing *entry,
                                     uint64_t asked, bool must_ask, struct member **out)
{
    struct member *member = roster_find(roster, &entry->id);
    bool is_new = !member;
    if (is_new)
        member = add_listed(roster, entry, asked);
    *out = member;
    if (!member)
        return ROSTER_IGNORE;
    member->is_listed = true;
    if (member->touched > asked)
        return ROSTER_IGNORE; /* an event said something newer */
    bool is_same =
        member->fingerprint == entry->fingerprint && member->container->running == entry->is_alive;
    member->fingerprint = entry->fingerprint;
    if (entry->is_alive && is_same && !must_ask)
        return ROSTER_IGNORE;
    if (entry->is_alive) {
        member->is_autopsy = false;
        member_set_cause(member, "list", 0);
        return ROSTER_ASK;
    }
    if (!is_new && is_same)
        return ROSTER_IGNORE;
    if (member->container->running || is_new)
        member_set_cause(member, "list", 0);
    member_note_death(member);
    member_note_exit_code(member, entry->exit_code);
    if (roster->autopsy_count < ROSTER_AUTOPSIES_MAX) {
        roster->autopsy_count++;
        plan_autopsy(roster, member, 1);
    }
    snprintf(member->container->status, sizeof(member->container->status), "%.15s", entry->state);
    return ROSTER_SHOW;
}

bool roster_is_unlisted(const struct member *member, uint64_t asked)
{
    return !member->is_listed && member->touched <= asked;
}

bool roster_take_container(struct roster *roster, struct member *member,
                           struct container *container, uint64_t now_ms)
{
    int early_signal = member->early_signal;
    bool was_autopsy = member->is_autopsy;
    member->is_autopsy = false;
    if (was_autopsy && container->running) {
        container_free(container); /* it was answered before the death; a start would be told */
        return false;
    }
    container_free(member->container);
    member->container = container;
    member->is_hidden = false;
    member->early_signal = 0;
    if (!container->running) {
        member_forget_run(member);
    } else if (early_signal > 0) {
        if (take_kill(roster, member, early_signal, now_ms) == ROSTER_SHOW)
            member_set_cause(member, "kill", 0);
    } else if (member->is_draining && member->drain_until_ms > 0 &&
               now_ms >= member->drain_until_ms) {
        member_forget_run(member);
        member_set_cause(member, "survived_stop", 0);
    }
    return true;
}

void roster_take_failure(struct roster *roster, struct member *member, uint64_t again_ms,
                         bool is_too_large)
{
    if (member->is_hidden)
        member->container->is_unknown = true;
    member->container->is_too_large = is_too_large;
    member->is_hidden = false;
    ask_at(roster, member, again_ms);
}

void roster_note_all(struct roster *roster, const struct member *source)
{
    for (size_t i = 0; i < roster->count; i++)
        if (roster->members[i] != source)
            member_set_cause(roster->members[i], source->cause, source->cause_time_ns);
}
