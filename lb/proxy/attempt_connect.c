#include "lb/proxy/attempt_connect.h"

#include "lb/back/upstream_cache.h"
#include "lb/net/fault.h"
#include "lb/proxy/attempt_aim.h"
#include "lb/proxy/attempt_cost.h"
#include "lb/proxy/attempt_try.h"

static const struct dial_handler dial_handler;

/* Idle connections, to whomever, give way to one that is needed. Gives what went wrong. */
enum err attempt_connect(struct attempt *attempt)
{
    struct env *env = attempt->env;
    unsigned max = env->fleet.options.max_upstream_count;
    int status;
    if (max > 0 && env->fleet.upstream_count >= max)
        upstream_cache_make_room(&env->fleet);
    if (!attempt->dial)
        attempt->dial = dial_new(&env->fleet, &dial_handler, attempt);
    bool is_open =
        dial_open(attempt->dial, attempt->service, attempt->endpoint, attempt->began_ns, &status);
    if (!is_open && status == UV_EBUSY && upstream_cache_make_place(&env->fleet, attempt->endpoint))
        is_open = dial_open(attempt->dial, attempt->service, attempt->endpoint, attempt->began_ns,
                            &status);
    if (!is_open && fault_is_shortage(status) && upstream_cache_make_room(&env->fleet))
        is_open = dial_open(attempt->dial, attempt->service, attempt->endpoint, attempt->began_ns,
                            &status);
    if (is_open) {
        attempt->is_running = false; /* the dial's try is, and is counted */
        return ERR_OK;
    }
    if (status == UV_EBUSY)
        return ERR_QUEUE_FULL;
    if (status == H1_UPSTREAM_DISTRUSTS)
        return ERR_UPSTREAM_TLS;
    if (!fault_is_own(status))
        return ERR_REFUSED;
    if (env->on_own_fault)
        env->on_own_fault(status);
    return ERR_NO_SOCKET;
}

void attempt_connect_end(struct attempt *attempt)
{
    dial_close(attempt->dial);
    attempt->dial = NULL;
}

static void on_connected(void *owner, struct back *back, uint64_t began_ns)
{
    struct attempt *attempt = owner;
    attempt_connect_end(attempt);
    attempt_try_note_endpoint(attempt, back->endpoint);
    attempt_aim_take_service(attempt, service_use_again(back->service));
    attempt->back = back;
    attempt->began_ns = began_ns;
    attempt->is_running = true;
    back->handler = attempt->handler;
    back->owner = attempt->owner;
    back->wait_ms = attempt_try_waits(attempt);
    back->handler->on_ready(back->owner);
}

static void on_dial_failed(void *owner, struct endpoint *endpoint, enum err err)
{
    struct attempt *attempt = owner;
    attempt_try_note_endpoint(attempt, endpoint);
    attempt_connect_end(attempt);
    attempt->handler->on_failed(attempt->owner, err);
}

/* Another endpoint is tried beside those that still connect, if there is one. */
static void on_slow(void *owner, struct endpoint *slow, enum err err)
{
    struct attempt *attempt = owner;
    struct endpoint *endpoint;
    attempt->was_free = err == ERR_REFUSED;
    if (err == ERR_REFUSED)
        attempt_cost_note_refusal(attempt, slow);
    balance_note_tried(&attempt->tried, slow);
    balance_note_tried(&attempt->tried, attempt->endpoint); /* the latest */
    while ((endpoint = attempt_aim_find(attempt, &err)) && attempt_cost_is_bearable(attempt, err)) {
        bool was_free = attempt->was_free;
        attempt_try_begin(attempt, endpoint, err);
        err = attempt_connect(attempt);
        if (err == ERR_QUEUE_FULL)
            attempt_try_take_back(attempt, was_free);
        if (!err || err == ERR_QUEUE_FULL)
            return;
        struct retry_facts facts = {.is_kept = true};
        attempt_try_fail(attempt, err, &facts);
    }
}

static const struct dial_handler dial_handler = {
    .on_connected = on_connected,
    .on_failed = on_dial_failed,
    .on_slow = on_slow,
};
