#include "lb/proxy/hold.h"

static void on_deadline(struct deadline *deadline);

/* ---- may it wait? ---------------------------------------------------------------------------- */

static bool has_usable(const struct attempt *attempt, const struct balance_tried *tried)
{
    return attempt_listed(attempt) && balance_has_usable(attempt_listed(attempt), tried);
}

static uint64_t peopled_ms(const struct attempt *attempt)
{
    if (!attempt->env->pool)
        return attempt->env->started_ms;
    return atomic_load_explicit(&service_of(attempt->service)->peopled_ms, memory_order_relaxed);
}

/* By order: 0: it is not. */
static uint64_t paused_until_ms(const struct attempt *attempt)
{
    return service_paused_until_ms(service_of(attempt->service));
}

/* Somebody is known to be there, or was a moment ago; before the first snapshot nothing is known
 * yet, and lb has just begun to ask. */
static bool is_expecting(const struct attempt *attempt)
{
    uint64_t since_ms = peopled_ms(attempt);
    if (attempt_listed(attempt) || paused_until_ms(attempt) > 0)
        return true;
    return since_ms > 0 && loop_now_ms(attempt->env->loop) < since_ms + HOLD_MEMORY_MS;
}

static bool has_room(const struct env *env)
{
    return env->held_count < env->options.max_held_count &&
           env->loop->blocks.used_bytes <= env->options.max_buffer_bytes / 2;
}

/* Not of those that fail checks, and are usable in a panic only: what they are is known. Of those
 * that are ejected, as it is for refusing. */
static bool is_newsworthy(const struct endpoint *endpoint)
{
    enum endpoint_state state = endpoint_state(endpoint);
    return state == ENDPOINT_READY || state == ENDPOINT_EJECTED;
}

static bool has_newsworthy(const struct pool_service *service)
{
    for (unsigned i = 0; i < pool_turns(service); i++)
        if (is_newsworthy(service->rotation[i]))
            return true;
    return false;
}

/* Some that are said to be ready refused: a container dies before anybody can say so. Nobody gives
 * news of one that is not watched over. */
static bool may_get_news(const struct attempt *attempt)
{
    const struct env *env = attempt->env;
    return attempt->refused_since_ms > 0 && env->pool->is_followed &&
           has_newsworthy(attempt_listed(attempt));
}

static bool may_wait(const struct attempt *attempt)
{
    const struct env *env = attempt->env;
    unsigned attempts_max = attempt->service->policy->retry.attempts_max;
    bool is_worn_out = !attempt->was_free && attempt_paid_count(attempt) >= attempts_max;
    if (!is_expecting(attempt) || !has_room(env) || is_worn_out)
        return false;
    if (!has_usable(attempt, NULL))
        return true;
    return !has_usable(attempt, &attempt->tried) && may_get_news(attempt);
}

/* ---- one wait -------------------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When the latest of them began to refuse, whether it was this request that asked it or another
 * one. */
static uint64_t latest_refusal_ms(const struct attempt *attempt)
{
    const struct pool_service *service = attempt_listed(attempt);
    uint64_t latest_ms = attempt->refused_since_ms;
    for (unsigned i = 0; i < pool_turns(service); i++) {
        const struct endpoint_local *local =
            fleet_local(&attempt->env->fleet, service->rotation[i]);
        if (latest_ms < local->refuses_since_ms)
            latest_ms = local->refuses_since_ms;
    }
    return latest_ms;
}

/* Those that have just begun to refuse give it more time, its own patience does not end later. */
static void note_news(struct hold *hold, uint64_t now_ms)
{
    const struct attempt *attempt = hold->attempt;
    uint64_t until_ms = latest_refusal_ms(attempt) + attempt->service->policy->hold_ms;
    if (hold->news_until_ms == 0)
        hold->news_until_ms = now_ms + HOLD_OLD_NEWS_MS;
    if (hold->news_until_ms < until_ms)
        hold->news_until_ms = until_ms;
    hold->news_until_ms = least(hold->news_until_ms, hold->until_ms);
}

static void look_soon(struct env *env)
{
    if (!deadline_is_armed(&env->knock))
        deadline_arm(&env->loop->deadlines, &env->knock, HOLD_LOOK_MS);
}

/* Where nobody is usable, those that failed are other ones should they come back. */
static void arm(struct hold *hold, bool is_for_news)
{
    struct loop *loop = hold->attempt->env->loop;
    hold->is_for_news = is_for_news;
    if (is_for_news)
        look_soon(hold->attempt->env);
    else {
        balance_tried_fini(&hold->attempt->tried);
        hold->news_until_ms = 0;
    }
    uint64_t now_ms = loop_now_ms(loop);
    uint64_t until_ms = is_for_news ? hold->news_until_ms : hold->until_ms;
    deadline_arm(&loop->deadlines, &hold->deadline, until_ms > now_ms ? until_ms - now_ms : 0);
}

/* Nobody who waits for the end of a pause is told before that. True: it is other than it was. */
static bool find_patience(struct hold *hold)
{
    uint64_t paused_ms = paused_until_ms(hold->attempt), before_ms = hold->until_ms;
    hold->until_ms = hold->own_until_ms;
    if (paused_ms > 0 && hold->until_ms < paused_ms + HOLD_PAUSE_LATE_MS)
        hold->until_ms = paused_ms + HOLD_PAUSE_LATE_MS;
    return hold->until_ms != before_ms;
}

static struct hold *hold_new(struct attempt *attempt)
{
    struct env *env = attempt->env;
    struct hold *hold = slab_take(&env->hold_slab);
    uint64_t until_ms = loop_now_ms(env->loop) + attempt->service->policy->hold_ms;
    *hold = (struct hold){.attempt = attempt, .own_until_ms = until_ms};
    list_init(&hold->node);
    deadline_init(&hold->deadline, on_deadline);
    return hold;
}

/* There is some when it begins to wait. */
static bool has_patience(struct hold *hold, bool is_for_news)
{
    uint64_t now_ms = loop_now_ms(hold->attempt->env->loop);
    if (is_for_news)
        note_news(hold, now_ms);
    return now_ms < (is_for_news ? hold->news_until_ms : hold->until_ms);
}

bool hold_begin(struct hold **at, struct attempt *attempt, enum err err,
                void (*on_over)(void *owner, enum err err), void *owner)
{
    struct env *env = attempt->env;
    bool has_patience_at_all =
        attempt->service->policy->hold_ms > 0 || paused_until_ms(attempt) > 0;
    if (!has_patience_at_all || !may_wait(attempt))
        return false;
    if (!*at)
        *at = hold_new(attempt);
    struct hold *hold = *at;
    find_patience(hold);
    bool is_for_news = has_usable(attempt, NULL);
    if (!has_patience(hold, is_for_news))
        return false;
    hold->why = err;
    hold->on_over = on_over;
    hold->owner = owner;
    hold->began_ms = loop_now_ms(env->loop);
    hold->began_ns = loop_mono_ns(env->loop);
    hold->is_waiting = true;
    list_append(&env->held, &hold->node);
    env->held_count++;
    counter_add(&env->metrics.held_count, 1);
    arm(hold, is_for_news);
    return true;
}

enum err hold_refusal(const struct attempt *attempt, enum err err)
{
    return err == ERR_NO_ENDPOINT && paused_until_ms(attempt) > 0 ? ERR_PAUSED : err;
}

unsigned hold_retry_after_s(const struct attempt *attempt)
{
    uint64_t until_ms = paused_until_ms(attempt), now_ms = loop_now_ms(attempt->env->loop);
    if (until_ms == 0)
        return 0;
    return until_ms > now_ms ? (unsigned)((until_ms - now_ms + 999) / 1000) : 1;
}

/* The running wait is over. */
static void leave(struct hold *hold)
{
    struct env *env = hold->attempt->env;
    list_unlink(&hold->node);
    deadline_disarm(&hold->deadline);
    hold->waited_ns += loop_mono_ns(env->loop) - hold->began_ns;
    hold->is_waiting = false;
    env->held_count--;
    if (env->held_count == 0)
        deadline_disarm(&env->knock);
    counter_add(&env->metrics.held_count, (uint64_t)-1);
}

void hold_end(struct hold *hold, struct env *env)
{
    if (!hold)
        return;
    if (hold->is_waiting)
        leave(hold);
    counter_add(&env->metrics.hold_count, 1);
    histogram_observe(&hold->attempt->service->traffic.holds, hold->waited_ns);
    slab_give(&env->hold_slab, hold);
}

uint64_t hold_waited_ns(const struct hold *hold, struct env *env)
{
    if (!hold)
        return 0;
    return hold->waited_ns + (hold->is_waiting ? loop_mono_ns(env->loop) - hold->began_ns : 0);
}

/* ---- its end --------------------------------------------------------------------------------- */

static void give_up(struct hold *hold, enum err err)
{
    leave(hold);
    hold->on_over(hold->owner, err);
}

static void try_again(struct hold *hold)
{
    leave(hold);
    attempt_resume(hold->attempt);
    hold->on_over(hold->owner, ERR_OK);
}

/* One that listens again, or whom nobody has asked for so long. */
static bool is_worth_a_try(const struct hold *hold, const struct endpoint_local *local,
                           uint64_t refused_before_ms)
{
    if (local->refuses_since_ms == 0)
        return local->listens_since_ms > 0 && local->listens_since_ms >= hold->began_ms;
    return local->refused_ms <= refused_before_ms;
}

static void forget(struct hold *hold, uint64_t refused_before_ms)
{
    const struct fleet *fleet = &hold->attempt->env->fleet;
    struct balance_tried *tried = &hold->attempt->tried;
    for (unsigned i = tried->count; i-- > 0;)
        if (is_worth_a_try(hold, fleet_local(fleet, tried->endpoints[i]), refused_before_ms))
            balance_forget_tried(tried, tried->endpoints[i]);
}

/* For all of its service: those that have refused since are not to be asked again. */
static void forget_refused(struct hold *hold, uint64_t age_ms)
{
    const struct env *env = hold->attempt->env;
    uint64_t now_ms = loop_now_ms(env->loop), before_ms = now_ms > age_ms ? now_ms - age_ms : 0;
    forget(hold, before_ms);
    balance_skip_refused(&hold->attempt->tried, env->fleet.worker_index, before_ms);
}

static uint64_t knock_ms(const struct attempt *attempt)
{
    const struct pool_service *service = attempt_listed(attempt);
    uint64_t all_ms = service ? (uint64_t)service->endpoint_count * HOLD_KNOCK_EACH_MS : 0;
    return all_ms > HOLD_KNOCK_MS ? all_ms : HOLD_KNOCK_MS;
}

/* The first of its service asks for all. */
static void look(struct env *env, struct hold *hold)
{
    struct service_local *service = hold->attempt->service;
    uint64_t now_ms = loop_now_ms(env->loop);
    if (service->knocked_ms != now_ms)
        forget_refused(hold, knock_ms(hold->attempt));
    else
        forget(hold, 0);
    service->knocked_ms = now_ms;
}

static void go_or_stay(struct env *env, struct hold *hold)
{
    if (has_usable(hold->attempt, &hold->attempt->tried)) {
        try_again(hold);
        return;
    }
    list_unlink(&hold->node);
    list_append(&env->held, &hold->node);
}

static void on_knock(struct deadline *deadline)
{
    struct env *env = list_entry(deadline, struct env, knock);
    for (unsigned left = env->held_count; left > 0 && !list_is_empty(&env->held); left--) {
        struct hold *hold = list_entry(env->held.next, struct hold, node);
        if (hold->is_for_news) {
            look_soon(env);
            look(env, hold);
        }
        go_or_stay(env, hold);
    }
}

void hold_init(struct env *env)
{
    list_init(&env->held);
    list_init(&env->mirrors);
    deadline_init(&env->knock, on_knock);
}

/* At the end of its wait it tries once more. */
static void on_deadline(struct deadline *deadline)
{
    struct hold *hold = list_entry(deadline, struct hold, deadline);
    if (hold->is_for_news)
        forget_refused(hold, HOLD_LOOK_MS);
    if (!hold->is_for_news)
        give_up(hold, ERR_NO_ENDPOINT);
    else if (has_usable(hold->attempt, &hold->attempt->tried))
        try_again(hold);
    else
        give_up(hold, hold->why);
}

/* At the end of the queue. */
static void wait_on(struct env *env, struct hold *hold)
{
    struct attempt *attempt = hold->attempt;
    list_unlink(&hold->node);
    list_append(&env->held, &hold->node);
    bool is_other = find_patience(hold);
    if (!hold->is_for_news && is_other)
        arm(hold, false);
    if (!hold->is_for_news)
        return;
    if (attempt_listed(attempt))
        balance_keep_usable(&attempt->tried, attempt_listed(attempt));
    else
        balance_tried_fini(&attempt->tried);
    if (!has_usable(attempt, NULL))
        arm(hold, false);
}

static void wake(struct env *env, struct hold *hold)
{
    enum err err = attempt_aim_follow(hold->attempt);
    if (err || !is_expecting(hold->attempt))
        give_up(hold, err ? err : ERR_NO_ENDPOINT);
    else if (has_usable(hold->attempt, &hold->attempt->tried))
        try_again(hold);
    else
        wait_on(env, hold);
}

void hold_wake(struct env *env)
{
    for (unsigned left = env->held_count; left > 0 && !list_is_empty(&env->held); left--)
        wake(env, list_entry(env->held.next, struct hold, node));
}

void hold_give_up(struct env *env, enum err err)
{
    while (!list_is_empty(&env->held))
        give_up(list_entry(env->held.next, struct hold, node), err);
}
