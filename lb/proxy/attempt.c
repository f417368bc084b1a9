#include "lb/proxy/attempt.h"

#include "lb/back/outcome.h"
#include "lb/back/tally.h"
#include "lb/back/upstream_cache.h"
#include "lb/net/fault.h"
#include "lb/proxy/snapshot.h"

/* ---- which service, which endpoint ---------------------------------------------------------- */

static bool is_nowhere(const struct attempt *attempt)
{
    return attempt->service == attempt->env->nowhere;
}

static struct service_local *use(const struct env *env, const struct routes_target *target)
{
    return service_use(target->service, env->fleet.worker_index, target->policy);
}

/* Takes over that it is in use. */
static void take_service(struct attempt *attempt, struct service_local *service)
{
    service_release(attempt->service);
    attempt->service = service;
}

void attempt_init(struct attempt *attempt, struct env *env, const struct routes_target *target,
                  uint64_t now_ns)
{
    attempt->env = env;
    attempt->service = target ? use(env, target) : service_use_again(env->nowhere);
    attempt->listed = target ? target->listed : NULL;
    attempt->version = env->pool ? env->pool->version : 0;
    attempt->began_ns = now_ns;
    attempt->tried.worker_index = env->fleet.worker_index;
    retry_budget_earn(&attempt->service->retry_budget);
}

static enum err go(struct attempt *attempt)
{
    const struct routes_target *target;
    enum err err = attempt->asker->route(attempt->request, &target);
    attempt->listed = target ? target->listed : NULL;
    if (!target)
        return err;
    take_service(attempt, use(attempt->env, target));
    return ERR_OK;
}

enum err attempt_route_again(struct attempt *attempt)
{
    return go(attempt);
}

/* Somebody has it, or is about to: the service is the same, though it may have begun anew since. */
static void stay(struct attempt *attempt)
{
    struct env *env = attempt->env;
    attempt->listed = pool_find(env->pool, view_str(service_of(attempt->service)->name));
    if (attempt->listed)
        take_service(attempt, service_use(attempt->listed->kept, env->fleet.worker_index,
                                          attempt->listed->policy));
}

/* Who waits, or is to be tried again, is as if it came now: what its route asks for may be new, too. */
enum err attempt_follow_new(struct attempt *attempt)
{
    bool is_first = attempt->version == 0;
    attempt->version = attempt->env->pool->version;
    if (!is_first && is_nowhere(attempt))
        return ERR_OK;
    if (is_first || (!attempt->dial && !attempt->is_running))
        return go(attempt);
    stay(attempt);
    return ERR_OK;
}

/* Others have come before, and wait for a place: it is not its turn. */
static bool is_behind_others(const struct attempt *attempt)
{
    return !attempt->is_called && admit_waiting_count(service_of(attempt->service)) > 0;
}

static struct endpoint *pick(struct attempt *attempt)
{
    const struct pool_service *listed = attempt->listed;
    if (!listed)
        return NULL;
    struct endpoint *endpoint = listed->turn_count > 0 ? balance_pick(listed, &attempt->tried)
                                                       : attempt->asker->choose(attempt->request);
    return endpoint && admit_limit(endpoint) > 0 && is_behind_others(attempt) ? NULL : endpoint;
}

/* Those that it could go to have as many as they take. */
static bool is_to_queue(const struct attempt *attempt)
{
    return attempt->listed && balance_has_usable(attempt->listed, &attempt->tried);
}

/* Its service has nobody who takes it: another one of its route may. */
static struct endpoint *move(struct attempt *attempt)
{
    const struct routes_target *target;
    struct endpoint *endpoint = NULL;
    while (!endpoint && attempt->asker->move(attempt->request, &target)) {
        attempt->listed = target->listed;
        take_service(attempt, use(attempt->env, target));
        endpoint = pick(attempt);
    }
    return endpoint;
}

/* There was none, at first sight; `*lost`: it goes nowhere. */
static struct endpoint *look_further(struct attempt *attempt, enum err last_failure, enum err *lost)
    __attribute__((cold, noinline));

static struct endpoint *look_further(struct attempt *attempt, enum err last_failure, enum err *lost)
{
    struct endpoint *endpoint = NULL;
    if (snapshot_refresh(attempt->env)) {
        *lost = attempt_follow(attempt);
        endpoint = pick(attempt); /* all of the old snapshot may have been replaced meanwhile */
    }
    if (!endpoint && attempt->is_shared && !attempt->dial && !is_to_queue(attempt))
        endpoint = move(attempt);
    if (!endpoint && last_failure == ERR_UPSTREAM_RESET && !is_to_queue(attempt)) {
        /* Its connection was at fault perhaps, and it is the only one: a fresh one may do. */
        balance_forget_tried(&attempt->tried, attempt->endpoint);
        endpoint = pick(attempt);
    }
    return endpoint;
}

/* `*err` is why there is none, where that is known. */
static struct endpoint *choose_endpoint(struct attempt *attempt, enum err *err)
{
    enum err lost = attempt_follow(attempt);
    struct endpoint *endpoint = pick(attempt);
    if (!endpoint)
        endpoint = look_further(attempt, *err, &lost);
    if (lost)
        *err = lost;
    return endpoint;
}

/* Those that refuse do so at once mostly, but a network may take seconds for it: they all may take
 * as long as a wait and a connect. */
static bool is_patient(const struct attempt *attempt)
{
    const struct service_policy *policy = attempt->service->policy;
    uint64_t patience_ms = (uint64_t)policy->hold_ms + policy->last_connect_timeout_ms;
    if (attempt->is_resumed || attempt->refused_ns == 0 || policy->last_connect_timeout_ms == 0)
        return true;
    return loop_mono_ns(attempt->env->loop) - attempt->refused_ns < patience_ms * 1000000;
}

struct retry_rules attempt_rules(const struct attempt *attempt)
{
    struct retry_rules rules = attempt->service->policy->retry;
    if (attempt->treatment && attempt->treatment->retries_max != WAITS_UNGIVEN)
        rules.attempts_max = attempt->treatment->retries_max + 1;
    return rules;
}

/* A retry costs a share of the budget. Not the first try, nor one that waited for news (it comes
 * once, however many failed), nor one after a fault of lb's own or after a refusal, with which no
 * backend was troubled. */
static bool is_affordable(struct attempt *attempt, enum err last_failure)
{
    if (attempt->count == 0)
        return true;
    if (dial_is_full(attempt->dial))
        return false;
    if (attempt->was_free)
        return is_patient(attempt);
    if (attempt_paid_count(attempt) >= attempt_rules(attempt).attempts_max)
        return false;
    if (attempt->is_resumed || last_failure == ERR_NO_SOCKET)
        return true;
    if (retry_budget_spend(&attempt->service->retry_budget))
        return true;
    counter_add(&attempt->env->metrics.retry_denied_count, 1);
    counter_add(&attempt->service->traffic.retry_denied_count, 1);
    return false;
}

static void note_endpoint(struct attempt *attempt, struct endpoint *endpoint)
{
    endpoint_ref(endpoint);
    endpoint_unref(attempt->endpoint);
    attempt->endpoint = endpoint;
}

static void begin(struct attempt *attempt, struct endpoint *endpoint, enum err last_failure)
{
    if (attempt->count > 0) {
        attempt->began_ns = loop_mono_ns(attempt->env->loop);
        attempt->retried_after |= UINT64_C(1) << last_failure;
        attempt->free_count += attempt->was_free;
        attempt->was_free = false;
    }
    attempt->count++;
    attempt->was_sent = false;
    attempt->is_resumed = false;
    attempt->is_called = false;
    attempt->lacked_place = false;
    attempt->is_reused = false;
    attempt->is_running = true;
    attempt->connected_ns = 0;
    note_endpoint(attempt, endpoint);
    endpoint_count_inflight(attempt_local(attempt), 1);
}

/* Another worker was quicker: nothing was tried. */
static void take_back(struct attempt *attempt, bool was_free)
{
    endpoint_count_inflight(attempt_local(attempt), -1);
    attempt->is_running = false;
    attempt->count--;
    if (attempt->count > 0)
        attempt->free_count -= was_free;
    attempt->was_free = was_free;
    attempt->lacked_place = true;
}

/* The running try is over, its upstream closed or put to the cache. Idempotent. */
static void end(struct attempt *attempt)
{
    if (attempt->is_running)
        endpoint_count_inflight(attempt_local(attempt), -1);
    attempt->is_running = false;
    attempt->back = NULL;
}

/* The deadlines that its route gives it; NULL: none. */
static const unsigned *waits_of(const struct attempt *attempt)
{
    const struct treatment *treatment = attempt->treatment;
    return treatment && treatment->has_waits ? treatment->wait_ms : NULL;
}

/* ---- connecting ----------------------------------------------------------------------------- */

static const struct dial_handler dial_handler;

/* Idle connections, to whomever, give way to one that is needed. Gives what went wrong. */
static enum err connect_to(struct attempt *attempt)
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
    if (!fault_is_own(status))
        return ERR_REFUSED;
    if (env->on_own_fault)
        env->on_own_fault(status);
    return ERR_NO_SOCKET;
}

static void end_dial(struct attempt *attempt)
{
    dial_close(attempt->dial);
    attempt->dial = NULL;
}

static void on_connected(void *owner, struct back *back, uint64_t began_ns)
{
    struct attempt *attempt = owner;
    end_dial(attempt);
    note_endpoint(attempt, back->endpoint);
    take_service(attempt, service_use_again(back->service));
    attempt->back = back;
    attempt->began_ns = began_ns;
    attempt->is_running = true;
    back->handler = attempt->handler;
    back->owner = attempt->owner;
    back->wait_ms = waits_of(attempt);
    back->handler->on_ready(back->owner);
}

static void on_dial_failed(void *owner, struct endpoint *endpoint, enum err err)
{
    struct attempt *attempt = owner;
    note_endpoint(attempt, endpoint);
    end_dial(attempt);
    attempt->handler->on_failed(attempt->owner, err);
}

static void skip_refused(struct attempt *attempt, uint64_t now_ms)
{
    if (++attempt->refused_count < ATTEMPT_REFUSED_MAX || now_ms < ATTEMPT_JUST_REFUSED_MS)
        return;
    balance_skip_refused(&attempt->tried, attempt->env->fleet.worker_index,
                         now_ms - ATTEMPT_JUST_REFUSED_MS);
}

/* What the next try costs, and how long news of the endpoint may be waited for. */
static void note_refusal(struct attempt *attempt, struct endpoint *endpoint)
{
    struct endpoint_local *local = fleet_local(&attempt->env->fleet, endpoint);
    uint64_t now_ms = loop_now_ms(attempt->env->loop);
    if (attempt->refused_ns == 0)
        attempt->refused_ns = loop_mono_ns(attempt->env->loop);
    if (local->refuses_since_ms == 0)
        local->refuses_since_ms = now_ms;
    local->refused_ms = now_ms;
    skip_refused(attempt, now_ms);
    if (attempt->refused_since_ms < local->refuses_since_ms)
        attempt->refused_since_ms = local->refuses_since_ms;
}

/* Another endpoint is tried beside those that still connect, if there is one. */
static void on_slow(void *owner, struct endpoint *slow, enum err err)
{
    struct attempt *attempt = owner;
    struct endpoint *endpoint;
    attempt->was_free = err == ERR_REFUSED;
    if (err == ERR_REFUSED)
        note_refusal(attempt, slow);
    balance_note_tried(&attempt->tried, slow);
    balance_note_tried(&attempt->tried, attempt->endpoint); /* the latest */
    while ((endpoint = choose_endpoint(attempt, &err)) && is_affordable(attempt, err)) {
        bool was_free = attempt->was_free;
        begin(attempt, endpoint, err);
        err = connect_to(attempt);
        if (err == ERR_QUEUE_FULL)
            take_back(attempt, was_free);
        if (!err || err == ERR_QUEUE_FULL)
            return;
        struct retry_facts facts = {.is_kept = true};
        attempt_fail(attempt, err, &facts);
    }
}

static const struct dial_handler dial_handler = {
    .on_connected = on_connected,
    .on_failed = on_dial_failed,
    .on_slow = on_slow,
};

/* There is nobody, or only those that have as many as they take. */
static enum err go_without(struct attempt *attempt, enum err last_failure)
    __attribute__((cold, noinline));

static enum err go_without(struct attempt *attempt, enum err last_failure)
{
    bool waits = is_to_queue(attempt) && is_affordable(attempt, last_failure);
    end_dial(attempt);
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
        struct endpoint *endpoint = choose_endpoint(attempt, &last_failure);
        if (!endpoint)
            return go_without(attempt, last_failure);
        if (!is_affordable(attempt, last_failure)) {
            end_dial(attempt);
            return last_failure ? last_failure : ERR_NO_ENDPOINT;
        }
        bool was_free = attempt->was_free;
        begin(attempt, endpoint, last_failure);
        if (!attempt->wants_fresh)
            attempt->back = upstream_cache_take(&env->fleet, endpoint, handler, owner);
        attempt->is_reused = attempt->back != NULL;
        if (attempt->back)
            attempt->back->wait_ms = waits_of(attempt);
        last_failure = attempt->back ? ERR_OK : connect_to(attempt);
        if (!last_failure)
            return ERR_OK;
        if (last_failure == ERR_QUEUE_FULL) {
            take_back(attempt, was_free);
            end_dial(attempt);
            return ERR_QUEUE_FULL;
        }
        struct retry_facts facts = {.is_kept = true};
        attempt_fail(attempt, last_failure, &facts);
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

/* Those that wait as all refuse are told as soon as the running call is over. */
static void note_listens(struct env *env, struct endpoint_local *local)
{
    local->refuses_since_ms = 0;
    local->refused_ms = 0;
    local->listens_since_ms = loop_now_ms(env->loop);
    if (env->held_count > 0)
        deadline_arm(&env->loop->deadlines, &env->knock, 0);
}

void attempt_note_connected(struct attempt *attempt)
{
    struct endpoint_local *local = attempt_local(attempt);
    attempt->connected_ns = loop_mono_ns(attempt->env->loop);
    attempt->refused_ns = 0;
    if (local->refuses_since_ms > 0)
        note_listens(attempt->env, local);
    tally_connect(&attempt->env->fleet, attempt->service, attempt->endpoint,
                  attempt->connected_ns - attempt->began_ns);
}

bool attempt_fail(struct attempt *attempt, enum err err, struct retry_facts *facts)
{
    bool was_accepted = !attempt->back || !attempt->back->is_unaccepted;
    bool is_fault = outcome_is_fault(attempt->back, err);
    facts->failure = err;
    facts->attempt_count = attempt_paid_count(attempt);
    facts->replay_count = attempt->replay_count;
    facts->was_sent = attempt->was_sent && was_accepted;
    facts->was_idle = attempt->is_reused;
    if (is_fault && !attempt->is_reused)
        tally_failure(&attempt->env->fleet, attempt->service, attempt->endpoint, err);
    if (is_fault)
        outcome_failed(&attempt->env->fleet, attempt->service, attempt->endpoint, err,
                       attempt->is_reused);
    if (err == ERR_REFUSED)
        note_refusal(attempt, attempt->endpoint);
    balance_note_tried(&attempt->tried, attempt->endpoint);
    attempt->was_free = retry_is_free(facts);
    attempt->wants_fresh |= attempt->is_reused || facts->was_sent;
    end(attempt);
    struct retry_rules rules = attempt_rules(attempt);
    if (!retry_may(facts, &rules))
        return false;
    attempt->replay_count += facts->was_sent;
    return true;
}

void attempt_fini(struct attempt *attempt)
{
    end_dial(attempt);
    if (attempt->back)
        back_close(attempt->back);
    end(attempt);
    endpoint_unref(attempt->endpoint);
    attempt->endpoint = NULL;
    if (attempt->tried.endpoints)
        balance_tried_fini(&attempt->tried);
    service_release(attempt->service);
}
