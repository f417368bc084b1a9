#include "lb/proxy/queue.h"

static void on_deadline(struct deadline *deadline);

/* ---- who is called ---------------------------------------------------------------------------- */

static unsigned worker_of(const struct env *env)
{
    return env->fleet.worker_index;
}

/* Its own ones after the running call, since that may be about a connection of theirs. */
static void call(struct env *env, unsigned worker_index)
{
    struct admit_office *office = env->fleet.office;
    if (worker_index == ADMIT_NOBODY)
        return;
    if (worker_index == worker_of(env))
        loop_do_soon(env->loop, &env->queue_call);
    else
        office->ring(office->owner, worker_index);
}

static void on_place(void *owner, struct endpoint *endpoint, struct service *service)
{
    struct env *env = owner;
    if (!atomic_load_explicit(&endpoint->has_kin, memory_order_relaxed)) {
        call(env, admit_next_worker(service, 0));
        return;
    }
    for (unsigned i = 0; i < env->fleet.office->worker_count; i++)
        call(env, i); /* any of its services may have somebody who waits */
}

static bool is_open(const struct env *env, const struct pool_service *listed)
{
    return listed && balance_has_open(listed, NULL, worker_of(env));
}

/* What is left goes to those that came later, on other workers. */
static void pass_on(struct env *env, const struct service *service, uint64_t ticket)
{
    if (admit_waiting_count(service) > 0 && env->pool &&
        is_open(env, pool_find_kind(env->pool, view_str(service->name), service->kind)))
        call(env, admit_next_worker(service, ticket));
}

/* ---- one queue -------------------------------------------------------------------------------- */

static struct queue *queue_of(struct env *env, struct service_local *local)
{
    if (local->queue)
        return local->queue;
    struct queue *queue = slab_take(&env->queue_slab);
    *queue = (struct queue){.local = service_use_again(local)};
    list_init(&queue->waits);
    list_append(&env->queues, &queue->node);
    env->queue_count++;
    local->queue = queue;
    return queue;
}

static struct queue_wait *first_of(const struct queue *queue)
{
    return list_entry(queue->waits.next, struct queue_wait, node);
}

static void tell_first(struct queue *queue)
{
    admit_set_first(queue->local, list_is_empty(&queue->waits) ? 0 : first_of(queue)->ticket);
}

static void drop_if_empty(struct env *env, struct queue *queue)
{
    if (!list_is_empty(&queue->waits))
        return;
    list_unlink(&queue->node);
    env->queue_count--;
    queue->local->queue = NULL;
    service_release(queue->local);
    slab_give(&env->queue_slab, queue);
}

/* One that had waited before has its place again. */
static void insert(struct queue *queue, struct queue_wait *wait)
{
    struct list *before = queue->waits.prev;
    while (before != &queue->waits &&
           list_entry(before, struct queue_wait, node)->ticket > wait->ticket)
        before = before->prev;
    list_prepend(before, &wait->node);
}

static struct queue_wait *next_after(const struct queue *queue, uint64_t ticket)
{
    if (!queue)
        return NULL;
    list_for_each (node, &queue->waits) {
        struct queue_wait *wait = list_entry(node, struct queue_wait, node);
        if (wait->ticket > ticket)
            return wait;
    }
    return NULL;
}

/* ---- one wait --------------------------------------------------------------------------------- */

static bool has_room(const struct env *env)
{
    return env->loop->blocks.used_bytes <= env->options.max_buffer_bytes / 2;
}

static struct queue_wait *wait_new(struct attempt *attempt)
{
    struct env *env = attempt->env;
    struct queue_wait *wait = slab_take(&env->wait_slab);
    *wait = (struct queue_wait){.attempt = attempt};
    list_init(&wait->node);
    deadline_init(&wait->deadline, on_deadline);
    return wait;
}

/* The service may be another one than at the last wait. */
static bool take_ticket(struct queue_wait *wait)
{
    struct attempt *attempt = wait->attempt;
    struct admit_office *office = attempt->env->fleet.office;
    struct service *service = service_of(attempt->service);
    unsigned max = attempt->service->policy->queue_max;
    if (wait->ticket > 0 && wait->service == service)
        return admit_queue_again(office, service, max);
    wait->ticket = admit_queue(office, service, max);
    wait->service = service;
    return wait->ticket > 0;
}

/* What is left of its patience. */
static uint64_t left_ms(const struct queue_wait *wait)
{
    uint64_t all_ms = wait->attempt->service->policy->queue_timeout_ms;
    uint64_t waited_ms = wait->waited_ns / 1000000;
    return waited_ms < all_ms ? all_ms - waited_ms : 0;
}

static void enter(struct env *env, struct queue_wait *wait)
{
    wait->queue = queue_of(env, wait->attempt->service);
    insert(wait->queue, wait);
    tell_first(wait->queue);
    wait->began_ns = loop_mono_ns(env->loop);
    counter_add(&env->metrics.queued_count, 1);
    deadline_arm(&env->loop->deadlines, &wait->deadline, left_ms(wait));
}

/* A session stays with the one that it has, though others have places. */
static bool is_bound(const struct attempt *attempt, const struct pool_service *listed)
{
    return listed->sticky && attempt->lacked_place &&
           (pool_may_use(listed, attempt->endpoint) ||
            endpoint_state(attempt->endpoint) == ENDPOINT_DRAINING);
}

static bool has_open(const struct attempt *attempt, const struct pool_service *listed)
{
    unsigned worker_index = worker_of(attempt->env);
    return is_bound(attempt, listed) ? admit_is_open(attempt->endpoint, worker_index)
                                     : balance_has_open(listed, &attempt->tried, worker_index);
}

static bool ask_for(const struct attempt *attempt, struct endpoint *endpoint)
{
    const struct fleet *fleet = &attempt->env->fleet;
    return admit_limit(endpoint) > 0 && admit_ask(fleet->office, endpoint, fleet->worker_index);
}

/* An idle connection of another worker, to one that it can go to, is as good as a place once it is
 * closed. */
static void ask_others(const struct attempt *attempt, const struct pool_service *listed)
{
    if (is_bound(attempt, listed)) {
        ask_for(attempt, attempt->endpoint);
        return;
    }
    for (unsigned i = 0; i < pool_turns(listed); i++)
        if (balance_may_choose(listed, &attempt->tried, listed->rotation[i]) &&
            ask_for(attempt, listed->rotation[i]))
            return;
}

/* One that went and comes back in the same turn of the loop is not called in it again, whyever. */
static void call_again(struct env *env, const struct queue_wait *wait)
{
    struct admit_office *office = env->fleet.office;
    if (wait->called_turn == env->loop->turn)
        office->ring(office->owner, worker_of(env));
    else
        call(env, admit_next_worker(service_of(wait->attempt->service), 0));
}

enum err queue_begin(struct queue_wait **at, struct attempt *attempt, enum err last_failure,
                     void (*on_over)(void *owner, enum err err), void *owner)
{
    struct env *env = attempt->env;
    const struct service_policy *policy = attempt->service->policy;
    if (policy->queue_max == 0 || policy->queue_timeout_ms == 0 || !has_room(env))
        return ERR_QUEUE_FULL;
    if (!*at)
        *at = wait_new(attempt);
    struct queue_wait *wait = *at;
    if (left_ms(wait) == 0)
        return ERR_QUEUE_TIMEOUT;
    if (!take_ticket(wait))
        return ERR_QUEUE_FULL;
    wait->why = last_failure;
    wait->on_over = on_over;
    wait->owner = owner;
    enter(env, wait);
    const struct pool_service *listed = attempt_listed(attempt);
    if (listed && has_open(attempt, listed)) /* since just now */
        call_again(env, wait);
    else if (listed)
        ask_others(attempt, listed);
    return ERR_OK;
}

/* The running wait is over. */
static void leave(struct env *env, struct queue_wait *wait)
{
    struct queue *queue = wait->queue;
    list_unlink(&wait->node);
    deadline_disarm(&wait->deadline);
    wait->waited_ns += loop_mono_ns(env->loop) - wait->began_ns;
    wait->queue = NULL;
    tell_first(queue);
    admit_leave(env->fleet.office, service_of(queue->local));
    counter_add(&env->metrics.queued_count, (uint64_t)-1);
    drop_if_empty(env, queue);
}

/* It may have been called, and does not go: somebody else may. */
static void step_out(struct env *env, struct queue_wait *wait)
{
    struct service_local *local = service_use_again(wait->queue->local);
    leave(env, wait);
    pass_on(env, service_of(local), 0);
    service_release(local);
}

void queue_end(struct queue_wait *wait, struct env *env)
{
    if (!wait)
        return;
    if (wait->queue)
        step_out(env, wait);
    histogram_observe(&env->metrics.queues, wait->waited_ns);
    coarse_histogram_observe(&wait->attempt->service->traffic.queues, wait->waited_ns);
    slab_give(&env->wait_slab, wait);
}

uint64_t queue_waited_ns(const struct queue_wait *wait, struct env *env)
{
    if (!wait)
        return 0;
    return wait->waited_ns + (wait->queue ? loop_mono_ns(env->loop) - wait->began_ns : 0);
}

/* ---- its end ---------------------------------------------------------------------------------- */

static void give_up(struct env *env, struct queue_wait *wait, enum err err)
{
    step_out(env, wait);
    wait->on_over(wait->owner, err);
}

static void try_again(struct env *env, struct queue_wait *wait)
{
    leave(env, wait);
    wait->called_turn = env->loop->turn;
    attempt_call(wait->attempt);
    wait->on_over(wait->owner, ERR_OK);
}

static void on_deadline(struct deadline *deadline)
{
    struct queue_wait *wait = list_entry(deadline, struct queue_wait, deadline);
    give_up(wait->attempt->env, wait, ERR_QUEUE_TIMEOUT);
}

/* Where nobody is usable for it, the try tells what else it can do. */
static bool is_to_go(const struct queue_wait *wait)
{
    const struct attempt *attempt = wait->attempt;
    const struct pool_service *listed = attempt_listed(attempt);
    return attempt->service != wait->queue->local || !listed || has_open(attempt, listed) ||
           (!is_bound(attempt, listed) && !balance_has_usable(listed, &attempt->tried));
}

/* Who had a place may have an idle connection now. */
static bool stay(const struct env *env, const struct attempt *attempt)
{
    const struct pool_service *listed = attempt_listed(attempt);
    ask_others(attempt, listed);
    return is_open(env, listed);
}

/* False: nobody who waits behind it can go either. */
static bool look_at(struct env *env, struct queue_wait *wait)
{
    enum err err = attempt_aim_follow(wait->attempt);
    if (err)
        give_up(env, wait, err);
    else if (is_to_go(wait))
        try_again(env, wait);
    else
        return stay(env, wait->attempt);
    return true;
}

/* Each once, in order; they may end others, and new ones may come. */
static void look(struct env *env, struct service_local *local)
{
    struct queue_wait *wait = first_of(local->queue);
    uint64_t first = wait->ticket, seen = 0;
    bool goes_on = true;
    service_use_again(local);
    for (; wait && goes_on; wait = next_after(local->queue, seen)) {
        seen = wait->ticket;
        goes_on = look_at(env, wait);
    }
    if (goes_on)
        pass_on(env, service_of(local), first);
    service_release(local);
}

void queue_wake(struct env *env)
{
    for (unsigned left = env->queue_count; left > 0 && !list_is_empty(&env->queues); left--) {
        struct queue *queue = list_entry(env->queues.next, struct queue, node);
        list_unlink(&queue->node);
        list_append(&env->queues, &queue->node);
        look(env, queue->local);
    }
}

void queue_give_up(struct env *env, enum err err)
{
    while (!list_is_empty(&env->queues))
        give_up(env, first_of(list_entry(env->queues.next, struct queue, node)), err);
}

/* ---- birth ------------------------------------------------------------------------------------ */

static void on_queue_call(struct loop_task *task)
{
    queue_wake(list_entry(task, struct env, queue_call));
}

static void ring_nobody(void *owner, unsigned worker_index)
{
    (void)owner;
    (void)worker_index;
}

void queue_init(struct env *env)
{
    list_init(&env->queues);
    loop_task_init(&env->queue_call, on_queue_call);
    env->office = (struct admit_office){.worker_count = 1, .ring = ring_nobody};
    env->fleet.office = &env->office;
    env->fleet.on_place = on_place;
    env->fleet.place_owner = env;
}
