#include "lb/follow/publisher.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/hash.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/follow/sticky_key.h"

/* A day. */
#define ACTIVATION_MAX_NS (UINT64_C(86400) * 1000000000)

static void on_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    struct publisher *publisher = owner;
    announce_note(&publisher->announce, endpoint, before);
    recent_note(&publisher->recent, endpoint, before);
    if (publisher->incidents && publisher->pool) /* all is new in the first one */
        incidents_note(publisher->incidents, endpoint, before, publisher->pool->version);
}

/* By two clocks, either of which may be wrong: what lies ahead, or further back than any start
 * takes, is no time that a start took, and would drown all others in the sum. */
static bool is_start(const struct endpoint *endpoint, uint64_t now_ns)
{
    return strcmp(endpoint->cause, "start") == 0 && endpoint->cause_time_ns <= now_ns &&
           now_ns - endpoint->cause_time_ns <= ACTIVATION_MAX_NS;
}

/* How long containers took from Docker's `start` to be in use. */
static void note_activations(struct publisher *publisher)
{
    uint64_t now_ns = clock_wall_ns();
    for (unsigned i = 0; i < publisher->announce.count; i++) {
        const struct endpoint *endpoint = publisher->announce.changes[i].endpoint;
        if (endpoint_is_usable(endpoint) && is_start(endpoint, now_ns))
            histogram_observe(&publisher->activations, now_ns - endpoint->cause_time_ns);
    }
}

static uint64_t now_ms(const struct publisher *publisher)
{
    return loop_now_ms(publisher->health.options.loop);
}

/* Routes that are lost stay for a while, and services are paused for one. */
static void await_expiry(struct publisher *publisher)
{
    struct deadline_wheel *wheel = &publisher->health.options.loop->deadlines;
    uint64_t next_ms = membership_next_ms(&publisher->membership), now = now_ms(publisher);
    uint64_t pause_ms = service_orders_next_ms(&publisher->orders.services);
    if (next_ms > pause_ms)
        next_ms = pause_ms;
    if (next_ms == UINT64_MAX)
        deadline_disarm(&publisher->expiry);
    else
        deadline_arm(wheel, &publisher->expiry, next_ms > now ? next_ms - now : 0);
}

static void on_expiry(struct deadline *deadline)
{
    struct publisher *publisher = list_entry(deadline, struct publisher, expiry);
    publisher->membership.now_ms = now_ms(publisher);
    bool is_over = service_orders_expire(&publisher->orders.services, publisher->membership.now_ms);
    if (membership_expire(&publisher->membership) || is_over)
        publisher_publish(publisher);
    else
        await_expiry(publisher);
}

static void find_sticky_key(struct publisher *publisher)
{
    struct service_policy *usual = &publisher->rules.policy;
    if (publisher->has_sticky_key || !sticky_key_is_wanted(usual, &publisher->membership.wanted))
        return;
    sticky_key_find(publisher->sticky_secret, publisher->state_path, usual->sticky_key);
    publisher->has_sticky_key = true;
}

void publisher_publish(struct publisher *publisher)
{
    struct pool *before = publisher->pool;
    orders_apply(&publisher->orders, &publisher->membership.wanted);
    publisher->rules.worker_count = publisher->audience.worker_count;
    publisher->rules.now_ms = now_ms(publisher);
    find_sticky_key(publisher);
    struct pool *next = pool_build(before, &publisher->membership.wanted, &publisher->rules);
    publisher->audience.offer(publisher->audience.owner, next);
    pool_build_settle(next, before, on_change, publisher);
    publisher->audience.ring(publisher->audience.owner);
    publisher->pool = next;
    publisher->published_ns = clock_wall_ns();
    health_follow(&publisher->health, next);
    note_activations(publisher);
    announce_speak(&publisher->announce, next, before);
    if (publisher->incidents)
        incidents_look(publisher->incidents, next, before);
    await_expiry(publisher);
    pool_unref(before);
    if (publisher->legacy)
        legacy_write_rest(publisher->legacy, &publisher->orders, next);
    if (publisher->on_published)
        publisher->on_published(publisher->published_owner);
}

static void on_uv_rebuild(uv_async_t *handle)
{
    struct publisher *publisher = list_entry(handle, struct publisher, rebuild);
    if (!publisher->is_frozen)
        publisher_publish(publisher);
}

static void on_health_change(void *owner)
{
    struct publisher *publisher = owner;
    uv_async_send(&publisher->rebuild); /* many that come at once make one snapshot */
}

static void on_uv_suspect(uv_async_t *handle)
{
    struct publisher *publisher = list_entry(handle, struct publisher, suspect);
    if (!publisher->is_frozen)
        health_judge_suspects(&publisher->health);
}

void publisher_note_suspect(void *owner)
{
    struct publisher *publisher = owner;
    uv_async_send(&publisher->suspect);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void read_orders(struct publisher *publisher)
{
    struct text problem = TEXT_INIT;
    if (!orders_file_read(publisher->state_path, &publisher->orders, &problem))
        log_error("%s", text_str(&problem));
    else if (publisher->orders.count + publisher->orders.services.count > 0)
        log_info("orders of %s are in force again: %u", publisher->state_path,
                 publisher->orders.count + publisher->orders.services.count);
    text_fini(&problem);
}

static bool keep_orders(struct publisher *publisher)
{
    struct text problem = TEXT_INIT;
    bool is_kept = !publisher->state_path || publisher->is_yielded ||
                   orders_file_write(publisher->state_path, &publisher->orders, &problem);
    if (!is_kept)
        log_error("%s", text_str(&problem));
    if (publisher->legacy)
        legacy_write_rest(publisher->legacy, &publisher->orders, publisher->pool);
    text_fini(&problem);
    return is_kept;
}

static void forget_orders(struct publisher *publisher)
{
    if (orders_forget_gone(&publisher->orders, &publisher->membership))
        keep_orders(publisher);
}

bool publisher_obey(struct publisher *publisher)
{
    bool is_kept = keep_orders(publisher);
    if (!publisher->is_frozen)
        publisher_publish(publisher);
    return is_kept;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Once, as long as it stays the same. */
static void tell_passed_over(struct publisher *publisher)
{
    struct view now = text_view(&publisher->membership.passed_over);
    uint64_t hash = now.len > 0 ? hash_view(HASH_INIT, now) : 0;
    if (hash != 0 && hash != publisher->passed_over_hash)
        log_warn("discovery: passed over: %s", text_str(&publisher->membership.passed_over));
    publisher->passed_over_hash = hash;
}

/* Which listeners are asked for in vain: likewise. */
static void tell_refused(struct publisher *publisher)
{
    const struct listener_rules *listeners = &publisher->membership.listeners;
    struct view now = text_view(&listeners->first_told);
    uint64_t hash = hash_mix(hash_view(HASH_INIT, now) ^ listeners->refused_count);
    if (now.len > 0 && hash != publisher->refused_hash)
        log_warn("listeners: %u %s asked for in vain; the first: %s", listeners->refused_count,
                 listeners->refused_count == 1 ? "is" : "are", text_str(&listeners->first_told));
    publisher->refused_hash = now.len > 0 ? hash : 0;
}

static void post_wishes(struct publisher *publisher)
{
    if (publisher->membership.line.root && !publisher->is_yielded)
        certificate_wishes_take(&publisher->certificates, publisher->membership.line.root);
}

void publisher_post_wishes(struct publisher *publisher, int fd)
{
    certificate_wishes_fini(&publisher->certificates);
    certificate_wishes_open(&publisher->certificates, fd);
    post_wishes(publisher);
}

static void keep_world(struct publisher *publisher, struct view line)
{
    const struct membership *membership = &publisher->membership;
    if (publisher->legacy)
        legacy_write_world(publisher->legacy, line,
                           membership->is_completed ? membership->line.root : NULL);
}

enum membership_news publisher_take_line(struct publisher *publisher, struct view line)
{
    struct text problem = TEXT_INIT;
    if (publisher->is_frozen)
        return MEMBERSHIP_REFUSED;
    publisher->membership.now_ms = now_ms(publisher);
    enum membership_news news = membership_read_line(&publisher->membership, line, &problem);
    if (news == MEMBERSHIP_CHANGED) {
        forget_orders(publisher);
        keep_world(publisher, line);
        publisher_publish(publisher);
        post_wishes(publisher);
        tell_passed_over(publisher);
        tell_refused(publisher);
    }
    if (news == MEMBERSHIP_REFUSED)
        refusals_tell(&publisher->refusals, loop_now_ms(publisher->health.options.loop),
                      text_view(&problem));
    text_fini(&problem);
    return news;
}

/* ---- other settings -------------------------------------------------------------------------- */

static bool is_in_use(const struct pool *pool, const struct pool_wanted_endpoint *wanted)
{
    const struct pool_service *service =
        pool_find_kind(pool, view_str(wanted->service), wanted->kind);
    for (unsigned i = 0; service && i < service->endpoint_count; i++) {
        const struct endpoint *endpoint = service->endpoints[i];
        if (endpoint_is_usable(endpoint) && strcmp(endpoint->id, wanted->id) == 0 &&
            address_eq(&endpoint->address, &wanted->address))
            return true;
    }
    return false;
}

/* Something is in use, and nothing of it stays. */
static bool replaces_all(const struct publisher *publisher)
{
    const struct pool_wanted *wanted = &publisher->membership.wanted;
    if (!publisher_has_usable(publisher))
        return false;
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        if (wanted->endpoints[i].state == ENDPOINT_READY &&
            is_in_use(publisher->pool, &wanted->endpoints[i]))
            return false;
    return true;
}

static void publish_trusted(struct publisher *publisher, bool is_trusted)
{
    publisher->membership.wanted.is_trusted = is_trusted && replaces_all(publisher);
    publisher_publish(publisher);
    publisher->membership.wanted.is_trusted = false;
}

static void take_policy(struct publisher *publisher, const struct publisher_options *options)
{
    publisher->rules.policy = options->policy;
    publisher->sticky_secret = options->sticky_secret;
    publisher->has_sticky_key = false;
}

void publisher_leave_to(struct publisher *publisher, struct legacy *legacy)
{
    publisher->legacy = legacy;
}

static void publish_recalled(struct publisher *publisher, const struct legacy_doubts *doubts)
{
    publisher->membership.wanted.is_trusted = true;
    publisher->membership.wanted.doubted = &doubts->ids;
    publisher_publish(publisher);
    publisher->membership.wanted.is_trusted = false;
    publisher->membership.wanted.doubted = NULL;
}

bool publisher_recall(struct publisher *publisher, struct orders *orders, struct view line,
                      const struct legacy_doubts *doubts)
{
    struct text problem = TEXT_INIT;
    enum membership_news news = MEMBERSHIP_ALIVE;
    publisher->membership.now_ms = now_ms(publisher);
    if (orders) {
        orders_fini(&publisher->orders);
        publisher->orders = *orders;
        *orders = (struct orders){0};
    }
    if (line.len > 0)
        news = membership_recall(&publisher->membership, line, &problem);
    bool has_pool = news == MEMBERSHIP_CHANGED || publisher->pool;
    if (has_pool && doubts)
        publish_recalled(publisher, doubts);
    else if (has_pool)
        publisher_publish(publisher);
    if (news == MEMBERSHIP_REFUSED)
        log_warn("what the lb-proxy before was told is of no use to this one: %s",
                 text_str(&problem));
    text_fini(&problem);
    return news != MEMBERSHIP_REFUSED;
}

void publisher_configure(struct publisher *publisher, const struct publisher_options *options)
{
    struct membership *membership = &publisher->membership;
    bool is_other = strcmp(membership->service, options->service) != 0;
    take_policy(publisher, options);
    membership->unrouted = options->unrouted;
    membership_listen(membership, options->listeners, options->listener_count, &options->dynamic);
    membership_route(membership, options->service);
    tell_refused(publisher);
    if (publisher->pool) /* before the first line nothing is known, and requests wait */
        publish_trusted(publisher, is_other);
}

void publisher_take_backends(struct publisher *publisher, struct backends *backends,
                             bool is_trusted)
{
    membership_take_backends(&publisher->membership, backends);
    if (publisher->membership.backends.is_complete)
        forget_orders(publisher);
    publish_trusted(publisher, is_trusted);
}

static bool has_usable(const struct pool_service *service)
{
    for (unsigned i = 0; i < service->endpoint_count; i++)
        if (pool_may_use(service, service->endpoints[i]))
            return true;
    return false;
}

bool publisher_has_usable(const struct publisher *publisher)
{
    const struct pool *pool = publisher->pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        if (has_usable(&pool->services[i]))
            return true;
    return false;
}

void publisher_init(struct publisher *publisher, const struct publisher_options *options)
{
    *publisher = (struct publisher){0};
    certificate_wishes_open(&publisher->certificates, -1);
    membership_init(&publisher->membership, options->service);
    publisher->membership.unrouted = options->unrouted;
    membership_listen(&publisher->membership, options->listeners, options->listener_count,
                      &options->dynamic);
    take_policy(publisher, options);
    health_init(&publisher->health, &(struct health_options){.loop = options->loop,
                                                             .on_change = on_health_change,
                                                             .owner = publisher});
    publisher->membership.routes.orders = &publisher->orders.services;
    if (options->state_path) {
        publisher->state_path = memory_copy(options->state_path, strlen(options->state_path));
        read_orders(publisher);
    }
    announce_init(&publisher->announce, &options->loop->uv);
    deadline_init(&publisher->expiry, on_expiry);
    uv_async_init(&options->loop->uv, &publisher->rebuild, on_uv_rebuild);
    uv_async_init(&options->loop->uv, &publisher->suspect, on_uv_suspect);
}

void publisher_serve(struct publisher *publisher, const struct publisher_audience *audience)
{
    publisher->audience = *audience;
}

void publisher_close(struct publisher *publisher)
{
    publisher->is_frozen = true;
    deadline_disarm(&publisher->expiry);
    health_close(&publisher->health);
    announce_close(&publisher->announce);
    if (uv_is_closing((uv_handle_t *)&publisher->rebuild))
        return;
    uv_close((uv_handle_t *)&publisher->rebuild, NULL);
    uv_close((uv_handle_t *)&publisher->suspect, NULL);
}

void publisher_fini(struct publisher *publisher)
{
    pool_unref(publisher->pool);
    certificate_wishes_fini(&publisher->certificates);
    membership_fini(&publisher->membership);
    orders_fini(&publisher->orders);
    free(publisher->state_path);
    recent_fini(&publisher->recent);
}
