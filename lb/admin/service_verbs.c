#include "lb/admin/service_verbs.h"

#include "lb/admin/pages.h"
#include "lb/admin/service_standing.h"
#include "lb/base/edits.h"
#include "lb/base/json_writer.h"
#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/contract/check.h"

#define PAUSE_MIN_MS 100u

/* ---- which service --------------------------------------------------------------------------- */

struct search {
    struct view name;
    bool is_there;
    struct view nearest; /* of others, one that is spelt alike; or empty */
    size_t nearest_edits;
};

static void consider(struct search *search, struct view name)
{
    size_t edits = edits_between(search->name, name);
    search->is_there = search->is_there || view_eq(name, search->name);
    if (!edits_are_near(edits, search->name) ||
        (search->nearest.len > 0 && edits >= search->nearest_edits))
        return;
    search->nearest = name;
    search->nearest_edits = edits;
}

static struct search find(const struct publisher *publisher, struct view name)
{
    struct search search = {.name = name};
    const struct pool *pool = publisher->pool;
    const struct route_table *table = pool ? pool->routes.table : NULL;
    const struct listener_table *listeners = pool ? pool->listeners.table : NULL;
    consider(&search, view_str(publisher->membership.service));
    for (uint32_t i = 0; table && i < table->service_count; i++)
        consider(&search, table->services[i]);
    for (unsigned i = 0; listeners && i < listener_table_service_count(listeners); i++)
        consider(&search, listener_table_service(listeners, i)->name);
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        consider(&search, view_str(pool->services[i].name));
    return search;
}

/* False: there is none, or it is too late; the answer says so. */
static bool find_service(const struct pages *pages, const struct request *request,
                         struct admin_answer *answer)
{
    struct search search = find(pages->publisher, text_view(&request->name));
    if (pages->is_draining)
        admin_refuse(answer, 503, "shutting_down", "lb is shutting down: no order is taken.");
    else if (!search.is_there && search.nearest.len > 0)
        admin_refuse(answer, 404, "no_such_service",
                     "No service is named \"%s\"; did you mean %.*s? /routes lists them.",
                     text_str(&request->name), (int)search.nearest.len, search.nearest.ptr);
    else if (!search.is_there)
        admin_refuse(answer, 404, "no_such_service",
                     "No service is named \"%s\": no route and no listener leads to one, and no "
                     "container is in one. /routes, /listeners and /pool list them.",
                     text_str(&request->name));
    return answer->status == 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void tell(const struct pages *pages, const char *service, const struct text *message,
                 struct admin_answer *answer)
{
    struct json_writer json;
    const struct publisher *publisher = pages->publisher;
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "service", service);
    service_standing_write(&publisher->membership.wanted, service,
                           loop_now_ms(publisher->health.options.loop), &json);
    json_writer_field_str(&json, "message", text_str(message));
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
}

static void log_order(const char *service, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void log_order(const char *service, const char *format, ...)
{
    struct text order = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&order, format, args);
    va_end(args);
    log_say(LOG_LEVEL_INFO, &(struct log_about){.action = "admin-order", .service = service},
            "admin: %s", text_str(&order));
    text_fini(&order);
}

/* ---- pauses ---------------------------------------------------------------------------------- */

static bool parse_time(const struct request *request, unsigned *out_ms, struct admin_answer *answer)
{
    struct view value = paths_query(request, VIEW("for"));
    struct text time = TEXT_INIT;
    *out_ms = SERVICE_ORDERS_PAUSE_MS;
    bool is_good = !value.ptr || (paths_decode(value, &time) &&
                                  check_parse_time_within(text_view(&time), PAUSE_MIN_MS,
                                                          SERVICE_ORDERS_PAUSE_MAX_MS, out_ms));
    text_fini(&time);
    if (!is_good)
        admin_refuse(answer, 400, "bad_value",
                     "A pause takes a time from 100ms to 1h, for example 30s.");
    return is_good;
}

void service_verbs_pause(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct pages *pages = owner;
    struct publisher *publisher = pages->publisher;
    const char *service = text_str(&request->name);
    unsigned time_ms;
    if (!find_service(pages, request, answer) || !parse_time(request, &time_ms, answer))
        return;
    struct text message = TEXT_INIT;
    uint64_t now_ms = loop_now_ms(publisher->health.options.loop);
    bool was = service_orders_paused_until(&publisher->orders.services, view_str(service)) > 0;
    log_order(service, "pause %s for %.1f s%s: its new requests and connections wait", service,
              time_ms / 1e3, was ? " from now on" : "");
    service_orders_pause(&publisher->orders.services, service, now_ms + time_ms);
    publisher_publish(publisher);
    text_appendf(&message,
                 "%s is paused for %.1f s%s: its new requests and connections wait, what runs goes "
                 "on; resume ends it, and so does a restart of lb",
                 service, time_ms / 1e3, was ? " from now on" : "");
    tell(pages, service, &message, answer);
    text_fini(&message);
}

void service_verbs_resume(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct pages *pages = owner;
    struct publisher *publisher = pages->publisher;
    const char *service = text_str(&request->name);
    struct text message = TEXT_INIT;
    bool was = service_orders_paused_until(&publisher->orders.services, view_str(service)) > 0;
    if (!was && !find_service(pages, request, answer))
        return;
    if (was) {
        log_order(service, "resume %s", service);
        service_orders_pause(&publisher->orders.services, service, 0);
        publisher_publish(publisher);
    }
    text_appendf(&message, was ? "%s goes on, those that waited first" : "%s was not paused",
                 service);
    tell(pages, service, &message, answer);
    text_fini(&message);
}

/* ---- shares ---------------------------------------------------------------------------------- */

static bool is_in_group(const struct pool *pool, struct view service)
{
    const struct route_table *table = pool ? pool->routes.table : NULL;
    for (uint32_t i = 0; table && i < table->groups.count; i++) {
        const struct route *route = &table->rules[table->groups.list[i].rule]->route;
        for (unsigned k = 0; k < route->share_count; k++)
            if (view_eq(route->shares[k].service, service))
                return true;
    }
    return false;
}

static bool parse_percent(const struct request *request, int *percent, struct admin_answer *answer)
{
    struct view value = paths_query(request, VIEW("value"));
    uint64_t number = 0;
    *percent = POOL_WANTED_NO_SHARE;
    if (view_eq(value, VIEW("default")))
        return true;
    if (value.len > 0 && value.len <= 3 && view_parse_u64(value, 100, &number)) {
        *percent = (int)number;
        return true;
    }
    admin_refuse(answer, 400, "bad_value",
                 "A share%s is 0 to 100, in percent of the requests of its routes, or default.",
                 value.ptr ? "" : " (?value=)");
    return false;
}

static void obey(struct pages *pages, const char *service, int percent, struct admin_answer *answer)
{
    struct publisher *publisher = pages->publisher;
    struct text message = TEXT_INIT;
    if (percent == POOL_WANTED_NO_SHARE)
        text_appendf(&message, "%s gets the share that its labels say", service);
    else
        text_appendf(&message, "%s gets %d %% of its routes' requests, the other services the rest",
                     service, percent);
    log_order(service, "%s", text_str(&message));
    service_orders_share(&publisher->orders.services, service, percent);
    if (!publisher_obey(publisher))
        text_append_str(&message, "; the order could not be written to --state: see lb's log");
    tell(pages, service, &message, answer);
    text_fini(&message);
}

void service_verbs_share(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct pages *pages = owner;
    const char *service = text_str(&request->name);
    const struct publisher *publisher = pages->publisher;
    bool is_ordered =
        service_orders_share_of(&publisher->orders.services, service) != POOL_WANTED_NO_SHARE;
    int percent;
    if (!find_service(pages, request, answer) || !parse_percent(request, &percent, answer))
        return;
    if (is_ordered || is_in_group(publisher->pool, view_str(service)))
        obey(pages, service, percent, answer);
    else
        admin_refuse(answer, 409, "not_shared",
                     "%s shares no route with another service: let a container of each have the "
                     "same host and path, and one of them a label lb.service.weight.",
                     service);
}
