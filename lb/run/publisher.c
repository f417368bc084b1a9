#include "lb/run/publisher.h"

#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/log.h"

static void on_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    struct publisher *publisher = owner;
    announce_note(&publisher->announce, endpoint, before);
}

static void start_probes(struct publisher *publisher)
{
    for (unsigned i = 0; i < publisher->announce.count; i++)
        if (endpoint_state(publisher->announce.changes[i].endpoint) == ENDPOINT_PROBING)
            prober_start(&publisher->prober, publisher->announce.changes[i].endpoint);
}

/* How long containers took from Docker's `start` to be in use. */
static void note_activations(struct publisher *publisher)
{
    uint64_t now_ns = clock_wall_ns();
    for (unsigned i = 0; i < publisher->announce.count; i++) {
        const struct endpoint *endpoint = publisher->announce.changes[i].endpoint;
        if (endpoint_is_usable(endpoint) && strcmp(endpoint->cause, "start") == 0 &&
            endpoint->cause_time_ns > 0 && endpoint->cause_time_ns <= now_ns)
            metrics_histogram_observe(&publisher->activations, now_ns - endpoint->cause_time_ns);
    }
}

void publisher_publish(struct publisher *publisher)
{
    struct pool *next = pool_build(publisher->pool, &publisher->membership.wanted,
                                   publisher->worker_count, on_change, publisher);
    for (unsigned i = 0; i < publisher->worker_count; i++)
        worker_offer(publisher->workers[i], next);
    pool_unref(publisher->pool);
    publisher->pool = next;
    publisher->published_ns = clock_wall_ns();
    start_probes(publisher);
    note_activations(publisher);
    announce_speak(&publisher->announce, next);
}

static void on_uv_rebuild(uv_async_t *handle)
{
    struct publisher *publisher = list_entry(handle, struct publisher, rebuild);
    if (!publisher->is_frozen)
        publisher_publish(publisher);
}

static void on_admitted(void *owner, struct endpoint *endpoint)
{
    struct publisher *publisher = owner;
    endpoint->is_admitted = true;
    uv_async_send(&publisher->rebuild); /* many that come at once make one snapshot */
}

enum membership_news publisher_take_line(struct publisher *publisher, struct view line)
{
    struct text problem = TEXT_INIT;
    if (publisher->is_frozen)
        return MEMBERSHIP_REFUSED;
    enum membership_news news = membership_read_line(&publisher->membership, line, &problem);
    if (news == MEMBERSHIP_CHANGED)
        publisher_publish(publisher);
    if (news == MEMBERSHIP_REFUSED)
        log_warn("a line of lb-discovery was refused: %s", text_str(&problem));
    text_fini(&problem);
    return news;
}

bool publisher_has_usable(const struct publisher *publisher)
{
    const struct pool_service *service =
        publisher->pool ? pool_find(publisher->pool, view_str(publisher->membership.service))
                        : NULL;
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        if (endpoint_is_usable(service->endpoints[i]))
            return true;
    return false;
}

void publisher_init(struct publisher *publisher, const struct publisher_options *options)
{
    *publisher = (struct publisher){0};
    membership_init(&publisher->membership, options->service);
    prober_init(&publisher->prober,
                &(struct prober_options){.loop = options->loop,
                                         .connect_timeout_ms = options->connect_timeout_ms,
                                         .far_connect_timeout_ms = options->far_connect_timeout_ms,
                                         .on_admitted = on_admitted,
                                         .owner = publisher});
    announce_init(&publisher->announce, &options->loop->uv);
    uv_async_init(&options->loop->uv, &publisher->rebuild, on_uv_rebuild);
}

void publisher_serve(struct publisher *publisher, struct worker **workers, unsigned worker_count)
{
    publisher->workers = workers;
    publisher->worker_count = worker_count;
}

void publisher_close(struct publisher *publisher)
{
    publisher->is_frozen = true;
    prober_close(&publisher->prober);
    announce_close(&publisher->announce);
    if (!uv_is_closing((uv_handle_t *)&publisher->rebuild))
        uv_close((uv_handle_t *)&publisher->rebuild, NULL);
}

void publisher_fini(struct publisher *publisher)
{
    pool_unref(publisher->pool);
    membership_fini(&publisher->membership);
}
