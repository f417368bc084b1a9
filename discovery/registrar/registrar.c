#include "discovery/registrar/registrar.h"

#include <stdlib.h>

#include "discovery/registrar/prober.h"
#include "discovery/registrar/registrar_seen.h"
#include "discovery/registrar/registrar_state.h"
#include "discovery/registrar/registrar_wanted.h"
#include "lb/base/memory.h"

#define IN_FLIGHT_MAX 16
#define TIMEOUT_MS    15000
#define ANSWER_MAX    65536
#define AWAY_FIRST_MS 100
#define AWAY_CAP_MS   5000
#define TOO_MANY_MS   500

/* ---- what is done --------------------------------------------------------------------------- */

static void tell_token_problem(struct registrar *registrar)
{
    const char *problem = fetch_pool_token_problem(registrar->pool);
    if (problem[0] != '\0' && told_once_is_new(&registrar->told, problem))
        report_say(&registrar->report, REPORT_TROUBLE, "%s", problem);
}

static void tell_of_change(struct registrar *registrar, const struct entry *entry)
{
    char *what = entry_request_tell(entry);
    if (what)
        report_say(&registrar->report, REPORT_NEWS, "%s", what);
    free(what);
}

static char *explain(const struct registrar *registrar, const struct entry *entry, int status,
                     struct view body)
{
    const struct consul_agent *agent = &registrar->options->agent;
    bool has_token = (agent->token && agent->token[0]) || agent->token_file;
    return entry_request_explain(entry, has_token, status, body);
}

static void take_verdict(struct registrar *registrar, struct entry *entry,
                         enum entry_verdict verdict, const struct fetch_answer *answer)
{
    switch (verdict) {
    case ENTRY_DONE:
        tell_of_change(registrar, entry);
        grievances_set(entry, NULL);
        break;
    case ENTRY_UNKNOWN:
        grievances_set(entry, NULL);
        break;
    case ENTRY_REFUSED:
    case ENTRY_DENIED:
        if (answer->status == 429)
            registrar->pause_until_ms = registrar->now_ms + TOO_MANY_MS;
        grievances_set(entry, explain(registrar, entry, answer->status, answer->body));
        if (verdict == ENTRY_DENIED)
            tell_token_problem(registrar);
        break;
    case ENTRY_LOST:
        grievances_set(entry, explain(registrar, entry, 0, view_str(answer->problem)));
        if (registrar->phase == REGISTRAR_FOLLOWING)
            registrar->phase = REGISTRAR_ASKING; /* is it there at all? */
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
    if (entry_step_changes(entry->step))
        entry->changed_at = ++registrar->asked_count;
    take_verdict(registrar, entry, verdict, answer);
    entry_end(entry, verdict, registrar->now_ms, (uint32_t)rng_next(&registrar->rng));
    if (entry->step == ENTRY_LOOK && verdict == ENTRY_DONE)
        registrar_seen_take_one(registrar, entry, answer->body);
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

void registrar_take(struct registrar *registrar, const struct registrations *wanted)
{
    registrar_wanted_take(registrar, wanted);
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
    registrar_seen_tick(registrar);
    if (registrar->has_ended && registrar->phase == REGISTRAR_FOLLOWING)
        entry_table_sweep(&registrar->table, is_over);
    registrar->has_ended = false;
    if (registrar->phase != REGISTRAR_FOLLOWING)
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
    bool may_start =
        registrar->phase == REGISTRAR_FOLLOWING && registrar->in_flight < IN_FLIGHT_MAX;
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
    due_ms = earlier(due_ms, registrar_seen_next_tick_ms(registrar));
    return earlier(due_ms, entries_due_ms(registrar));
}

void registrar_close(struct registrar *registrar)
{
    if (!registrar)
        return;
    agent_reader_stop(&registrar->reader);
    agent_watch_stop(&registrar->watch);
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
