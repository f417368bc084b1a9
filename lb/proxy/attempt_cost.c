#include "lb/proxy/attempt_cost.h"

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

struct retry_rules attempt_cost_rules(const struct attempt *attempt)
{
    struct retry_rules rules = attempt->service->policy->retry;
    if (attempt->treatment && attempt->treatment->retries_max != WAITS_UNGIVEN)
        rules.attempts_max = attempt->treatment->retries_max + 1;
    return rules;
}

/* A retry costs a share of the budget. Not the first try, nor one that waited for news (it comes
 * once, however many failed), nor one after a fault of lb's own or after a refusal, with which no
 * backend was troubled. */
bool attempt_cost_is_bearable(struct attempt *attempt, enum err last_failure)
{
    if (attempt->count == 0)
        return true;
    if (dial_is_full(attempt->dial))
        return false;
    if (attempt->was_free)
        return is_patient(attempt);
    if (attempt_paid_count(attempt) >= attempt_cost_rules(attempt).attempts_max)
        return false;
    if (attempt->is_resumed || last_failure == ERR_NO_SOCKET)
        return true;
    if (retry_budget_spend(&attempt->service->retry_budget))
        return true;
    counter_add(&attempt->env->metrics.retry_denied_count, 1);
    counter_add(&attempt->service->traffic.retry_denied_count, 1);
    return false;
}

static void skip_refused(struct attempt *attempt, uint64_t now_ms)
{
    if (++attempt->refused_count < ATTEMPT_REFUSED_MAX || now_ms < ATTEMPT_JUST_REFUSED_MS)
        return;
    balance_skip_refused(&attempt->tried, attempt->env->fleet.worker_index,
                         now_ms - ATTEMPT_JUST_REFUSED_MS);
}

void attempt_cost_note_refusal(struct attempt *attempt, struct endpoint *endpoint)
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

/* Those that wait as all refuse are told as soon as the running call is over. */
void attempt_cost_note_listens(struct env *env, struct endpoint_local *local)
{
    local->refuses_since_ms = 0;
    local->refused_ms = 0;
    local->listens_since_ms = loop_now_ms(env->loop);
    if (env->held_count > 0)
        deadline_arm(&env->loop->deadlines, &env->knock, 0);
}
