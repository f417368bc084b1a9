#include "lb/proxy/attempt_try.h"

#include "lb/back/outcome.h"
#include "lb/back/tally.h"
#include "lb/back/upstream_cache.h"
#include "lb/proxy/attempt_cost.h"

void attempt_try_note_endpoint(struct attempt *attempt, struct endpoint *endpoint)
{
    endpoint_ref(endpoint);
    endpoint_unref(attempt->endpoint);
    attempt->endpoint = endpoint;
}

/* Of the endpoint that it went to before; one that had no place for it was not tried. */
static void note_retry(struct attempt *attempt, enum err last_failure)
{
    attempt->began_ns = loop_mono_ns(attempt->env->loop);
    attempt->retried_after |= UINT64_C(1) << last_failure;
    attempt->free_count += attempt->was_free;
    attempt->was_free = false;
    if (!attempt->lacked_place)
        endpoint_count(&attempt_local(attempt)->retry_count, 1);
    if (attempt->asker->note_retry)
        attempt->asker->note_retry(attempt->request);
}

void attempt_try_begin(struct attempt *attempt, struct endpoint *endpoint, enum err last_failure)
{
    if (attempt->count > 0)
        note_retry(attempt, last_failure);
    attempt->count++;
    attempt->was_sent = false;
    attempt->is_resumed = false;
    attempt->is_called = false;
    attempt->lacked_place = false;
    attempt->is_reused = false;
    attempt->is_running = true;
    attempt->connected_ns = 0;
    attempt_try_note_endpoint(attempt, endpoint);
    endpoint_count_inflight(attempt_local(attempt), 1);
}

void attempt_try_take_back(struct attempt *attempt, bool was_free)
{
    endpoint_count_inflight(attempt_local(attempt), -1);
    attempt->is_running = false;
    attempt->count--;
    if (attempt->count > 0)
        attempt->free_count -= was_free;
    attempt->was_free = was_free;
    attempt->lacked_place = true;
}

void attempt_try_end(struct attempt *attempt)
{
    if (attempt->is_running)
        endpoint_count_inflight(attempt_local(attempt), -1);
    attempt->is_running = false;
    attempt->back = NULL;
}

const unsigned *attempt_try_waits(const struct attempt *attempt)
{
    const struct treatment *treatment = attempt->treatment;
    return treatment && treatment->has_waits ? treatment->wait_ms : NULL;
}

/* The others to that host need not be tried one by one. */
static bool is_host_lost(const struct attempt *attempt)
{
    if (!attempt->back || !attempt->back->is_host_lost)
        return false;
    upstream_cache_let_go(&attempt->env->fleet, attempt->endpoint);
    return true;
}

bool attempt_try_fail(struct attempt *attempt, enum err err, struct retry_facts *facts)
{
    bool was_accepted = !attempt->back || !attempt->back->is_unaccepted;
    bool is_fault = outcome_is_fault(attempt->back, err);
    bool was_stale = attempt->is_reused && !is_host_lost(attempt);
    facts->failure = err;
    facts->attempt_count = attempt_paid_count(attempt);
    facts->replay_count = attempt->replay_count;
    facts->was_sent = attempt->was_sent && was_accepted;
    facts->was_idle = attempt->is_reused;
    if (is_fault && !was_stale)
        tally_failure(&attempt->env->fleet, attempt->service, attempt->endpoint, err);
    if (is_fault)
        outcome_failed(&attempt->env->fleet, attempt->service, attempt->endpoint, err, was_stale,
                       attempt->forwarded);
    if (err == ERR_REFUSED)
        attempt_cost_note_refusal(attempt, attempt->endpoint);
    balance_note_tried(&attempt->tried, attempt->endpoint);
    attempt->was_free = retry_is_free(facts);
    attempt->wants_fresh |= attempt->is_reused || facts->was_sent;
    attempt_try_end(attempt);
    struct retry_rules rules = attempt_cost_rules(attempt);
    if (!retry_may(facts, &rules))
        return false;
    attempt->replay_count += facts->was_sent;
    return true;
}
