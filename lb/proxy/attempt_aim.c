#include "lb/proxy/attempt_aim.h"

#include "lb/proxy/snapshot.h"

static bool is_nowhere(const struct attempt *attempt)
{
    return attempt->service == attempt->env->nowhere;
}

void attempt_aim_take_service(struct attempt *attempt, struct service_local *service)
{
    service_release(attempt->service);
    attempt->service = service;
}

static enum err go(struct attempt *attempt)
{
    const struct routes_target *target;
    enum err err = attempt->asker->route(attempt->request, &target);
    attempt->is_astray = !target;
    attempt->listed = target ? target->listed : NULL;
    if (!target)
        return err;
    attempt_aim_take_service(attempt, attempt_aim_use(attempt->env, target));
    return ERR_OK;
}

enum err attempt_aim_again(struct attempt *attempt)
{
    return go(attempt);
}

/* Its route is another one now, nobody of its service can be asked, or only of others that have its route
 * as well. */
static bool is_lost(const struct attempt *attempt)
{
    const struct pool_service *listed = attempt->listed;
    return !listed || attempt->is_astray || attempt->asker->is_moot(attempt->request) ||
           (attempt->is_shared && !listed->is_paused && !balance_has_usable(listed, NULL));
}

/* The service is the same, though it may have begun anew since. Once it has no endpoints any more, or its
 * route has changed, and nobody is asked at the moment, the request goes where it would if it came now:
 * who waits is not let in by what held before. */
static enum err find_again(struct attempt *attempt)
{
    struct env *env = attempt->env;
    const struct service *service = service_of(attempt->service);
    attempt->listed = pool_find_kind(env->pool, view_str(service->name), service->kind);
    if (!attempt->dial && !attempt->is_running && is_lost(attempt))
        return go(attempt);
    if (attempt->listed)
        attempt_aim_take_service(
            attempt,
            service_use(attempt->listed->kept, env->fleet.worker_index, attempt->listed->policy));
    return ERR_OK;
}

enum err attempt_aim_follow_new(struct attempt *attempt)
{
    bool is_first = attempt->version == 0;
    attempt->version = attempt->env->pool->version;
    if (is_first)
        return go(attempt);
    return is_nowhere(attempt) ? ERR_OK : find_again(attempt);
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

bool attempt_aim_is_busy(const struct attempt *attempt)
{
    return attempt->listed && balance_has_usable(attempt->listed, &attempt->tried);
}

bool attempt_aim_has_other(const struct attempt *attempt)
{
    const struct pool *pool = attempt->env->pool;
    const struct service *service = service_of(attempt->service);
    const struct pool_service *listed =
        pool ? pool_find_kind(pool, view_str(service->name), service->kind) : NULL;
    for (unsigned i = 0; listed && i < pool_turns(listed); i++)
        if (listed->rotation[i] != attempt->endpoint &&
            balance_may_choose(listed, &attempt->tried, listed->rotation[i]))
            return true;
    return false;
}

/* Its service has nobody who takes it: another one of its route may. */
static struct endpoint *move(struct attempt *attempt)
{
    const struct routes_target *target;
    struct endpoint *endpoint = NULL;
    while (!endpoint && attempt->asker->move(attempt->request, &target)) {
        attempt->listed = target->listed;
        attempt_aim_take_service(attempt, attempt_aim_use(attempt->env, target));
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
        *lost = attempt_aim_follow(attempt);
        endpoint = pick(attempt); /* all of the old snapshot may have been replaced meanwhile */
    }
    if (!endpoint && attempt->is_shared && !attempt->dial && !attempt_aim_is_busy(attempt))
        endpoint = move(attempt);
    if (!endpoint && last_failure == ERR_UPSTREAM_RESET && !attempt_aim_is_busy(attempt)) {
        /* Its connection was at fault perhaps, and it is the only one: a fresh one may do. */
        balance_forget_tried(&attempt->tried, attempt->endpoint);
        endpoint = pick(attempt);
    }
    return endpoint;
}

struct endpoint *attempt_aim_find(struct attempt *attempt, enum err *err)
{
    enum err lost = attempt_aim_follow(attempt);
    struct endpoint *endpoint = pick(attempt);
    if (!endpoint)
        endpoint = look_further(attempt, *err, &lost);
    if (lost)
        *err = lost;
    return endpoint;
}
