/* A question that Consul answers when there is something new: GET …?index=N&wait=60s. Asks again and again,
 * by the rules of Consul's manual: the index that an answer tells is the next question's, at least 1; where it
 * went backwards (a server that was made anew) the next one asks at once, with none; an answer that tells none
 * is asked for anew only after a pause, as is one that came at once though nothing had changed.
 *
 * How often: each answer is followed by the next question at once, so that a change is known within
 * milliseconds; where they come faster, one every 100 ms beyond the first three, which gathers what happens in
 * between. After a failure the pauses double up to 3 s, with jitter; after a refusal up to 10 s, or as long as
 * Retry-After asks, up to 60 s.
 *
 * Each has a connection of its own, which ends with it, unless it is asked in turns: so that an agent that is started anew is noticed: with its new
 * index, which is lower, the old question would be answered a minute later. And so that none are kept beside
 * those that are in use: an agent counts them.
 *
 * How long it waits: Consul adds up to a sixteenth to `wait`, and holds an answer for about 7 s while there is
 * no leader; only what is later than both is a fault. */
#ifndef DISCOVERY_CONSUL_BLOCKING_QUERY_H
#define DISCOVERY_CONSUL_BLOCKING_QUERY_H

#include "discovery/consul/agent_trouble.h"
#include "discovery/net/backoff.h"
#include "lb/base/view.h"

#define BLOCKING_QUERY_WAIT_S     60u
#define BLOCKING_QUERY_GATHER_MS  100u
#define BLOCKING_QUERY_BURST      3u
#define BLOCKING_QUERY_SLACK_MS   15000u
#define BLOCKING_QUERY_IDLE_MS    5000u /* without an index, or where it does not block */
#define BLOCKING_QUERY_TARGET_MAX 2048u

struct fetch_pool;

struct blocking_answer {
    struct view body;
    uint64_t index;   /* 0: none was told */
    bool went_back;   /* the index: what is behind it is another server's, or one that lost all */
    bool is_filtered; /* X-Consul-Results-Filtered-By-ACLs */
    bool denies_by_default; /* X-Consul-Default-ACL-Policy: deny */
};

struct blocking_query_options {
    struct fetch_pool *pool;
    const char *target; /* "/v1/catalog/services"; copied */
    uint32_t wait_s;    /* 0: BLOCKING_QUERY_WAIT_S */
    size_t max_bytes;   /* of an answer */
    void *owner;
    /* Gives NULL, or what is wrong with it, a constant: "is no list of services". */
    const char *(*on_answer)(void *owner, const struct blocking_answer *answer);
};

struct blocking_query {
    struct blocking_query_options options;
    char *target;
    struct fetch *fetch;
    uint64_t index; /* of the next question; 0: it does not block */
    uint64_t asked_ms, due_at_ms;
    uint32_t turn_ms; /* it does not block, and asks every so often; 0: it does */
    unsigned tokens;
    uint64_t refilled_ms;
    struct backoff backoff, refusal_backoff;
    uint32_t random;
    unsigned failures;            /* in a row, up to now */
    bool has_answered;            /* once at least, with what it was asked for */
    bool has_spoken;              /* or has said that it will not */
    struct agent_trouble trouble; /* of the last question */
};

/* Asks nothing yet. `options` is copied. */
void blocking_query_init(struct blocking_query *query,
                         const struct blocking_query_options *options);

/* Stops asking. Not from its own on_answer. */
void blocking_query_fini(struct blocking_query *query);

/* Asks, when it is time to. */
void blocking_query_tick(struct blocking_query *query, uint64_t now_ms);

/* UINT64_MAX: an answer is awaited. */
uint64_t blocking_query_next_tick_ms(const struct blocking_query *query);

/* Asks every `turn_ms` without blocking from now on, or, 0, blocking again. */
void blocking_query_take_turns(struct blocking_query *query, uint32_t turn_ms);

/* Asks anew, without waiting for news. */
void blocking_query_ask_at_once(struct blocking_query *query);

/* The index of the next question, after an answer that told `told` (0: none). `*went_back` is whether it has
 * gone backwards. Pure. */
uint64_t blocking_query_follow(uint64_t index, uint64_t told, bool *went_back);

#endif
