#include "discovery/consul/blocking_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/net/fetch.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define BACKOFF_FIRST_MS  100
#define BACKOFF_CAP_MS    3000
#define REFUSAL_FIRST_MS  1000
#define REFUSAL_CAP_MS    10000
#define RETRY_AFTER_MAX_S 60

/* An answer that came sooner, with nothing new, has not blocked. */
#define BLOCKED_AT_LEAST_MS 1000

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

/* Jitter need only differ between programs. */
static uint32_t draw(struct blocking_query *query)
{
    query->random = query->random * 1664525u + 1013904223u;
    return query->random >> 8;
}

void blocking_query_init(struct blocking_query *query, const struct blocking_query_options *options)
{
    *query = (struct blocking_query){.options = *options, .tokens = BLOCKING_QUERY_BURST};
    query->target = memory_copy(options->target, strlen(options->target));
    query->options.target = query->target;
    if (query->options.wait_s == 0)
        query->options.wait_s = BLOCKING_QUERY_WAIT_S;
    query->random = (uint32_t)clock_mono_ns();
    backoff_init(&query->backoff, BACKOFF_FIRST_MS, BACKOFF_CAP_MS);
    backoff_init(&query->refusal_backoff, REFUSAL_FIRST_MS, REFUSAL_CAP_MS);
}

void blocking_query_fini(struct blocking_query *query)
{
    if (query->fetch)
        fetch_cancel(query->fetch);
    query->fetch = NULL;
    free(query->target);
    query->target = NULL;
}

uint64_t blocking_query_follow(uint64_t index, uint64_t told, bool *went_back)
{
    *went_back = index > 0 && told > 0 && told < index;
    return *went_back ? 0 : told;
}

static uint64_t read_index(const struct fetch *fetch)
{
    uint64_t index;
    const char *text = fetch_header(fetch, "X-Consul-Index");
    if (text[0] == '\0' || !view_parse_u64(view_str(text), UINT64_MAX, &index))
        return 0;
    return index > 0 ? index : 1;
}

/* When the next question may be asked, however often they are answered. */
static uint64_t pace(struct blocking_query *query, uint64_t time_ms)
{
    uint64_t earned = time_ms > query->refilled_ms
                          ? (time_ms - query->refilled_ms) / BLOCKING_QUERY_GATHER_MS
                          : 0;
    if (query->tokens + earned >= BLOCKING_QUERY_BURST) {
        query->tokens = BLOCKING_QUERY_BURST;
        query->refilled_ms = time_ms;
    } else {
        query->tokens += (unsigned)earned;
        query->refilled_ms += earned * BLOCKING_QUERY_GATHER_MS;
    }
    return query->tokens > 0 ? time_ms : query->refilled_ms + BLOCKING_QUERY_GATHER_MS;
}

static uint64_t read_retry_after_ms(const struct fetch *fetch)
{
    uint64_t seconds;
    const char *text = fetch_header(fetch, "Retry-After");
    if (!view_parse_u64(view_str(text), UINT32_MAX, &seconds))
        return 0;
    return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
}

static void take_failure(struct blocking_query *query, const struct fetch_answer *answer,
                         uint64_t time_ms)
{
    bool is_soon = query->trouble.kind == AGENT_TROUBLE_AWAY ||
                   query->trouble.kind == AGENT_TROUBLE_NO_LEADER ||
                   query->trouble.kind == AGENT_TROUBLE_FAULT;
    uint64_t asked_ms = answer->status > 0 ? read_retry_after_ms(answer->fetch) : 0;
    uint64_t wait_ms =
        backoff_next_ms(is_soon ? &query->backoff : &query->refusal_backoff, draw(query));
    query->due_at_ms = time_ms + (asked_ms > wait_ms ? asked_ms : wait_ms);
    query->has_spoken |= agent_trouble_is_final(&query->trouble);
    query->failures++;
    query->index = 0; /* what was missed is not waited for */
}

static void take_answer(struct blocking_query *query, const struct fetch_answer *answer,
                        uint64_t time_ms)
{
    struct blocking_answer said = {.body = answer->body, .index = read_index(answer->fetch)};
    uint64_t before = query->index;
    query->index = blocking_query_follow(before, said.index, &said.went_back);
    said.is_filtered =
        strcmp(fetch_header(answer->fetch, "X-Consul-Results-Filtered-By-ACLs"), "true") == 0;
    said.denies_by_default =
        strcmp(fetch_header(answer->fetch, "X-Consul-Default-ACL-Policy"), "deny") == 0;
    bool has_blocked =
        before == 0 || before != said.index || time_ms >= query->asked_ms + BLOCKED_AT_LEAST_MS;
    bool has_index = said.index > 0;
    const char *problem = query->options.on_answer(query->options.owner, &said);
    if (problem) {
        agent_trouble_set_unreadable(&query->trouble, problem);
        take_failure(query, answer, time_ms);
        return;
    }
    query->has_answered = query->has_spoken = true;
    query->failures = 0;
    backoff_reset(&query->backoff);
    backoff_reset(&query->refusal_backoff);
    if (query->turn_ms > 0)
        query->due_at_ms = time_ms + query->turn_ms;
    else
        query->due_at_ms =
            has_index && has_blocked ? pace(query, time_ms) : time_ms + BLOCKING_QUERY_IDLE_MS;
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct blocking_query *query = owner;
    uint64_t time_ms = now_ms();
    query->fetch = NULL;
    if (agent_trouble_read(answer, fetch_pool_failure(query->options.pool),
                           fetch_pool_token_problem(query->options.pool), &query->trouble))
        take_answer(query, answer, time_ms);
    else
        take_failure(query, answer, time_ms);
}

static void ask(struct blocking_query *query, uint64_t time_ms)
{
    char target[BLOCKING_QUERY_TARGET_MAX];
    uint32_t wait_ms = query->options.wait_s * 1000, timeout_ms = BLOCKING_QUERY_SLACK_MS;
    if (query->turn_ms > 0)
        query->index = 0;
    if (query->index > 0) {
        snprintf(target, sizeof(target), "%s?index=%llu&wait=%us", query->target,
                 (unsigned long long)query->index, query->options.wait_s);
        timeout_ms += wait_ms + wait_ms / 16;
    } else {
        snprintf(target, sizeof(target), "%s", query->target);
    }
    if (query->tokens > 0)
        query->tokens--;
    query->asked_ms = time_ms;
    query->due_at_ms = UINT64_MAX;
    query->fetch = fetch_start(query->options.pool,
                               &(struct fetch_request){.target = target,
                                                       .timeout_ms = timeout_ms,
                                                       .is_alone = query->turn_ms == 0,
                                                       .max_bytes = query->options.max_bytes,
                                                       .owner = query,
                                                       .on_done = take_done});
}

void blocking_query_tick(struct blocking_query *query, uint64_t time_ms)
{
    if (!query->fetch && time_ms >= query->due_at_ms) {
        pace(query, time_ms);
        ask(query, time_ms);
    }
}

uint64_t blocking_query_next_tick_ms(const struct blocking_query *query)
{
    return query->fetch ? UINT64_MAX : query->due_at_ms;
}

void blocking_query_take_turns(struct blocking_query *query, uint32_t turn_ms)
{
    if (query->turn_ms == turn_ms)
        return;
    bool was_blocking = query->turn_ms == 0;
    query->turn_ms = turn_ms;
    if (was_blocking && query->fetch) {
        fetch_cancel(query->fetch);
        query->fetch = NULL;
        query->due_at_ms = query->asked_ms + turn_ms;
    } else if (turn_ms == 0 && !query->fetch) {
        query->due_at_ms = 0;
    }
}

void blocking_query_ask_at_once(struct blocking_query *query)
{
    if (query->fetch)
        fetch_cancel(query->fetch);
    query->fetch = NULL;
    query->index = 0;
    query->due_at_ms = 0;
}
