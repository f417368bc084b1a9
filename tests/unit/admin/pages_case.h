/* The admin site as a whole, with a crew of one worker that only has counters. Includes cmocka. */
#ifndef TESTS_UNIT_ADMIN_PAGES_CASE_H
#define TESTS_UNIT_ADMIN_PAGES_CASE_H

#include "tests/unit/admin/site_case.h"

#include "lb/admin/pages.h"
#include "tests/unit/support/parsed.h"

static struct worker worker;
static struct service *nowhere; /* of requests that are for no service */
static struct worker *workers[] = {&worker};
static struct crew crew;
static struct config config;
static struct access_log access_log;
static struct child child;
static struct admin admin;
static struct live live;
static struct pages pages;

static inline int open_pages(void **state)
{
    static char service[] = "app";
    open_publisher(state);
    nowhere = service_new("", SERVICE_HTTP, 1);
    struct service_policy *policy = service_policy_new(&(struct service_policy){0});
    worker.env = (struct env){.nowhere = service_use(nowhere, 0, policy)};
    service_policy_unref(policy);
    uv_async_init(&loop.uv, &worker.doorbell, NULL);
    crew = (struct crew){.workers = workers, .worker_count = 1};
    config = (struct config){.sources = CONFIG_SOURCE_DOCKER,
                             .service = service,
                             .access_log = service,
                             .log_level = LOG_LEVEL_ERROR};
    access_log = (struct access_log){0};
    child.start_count = 0;
    admin = (struct admin){0};
    pages = (struct pages){.config = &config,
                           .publisher = &publisher,
                           .crew = &crew,
                           .access_log = &access_log,
                           .live = &live};
    live_init(&live, &(struct live_options){.loop = &loop,
                                            .admin = &admin,
                                            .crew = &crew,
                                            .recent = &publisher.recent,
                                            .describe = pages_describe,
                                            .owner = &pages});
    return 0;
}

static inline int close_pages(void **state)
{
    live_close(&live);
    uv_close((uv_handle_t *)&worker.doorbell, NULL);
    service_release(worker.env.nowhere);
    service_unref(nowhere);
    return close_publisher(state);
}

typedef void handle_request(void *owner, const struct request *request,
                            struct admin_answer *answer);

/* `name`: what stood for "*" in the path. `fields`: more of the head. The answer is to be given to
 * forget_answer. */
static inline struct admin_answer ask_page(handle_request *handle, const char *name,
                                           const char *query, const char *fields)
{
    struct text bytes = TEXT_INIT;
    struct request request = {.name = TEXT_INIT, .query = view_str(query)};
    struct admin_answer answer = {.content_type = "text/plain; charset=utf-8"};
    if (!query)
        request.query = view_of(NULL, 0);
    text_appendf(&bytes, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", fields);
    request.head = parse(PARSER_REQUEST, text_view(&bytes));
    text_append_str(&request.name, name);
    handle(&pages, &request, &answer);
    text_fini(&request.name);
    text_fini(&bytes);
    parser_fini(&parser);
    return answer;
}

static inline void forget_answer(struct admin_answer *answer)
{
    text_fini(&answer->body);
    text_fini(&answer->fields);
}

static inline void assert_answer(struct admin_answer *answer, int status, const char *body)
{
    assert_string_equal(text_str(&answer->body), body);
    assert_int_equal(answer->status, status);
    forget_answer(answer);
}

/* It contains `piece`. */
static inline void assert_answers(struct admin_answer *answer, int status, const char *piece)
{
    if (answer->status != status || !strstr(text_str(&answer->body), piece))
        fail_msg("%d: %s", answer->status, text_str(&answer->body));
    forget_answer(answer);
}

#endif
