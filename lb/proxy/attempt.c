#include "lb/proxy/attempt.h"

#include "lb/back/tally.h"
#include "lb/back/upstream_cache.h"
#include "lb/proxy/attempt_connect.h"

/* There is nobody, or only those that have as many as they take. */
static enum err go_without(struct attempt *attempt, enum err last_failure)
    __attribute__((cold, noinline));

static enum err go_without(struct attempt *attempt, enum err last_failure)
{
    bool waits = attempt_aim_is_busy(attempt) && attempt_cost_is_bearable(attempt, last_failure);
    attempt_connect_end(attempt);
    if (waits)
        return ERR_QUEUE_FULL;
    return last_failure ? last_failure : ERR_NO_ENDPOINT;
}

enum err attempt_start(struct attempt *attempt, enum err last_failure,
                       const struct back_handler *handler, void *owner)
{
    struct env *env = attempt->env;
    attempt->handler = handler;
    attempt->owner = owner;
    for (;;) {
        struct endpoint *endpoint = attempt_aim_find(attempt, &last_failure);
        if (!endpoint)
            return go_without(attempt, last_failure);
        if (!attempt_cost_is_bearable(attempt, last_failure)) {
            attempt_connect_end(attempt);
            return last_failure ? last_failure : ERR_NO_ENDPOINT;
        }
        bool was_free = attempt->was_free;
        attempt_try_begin(attempt, endpoint, last_failure);
        if (!attempt->wants_fresh)
            attempt->back =
                upstream_cache_take(&env->fleet, attempt->service, endpoint, handler, owner);
        attempt->is_reused = attempt->back != NULL;
        if (attempt->back)
            attempt->back->wait_ms = attempt_try_waits(attempt);
        last_failure = attempt->back ? ERR_OK : attempt_connect(attempt);
        if (!last_failure)
            return ERR_OK;
        if (last_failure == ERR_QUEUE_FULL) {
            attempt_try_take_back(attempt, was_free);
            attempt_connect_end(attempt);
            return ERR_QUEUE_FULL;
        }
        struct retry_facts facts = {.is_kept = true};
        attempt_try_fail(attempt, last_failure, &facts);
    }
}

void attempt_resume(struct attempt *attempt)
{
    attempt->began_ns = loop_mono_ns(attempt->env->loop);
    attempt->is_resumed = true;
}

void attempt_call(struct attempt *attempt)
{
    attempt_resume(attempt);
    attempt->is_called = true;
}

void attempt_note_connected(struct attempt *attempt)
{
    struct endpoint_local *local = attempt_local(attempt);
    attempt->connected_ns = loop_mono_ns(attempt->env->loop);
    attempt->refused_ns = 0;
    if (local->refuses_since_ms > 0)
        attempt_cost_note_listens(attempt->env, local);
    tally_connect(&attempt->env->fleet, attempt->service, attempt->endpoint,
                  attempt->connected_ns - attempt->began_ns);
}

void attempt_fini(struct attempt *attempt)
{
    attempt_connect_end(attempt);
    if (attempt->back)
        back_close(attempt->back);
    attempt_try_end(attempt);
    endpoint_unref(attempt->endpoint);
    attempt->endpoint = NULL;
    if (attempt->tried.endpoints)
        balance_tried_fini(&attempt->tried);
    service_release(attempt->service);
}
