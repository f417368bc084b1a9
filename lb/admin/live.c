#include "lb/admin/live.h"

#include "lb/admin/default_route.h"
#include "lb/admin/local_share.h"
#include "lb/admin/service_standing.h"
#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/follow/left_out.h"
#include "lb/follow/reasons.h"

/* What one object is made of. */
struct frame {
    const struct live *live;
    const struct pool_page *page;
    struct json_writer json;
    uint64_t span_ms; /* of the window; 0: no rates yet */
};

/* ---- endpoints ------------------------------------------------------------------------------- */

static void write_double(struct json_writer *json, const char *key, double value, bool is_known)
{
    json_writer_key(json, key);
    if (is_known)
        json_writer_double(json, value);
    else
        json_writer_null(json);
}

static void write_endpoint(struct frame *frame, const struct pool_service *service,
                           const struct endpoint *endpoint)
{
    const struct live *live = frame->live;
    struct json_writer *json = &frame->json;
    enum endpoint_state state = endpoint_state(endpoint);
    bool has_rate = frame->span_ms > 0;
    double rate = has_rate ? window_endpoint_rate(&live->window, frame->page->now_ms, endpoint) : 0;
    json_writer_begin_object(json);
    pool_page_write_endpoint(frame->page, endpoint, json);
    local_share_write_place(service, endpoint, json);
    if (state != ENDPOINT_READY)
        json_writer_field_str(json, "why", reasons_of_endpoint(endpoint)->why);
    write_double(json, "rate", rate, has_rate);
    json_writer_end_object(json);
}

/* A service of TCP may have the endpoints of that of HTTP by the same name: they are told once. */
static bool is_told_before(const struct frame *frame, const struct pool_service *service,
                           const struct endpoint *endpoint)
{
    const struct pool_service *first =
        service->kind == SERVICE_TCP ? pool_find(frame->page->pool, view_str(service->name)) : NULL;
    for (unsigned i = 0; first && i < first->endpoint_count; i++)
        if (first->endpoints[i] == endpoint)
            return true;
    return false;
}

static void write_endpoints_where(struct frame *frame, bool is_ready, unsigned *room)
{
    const struct pool *pool = frame->page->pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        for (unsigned j = 0; j<service->endpoint_count && * room> 0; j++) {
            if (endpoint_is_usable(service->endpoints[j]) != is_ready ||
                is_told_before(frame, service, service->endpoints[j]))
                continue;
            write_endpoint(frame, service, service->endpoints[j]);
            --*room;
        }
    }
}

static void write_endpoints(struct frame *frame)
{
    unsigned room = LIVE_ENDPOINT_MAX;
    json_writer_key(&frame->json, "endpoints");
    json_writer_begin_array(&frame->json);
    write_endpoints_where(frame, false, &room);
    write_endpoints_where(frame, true, &room);
    json_writer_end_array(&frame->json);
}

static void write_counts(struct frame *frame)
{
    const struct pool *pool = frame->page->pool;
    unsigned states[ENDPOINT_STATE_COUNT] = {0}, total = 0, usable = 0;
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        for (unsigned j = 0; j < service->endpoint_count; j++) {
            if (is_told_before(frame, service, service->endpoints[j]))
                continue;
            states[endpoint_state(service->endpoints[j])]++;
            usable += pool_may_use(service, service->endpoints[j]);
            total++;
        }
    }
    json_writer_field_uint(&frame->json, "route_count",
                           pool && pool->routes.table ? pool->routes.table->count : 0);
    json_writer_field_uint(&frame->json, "endpoint_count", total);
    json_writer_field_uint(&frame->json, "usable_count", usable);
    json_writer_key(&frame->json, "states");
    json_writer_begin_object(&frame->json);
    for (unsigned i = 0; i < ENDPOINT_STATE_COUNT; i++)
        if (states[i] > 0)
            json_writer_field_uint(&frame->json, endpoint_state_word((enum endpoint_state)i),
                                   states[i]);
    json_writer_end_object(&frame->json);
}

/* ---- TCP and UDP ----------------------------------------------------------------------------- */

static void write_service(struct frame *frame, const struct service *service,
                          const struct pool_service *listed)
{
    struct json_writer *json = &frame->json;
    json_writer_begin_object(json);
    json_writer_field_str(json, "name", service->name);
    json_writer_field_uint(json, "ready", listed ? listed->ready_count : 0);
    json_writer_field_uint(json, "endpoint_count", listed ? listed->endpoint_count : 0);
    pool_page_write_passing(service, json);
    json_writer_end_object(json);
}

static void write_services(struct frame *frame)
{
    const struct pool *pool = frame->page->pool;
    const struct listener_table *table = pool ? pool->listeners.table : NULL;
    unsigned count = table ? listener_table_service_count(table) : 0;
    json_writer_key(&frame->json, "services");
    json_writer_begin_array(&frame->json);
    for (unsigned i = 0; i < count && i < LIVE_SERVICE_MAX; i++)
        write_service(frame, pool->listeners.targets[i].service, pool->listeners.targets[i].listed);
    json_writer_end_array(&frame->json);
    json_writer_field_uint(&frame->json, "service_count", count);
}

static void write_listeners(struct frame *frame)
{
    const struct pool_page *page = frame->page;
    const struct listener_table *table = page->pool ? page->pool->listeners.table : NULL;
    unsigned shut_count = 0;
    for (unsigned i = 0; page->listeners && i < page->listeners->count; i++)
        shut_count += page->listeners->all[i]->state != LISTENER_OPEN;
    json_writer_field_uint(&frame->json, "rule_count",
                           table ? listener_table_rule_count(table) : 0);
    json_writer_field_uint(&frame->json, "listener_count",
                           page->listeners ? page->listeners->count : 0);
    json_writer_field_uint(&frame->json, "shut_count", shut_count);
    write_services(frame);
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* Enough to know when /certificates is to be asked anew. */
static void write_certificates(struct frame *frame)
{
    const struct certs_picture *picture = frame->page->certificates;
    json_writer_key(&frame->json, "certificates");
    if (!picture) {
        json_writer_null(&frame->json);
        return;
    }
    json_writer_begin_object(&frame->json);
    json_writer_field_uint(&frame->json, "count", tls_store_count(picture->store));
    json_writer_field_uint(&frame->json, "refused_count", picture->refused_count);
    json_writer_field_uint(&frame->json, "reads", picture->read_count);
    json_writer_field_uint(&frame->json, "changed_s", (uint64_t)picture->changed_s);
    json_writer_end_object(&frame->json);
}

/* ---- traffic --------------------------------------------------------------------------------- */

static void write_latency(struct frame *frame)
{
    static const struct {
        const char *key;
        unsigned percent;
    } quantiles[] = {{"p50_ms", 50}, {"p90_ms", 90}, {"p99_ms", 99}};
    uint64_t buckets[WINDOW_BUCKET_COUNT];
    uint64_t count = window_durations(&frame->live->window, frame->page->totals, buckets);
    json_writer_key(&frame->json, "latency");
    json_writer_begin_object(&frame->json);
    json_writer_field_uint(&frame->json, "count", count);
    for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
        write_double(&frame->json, quantiles[i].key,
                     window_quantile_ns(buckets, quantiles[i].percent) / 1e6, count > 0);
    json_writer_end_object(&frame->json);
}

static void write_traffic(struct frame *frame)
{
    const struct pool_page *page = frame->page;
    bool has_rate = frame->span_ms > 0;
    double rate = has_rate ? window_rate(&frame->live->window, page->now_ms, page->totals) : 0;
    json_writer_field_uint(&frame->json, "window_ms", frame->span_ms);
    write_double(&frame->json, "rate", rate, has_rate);
    json_writer_field_uint(&frame->json, "errors",
                           window_class_count(&frame->live->window, page->totals, 5));
    write_latency(frame);
    json_writer_field_uint(&frame->json, "inflight", counter_get(&page->totals->inflight_count));
    json_writer_field_uint(&frame->json, "held", counter_get(&page->totals->held_count));
    json_writer_field_uint(&frame->json, "queued", counter_get(&page->totals->queued_count));
    json_writer_key(&frame->json, "totals");
    pool_page_write_totals(page, &frame->json);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void count_one(void *owner, const struct left_out *left_out)
{
    (void)left_out;
    ++*(unsigned *)owner;
}

static void write_default_route(struct frame *frame)
{
    struct text rule = TEXT_INIT;
    default_route_append(frame->page->membership, &rule);
    json_writer_field_str(&frame->json, "default_route", text_str(&rule));
    text_fini(&rule);
}

static void write_pool(struct frame *frame)
{
    const struct pool_page *page = frame->page;
    const struct pool_service *routed = page->pool ? routes_find(&page->pool->routes) : NULL;
    char time[CLOCK_TEXT_BYTES];
    unsigned left_out_count = 0;
    left_out_each(page->membership, count_one, &left_out_count);
    json_writer_field_str(&frame->json, "time", clock_format(clock_wall_ns(), time));
    json_writer_field_uint(&frame->json, "version", page->pool ? page->pool->version : 0);
    json_writer_field_str(&frame->json, "service", page->membership->service);
    write_default_route(frame);
    json_writer_field_bool(&frame->json, "shutting_down", page->is_shutting_down);
    json_writer_field_bool(&frame->json, "panic", routed && routed->is_panicking);
    json_writer_field_uint(&frame->json, "left_out_count", left_out_count);
    json_writer_key(&frame->json, "paused");
    service_standing_write_paused(&page->membership->wanted, page->now_ms, &frame->json);
    if (page->process) {
        json_writer_key(&frame->json, "process");
        process_facts_write(page->process, &frame->json);
    }
    json_writer_key(&frame->json, "discovery");
    pool_page_write_discovery(page, &frame->json);
}

static void append_frame(struct live *live, struct text *out, bool is_kept)
{
    const struct live_options *options = &live->options;
    struct metrics totals = {0};
    struct pool_page page = options->describe(options->owner, &totals);
    struct frame frame = {
        .live = live, .page = &page, .span_ms = window_span_ms(&live->window, page.now_ms)};
    text_append_str(out, "data: ");
    json_writer_init(&frame.json, out);
    json_writer_begin_object(&frame.json);
    write_pool(&frame);
    write_counts(&frame);
    write_endpoints(&frame);
    write_traffic(&frame);
    write_listeners(&frame);
    write_certificates(&frame);
    json_writer_key(&frame.json, "changes");
    recent_write(options->recent, &frame.json);
    json_writer_end_object(&frame.json);
    text_append_str(out, "\n\n");
    if (is_kept)
        window_add(&live->window, page.now_ms, &totals, page.pool);
}

static void on_uv_second(uv_timer_t *second)
{
    struct live *live = list_entry(second, struct live, second);
    if (live->options.admin->follower_count == 0) {
        uv_timer_stop(second);
        window_clear(&live->window);
        text_fini(&live->frame);
        return;
    }
    text_clear(&live->frame);
    append_frame(live, &live->frame, true);
    admin_tell(live->options.admin, text_view(&live->frame));
}

void live_begin(struct live *live, struct text *out)
{
    append_frame(live, out, live->window.count == 0);
    if (!uv_is_active((uv_handle_t *)&live->second))
        uv_timer_start(&live->second, on_uv_second, LIVE_INTERVAL_MS, LIVE_INTERVAL_MS);
}

void live_init(struct live *live, const struct live_options *options)
{
    *live = (struct live){.options = *options};
    uv_timer_init(&options->loop->uv, &live->second);
}

void live_close(struct live *live)
{
    if (uv_is_closing((uv_handle_t *)&live->second))
        return;
    window_clear(&live->window);
    text_fini(&live->frame);
    uv_close((uv_handle_t *)&live->second, NULL);
}
