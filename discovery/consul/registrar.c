#include "discovery/consul/registrar.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/consul/agent_reader.h"
#include "discovery/consul/agent_remedy.h"
#include "discovery/consul/entry_request.h"
#include "discovery/consul/entry_rules.h"
#include "discovery/consul/entry_table.h"
#include "discovery/consul/grievances.h"
#include "discovery/consul/prober.h"
#include "discovery/consul/told_once.h"
#include "discovery/net/fetch.h"
#include "lb/base/memory.h"
#include "lb/base/rng.h"

#define IN_FLIGHT_MAX 16
#define TIMEOUT_MS    15000
#define ANSWER_MAX    65536
#define LIST_EVERY_MS 60000
#define AWAY_FIRST_MS 100
#define AWAY_CAP_MS   5000
#define TOO_MANY_MS   500

enum phase {
    PHASE_ASKING,    /* nothing is done before it is known what the agent has */
    PHASE_FOLLOWING, /* that is known */
    PHASE_AWAY,      /* it is asked again at retry_at_ms */
};

struct registrar {
    const struct registrar_options *options;
    struct report report;
    struct fetch_loop *loop;
    struct fetch_pool *pool;
    struct rng rng;
    uint64_t now_ms; /* as the last tick was told */

    struct entry_table table;
    struct entry_terms terms; /* its owner is `owner` */
    char *owner, *former_owner, *host;
    bool has_wanted;

    enum phase phase;
    bool was_told; /* that it is followed */
    struct agent_reader reader;
    uint64_t reader_began; /* in the count of `asked_count` */
    uint64_t list_due_ms, retry_at_ms;
    struct backoff backoff;

    uint64_t asked_count;
    unsigned in_flight;
    uint64_t pause_until_ms; /* the agent has too much to do */
    bool has_ended;          /* a request, so that entries may be over */
    struct entry_request request;
    struct grievances grievances;
    struct told_once told;
};

/* ---- what is to be there -------------------------------------------------------------------- */

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = memory_copy(value, strlen(value));
}

/* Whose the entries are: the engine's, which stays when lb is made anew; the host's where the engine does not say who it
 * is. What was registered as the one is still its own as the other. */
static void take_identity(struct registrar *registrar, const struct registrations *wanted)
{
    struct text owner = TEXT_INIT;
    bool has_engine = wanted->engine && wanted->engine[0];
    set_text(&registrar->host, wanted->host ? wanted->host : "");
    text_appendf(&owner, "%s%s",
                 has_engine ? "" : "host:", has_engine ? wanted->engine : registrar->host);
    if (!registrar->owner || strcmp(text_str(&owner), registrar->owner) != 0) {
        free(registrar->former_owner);
        registrar->former_owner = registrar->owner;
        registrar->owner = NULL;
        set_text(&registrar->owner, text_str(&owner));
    }
    registrar->terms =
        (struct entry_terms){.owner = registrar->owner,
                             .ttl_s = registrar->options->ttl_s,
                             .deregister_after = registrar->options->deregister_after};
    text_fini(&owner);
}

static void remark(struct registrar *registrar, const char *container_name, const char *sentence)
{
    struct text what = TEXT_INIT;
    text_appendf(&what, "%s%s%s", container_name ? container_name : "", container_name ? ": " : "",
                 sentence);
    if (told_once_is_new(&registrar->told, text_str(&what)))
        report_say(&registrar->report, REPORT_REMARK, "%s", text_str(&what));
    text_fini(&what);
}

static void remark_twice(struct registrar *registrar, const struct registration *item,
                         const struct registration *first)
{
    struct text what = TEXT_INIT;
    text_appendf(
        &what,
        "it is not registered as %s, which is the id of %s; give one of them another SERVICE_ID",
        item->id, first->container_name ? first->container_name : "lb itself");
    remark(registrar, item->container_name, text_str(&what));
    text_fini(&what);
}

/* Those that can be registered, each id once. Gives how many; `items` has room for all. */
static size_t pick(struct registrar *registrar, const struct registrations *wanted,
                   const struct registration **items, const char **ids)
{
    size_t count = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct registration *item = &wanted->items[i];
        const char *why = entry_rules_refuse(item);
        if (why) {
            struct text what = TEXT_INIT;
            text_appendf(&what, "it is not registered, as %s", why);
            remark(registrar, item->container_name, text_str(&what));
            text_fini(&what);
        } else if (count > 0 && strcmp(ids[count - 1], item->id) == 0) {
            remark_twice(registrar, item, items[count - 1]);
        } else {
            ids[count] = item->id;
            items[count++] = item;
        }
    }
    return count;
}

static void take_result(void *owner, enum registration_health health, const char *sentence)
{
    entry_take_result(owner, health, sentence);
}

static void want(struct registrar *registrar, struct entry *entry, const struct registration *item)
{
    struct text remarks = TEXT_INIT;
    uint64_t said = item ? entry_said(item, &registrar->terms) : 0;
    bool is_new = !item || !entry->wanted || entry->wanted->said != said;
    entry->keeper = registrar;
    if (is_new) {
        prober_close(entry->prober);
        entry->prober = NULL;
    }
    entry_want(entry, item, said, &registrar->terms, registrar->host, &remarks);
    if (is_new && item && item->check == REGISTRATION_CHECK_PROBE)
        entry->prober = prober_open(registrar->loop, &item->probe, entry, take_result);
    if (remarks.len > 0)
        remark(registrar, item->container_name ? item->container_name : item->id,
               text_str(&remarks));
    text_fini(&remarks);
}

void registrar_take(struct registrar *registrar, const struct registrations *wanted)
{
    const struct registration **items = memory_new((wanted->count + 1) * sizeof(items[0]));
    const char **ids = memory_new((wanted->count + 1) * sizeof(ids[0]));
    struct entry **entries = memory_new((wanted->count + 1) * sizeof(struct entry *));
    take_identity(registrar, wanted);
    size_t count = pick(registrar, wanted, items, ids), next = 0;
    entry_table_admit(&registrar->table, ids, count, entries);
    for (size_t i = 0; i < registrar->table.count; i++) {
        bool is_wanted = next < count && registrar->table.items[i] == entries[next];
        want(registrar, registrar->table.items[i], is_wanted ? items[next] : NULL);
        next += is_wanted;
    }
    for (size_t i = 0; i < wanted->remark_count; i++)
        remark(registrar, wanted->remarks[i].container_name, wanted->remarks[i].sentence);
    registrar->has_wanted = registrar->has_ended = true;
    free(items);
    free(ids);
    free(entries);
}

/* ---- what is there -------------------------------------------------------------------------- */

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
    if (entry->fetch || entry->ended_at > registrar->reader_began)
        return;
    bool may_touch =
        item && (is_own(registrar, item->owner, item->id) || may_take(entry, item->owner));
    entry_see(entry, item, may_touch, registrar->now_ms);
    if (entry->presence == ENTRY_FOREIGN && entry->wanted)
        grievances_set(entry, entry_request_explain_foreign(entry));
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
    registrar->phase = PHASE_FOLLOWING;
    registrar->has_ended = true;
    registrar->list_due_ms = registrar->now_ms + LIST_EVERY_MS;
    backoff_reset(&registrar->backoff);
    report_clear(&registrar->report);
    if (!registrar->was_told)
        report_say(&registrar->report, REPORT_NEWS,
                   "Consul at %s: it has %zu services, and is kept like this host's containers",
                   registrar->options->agent.server.text, list->count);
    registrar->was_told = true;
}

static void give_up_requests(struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->table.count; i++) {
        struct entry *entry = registrar->table.items[i];
        if (!entry->fetch)
            continue;
        fetch_cancel(entry->fetch);
        entry->ended_at = ++registrar->asked_count;
        entry_end(entry, ENTRY_LOST, registrar->now_ms, 0);
    }
    registrar->in_flight = 0;
}

static void take_failure(void *owner, const char *why, const struct fetch_failure *failure)
{
    struct registrar *registrar = owner;
    struct text what = TEXT_INIT;
    text_appendf(&what, "the Consul agent at %s takes no registrations: %s",
                 registrar->options->agent.server.text, why);
    report_obstruct(&registrar->report, text_str(&what), agent_remedy_find(failure));
    text_fini(&what);
    give_up_requests(registrar);
    registrar->phase = PHASE_AWAY;
    registrar->was_told = false;
    registrar->retry_at_ms =
        registrar->now_ms +
        backoff_next_ms(&registrar->backoff, (uint32_t)rng_next(&registrar->rng));
}

static void look_at_agent(struct registrar *registrar)
{
    bool is_due =
        registrar->phase == PHASE_ASKING ||
        (registrar->phase == PHASE_AWAY && registrar->now_ms >= registrar->retry_at_ms) ||
        (registrar->phase == PHASE_FOLLOWING && registrar->now_ms >= registrar->list_due_ms);
    if (!is_due || agent_reader_is_at_work(&registrar->reader))
        return;
    if (registrar->phase == PHASE_AWAY)
        registrar->phase = PHASE_ASKING;
    registrar->reader_began = ++registrar->asked_count;
    agent_reader_start(&registrar->reader, registrar->pool,
                       &(struct agent_reader_handler){
                           .owner = registrar, .on_list = take_list, .on_failure = take_failure});
}

/* ---- what is done --------------------------------------------------------------------------- */

static void take_look(struct registrar *registrar, struct entry *entry, struct view body)
{
    const char *owner;
    json_t *service = agent_list_read_one(body, &owner);
    entry_find(entry, service && (is_own(registrar, owner, entry->id) || may_take(entry, owner)));
    if (entry->presence == ENTRY_FOREIGN)
        grievances_set(entry, entry_request_explain_foreign(entry));
    json_decref(service);
}

static void take_verdict(struct registrar *registrar, struct entry *entry,
                         enum entry_verdict verdict, const struct fetch_answer *answer)
{
    switch (verdict) {
    case ENTRY_DONE:
    case ENTRY_UNKNOWN:
        grievances_set(entry, NULL);
        break;
    case ENTRY_REFUSED:
        if (answer->status == 429)
            registrar->pause_until_ms = registrar->now_ms + TOO_MANY_MS;
        grievances_set(entry, entry_request_explain(entry, answer->status, answer->body));
        break;
    case ENTRY_LOST:
        grievances_set(entry, entry_request_explain(entry, 0, view_str(answer->problem)));
        if (registrar->phase == PHASE_FOLLOWING)
            registrar->phase = PHASE_ASKING; /* is it there at all? */
        break;
    }
}

static void take_answer(void *owner, const struct fetch_answer *answer)
{
    struct entry *entry = owner;
    struct registrar *registrar = entry->keeper;
    enum entry_verdict verdict =
        entry_request_judge(entry->step, answer->problem ? 0 : answer->status, answer->body);
    registrar->in_flight--;
    registrar->has_ended = true;
    entry->ended_at = ++registrar->asked_count;
    take_verdict(registrar, entry, verdict, answer);
    entry_end(entry, verdict, registrar->now_ms, (uint32_t)rng_next(&registrar->rng));
    if (entry->step == ENTRY_LOOK && verdict == ENTRY_DONE)
        take_look(registrar, entry, answer->body);
}

static void start(struct registrar *registrar, struct entry *entry, enum entry_step step)
{
    struct entry_request *request = &registrar->request;
    entry_request_make(entry, step, request);
    entry_begin(entry, step, registrar->now_ms);
    registrar->in_flight++;
    entry->fetch =
        fetch_start(registrar->pool, &(struct fetch_request){.method = request->method,
                                                             .target = text_str(&request->target),
                                                             .body = text_view(&request->body),
                                                             .timeout_ms = TIMEOUT_MS,
                                                             .max_bytes = ANSWER_MAX,
                                                             .owner = entry,
                                                             .on_done = take_answer});
}

/* What must not get requests any more comes first, what only keeps a check alive last. */
static unsigned rank_of(enum entry_step step)
{
    static const unsigned ranks[] = {
        [ENTRY_REST] = 3,  [ENTRY_LOOK] = 1,   [ENTRY_REGISTER] = 1,   [ENTRY_UPDATE] = 2,
        [ENTRY_DRAIN] = 0, [ENTRY_RESUME] = 1, [ENTRY_DEREGISTER] = 0,
    };
    return ranks[step];
}

static void pump(struct registrar *registrar)
{
    for (unsigned rank = 0; rank < 3; rank++)
        for (size_t i = 0; i < registrar->table.count; i++) {
            struct entry *entry = registrar->table.items[i];
            if (registrar->in_flight == IN_FLIGHT_MAX)
                return;
            enum entry_step step =
                entry->fetch ? ENTRY_REST : entry_next_step(entry, registrar->now_ms);
            if (rank_of(step) == rank)
                start(registrar, entry, step);
        }
}

static bool is_over(const struct entry *entry)
{
    return !entry->wanted && !entry->fetch &&
           (entry->presence == ENTRY_ABSENT || entry->presence == ENTRY_FOREIGN);
}

/* ---- its life ------------------------------------------------------------------------------- */

struct registrar *registrar_open(const struct registrar_options *options, struct fetch_loop *loop,
                                 const struct report *report)
{
    struct registrar *registrar = memory_new(sizeof(*registrar));
    registrar->options = options;
    registrar->report = *report;
    registrar->loop = loop;
    registrar->pool = consul_agent_open_pool(loop, &options->agent);
    rng_init(&registrar->rng);
    backoff_init(&registrar->backoff, AWAY_FIRST_MS, AWAY_CAP_MS);
    return registrar;
}

static void tick_probers(struct registrar *registrar)
{
    for (size_t i = 0; i < registrar->table.count; i++)
        if (registrar->table.items[i]->prober)
            prober_tick(registrar->table.items[i]->prober, registrar->now_ms);
}

void registrar_tick(struct registrar *registrar, uint64_t now_ms)
{
    registrar->now_ms = now_ms;
    if (!registrar->has_wanted)
        return;
    tick_probers(registrar);
    look_at_agent(registrar);
    if (registrar->has_ended && registrar->phase == PHASE_FOLLOWING)
        entry_table_sweep(&registrar->table, is_over);
    registrar->has_ended = false;
    if (registrar->phase != PHASE_FOLLOWING)
        return;
    if (now_ms >= registrar->pause_until_ms)
        pump(registrar);
    grievances_tell(&registrar->grievances, &registrar->table, &registrar->report, now_ms);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t entries_due_ms(const struct registrar *registrar)
{
    uint64_t due_ms = UINT64_MAX;
    bool may_start = registrar->phase == PHASE_FOLLOWING && registrar->in_flight < IN_FLIGHT_MAX;
    for (size_t i = 0; may_start && i < registrar->table.count; i++)
        due_ms = earlier(due_ms, entry_due_ms(registrar->table.items[i]));
    if (due_ms == UINT64_MAX)
        return due_ms;
    return due_ms > registrar->pause_until_ms ? due_ms : registrar->pause_until_ms;
}

uint64_t registrar_next_tick_ms(const struct registrar *registrar)
{
    uint64_t due_ms = UINT64_MAX;
    if (!registrar->has_wanted)
        return due_ms;
    for (size_t i = 0; i < registrar->table.count; i++)
        if (registrar->table.items[i]->prober)
            due_ms = earlier(due_ms, prober_next_tick_ms(registrar->table.items[i]->prober));
    if (registrar->phase == PHASE_AWAY)
        due_ms = earlier(due_ms, registrar->retry_at_ms);
    if (registrar->phase == PHASE_FOLLOWING && !agent_reader_is_at_work(&registrar->reader))
        due_ms = earlier(due_ms, registrar->list_due_ms);
    if (registrar->phase == PHASE_ASKING && !agent_reader_is_at_work(&registrar->reader))
        due_ms = registrar->now_ms;
    return earlier(due_ms, entries_due_ms(registrar));
}

void registrar_close(struct registrar *registrar)
{
    if (!registrar)
        return;
    agent_reader_stop(&registrar->reader);
    fetch_pool_close(registrar->pool);
    for (size_t i = 0; i < registrar->table.count; i++)
        prober_close(registrar->table.items[i]->prober);
    entry_table_fini(&registrar->table);
    entry_request_fini(&registrar->request);
    free(registrar->owner);
    free(registrar->former_owner);
    free(registrar->host);
    free(registrar);
}
