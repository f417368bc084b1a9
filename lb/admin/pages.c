#include "lb/admin/pages.h"

#include <stdio.h>

#include "lb/admin/admin_access.h"
#include "lb/admin/certificates_page.h"
#include "lb/admin/explain_listener.h"
#include "lb/admin/explain_url.h"
#include "lb/admin/front_page.h"
#include "lb/admin/listeners_page.h"
#include "lb/admin/metrics_format.h"
#include "lb/admin/metrics_page.h"
#include "lb/admin/requests_page.h"
#include "lb/admin/routes_page.h"
#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/config/config_socket.h"
#include "lb/config/config_print.h"

/* "file+docker": in the order in which they count. */
static void append_sources(const struct config *config, char word[POOL_PAGE_SOURCE_BYTES])
{
    static const struct {
        unsigned source;
        const char *word;
    } words[] = {{CONFIG_SOURCE_FILE, "file"},
                 {CONFIG_SOURCE_SWARM, "swarm"},
                 {CONFIG_SOURCE_DOCKER, "docker"},
                 {CONFIG_SOURCE_CONSUL, "consul"},
                 {CONFIG_SOURCE_STATIC, "static"}};
    size_t len = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (config->sources & words[i].source)
            len += (size_t)snprintf(word + len, POOL_PAGE_SOURCE_BYTES - len, "%s%s",
                                    len > 0 ? "+" : "", words[i].word);
}

/* The page has no secrets: it asks for the token itself, and follows /events with it. */
void pages_front(void *owner, const struct request *request, struct admin_answer *answer)
{
    (void)owner;
    front_page_write(request, answer);
}

void pages_events(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    (void)request;
    answer->status = 200;
    answer->content_type = "text/event-stream";
    answer->goes_on = true;
    live_begin(pages->live, &answer->body);
}

static void append_obstacle(const struct pages *pages, struct text *out)
{
    const struct obstacle *obstacle = &pages->publisher->membership.life.obstacle;
    if (!obstacle_is_set(obstacle))
        return;
    obstacle_append(obstacle, out);
    text_append_char(out, '\n');
}

static const struct obstacle *obstacle_of(const struct pages *pages)
{
    return &pages->publisher->membership.life.obstacle;
}

/* Whether it has never learnt who its backends are, and knows what keeps it from that. */
static bool is_blind(const struct pages *pages)
{
    return pages->child && pages->publisher->membership.line_count == 0 &&
           !pages->publisher->membership.is_recalled && obstacle_is_set(obstacle_of(pages));
}

/* That it lives; for those who ask for more, as the image's HEALTHCHECK does, also that it sees. */
void pages_health(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    bool asks_more = paths_query(request, VIEW("discovery")).ptr != NULL;
    answer->status = asks_more && is_blind(pages) ? 503 : 200;
    if (answer->status == 200)
        text_append_str(&answer->body, "ok\n");
    else
        append_obstacle(pages, &answer->body);
}

void pages_ready(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    bool usable = publisher_has_usable(pages->publisher);
    bool is_looping = process_facts_is_looping(&pages->process, clock_wall_ns());
    (void)request;
    answer->status = usable && !pages->is_shutting_down && !is_looping ? 200 : 503;
    if (pages->is_shutting_down)
        text_append_str(&answer->body, "shutting down\n");
    else if (is_looping)
        process_facts_append_loop(&pages->process, &answer->body);
    else if (usable)
        text_append_str(&answer->body, "ready\n");
    else
        text_appendf(&answer->body, "no endpoint of the service \"%s\" is ready; see /explain\n",
                     pages->publisher->membership.service);
    if (!usable && !pages->is_shutting_down)
        append_obstacle(pages, &answer->body);
}

void pages_note_door(struct pages *pages, const char *protocol, const struct address *at)
{
    if (pages->door_count < PAGES_DOOR_MAX)
        pages->doors[pages->door_count++] = (struct pool_page_door){protocol, *at};
}

struct pool_page pages_describe(const void *owner, struct metrics *totals)
{
    const struct pages *pages = owner;
    const struct publisher *publisher = pages->publisher;
    crew_count(pages->crew, totals);
    struct pool_page page = {.pool = publisher->pool,
                             .membership = &publisher->membership,
                             .now_ms = loop_now_ms(publisher->health.options.loop),
                             .totals = totals,
                             .discovery_start_count = pages->child ? pages->child->start_count : 0,
                             .worker_count = pages->crew->worker_count,
                             .process = &pages->process,
                             .is_shutting_down = pages->is_shutting_down,
                             .listeners = pages->listeners,
                             .doors = pages->doors,
                             .door_count = pages->door_count,
                             .certificates = pages->certificates};
    append_sources(pages->config, page.source);
    return page;
}

void pages_pool(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct metrics totals = {0};
    struct pool_page page = pages_describe(owner, &totals);
    (void)request;
    answer->status = 200;
    answer->content_type = "application/json";
    pool_page_write(&page, &answer->body);
}

void pages_process(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    struct json_writer json;
    (void)request;
    answer->status = 200;
    answer->content_type = "application/json";
    json_writer_init(&json, &answer->body);
    process_facts_write(&pages->process, &json);
    text_append_char(&answer->body, '\n');
}

void pages_metrics(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    struct metrics totals = {0};
    struct acme_orders orders;
    crew_count(pages->crew, &totals);
    acme_orders_read(&orders, pages->acme_orders_fd);
    struct metrics_page page = {
        .totals = &totals,
        .services = {.pool = pages->publisher->pool,
                     .routed = pages->publisher->membership.service},
        .publisher = pages->publisher,
        .discovery_start_count = pages->child ? pages->child->start_count : 0,
        .process = &pages->process,
        .log_drop_count = access_log_dropped_count(pages->access_log, ACCESS_OUTLET_FILE),
        .settings = pages->settings,
        .certificates = pages->certificates,
        .acme_orders = pages->config->acme.email ? &orders : NULL,
        .speaks_tls = config_tls_is_spoken(&pages->config->tls),
        .is_compatible = pages->config->metrics_compat != 0,
        .is_open = metrics_format_is_open(admin_access_field(request->head, VIEW("accept"))),
    };
    crew_count_unrouted(pages->crew, &page.services.unrouted);
    crew_count_unrouted_passing(pages->crew, &page.unrouted);
    answer->status = 200;
    answer->content_type = page.is_open ? PROMETHEUS_TEXT_OPEN_TYPE : PROMETHEUS_TEXT_TYPE;
    metrics_page_write(&page, &answer->body);
    acme_orders_fini(&orders);
}

/* As far as this page needs Accept (RFC 9110 § 12.5.1): JSON where it is named. */
static bool wants_json(const struct request *request)
{
    struct view accept = admin_access_field(request->head, VIEW("accept"));
    while (accept.ptr) {
        struct view range = view_cut(&accept, ',');
        if (view_eq_nocase(view_trim(view_cut(&range, ';')), VIEW("application/json")))
            return true;
    }
    return false;
}

/* As workers have it. */
struct url_https pages_https(const struct pages *pages)
{
    const struct certs_picture *picture = pages->certificates;
    const struct settings *settings = pages->crew->settings;
    if (!settings)
        return (struct url_https){0};
    const struct pool *pool = pages->publisher->pool;
    return (struct url_https){.certificates = picture ? picture->store : NULL,
                              .routes = pool ? pool->routes.table : NULL,
                              .defaults = settings->options.exchange.https,
                              .is_spoken = settings->options.tls.is_spoken};
}

static struct explain explain_of(const struct pages *pages)
{
    const struct publisher *publisher = pages->publisher;
    return (struct explain){.pool = publisher->pool,
                            .membership = &publisher->membership,
                            .now_ms = loop_now_ms(publisher->health.options.loop),
                            .library = pages->library,
                            .https = pages_https(pages),
                            .listeners = pages->listeners,
                            .orders_none = !pages->config->acme.email};
}

/* To be followed by acme_orders_fini. */
static struct certificates_page certificates_of(const struct pages *pages,
                                                struct acme_orders *orders)
{
    acme_orders_read(orders, pages->acme_orders_fd);
    return (struct certificates_page){.picture = pages->certificates,
                                      .orders = orders,
                                      .https = pages_https(pages),
                                      .now_s = (int64_t)(clock_wall_ns() / 1000000000u)};
}

static void explain_url_text(const struct explain *explain, struct url_question *question,
                             struct text *out)
{
    explain_url_write_text(explain, question, out);
    if (view_starts_with(text_view(&question->url), VIEW("https:")))
        certificates_page_write_host(explain->certificates, question->question.host, true, out);
}

static void explain_url(const struct explain *explain, const struct request *request,
                        struct admin_answer *answer)
{
    struct url_question question;
    struct text problem = TEXT_INIT;
    bool is_good = url_question_read(&question, request->query, &problem);
    answer->status = 200;
    if (!is_good)
        admin_refuse(answer, 400, "bad_question", "%s", text_str(&problem));
    else if (!explain->pool)
        admin_refuse(answer, 503, "nothing_known",
                     "Discovery has told nothing yet: requests wait (--hold).");
    else if (wants_json(request))
        explain_url_write_json(explain, &question, &answer->body);
    else
        explain_url_text(explain, &question, &answer->body);
    if (is_good && explain->pool && wants_json(request))
        answer->content_type = "application/json";
    url_question_fini(&question);
    text_fini(&problem);
}

static void explain_listener(const struct explain *explain, const struct request *request,
                             struct admin_answer *answer)
{
    struct listener_question question;
    struct text problem = TEXT_INIT;
    answer->status = 200;
    if (!listener_question_read(&question, request->query, &problem)) {
        admin_refuse(answer, 400, "bad_question", "%s", text_str(&problem));
    } else if (wants_json(request)) {
        answer->content_type = "application/json";
        explain_listener_write_json(explain, &question, &answer->body);
    } else {
        explain_listener_write_text(explain, &question, &answer->body);
    }
    listener_question_fini(&question);
    text_fini(&problem);
}

/* Whoever asks for one of Consul's that lb has not been told to follow. */
static const char *hint_at_catalog(const struct config *config)
{
    return config->sources & CONFIG_SOURCE_CONSUL
               ? " Of Consul's services lb follows those whose tags ask for a route, and those "
                 "that "
                 "--consul-service, --service, --default-route, --tcp and --udp name."
               : "";
}

static void append_nothing_told(struct text *body, const struct config *config)
{
    const char *path = config_socket_of(config->discovery_program);
    text_append_str(body, "Discovery has told nothing yet.\n");
    if (path)
        text_appendf(body, "lb waits for it at %s: start lb-discovery --to unix:%s\n", path, path);
}

/* Whether requests for that host have a route. */
static bool is_routed_host(const struct explain *explain, struct view subject)
{
    struct url_question question;
    struct text query = TEXT_INIT, problem = TEXT_INIT;
    if (view_find(subject, '.') < 0 || !explain->pool || !explain->pool->routes.table)
        return false;
    text_append_str(&query, "url=https://");
    text_append(&query, subject);
    bool is_known = url_question_read(&question, text_view(&query), &problem) &&
                    route_table_knows(explain->pool->routes.table, &question.question);
    url_question_fini(&question);
    text_fini(&problem);
    text_fini(&query);
    return is_known;
}

static void explain_containers(const struct pages *pages, const struct explain *explain,
                               const struct request *request, struct admin_answer *answer)
{
    struct view subject = text_view(&request->name);
    bool is_json = wants_json(request);
    if (!is_json && subject.len == 0)
        explain_write_obstacle(explain, &answer->body);
    unsigned count = is_json ? explain_write_json(explain, subject, &answer->body)
                             : explain_write_text(explain, subject, &answer->body);
    answer->status = 200;
    if (is_json)
        answer->content_type = "application/json";
    if (!is_json && subject.len > 0 &&
        certificates_page_write_host(explain->certificates, subject, explain->is_about_host,
                                     &answer->body))
        count++;
    if (count == 0 && subject.len > 0)
        admin_refuse(answer, 404, "no_such_container",
                     "No container and no --backend is named \"%s\", or is in a service of that "
                     "name, and no id begins so; /explain lists those that lb knows.%s%s",
                     text_str(&request->name), hint_at_catalog(pages->config),
                     view_find(subject, '.') < 0
                         ? ""
                         : " A URL has a slash, as in lb explain http://shop.test/.");
    else if (count == 0 && !is_json && answer->body.len == 0 && explain->pool)
        text_append_str(&answer->body, "No container is known.\n");
    else if (count == 0 && !is_json && answer->body.len == 0)
        append_nothing_told(&answer->body, pages->config);
}

void pages_explain(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct explain explain = explain_of(owner);
    struct acme_orders orders;
    struct certificates_page page = certificates_of(owner, &orders);
    explain.certificates = &page;
    explain.is_about_host =
        pages_https(owner).is_spoken && is_routed_host(&explain, text_view(&request->name));
    bool is_question = request->query.len > 0 && request->name.len == 0;
    if (is_question && listener_question_is(request->query))
        explain_listener(&explain, request, answer);
    else if (is_question)
        explain_url(&explain, request, answer);
    else
        explain_containers(owner, &explain, request, answer);
    acme_orders_fini(&orders);
}

/* The number in the query, if it is one. */
static unsigned number_of(const struct request *request, struct view key, unsigned otherwise)
{
    uint64_t number;
    struct view value = paths_query(request, key);
    return value.len > 0 && view_parse_u64(value, UINT32_MAX, &number) ? (unsigned)number
                                                                       : otherwise;
}

void pages_routes(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct explain explain = explain_of(owner);
    struct routes_page page = {.explain = &explain,
                               .from = number_of(request, VIEW("from"), 0),
                               .count_max = number_of(request, VIEW("count"), ROUTES_PAGE_MAX)};
    if (page.count_max == 0 || page.count_max > ROUTES_PAGE_MAX)
        page.count_max = ROUTES_PAGE_MAX;
    answer->status = 200;
    if (wants_json(request)) {
        answer->content_type = "application/json";
        routes_page_write_json(&page, &answer->body);
    } else {
        routes_page_write_text(&page, &answer->body);
    }
}

void pages_listeners(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct explain explain = explain_of(owner);
    answer->status = 200;
    if (wants_json(request)) {
        answer->content_type = "application/json";
        listeners_page_write_json(&explain, &answer->body);
    } else {
        listeners_page_write_text(&explain, &answer->body);
    }
}

void pages_certificates(void *owner, const struct request *request, struct admin_answer *answer)
{
    struct acme_orders orders;
    struct certificates_page page = certificates_of(owner, &orders);
    page.from = number_of(request, VIEW("from"), 0);
    page.count_max = number_of(request, VIEW("count"), CERTIFICATES_PAGE_MAX);
    page.is_soonest_first = view_eq(paths_query(request, VIEW("order")), VIEW("soonest"));
    if (page.count_max == 0 || page.count_max > CERTIFICATES_PAGE_MAX)
        page.count_max = CERTIFICATES_PAGE_MAX;
    answer->status = 200;
    if (wants_json(request)) {
        answer->content_type = "application/json";
        certificates_page_write_json(&page, &answer->body);
    } else {
        certificates_page_write_text(&page, &answer->body);
    }
    acme_orders_fini(&orders);
}

void pages_history(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    (void)request;
    answer->status = 200;
    answer->content_type = "application/json";
    history_write(&pages->live->history, &pages->publisher->recent, &answer->body);
}

void pages_requests(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    struct metrics totals = {0};
    struct pool_page page = pages_describe(owner, &totals);
    (void)request;
    answer->status = 200;
    answer->content_type = "application/json";
    requests_page_write(pages->crew, &page, &answer->body);
}

/* With the level that was ordered meanwhile, and without secrets. */
void pages_config(void *owner, const struct request *request, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    struct config shown = *pages->config;
    (void)request;
    shown.log_level = log_current_level();
    answer->status = 200;
    answer->content_type = "application/json";
    config_print_masked(&shown, &answer->body);
}
