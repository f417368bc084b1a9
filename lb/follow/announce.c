#include "lb/follow/announce.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"

#define SECOND_MS   1000
#define POOL_CHANGE "pool-change"

void announce_init(struct announce *announce, uv_loop_t *loop)
{
    *announce = (struct announce){0};
    uv_timer_init(loop, &announce->second);
}

void announce_note(struct announce *announce, struct endpoint *endpoint, enum endpoint_state before)
{
    announce->changes =
        memory_resize(announce->changes, (announce->count + 1) * sizeof(*announce->changes));
    announce->changes[announce->count++] =
        (struct announce_change){.endpoint = endpoint_ref(endpoint), .before = before};
}

/* ---- not too much at once -------------------------------------------------------------------- */

static void say_rest(struct announce *announce)
{
    if (announce->unsaid_count > 0)
        log_say(LOG_LEVEL_INFO, &(struct log_about){.action = POOL_CHANGE},
                "… and %u more changes, the last one: %s", announce->unsaid_count,
                text_str(&announce->last));
    announce->unsaid_count = 0;
    text_clear(&announce->last);
}

static void on_uv_second(uv_timer_t *second)
{
    struct announce *announce = list_entry(second, struct announce, second);
    say_rest(announce);
    announce->line_count = 0;
}

static void say(struct announce *announce, const struct log_about *about, const struct text *line)
{
    if (!uv_is_active((uv_handle_t *)&announce->second))
        uv_timer_start(&announce->second, on_uv_second, SECOND_MS, 0);
    if (announce->line_count++ < ANNOUNCE_LINES) {
        log_say(LOG_LEVEL_INFO, about, "%s", text_str(line));
        return;
    }
    announce->unsaid_count++;
    text_clear(&announce->last);
    text_append(&announce->last, text_view(line));
}

/* ---- the words ------------------------------------------------------------------------------- */

/* The kind is told where there are others of that name: `db (tcp)`. */
static void append_service(const struct pool *pool, const char *name, enum service_kind kind,
                           struct text *line)
{
    bool has_other = false;
    for (unsigned other = 0; other < SERVICE_KIND_COUNT; other++)
        has_other |=
            other != kind && pool_find_kind(pool, view_str(name), (enum service_kind)other) != NULL;
    text_append_str(line, name);
    if (has_other && kind != SERVICE_HTTP)
        text_appendf(line, " (%s)", service_kind_word(kind));
}

/* Of the kinds of its service the first one that may have it. NULL: none has endpoints any more. */
static const struct pool_service *
find_service(const struct pool *pool, const struct endpoint *endpoint, enum service_kind *kind)
{
    bool is_udp = endpoint->protocol == PROTOCOL_UDP;
    *kind = is_udp ? SERVICE_UDP : SERVICE_TCP;
    if (protocol_serves(endpoint->protocol, SERVICE_HTTP) &&
        pool_find(pool, view_str(endpoint->service)))
        *kind = SERVICE_HTTP;
    return pool_find_kind(pool, view_str(endpoint->service), *kind);
}

static void append_why(const struct endpoint *endpoint, struct text *line)
{
    uint64_t now_ns = clock_wall_ns();
    if (endpoint->problem[0])
        text_appendf(line, ": %s", endpoint->problem);
    else if (endpoint->cause_time_ns > 0 && now_ns > endpoint->cause_time_ns)
        text_appendf(line, ", %.1f ms after %.32s",
                     (double)(now_ns - endpoint->cause_time_ns) / 1e6, endpoint->cause);
    else if (endpoint->cause[0])
        text_appendf(line, ", by %.32s", endpoint->cause);
}

static void speak_one(struct announce *announce, const struct announce_change *change,
                      const struct pool *pool)
{
    const struct endpoint *endpoint = change->endpoint;
    enum endpoint_state state = endpoint_state(endpoint);
    char address[ADDRESS_TEXT_BYTES];
    struct log_about about = {.action = POOL_CHANGE,
                              .service = endpoint->service,
                              .name = endpoint->name,
                              .id = endpoint->container,
                              .address = address_format(&endpoint->address, address),
                              .state = endpoint_state_word(state),
                              .state_before = endpoint_state_word(change->before),
                              .cause = endpoint->cause};
    if (state == ENDPOINT_PROBING && change->before == ENDPOINT_GONE) {
        about.action = "probe";
        log_say(LOG_LEVEL_DEBUG, &about, "%s: %s at %s is being probed", endpoint->service,
                endpoint->name, address);
        return;
    }
    struct text line = TEXT_INIT;
    enum service_kind kind;
    const struct pool_service *service = find_service(pool, endpoint, &kind);
    unsigned ready = service ? service->ready_count : 0;
    append_service(pool, endpoint->service, kind, &line);
    text_appendf(&line, ": %s %s, %u endpoint%s", endpoint->name, endpoint_state_word(state), ready,
                 ready == 1 ? "" : "s");
    if (state != ENDPOINT_GONE)
        append_why(endpoint, &line);
    say(announce, &about, &line);
    text_fini(&line);
}

static bool was_panicking(const struct pool *before, const struct pool_service *now, unsigned *near)
{
    const struct pool_service *service =
        before ? pool_find_next(before, now->name, now->kind, near) : NULL;
    return service && service->is_panicking;
}

static void speak_of_one_panic(const struct pool *pool, const struct pool_service *service)
{
    struct text name = TEXT_INIT;
    struct log_about about = {.action = service->is_panicking ? "panic" : "panic-over",
                              .service = service->name};
    append_service(pool, service->name, service->kind, &name);
    if (service->is_panicking)
        log_say(LOG_LEVEL_WARN, &about,
                "%s: panic: too few endpoints are healthy, so failing, unhealthy and ejected "
                "ones get requests too (--panic-below)",
                text_str(&name));
    else
        log_say(LOG_LEVEL_WARN, &about, "%s: the panic is over", text_str(&name));
    text_fini(&name);
}

/* Both are warnings, because the log counts these where they repeat. */
static void speak_of_panic(const struct pool *pool, const struct pool *before)
{
    unsigned near = 0;
    for (unsigned i = 0; i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        bool was = was_panicking(before, service, &near);
        if (service->is_panicking != was)
            speak_of_one_panic(pool, service);
    }
}

static uint32_t count_left_out(const struct pool *pool)
{
    return pool && pool->routes.table ? pool->routes.table->unusable_count : 0;
}

/* Once, until there are others. */
static void speak_of_routes(const struct pool *pool, const struct pool *before)
{
    uint32_t count = count_left_out(pool);
    if (count == 0 || count == count_left_out(before))
        return;
    const struct rule_left_out *first = &pool->routes.table->unusable[0];
    struct text line = TEXT_INIT;
    text_appendf(&line, "routes: %u do%s not fit; the first: ", count, count == 1 ? "es" : "");
    route_append_name(&first->route, &line);
    if (first->route.name.len > 0) {
        text_append_str(&line, " of ");
        text_append(&line, first->route.name);
    }
    text_append_str(&line, " is ");
    rule_set_append_left_out(first, &line);
    struct text shown = TEXT_INIT;
    shown_append(&shown, text_view(&line));
    log_warn("%s", text_str(&shown));
    text_fini(&shown);
    text_fini(&line);
}

void announce_speak(struct announce *announce, const struct pool *pool, const struct pool *before)
{
    for (unsigned i = 0; i < announce->count; i++) {
        speak_one(announce, &announce->changes[i], pool);
        endpoint_unref(announce->changes[i].endpoint);
    }
    speak_of_panic(pool, before);
    speak_of_routes(pool, before);
    free(announce->changes);
    announce->changes = NULL;
    announce->count = 0;
}

void announce_close(struct announce *announce)
{
    if (uv_is_closing((uv_handle_t *)&announce->second))
        return;
    say_rest(announce);
    text_fini(&announce->last);
    uv_close((uv_handle_t *)&announce->second, NULL);
}
