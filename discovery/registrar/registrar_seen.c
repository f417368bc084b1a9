#include "discovery/registrar/registrar_seen.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/consul/agent_remedy.h"
#include "discovery/registrar/entry_rules.h"
#include "lb/base/memory.h"

#define LIST_EVERY_MS 60000
/* After somebody has changed something, who may not have ended yet. */
#define LIST_AGAIN_MS 5000

static bool is_own(const struct registrar *registrar, const char *owner, const char *id)
{
    if (owner[0] && strcmp(owner, registrar->owner) == 0)
        return true;
    if (owner[0] && registrar->former_owner && strcmp(owner, registrar->former_owner) == 0)
        return true;
    return registrar->options->cleans_up && entry_rules_is_of_host(id, registrar->host);
}

/* What a registrator before lb has left for a container that is there is taken over. */
static bool may_take(const struct entry *entry, const char *owner)
{
    return owner[0] == '\0' && entry->wanted && entry->wanted->is_usual;
}

static void admit_own(struct registrar *registrar, const struct agent_list *list)
{
    const char **ids = memory_new((list->count + 1) * sizeof(ids[0]));
    struct entry **entries = memory_new((list->count + 1) * sizeof(struct entry *));
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (is_own(registrar, list->items[i].owner, list->items[i].id))
            ids[count++] = list->items[i].id;
    entry_table_admit(&registrar->table, ids, count, entries);
    for (size_t i = 0; i < count; i++)
        entries[i]->keeper = registrar;
    free(ids);
    free(entries);
}

/* The list is older than what an entry has been told since it was asked for. */
static void see(struct registrar *registrar, struct entry *entry,
                const struct agent_list_item *item)
{
    bool is_changing = entry->fetch && entry_step_changes(entry->step);
    if (is_changing || entry->changed_at > registrar->reader_began)
        return;
    bool may_touch =
        item && (is_own(registrar, item->owner, item->id) || may_take(entry, item->owner));
    entry_see(entry, item, may_touch, registrar->now_ms);
    if (entry->presence == ENTRY_FOREIGN && entry->wanted)
        grievances_set(entry, entry_request_explain_foreign(entry));
}

static bool has_rival(const struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->table.count; i++)
        if (rivalry_is_on(&registrar->table.items[i]->rivalry, registrar->now_ms))
            return true;
    return false;
}

/* Whether what is there can stay as the registrar leaves it. */
static void tell_of_rival(struct registrar *registrar)
{
    bool is_contested = has_rival(registrar);
    if (!is_contested)
        report_clear(&registrar->report);
    else if (!registrar->is_contested)
        report_obstruct(
            &registrar->report,
            "another program registers the containers of this engine, too, with other settings, "
            "and "
            "changes what is registered here again and again: it is set right only now and then",
            "Let one of them do it: end the other (lb --register, lb-discovery --register or "
            "registrator), or give both the same settings");
    else
        return;
    if (!is_contested && registrar->is_contested)
        report_say(&registrar->report, REPORT_NEWS,
                   "nobody else changes what is registered here any more");
    registrar->is_contested = is_contested;
}

static void take_list(void *owner, const struct agent_list *list)
{
    struct registrar *registrar = owner;
    size_t next = 0;
    admit_own(registrar, list);
    for (size_t i = 0; i < registrar->table.count; i++) {
        struct entry *entry = registrar->table.items[i];
        while (next < list->count && strcmp(list->items[next].id, entry->id) < 0)
            next++;
        bool is_there = next < list->count && strcmp(list->items[next].id, entry->id) == 0;
        see(registrar, entry, is_there ? &list->items[next] : NULL);
    }
    registrar->phase = REGISTRAR_FOLLOWING;
    registrar->has_ended = true;
    registrar->list_due_ms =
        registrar->now_ms + (registrar->is_restless ? LIST_AGAIN_MS : LIST_EVERY_MS);
    registrar->is_restless = false;
    backoff_reset(&registrar->backoff);
    tell_of_rival(registrar);
    if (!registrar->was_told)
        report_say(&registrar->report, REPORT_NEWS,
                   "registering in Consul at %s: its agent has %zu services, and what runs on this "
                   "host is kept registered there",
                   registrar->options->agent.server.text, list->count);
    registrar->was_told = true;
}

static void give_up_requests(struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->table.count; i++) {
        struct entry *entry = registrar->table.items[i];
        entry->rivalry = (struct rivalry){0}; /* the agent itself may lose what it has */
        if (!entry->fetch)
            continue;
        fetch_cancel(entry->fetch);
        entry->changed_at = ++registrar->asked_count;
        entry_end(entry, ENTRY_LOST, registrar->now_ms, 0);
    }
    registrar->in_flight = 0;
}

static void take_failure(void *owner, const char *why, const struct fetch_failure *failure)
{
    struct registrar *registrar = owner;
    struct text what = TEXT_INIT;
    const char *token_problem = fetch_pool_token_problem(registrar->pool);
    text_appendf(&what, "the Consul agent at %s takes no registrations: %s%s%s",
                 registrar->options->agent.server.text, why, token_problem[0] ? "; " : "",
                 token_problem);
    report_obstruct(&registrar->report, text_str(&what), agent_remedy_find(failure));
    text_fini(&what);
    give_up_requests(registrar);
    agent_watch_stop(&registrar->watch);
    registrar->phase = REGISTRAR_AWAY;
    registrar->is_contested = registrar->was_told = false;
    registrar->retry_at_ms =
        registrar->now_ms +
        backoff_next_ms(&registrar->backoff, (uint32_t)rng_next(&registrar->rng));
}

static void read_lists(struct registrar *registrar)
{
    if (registrar->phase == REGISTRAR_AWAY)
        registrar->phase = REGISTRAR_ASKING;
    registrar->reader_began = ++registrar->asked_count;
    agent_reader_start(&registrar->reader, registrar->pool,
                       &(struct agent_reader_handler){
                           .owner = registrar, .on_list = take_list, .on_failure = take_failure});
}

static bool may_watch(const struct entry *entry)
{
    return entry->wanted && !entry->wanted->is_draining && entry->presence == ENTRY_PRESENT;
}

/* Any entry will do: they are lost together. */
static void watch(struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->table.count; i++)
        if (may_watch(registrar->table.items[i])) {
            entry_request_make(registrar->table.items[i], ENTRY_LOOK, &registrar->request);
            agent_watch_ask(&registrar->watch, registrar->pool,
                            text_str(&registrar->request.target), registrar->now_ms);
            return;
        }
}

void registrar_seen_tick(struct registrar *registrar)
{
    uint64_t now_ms = registrar->now_ms;
    bool is_followed = registrar->phase == REGISTRAR_FOLLOWING;
    if (is_followed && registrar->watch.has_news) {
        registrar->list_due_ms = now_ms;
        registrar->is_restless = true;
    }
    registrar->watch.has_news = false;
    bool is_due = registrar->phase == REGISTRAR_ASKING ||
                  now_ms >= (is_followed ? registrar->list_due_ms : registrar->retry_at_ms);
    if (is_due && !agent_reader_is_at_work(&registrar->reader))
        read_lists(registrar);
    if (is_followed && agent_watch_is_due(&registrar->watch, now_ms))
        watch(registrar);
}

uint64_t registrar_seen_next_tick_ms(const struct registrar *registrar)
{
    if (registrar->phase == REGISTRAR_AWAY)
        return registrar->retry_at_ms;
    if (agent_reader_is_at_work(&registrar->reader))
        return UINT64_MAX;
    return registrar->phase == REGISTRAR_FOLLOWING ? registrar->list_due_ms : registrar->now_ms;
}

void registrar_seen_take_one(struct registrar *registrar, struct entry *entry, struct view body)
{
    const char *owner;
    json_t *service = agent_list_read_one(body, &owner);
    entry_find(entry, service && (is_own(registrar, owner, entry->id) || may_take(entry, owner)));
    if (entry->presence == ENTRY_FOREIGN)
        grievances_set(entry, entry_request_explain_foreign(entry));
    json_decref(service);
}
