/* Whom an attempt goes to: the service by its route and the snapshot in use, and which of its endpoints.
 * For the other files of attempt. Thread: worker. */
#ifndef LB_PROXY_ATTEMPT_AIM_H
#define LB_PROXY_ATTEMPT_AIM_H

#include "lb/proxy/attempt_state.h"

/* The service of a target, in use. */
static inline struct service_local *attempt_aim_use(const struct env *env,
                                                    const struct routes_target *target)
{
    return service_use(target->service, env->fleet.worker_index, target->policy);
}

/* `target`: as for attempt_init. */
static inline void attempt_aim_begin(struct attempt *attempt, const struct routes_target *target)
{
    struct env *env = attempt->env;
    attempt->service = target ? attempt_aim_use(env, target) : service_use_again(env->nowhere);
    attempt->listed = target ? target->listed : NULL;
    attempt->version = env->pool ? env->pool->version : 0;
    attempt->tried.worker_index = env->fleet.worker_index;
}

/* Takes note of a snapshot that has come since the last time. The request stays with its service
 * while that has endpoints and its route is in force; else it goes where it would if it came now. Fails: it
 * goes nowhere, or its route refuses it. */
enum err attempt_aim_follow_new(struct attempt *attempt);

/* The same; mostly there is none. */
static inline enum err attempt_aim_follow(struct attempt *attempt)
{
    const struct pool *pool = attempt->env->pool;
    return !pool || attempt->version == pool->version ? ERR_OK : attempt_aim_follow_new(attempt);
}

/* The request goes where it would if it came now. Fails: it goes nowhere. */
enum err attempt_aim_again(struct attempt *attempt);

/* The endpoint of the next try; by another service of its route, where its own has nobody. Borrowed from
 * the snapshot. NULL: there is none; `*err`, until then what the try before had failed with, is why,
 * where that is known. */
struct endpoint *attempt_aim_find(struct attempt *attempt, enum err *err);

/* Those that it could go to have as many as they take. */
bool attempt_aim_is_busy(const struct attempt *attempt);

/* It could go to another endpoint of its service than the one that it is at; looks, and changes nothing. */
bool attempt_aim_has_other(const struct attempt *attempt);

/* It goes to that service now. Takes over that it is in use. */
void attempt_aim_take_service(struct attempt *attempt, struct service_local *service);

#endif
