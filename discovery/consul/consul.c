#include "discovery/consul/consul.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/consul/gathering.h"
#include "discovery/consul/own_node.h"
#include "discovery/consul/watch_list.h"
#include "discovery/document.h"
#include "discovery/net/fetch.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define CATALOG_BYTES_MAX  (8u << 20)
#define ROOM_TOLD_AFTER_MS 5000

struct consul {
    const struct consul_options *options;
    struct report report;
    struct alive alive;
    struct fetch_pool *pool;
    struct own_node node;
    const char *node_name; /* borrowed from it */
    struct wanted wanted;
    struct service_list catalog;
    bool has_catalog;
    struct blocking_query list; /* of services */
    struct watch_surroundings around;
    struct watch_list watches;
    struct gathering gathering;
    struct text told;  /* what is in the way, as it was last told; empty: nothing is */
    bool has_told_cut; /* that there are more services than are followed */
    size_t told_room;  /* for how many services the agent has connections; 0: for all */
    bool was_away;     /* since the last list */
    bool must_follow;  /* what is wanted may have changed */
    bool is_dirty;
    bool has_settled;    /* all was read once */
    bool has_seen_whole; /* and what the others' routes lead to is known */
    bool saw_part;       /* another source was not read then */
    bool is_complete;    /* and was read once, too */
};

/* ---- what is in the way ---------------------------------------------------------------------- */

static bool find_trouble(const struct consul *consul, struct text *why, const char **remedy)
{
    if (consul->list.trouble.kind != AGENT_TROUBLE_NONE) {
        text_append_str(why, consul->list.trouble.why);
        *remedy = consul->list.trouble.remedy;
        return true;
    }
    for (size_t i = 0; i < consul->watches.count; i++)
        if (watch_tell_trouble(consul->watches.items[i], why, remedy))
            return true;
    return false;
}

static void tell_news(struct consul *consul)
{
    size_t servers = 0;
    for (size_t i = 0; i < consul->watches.count; i++)
        servers += consul->watches.instances[i]->count;
    report_say(&consul->report, REPORT_NEWS,
               "following the Consul agent at %s: its catalog has %zu services; followed are %zu, "
               "with %zu entries",
               consul->options->agent.server.text, consul->catalog.count, consul->watches.count,
               servers);
}

/* Once, as long as it is the same. */
static void tell_trouble(struct consul *consul)
{
    struct text why = TEXT_INIT, trouble = TEXT_INIT;
    const char *remedy = "";
    bool is_in_trouble = find_trouble(consul, &trouble, &remedy);
    if (is_in_trouble)
        text_appendf(&why, "the Consul agent at %s: %s%s", consul->options->agent.server.text,
                     text_str(&trouble), consul->has_settled ? "; the last state is kept" : "");
    bool is_told = view_eq(text_view(&why), text_view(&consul->told));
    bool is_new = consul->has_settled && !consul->alive.is_connected && !is_in_trouble;
    if (is_new)
        consul->alive.resyncs[consul->told.len > 0 ? ALIVE_RESYNC_RECONNECT : ALIVE_RESYNC_START]++;
    if (is_new)
        tell_news(consul);
    consul->alive.is_connected = consul->has_settled && !is_in_trouble;
    if (!is_told && is_in_trouble)
        report_obstruct(&consul->report, text_str(&why), remedy);
    else if (!is_told)
        report_clear(&consul->report);
    text_fini(&consul->told);
    consul->told = why;
    text_fini(&trouble);
}

/* Once it is known how many there is room for; each time that it is for fewer than ever. */
static void tell_room(struct consul *consul, uint64_t now_ms)
{
    const struct watch_list *watches = &consul->watches;
    if (watches->room == 0 || now_ms < watches->room_ms + ROOM_TOLD_AFTER_MS ||
        (consul->told_room > 0 && watches->room >= consul->told_room))
        return;
    consul->told_room = watches->room;
    report_say(
        &consul->report, REPORT_REMARK,
        "the Consul agent at %s lets this host have few connections: %zu of the services are "
        "followed at once, the others are read every few seconds; raise "
        "limits.http_max_conns_per_client in its configuration",
        consul->options->agent.server.text, watches->room);
}

/* ---- what is followed ------------------------------------------------------------------------ */

static void take_change(void *owner)
{
    struct consul *consul = owner;
    consul->is_dirty = true;
    consul->must_follow = true; /* a service without servers may not be wanted any more */
}

static void take_node(void *owner)
{
    struct consul *consul = owner;
    consul->node_name = own_node_name(&consul->node);
    for (size_t i = 0; i < consul->watches.count; i++)
        watch_read_again(consul->watches.items[i]);
}

static const char *take_list(void *owner, const struct blocking_answer *answer)
{
    struct consul *consul = owner;
    struct service_list list;
    json_t *document = document_parse(answer->body, NULL);
    bool is_list = service_list_read(document, &list);
    json_decref(document);
    if (!is_list)
        return "is no list of services";
    if (consul->was_away)
        own_node_ask_again(&consul->node);
    consul->was_away = false;
    service_list_fini(&consul->catalog);
    consul->catalog = list;
    consul->has_catalog = consul->must_follow = true;
    consul->alive.last_sync_ns = clock_wall_ns();
    return NULL;
}

static void tell_cut(struct consul *consul)
{
    size_t cut_count = consul->watches.cut_count;
    if (cut_count > 0 && !consul->has_told_cut)
        report_say(&consul->report, REPORT_REMARK,
                   "Consul has more than %u services with tags for lb: the last %zu by name are "
                   "not followed; take the tags off those that lb is not to serve, or name the "
                   "most important ones (--consul-service)",
                   WANTED_MAX, cut_count);
    consul->has_told_cut = cut_count > 0;
}

static void follow(struct consul *consul)
{
    consul->must_follow = false;
    consul->is_dirty |= watch_list_follow(&consul->watches, &consul->around, &consul->wanted,
                                          consul->has_catalog ? &consul->catalog : NULL);
    tell_cut(consul);
}

/* Once all was said for the first time that there is to be said. */
static void settle(struct consul *consul)
{
    bool is_there = consul->list.failures == 0 || agent_trouble_is_final(&consul->list.trouble);
    bool is_read = consul->node.is_settled && consul->list.has_spoken && is_there &&
                   watch_list_has_settled(&consul->watches) && !consul->must_follow;
    if (is_read && !consul->has_settled)
        consul->has_settled = consul->is_dirty = true;
    if (is_read && consul->has_seen_whole && !consul->is_complete)
        consul->is_complete = consul->is_dirty = true;
}

static void tick(void *state, uint64_t now_ms)
{
    struct consul *consul = state;
    own_node_tick(&consul->node, now_ms);
    blocking_query_tick(&consul->list, now_ms);
    consul->was_away |= consul->list.trouble.kind == AGENT_TROUBLE_AWAY;
    if (consul->must_follow && consul->node.is_settled)
        follow(consul);
    watch_list_tick(&consul->watches, consul->list.failures > 1, now_ms);
    settle(consul);
    tell_trouble(consul);
    tell_room(consul, now_ms);
}

static uint64_t next_tick_ms(const void *state)
{
    const struct consul *consul = state;
    uint64_t next_ms = watch_list_next_tick_ms(&consul->watches);
    uint64_t list_ms = blocking_query_next_tick_ms(&consul->list);
    uint64_t node_ms = own_node_next_tick_ms(&consul->node);
    next_ms = list_ms < next_ms ? list_ms : next_ms;
    next_ms = node_ms < next_ms ? node_ms : next_ms;
    return consul->must_follow && consul->node.is_settled ? 0 : next_ms;
}

/* ---- what it has ----------------------------------------------------------------------------- */

static bool collect(void *state, bool is_wanted, struct set *set)
{
    struct consul *consul = state;
    if (!consul->has_settled || !(consul->is_dirty || is_wanted))
        return false;
    consul->is_dirty = false;
    gathering_fill(&consul->gathering, consul->watches.instances, consul->watches.count,
                   consul->options->dialects, set);
    return true;
}

static void look_at_whole(void *state, const struct set *whole)
{
    struct consul *consul = state;
    bool is_other = wanted_look_at_whole(&consul->wanted, whole);
    consul->must_follow |= is_other;
    if (is_other && consul->saw_part) /* what a source wants that is read only now */
        consul->is_complete = false;
    consul->saw_part = whole->unread_count > 0;
    consul->has_seen_whole = true;
    if (!consul->must_follow)
        settle(consul);
}

static bool is_waiting(const void *state)
{
    const struct consul *consul = state;
    return consul->has_seen_whole && !consul->is_complete;
}

static const struct alive *tell_alive(const void *state)
{
    return &((const struct consul *)state)->alive;
}

/* ---- its life -------------------------------------------------------------------------------- */

static void *open_source(const void *given, struct fetch_loop *loop, const struct report *report,
                         int *fd)
{
    const struct consul_options *options = given;
    struct consul *consul = memory_new(sizeof(*consul));
    consul->options = options;
    consul->report = *report;
    consul->pool = consul_agent_open_pool(loop, &options->agent);
    consul->must_follow = true;
    own_node_init(&consul->node, consul->pool, options->node, consul, take_node);
    consul->node_name = own_node_name(&consul->node);
    wanted_init(&consul->wanted, options->services);
    blocking_query_init(&consul->list,
                        &(struct blocking_query_options){.pool = consul->pool,
                                                         .target = "/v1/catalog/services",
                                                         .max_bytes = CATALOG_BYTES_MAX,
                                                         .owner = consul,
                                                         .on_answer = take_list});
    consul->around = (struct watch_surroundings){.options = options,
                                                 .pool = consul->pool,
                                                 .own_node = &consul->node_name,
                                                 .alive = &consul->alive,
                                                 .owner = consul,
                                                 .on_change = take_change};
    *fd = -1;
    return consul;
}

static void close_source(void *state)
{
    struct consul *consul = state;
    watch_list_fini(&consul->watches);
    blocking_query_fini(&consul->list);
    own_node_fini(&consul->node);
    fetch_pool_close(consul->pool);
    gathering_fini(&consul->gathering);
    service_list_fini(&consul->catalog);
    wanted_fini(&consul->wanted);
    text_fini(&consul->told);
    free(consul);
}

const struct source_kind consul_source = {
    .word = "consul",
    .asks_by_http = true,
    .open = open_source,
    .tick = tick,
    .next_tick_ms = next_tick_ms,
    .collect = collect,
    .alive = tell_alive,
    .close = close_source,
    .look_at_whole = look_at_whole,
    .is_waiting = is_waiting,
};
