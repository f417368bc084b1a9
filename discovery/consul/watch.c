#include "discovery/consul/watch.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/consul/agent_remedy.h"
#include "discovery/consul/consul_agent.h"
#include "discovery/document.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

static void note_event(void *owner, const char *word)
{
    const struct watch *watch = owner;
    alive_note_event(watch->around->alive, word, clock_wall_ns());
}

/* ---- what is read ---------------------------------------------------------------------------- */

static struct catalog_entry_rules make_rules(const struct watch *watch)
{
    const struct consul_options *options = watch->around->options;
    struct catalog_entry_rules rules = {.address_key = options->address_key,
                                        .own_node = *watch->around->own_node};
    for (size_t i = 0; i < options->port_count; i++)
        if (view_eq(options->ports[i].service, view_str(watch->instances.service)))
            rules.port = options->ports[i].port;
    return rules;
}

static const char *take_entries(struct watch *watch, const json_t *answer)
{
    const char *problem;
    struct instances_intake intake = {.rules = &watch->rules,
                                      .settings = watch->around->options->dialects,
                                      .wall_ns = clock_wall_ns(),
                                      .owner = watch,
                                      .on_event = note_event};
    if (instances_take(&watch->instances, answer, &intake, &problem))
        watch->around->on_change(watch->around->owner);
    return problem;
}

static void stop_doubting(struct watch *watch)
{
    if (!watch->is_doubted)
        return;
    watch->is_doubted = watch->has_verdict = false;
    looker_stop(&watch->looker);
    backoff_reset(&watch->look_backoff);
    watch->around->on_change(watch->around->owner);
}

/* It has servers, and so has the next state of it. */
static const char *take_servers(struct watch *watch, const json_t *answer, uint64_t index)
{
    watch->index = index;
    watch->was_reset = false;
    stop_doubting(watch);
    return take_entries(watch, answer);
}

static void doubt(struct watch *watch)
{
    if (watch->is_doubted)
        return;
    watch->is_doubted = true;
    watch->has_verdict = false;
    watch->look_at_ms = clock_mono_ns() / 1000000;
    if (watch->instances.count > 0)
        watch->look_at_ms += SECOND_LOOK_PAUSE_MS;
}

/* The last time counts. */
static void note_reset(struct watch *watch, uint64_t now_ms)
{
    watch->was_reset = true;
    watch->reset_ms = now_ms;
}

/* Without servers, and where none were known, there is nothing to lose: the look is to tell rights only. */
static const char *take_answer(void *owner, const struct blocking_answer *answer)
{
    struct watch *watch = owner;
    json_t *document = document_parse(answer->body, NULL);
    const char *problem = NULL;
    watch->rules = make_rules(watch);
    int count = instances_count(document, watch->instances.service, &watch->rules);
    bool is_first = !watch->instances.was_read;
    if (answer->index > 0 && answer->index < watch->index && !watch->was_reset)
        note_reset(watch, clock_mono_ns() / 1000000);
    if (count < 0) {
        problem = "is no list of entries";
    } else if (count > 0) {
        problem = take_servers(watch, document, answer->index);
    } else {
        if (watch->instances.count == 0)
            problem = take_entries(watch, document);
        if (is_first || watch->instances.count > 0 || answer->is_filtered)
            doubt(watch);
    }
    json_decref(document);
    if (!problem)
        watch->around->alive->last_sync_ns = clock_wall_ns();
    return problem;
}

/* ---- the second look ------------------------------------------------------------------------- */

static void look_again(struct watch *watch)
{
    uint64_t now_ms = clock_mono_ns() / 1000000;
    watch->look_at_ms = now_ms + backoff_next_ms(&watch->look_backoff, (uint32_t)now_ms);
}

static void forget_servers(struct watch *watch)
{
    json_t *none = json_array();
    take_entries(watch, none);
    json_decref(none);
}

static void take_look(void *owner)
{
    struct watch *watch = owner;
    struct second_look look = watch->looker.look;
    json_t *health = json_incref(watch->looker.health);
    look.had_servers = watch->instances.count > 0;
    look.was_reset = watch->was_reset;
    look.since_reset_ms = clock_mono_ns() / 1000000 - watch->reset_ms;
    look.index_rose = watch->looker.index > watch->index;
    watch->verdict = second_look_judge(&look);
    watch->has_verdict = true;
    if (watch->verdict == SECOND_LOOK_BACK) {
        take_servers(watch, health, watch->looker.index);
    } else if (watch->verdict == SECOND_LOOK_GONE) {
        forget_servers(watch);
        stop_doubting(watch);
    } else {
        look_again(watch);
        watch->around->on_change(watch->around->owner);
    }
    json_decref(health);
}

/* Each node once; of more than it takes the first ones. */
static size_t list_nodes(const struct watch *watch, const char **nodes)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->instances.count && count < LOOKER_NODES_MAX; i++) {
        const char *node = watch->instances.items[i]->entry.node;
        size_t k = 0;
        while (k < count && strcmp(nodes[k], node) != 0)
            k++;
        if (k == count)
            nodes[count++] = node;
    }
    return count;
}

static void look(struct watch *watch)
{
    struct looker_options options = {.pool = watch->around->pool,
                                     .service = watch->instances.service,
                                     .rules = &watch->rules,
                                     .max_bytes = WATCH_ANSWER_BYTES_MAX,
                                     .owner = watch,
                                     .on_done = take_look};
    options.node_count = list_nodes(watch, options.nodes);
    watch->look_at_ms = UINT64_MAX;
    looker_start(&watch->looker, &options);
}

/* ---- its life -------------------------------------------------------------------------------- */

struct watch *watch_new(const struct watch_surroundings *around, const char *service)
{
    struct watch *watch = memory_new(sizeof(*watch));
    struct text target = TEXT_INIT;
    watch->around = around;
    instances_init(&watch->instances, service);
    backoff_init(&watch->look_backoff, SECOND_LOOK_AGAIN_MS, SECOND_LOOK_AGAIN_MAX_MS);
    text_append_str(&target, "/v1/health/service/");
    consul_agent_append_escaped(&target, service);
    blocking_query_init(&watch->query,
                        &(struct blocking_query_options){.pool = around->pool,
                                                         .target = text_str(&target),
                                                         .max_bytes = WATCH_ANSWER_BYTES_MAX,
                                                         .owner = watch,
                                                         .on_answer = take_answer});
    text_fini(&target);
    return watch;
}

void watch_free(struct watch *watch)
{
    looker_stop(&watch->looker);
    blocking_query_fini(&watch->query);
    instances_fini(&watch->instances);
    free(watch);
}

void watch_tick(struct watch *watch, uint64_t now_ms, bool may_look)
{
    blocking_query_tick(&watch->query, now_ms);
    if (watch->query.trouble.kind == AGENT_TROUBLE_AWAY)
        note_reset(watch, now_ms); /* the one that comes back may be another one */
    if (watch->is_doubted && may_look && now_ms >= watch->look_at_ms)
        look(watch);
}

uint64_t watch_next_tick_ms(const struct watch *watch, bool may_look)
{
    uint64_t next_ms = blocking_query_next_tick_ms(&watch->query);
    return watch->is_doubted && may_look && watch->look_at_ms < next_ms ? watch->look_at_ms
                                                                        : next_ms;
}

bool watch_has_settled(const struct watch *watch)
{
    return watch->query.has_spoken || watch->query.failures >= WATCH_TRIES;
}

void watch_read_again(struct watch *watch)
{
    watch->rules = make_rules(watch); /* a look that is under way reads by them, too */
    blocking_query_ask_at_once(&watch->query);
}

/* ---- what is in its way ---------------------------------------------------------------------- */

bool watch_tell_trouble(const struct watch *watch, struct text *why, const char **remedy)
{
    const char *service = watch->instances.service;
    if (watch->query.trouble.kind != AGENT_TROUBLE_NONE) {
        text_appendf(why, "%s (asked for the service %s)", watch->query.trouble.why, service);
        *remedy = watch->query.trouble.remedy;
        return true;
    }
    bool may_be_so = watch->instances.count == 0 && watch->verdict != SECOND_LOOK_DENIED;
    if (!watch->is_doubted || !watch->has_verdict || may_be_so)
        return false;
    if (watch->verdict == SECOND_LOOK_DENIED) {
        text_appendf(why, "its ACLs do not let lb see the servers of the service %s", service);
        *remedy = agent_remedy_of_status(403, "");
    } else if (watch->verdict == SECOND_LOOK_YOUNG) {
        text_appendf(why,
                     "it was away, or its catalog is a new one, and it names no server of the "
                     "service %s",
                     service);
        *remedy =
            "Whoever registers them does so again within two minutes; else they are taken out.";
    } else {
        text_appendf(why,
                     "it names no server of the service %s any more, and nothing confirms that",
                     service);
        *remedy = "It is asked again in a moment.";
    }
    return true;
}
