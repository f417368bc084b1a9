#include "discovery/registrar/entry.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/registrar/entry_rules.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"

#define RETRY_FIRST_MS 500
#define RETRY_CAP_MS   15000

/* So long it is believed that nobody else has taken an id. */
#define LOOK_HOLDS_MS 2000

/* A check that says something else each time has no more of an agent's time than that. */
#define REASON_PAUSE_MS 1000

struct entry *entry_new(const char *id)
{
    struct entry *entry = memory_new(sizeof(*entry));
    entry->id = memory_copy(id, strlen(id));
    backoff_init(&entry->backoff, RETRY_FIRST_MS, RETRY_CAP_MS);
    return entry;
}

static void free_wanted(struct entry_wanted *wanted)
{
    if (!wanted)
        return;
    json_decref(wanted->body);
    free(wanted->output);
    free(wanted->container_name);
    free(wanted);
}

void entry_free(struct entry *entry)
{
    free_wanted(entry->wanted);
    free(entry->trouble);
    free(entry->id);
    free(entry);
}

/* ---- what is to be there -------------------------------------------------------------------- */

static uint64_t hash_json(uint64_t hash, const json_t *value)
{
    const json_t *item;
    const char *key;
    size_t i;
    switch (json_typeof(value)) {
    case JSON_STRING:
        return hash_str(hash, json_string_value(value));
    case JSON_INTEGER:
        return hash_mix(hash ^ (uint64_t)json_integer_value(value));
    case JSON_ARRAY:
        json_array_foreach (value, i, item)
            hash = hash_json(hash, item);
        return hash_mix(hash + json_array_size(value));
    case JSON_OBJECT:
        json_object_foreach ((json_t *)(uintptr_t)value, key, item)
            hash = hash_json(hash_str(hash, key), item);
        return hash_mix(hash + json_object_size(value));
    default:
        return hash_mix(hash + (uint64_t)json_typeof(value));
    }
}

static uint64_t hash_optional(uint64_t hash, const char *text)
{
    return text ? hash_str(hash, text) : hash_mix(hash);
}

static uint64_t hash_probe(uint64_t hash, const struct registration_probe *probe)
{
    hash = hash_optional(hash_optional(hash, probe->url), probe->method);
    hash = hash_optional(hash, probe->text);
    return hash_mix(hash ^ ((uint64_t)probe->interval_ms << 32 | probe->timeout_ms));
}

uint64_t entry_said(const struct registration *item, const struct entry_terms *terms)
{
    uint64_t hash = hash_str(hash_str(HASH_INIT, terms->owner), item->name);
    hash = hash_optional(hash, item->address);
    hash = hash_mix(hash ^ ((uint64_t)item->port << 32 | item->weight));
    hash = hash_mix(hash ^ ((uint64_t)item->container_port << 8 | (uint64_t)item->is_udp << 4 |
                            (uint64_t)item->check));
    hash = hash_optional(hash_optional(hash, item->container), item->container_name);
    hash = hash_optional(hash, item->deregister_after);
    if (item->check == REGISTRATION_CHECK_PROBE)
        hash = hash_probe(hash, &item->probe);
    const json_t *parts[] = {item->tags, item->meta, item->definition};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        hash = parts[i] ? hash_json(hash, parts[i]) : hash_mix(hash);
    return hash;
}

static char *copy_text(const char *text)
{
    return text ? memory_copy(text, strlen(text)) : NULL;
}

static struct entry_wanted *make_wanted(const struct registration *item, uint64_t said,
                                        const struct entry_terms *terms, const char *host,
                                        struct text *remarks)
{
    struct entry_wanted *wanted = memory_new(sizeof(*wanted));
    wanted->said = said;
    wanted->body = entry_body_make(item, terms, &wanted->content, remarks);
    wanted->ttl_s = entry_body_ttl_s(item, terms);
    wanted->is_usual = entry_rules_is_usual_id(item, host);
    wanted->container_name = copy_text(item->container_name);
    wanted->has_result = item->check != REGISTRATION_CHECK_PROBE;
    wanted->health = wanted->has_result ? REGISTRATION_PASSING : REGISTRATION_CRITICAL;
    wanted->is_draining = item->is_draining;
    return wanted;
}

static void set_result(struct entry_wanted *wanted, enum registration_health health,
                       const char *output)
{
    wanted->has_result = true;
    wanted->health = health;
    if (wanted->output && output && strcmp(wanted->output, output) == 0)
        return;
    free(wanted->output);
    wanted->output = copy_text(output);
}

static void try_at_once(struct entry *entry)
{
    entry->retry_at_ms = 0;
    backoff_reset(&entry->backoff);
}

void entry_want(struct entry *entry, const struct registration *item, uint64_t said,
                const struct entry_terms *terms, const char *host, struct text *remarks)
{
    bool was_draining = entry->wanted && entry->wanted->is_draining;
    if (!item || !entry->wanted || entry->wanted->said != said) {
        if (item || entry->wanted)
            try_at_once(entry);
        free_wanted(entry->wanted);
        entry->rivalry = (struct rivalry){0};
        entry->wanted = item ? make_wanted(item, said, terms, host, remarks) : NULL;
    }
    if (!item)
        return;
    entry->wanted->is_draining = item->is_draining;
    if (item->is_draining != was_draining)
        try_at_once(entry);
    if (item->check == REGISTRATION_CHECK_HEALTH)
        set_result(entry->wanted, item->health, item->output);
    else if (item->check == REGISTRATION_CHECK_NONE)
        set_result(entry->wanted, REGISTRATION_PASSING, "it runs");
}

void entry_take_result(struct entry *entry, enum registration_health health, const char *output)
{
    if (entry->wanted)
        set_result(entry->wanted, health, output);
}

/* ---- what is there -------------------------------------------------------------------------- */

static bool is_as_registered(const struct entry *entry)
{
    return entry->wanted && !entry->wanted->is_draining && entry->presence == ENTRY_PRESENT &&
           entry->content == entry->wanted->content;
}

void entry_see(struct entry *entry, const struct agent_list_item *item, bool is_own,
               uint64_t now_ms)
{
    bool is_changed = item ? is_own && item->content != entry->content : !entry->is_denied;
    if (is_as_registered(entry) && is_changed)
        rivalry_note(&entry->rivalry, now_ms);
    entry->looked_at_ms = now_ms;
    if (!item) {
        if (!entry->is_denied || entry->presence == ENTRY_FOREIGN)
            entry->presence = ENTRY_ABSENT;
        return;
    }
    entry->presence = is_own ? ENTRY_PRESENT : ENTRY_FOREIGN;
    entry->content = item->content;
    entry->maintenance = item->maintenance;
}

void entry_find(struct entry *entry, bool is_own)
{
    /* Who has it is known, and not what it is like: it is told anew. */
    entry->presence = is_own ? ENTRY_UNSURE : ENTRY_FOREIGN;
}

/* ---- what is to be done --------------------------------------------------------------------- */

static uint64_t hash_reason(const struct entry_wanted *wanted)
{
    bool has_reason = wanted->output && *wanted->output;
    return has_reason ? hash_str(HASH_INIT, wanted->output) | 1 : 0;
}

static uint64_t update_due_ms(const struct entry *entry)
{
    const struct entry_wanted *wanted = entry->wanted;
    if (wanted->ttl_s == 0 || !wanted->has_result)
        return UINT64_MAX;
    if (!entry->is_told || entry->told_health != wanted->health)
        return 0;
    uint64_t reason = hash_reason(wanted);
    if (reason != 0 && entry->told_reason == 0)
        return 0;
    if (reason != 0 && reason != entry->told_reason)
        return entry->told_at_ms + REASON_PAUSE_MS;
    return entry->told_at_ms + wanted->ttl_s * UINT64_C(1000) / 3;
}

static bool is_update_due(const struct entry *entry, uint64_t now_ms)
{
    uint64_t due_ms = update_due_ms(entry);
    return due_ms != UINT64_MAX && now_ms >= due_ms;
}

static enum entry_step next_of_draining(const struct entry *entry, uint64_t now_ms)
{
    if (entry->presence == ENTRY_ABSENT)
        return ENTRY_REST;
    if (entry->maintenance == AGENT_LIST_IN_USE)
        return ENTRY_DRAIN;
    return is_update_due(entry, now_ms) ? ENTRY_UPDATE : ENTRY_REST;
}

/* Its check is told meanwhile: it must not fail when the other one has gone. */
static enum entry_step next_of_held(const struct entry *entry, uint64_t now_ms)
{
    bool may_update = entry->presence == ENTRY_PRESENT && is_update_due(entry, now_ms);
    return may_update ? ENTRY_UPDATE : ENTRY_REST;
}

enum entry_step entry_next_step(const struct entry *entry, uint64_t now_ms)
{
    const struct entry_wanted *wanted = entry->wanted;
    if (entry->presence == ENTRY_FOREIGN || now_ms < entry->retry_at_ms)
        return ENTRY_REST;
    if (!wanted)
        return entry->presence == ENTRY_ABSENT ? ENTRY_REST : ENTRY_DEREGISTER;
    if (wanted->is_draining)
        return next_of_draining(entry, now_ms);
    if (rivalry_holds(&entry->rivalry, now_ms))
        return next_of_held(entry, now_ms);
    if (entry->presence == ENTRY_ABSENT && !wanted->is_usual &&
        now_ms >= entry->looked_at_ms + LOOK_HOLDS_MS)
        return ENTRY_LOOK;
    if (entry->presence != ENTRY_PRESENT || entry->content != wanted->content)
        return ENTRY_REGISTER;
    if (entry->maintenance == AGENT_LIST_STOPPING)
        return ENTRY_RESUME;
    return is_update_due(entry, now_ms) ? ENTRY_UPDATE : ENTRY_REST;
}

static uint64_t held_until_ms(const struct entry *entry, enum entry_step step)
{
    uint64_t until_ms = entry->rivalry.until_ms;
    if (step == ENTRY_DRAIN || step == ENTRY_DEREGISTER)
        return 0;
    if (until_ms == 0 || entry->presence != ENTRY_PRESENT)
        return until_ms;
    uint64_t update_ms = update_due_ms(entry);
    return update_ms < until_ms ? update_ms : until_ms;
}

uint64_t entry_due_ms(const struct entry *entry)
{
    enum entry_step step = entry->fetch ? ENTRY_REST : entry_next_step(entry, UINT64_MAX);
    if (step == ENTRY_REST)
        return UINT64_MAX;
    uint64_t due_ms = step == ENTRY_UPDATE ? update_due_ms(entry) : held_until_ms(entry, step);
    return due_ms > entry->retry_at_ms ? due_ms : entry->retry_at_ms;
}

bool entry_step_changes(enum entry_step step)
{
    return step != ENTRY_REST && step != ENTRY_LOOK && step != ENTRY_UPDATE;
}

void entry_begin(struct entry *entry, enum entry_step step, uint64_t now_ms)
{
    entry->step = step;
    entry->asked_at_ms = now_ms;
    if (entry->wanted) {
        entry->asked_content = entry->wanted->content;
        entry->asked_health = entry->wanted->health;
        entry->asked_reason = hash_reason(entry->wanted);
    }
}

/* ---- what became of it ---------------------------------------------------------------------- */

/* An agent drops the checks that are not told anew, a maintenance among them, unless it is asked not to, as
 * for one of somebody else (entry_request.c). */
static void take_registered(struct entry *entry)
{
    entry->presence = ENTRY_PRESENT;
    entry->content = entry->asked_content;
    entry->is_told = false;
    if (entry->maintenance == AGENT_LIST_STOPPING)
        entry->maintenance = AGENT_LIST_IN_USE;
}

static void take_done(struct entry *entry, uint64_t now_ms)
{
    switch (entry->step) {
    case ENTRY_REGISTER:
        take_registered(entry);
        break;
    case ENTRY_UPDATE:
        entry->is_told = true;
        entry->told_health = entry->asked_health;
        entry->told_reason = entry->asked_reason;
        entry->told_at_ms = entry->asked_at_ms;
        break;
    case ENTRY_DRAIN:
        entry->maintenance = AGENT_LIST_STOPPING;
        break;
    case ENTRY_RESUME:
        entry->maintenance = AGENT_LIST_IN_USE;
        break;
    case ENTRY_DEREGISTER:
        entry->presence = ENTRY_ABSENT;
        entry->maintenance = AGENT_LIST_IN_USE;
        entry->is_told = false;
        entry->looked_at_ms = now_ms;
        break;
    case ENTRY_LOOK:
    case ENTRY_REST:
        break;
    }
}

static void forget(struct entry *entry, enum entry_presence presence)
{
    entry->presence = presence;
    entry->maintenance = AGENT_LIST_IN_USE;
    entry->is_told = false;
}

static void take_unknown(struct entry *entry, uint64_t now_ms)
{
    bool is_gone = entry->step == ENTRY_LOOK || entry->step == ENTRY_DRAIN;
    forget(entry, is_gone ? ENTRY_ABSENT : ENTRY_UNSURE);
    entry->looked_at_ms = now_ms;
}

static void wait_a_while(struct entry *entry, uint64_t now_ms, uint32_t random)
{
    entry->retry_at_ms = now_ms + backoff_next_ms(&entry->backoff, random);
}

void entry_end(struct entry *entry, enum entry_verdict verdict, uint64_t now_ms, uint32_t random)
{
    entry->fetch = NULL;
    entry->is_denied = verdict == ENTRY_DENIED || (verdict == ENTRY_LOST && entry->is_denied);
    switch (verdict) {
    case ENTRY_DONE:
        take_done(entry, now_ms);
        if (entry_next_step(entry, now_ms) == ENTRY_REST)
            try_at_once(entry);
        break;
    case ENTRY_UNKNOWN:
        take_unknown(entry, now_ms);
        if (entry->presence == ENTRY_UNSURE)
            wait_a_while(entry, now_ms, random);
        break;
    case ENTRY_REFUSED:
    case ENTRY_DENIED:
    case ENTRY_LOST:
        if (verdict != ENTRY_REFUSED && entry->step == ENTRY_REGISTER)
            forget(entry, ENTRY_UNSURE); /* it may be there, and only hidden */
        entry->is_told = false;
        wait_a_while(entry, now_ms, random);
        break;
    }
}
