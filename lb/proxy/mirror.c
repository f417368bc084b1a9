#include "lb/proxy/mirror.h"

#include <stdlib.h>

#include "lb/back/h1_upstream.h"
#include "lb/back/upstream_cache.h"
#include "lb/base/memory.h"
#include "lb/policy/admit.h"
#include "lb/policy/algorithm.h"

#define FIELD_LINE "X-Lb-Mirror: 1\r\n"

struct mirror {
    struct list node; /* in env->mirrors */
    struct env *env;
    struct service_local *service; /* in use */
    struct endpoint *endpoint;     /* one reference */
    struct back *back;
    struct back_request request;
    struct deadline deadline;
    uint64_t answer_bytes;
};

/* ---- the end ---------------------------------------------------------------------------------- */

/* Its connection is closed, or has another owner. */
static void mirror_free(struct mirror *mirror)
{
    struct env *env = mirror->env;
    list_unlink(&mirror->node);
    env->mirror_count--;
    deadline_disarm(&mirror->deadline);
    endpoint_count_inflight(fleet_local(&env->fleet, mirror->endpoint), -1);
    endpoint_unref(mirror->endpoint);
    service_release(mirror->service);
    block_give(&env->loop->blocks, mirror->request.head);
    replay_forget(&mirror->request.kept);
    free(mirror);
}

static void fail(struct mirror *mirror)
{
    counter_add(&mirror->service->traffic.mirror_failed_count, 1);
    mirror_free(mirror);
}

static void break_off(struct mirror *mirror)
{
    back_close(mirror->back);
    fail(mirror);
}

static void on_deadline(struct deadline *deadline)
{
    break_off(list_entry(deadline, struct mirror, deadline));
}

void mirror_give_up(struct env *env)
{
    while (!list_is_empty(&env->mirrors))
        break_off(list_entry(env->mirrors.next, struct mirror, node));
}

/* ---- what the backend does --------------------------------------------------------------------- */

/* A broken connection is told by its read side. */
static void send_request(struct mirror *mirror)
{
    back_request_begin(&mirror->request);
    back_send_begin(mirror->back, &mirror->request);
    back_flush(mirror->back, &mirror->request);
    back_end_request(mirror->back);
}

static void on_ready(void *owner)
{
    send_request(owner);
}

static void on_slow(void *owner)
{
    (void)owner; /* nobody waits */
}

static void on_failed(void *owner, enum err err)
{
    (void)err;
    fail(owner);
}

static void on_response(void *owner, const struct head *head)
{
    struct mirror *mirror = owner;
    if (head->status >= 200)
        counter_add(&mirror->service->traffic.mirror_answers[traffic_class(head->status)], 1);
}

static void on_switched(void *owner, const struct head *head)
{
    (void)head;
    break_off(owner);
}

static void on_raw(void *owner, struct view bytes)
{
    (void)owner, (void)bytes;
}

static void on_nothing(void *owner)
{
    (void)owner;
}

static void on_body(void *owner, struct view piece)
{
    struct mirror *mirror = owner;
    mirror->answer_bytes += piece.len;
    if (mirror->answer_bytes > MIRROR_BYTES_MAX)
        break_off(mirror);
}

static void on_response_end(void *owner, struct view trailers)
{
    struct mirror *mirror = owner;
    (void)trailers;
    upstream_cache_put_aside(mirror->back);
    mirror_free(mirror);
}

static bool may_be_replayed(void *owner)
{
    (void)owner;
    return false;
}

static const struct back_handler handler = {
    .on_ready = on_ready,
    .on_slow = on_slow,
    .on_failed = on_failed,
    .on_response = on_response,
    .on_switched = on_switched,
    .on_raw = on_raw,
    .on_raw_end = on_nothing,
    .on_body = on_body,
    .on_spliced = on_nothing,
    .on_flush = on_nothing,
    .on_response_end = on_response_end,
    .on_drained = on_nothing,
    .may_be_replayed = may_be_replayed,
    .may_go_elsewhere = may_be_replayed,
};

/* ---- the copy ---------------------------------------------------------------------------------- */

/* The field goes behind the request line. */
static struct block *copy_head(struct block_pool *blocks, const struct block *head)
{
    struct view line, rest = view_of(head->bytes, head->len);
    struct block *copy = block_take(blocks, head->len + sizeof(FIELD_LINE));
    line = view_cut(&rest, '\n');
    block_append(copy, view_of(line.ptr, line.len + 1));
    block_append(copy, VIEW(FIELD_LINE));
    block_append(copy, rest);
    return copy;
}

static void copy_request(struct mirror *mirror, const struct back_request *from)
{
    struct block_pool *blocks = &mirror->env->loop->blocks;
    mirror->request = (struct back_request){.head = copy_head(blocks, from->head),
                                            .is_to_head = from->is_to_head,
                                            .is_chunked = from->is_chunked};
    replay_init(&mirror->request.kept, blocks);
    for (const struct block *block = from->kept.body.first; block; block = block->next)
        block_queue_append(blocks, &mirror->request.kept.body, view_of(block->bytes, block->len));
}

static bool open_back(struct mirror *mirror)
{
    struct fleet *fleet = &mirror->env->fleet;
    int ignored;
    mirror->back =
        upstream_cache_take_aside(fleet, mirror->service, mirror->endpoint, &handler, mirror);
    if (mirror->back) {
        mirror->back->wait_ms = NULL; /* of the route of the request before, which may be gone */
        send_request(mirror);
        return true;
    }
    struct h1_upstream *upstream =
        h1_upstream_open(fleet, mirror->service, mirror->endpoint, &handler, mirror, &ignored);
    mirror->back = upstream ? &upstream->back : NULL;
    return upstream != NULL;
}

static void begin(struct exchange *exchange, struct service_local *service,
                  struct endpoint *endpoint)
{
    struct env *env = exchange->env;
    struct mirror *mirror = memory_new(sizeof(*mirror));
    mirror->env = env;
    mirror->service = service_use_again(service);
    mirror->endpoint = endpoint_ref(endpoint);
    list_append(&env->mirrors, &mirror->node);
    env->mirror_count++;
    endpoint_count_inflight(fleet_local(&env->fleet, endpoint), 1);
    deadline_init(&mirror->deadline, on_deadline);
    deadline_arm(&env->loop->deadlines, &mirror->deadline, MIRROR_TIME_MS);
    counter_add(&service->traffic.mirror_sent_count, 1);
    copy_request(mirror, &exchange->outgoing);
    if (!open_back(mirror))
        fail(mirror);
}

/* ---- whether ----------------------------------------------------------------------------------- */

static bool has_room(const struct env *env)
{
    const struct block_pool *blocks = &env->loop->blocks;
    unsigned max = env->fleet.options.max_upstream_count;
    return env->mirror_count < MIRROR_COUNT_MAX &&
           blocks->used_bytes <= env->options.max_buffer_bytes / 2 &&
           (max == 0 || env->fleet.upstream_count < max);
}

/* The service in the snapshot in use; NULL: the routes have changed since. */
static const struct routes_target *find_target(const struct exchange *exchange)
{
    const struct routes *routes = &exchange->env->pool->routes;
    const struct route_table *table = routes->table;
    for (uint32_t i = 0; table && i < table->groups.count; i++)
        if (table->rules[table->groups.list[i].rule] == exchange->rule)
            return &routes->targets[table->groups.list[i].mirror];
    return NULL;
}

/* One that takes only so many at a time has them for those who wait. */
static struct endpoint *pick(const struct pool_service *listed)
{
    struct balance_tried tried = {0};
    const struct algorithm_key nothing = {0};
    struct endpoint *endpoint = NULL;
    if (listed && !listed->is_paused && listed->rotation_count > 0)
        endpoint = listed->turn_count > 0 ? balance_pick(listed, &tried)
                                          : algorithm_pick(listed, &tried, &nothing);
    return endpoint && admit_limit(endpoint) == 0 ? endpoint : NULL;
}

static void send_copy(struct exchange *exchange)
{
    struct env *env = exchange->env;
    const struct routes_target *target = find_target(exchange);
    if (!target)
        return;
    struct service_local *service =
        service_use(target->service, env->fleet.worker_index, target->policy);
    struct endpoint *endpoint = has_room(env) ? pick(target->listed) : NULL;
    if (endpoint)
        begin(exchange, service, endpoint);
    else
        counter_add(&service->traffic.mirror_skipped_count, 1);
    service_release(service);
}

void mirror_consider(struct exchange *exchange)
{
    const struct rule *rule = exchange->rule;
    if (exchange_is(exchange, EXCHANGE_IS_MIRRORED) ||
        exchange_is(exchange, EXCHANGE_WANTS_UPGRADE) || !exchange->outgoing.kept.is_complete ||
        !retry_is_idempotent(exchange->forwarded.method))
        return;
    exchange->facts |= EXCHANGE_IS_MIRRORED;
    uint64_t turn = atomic_fetch_add_explicit(&rule->turns->mirrored, 1, memory_order_relaxed);
    if (share_ring_pick(rule->mirror_ring, turn) == 0)
        send_copy(exchange);
}
