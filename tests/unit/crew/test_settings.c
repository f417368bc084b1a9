/* From settings to what each worker works with: shares of memory, connections and descriptors,
 * which the linker lets this test give. */
#include "lb/crew/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lb/base/memory.h"
#include "lb/crew/descriptors.h"
#include "lb/crew/memory_limit.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define MB              (UINT64_C(1) << 20)

uint64_t __wrap_memory_limit_bytes(void);
unsigned __wrap_descriptors_limit(void);

static uint64_t memory = MEMORY_LIMIT_NONE;

uint64_t __wrap_memory_limit_bytes(void)
{
    return memory;
}

unsigned __wrap_descriptors_limit(void)
{
    return 100000;
}

static char *copy_of(const char *text)
{
    return memory_copy(text, strlen(text));
}

static struct settings *make(struct config config, unsigned worker_count)
{
    config.service = copy_of("app");
    if (!config.default_route)
        config.default_route = copy_of("auto");
    struct settings *settings = settings_new(&config, worker_count, NULL);
    assert_null(config.service); /* it was taken */
    return settings;
}

static void test_bytes_that_may_wait(void **state)
{
    static const struct {
        uint64_t memory, given;
        unsigned worker_count;
        uint64_t want; /* of each */
    } rows[] = {
        {MEMORY_LIMIT_NONE, 0, 1, 256 * MB},
        {MEMORY_LIMIT_NONE, 0, 4, 64 * MB},
        {400 * MB, 0, 1, 100 * MB},
        {400 * MB, 0, 4, 25 * MB},
        {1 * MB, 0, 1, 1 * MB},
        {0, 0, 1, 1 * MB},
        {400 * MB, 8 * MB, 4, 2 * MB},
        {1 * MB, 8 * MB, 1, 8 * MB},    /* as was said */
        {400 * MB, 1 * MB, 16, MB / 4}, /* enough to work with */
        {MEMORY_LIMIT_NONE, UINT64_MAX, 1, UINT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        memory = rows[i].memory;
        struct settings *settings =
            make((struct config){.max_buffer_bytes = rows[i].given}, rows[i].worker_count);
        if (settings->options.exchange.max_buffer_bytes != rows[i].want)
            fail_msg("row %zu: %llu", i,
                     (unsigned long long)settings->options.exchange.max_buffer_bytes);
        settings_unref(settings);
    }
    memory = MEMORY_LIMIT_NONE;
}

static void test_clients(void **state)
{
    struct descriptors_need need = {.worker_count = 2, .listen_count = 1};
    unsigned most = descriptors_divide(100000, &need).client_max;
    const struct {
        uint64_t memory;
        unsigned given, want; /* of each of two workers */
    } rows[] = {
        {MEMORY_LIMIT_NONE, 0, most},
        {64 * MB, 0, 2048},
        {1, 0, 1},
        {64 * MB, 10000, 5000},
        {MEMORY_LIMIT_NONE, 1, 1},
        {MEMORY_LIMIT_NONE, 7, 3},
        {MEMORY_LIMIT_NONE, UINT32_MAX, most}, /* no more than there are descriptors for */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        memory = rows[i].memory;
        struct settings *settings =
            make((struct config){.max_connection_count = rows[i].given, .listen_count = 1}, 2);
        if (settings->options.front.max_client_count != rows[i].want)
            fail_msg("row %zu: %u", i, settings->options.front.max_client_count);
        settings_unref(settings);
    }
    memory = MEMORY_LIMIT_NONE;
}

/* The last of them are not lost by dividing. */
static void test_requests_that_wait_are_divided_upwards(void **state)
{
    static const struct {
        unsigned given, worker_count, want;
    } rows[] = {{0, 4, 0}, {1, 4, 1}, {4, 4, 1}, {5, 4, 2}, {1000, 3, 334}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct settings *settings =
            make((struct config){.max_held_count = rows[i].given}, rows[i].worker_count);
        assert_int_equal(settings->options.exchange.max_held_count, rows[i].want);
        settings_unref(settings);
    }
}

static void test_words_of_the_settings_arrive(void **state)
{
    (void)state;
    struct settings *settings = make((struct config){.head_timeout_ms = 1,
                                                     .idle_timeout_ms = 2,
                                                     .max_request_count = 3,
                                                     .max_head_bytes = 4,
                                                     .max_header_count = 5,
                                                     .max_target_bytes = 6,
                                                     .max_body_bytes = UINT64_MAX,
                                                     .trusted_count = 1,
                                                     .adds_via = 1,
                                                     .adds_forwarded = 1,
                                                     .trace_context = CONFIG_TRACE_GENERATE,
                                                     .policy = {.connect_timeout_ms = 7,
                                                                .far_connect_timeout_ms = 8,
                                                                .last_connect_timeout_ms = 9,
                                                                .response_timeout_ms = 10,
                                                                .body_timeout_ms = 11,
                                                                .stream_timeout_ms = 12,
                                                                .upstream_dead_after_ms = 27,
                                                                .tunnel_timeout_ms = 13,
                                                                .upstream_idle_timeout_ms = 14,
                                                                .hold_ms = 15,
                                                                .queue_timeout_ms = 24,
                                                                .queue = 25,
                                                                .max_inflight = 26,
                                                                .upstream_keepalive = 1,
                                                                .retry_budget_percent = 16,
                                                                .eject_after = 17,
                                                                .eject_5xx = 18,
                                                                .eject_time_ms = 19,
                                                                .eject_max_percent = 20,
                                                                .slow_start_ms = 21,
                                                                .panic_below_percent = 22,
                                                                .panic_unhealthy = 1,
                                                                .check.rise = 23}},
                                     1);
    const struct front_options *front = &settings->options.front;
    const struct back_options *back = &settings->options.back;
    const struct exchange_options *exchange = &settings->options.exchange;
    const struct service_policy *policy = &settings->options.policy;
    const struct {
        uint64_t is, want;
    } rows[] = {
        {front->head_timeout_ms, 1},
        {front->idle_timeout_ms, 2},
        {front->max_request_count, 3},
        {front->limits.max_head_bytes, 4},
        {front->limits.max_field_count, 5},
        {front->limits.max_target_bytes, 6},
        {front->trust.count, 1},
        {front->body_timeout_ms, 11},
        {exchange->max_body_bytes, UINT64_MAX},
        {exchange->adds_forwarded, true},
        {exchange->omits_via, false},
        {exchange->begins_traces, true},
        {policy->aborts_on_close, false},
        {policy->dead_after_ms, 27},
        {policy->tunnel_timeout_ms, 13},
        {policy->hold_ms, 15},
        {policy->queue_timeout_ms, 24},
        {policy->queue_max, 25},
        {policy->max_inflight, 26},
        {policy->closes_upstreams, 0},
        {policy->retry.attempts_max, 8},
        {policy->retry.replays_max, 2},
        {policy->retry.budget_percent, 16},
        {policy->connect_timeout_ms, 7},
        {policy->far_connect_timeout_ms, 8},
        {policy->last_connect_timeout_ms, 9},
        {policy->wait_ms[WAIT_RESPONSE], 10},
        {policy->wait_ms[WAIT_BODY], 11},
        {policy->wait_ms[WAIT_STREAM], 12},
        {policy->upstream_idle_timeout_ms, 14},
        {policy->outlier.failures_max, 17},
        {policy->outlier.errors_max, 18},
        {policy->outlier.eject_ms, 19},
        {policy->outlier.max_percent, 20},
        {policy->slow_start_ms, 21},
        {policy->panic_below_percent, 22},
        {policy->panic_includes_unhealthy, 1},
        {policy->check.rise, 23},
        {back->limits.max_head_bytes, 65536},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].is != rows[i].want)
            fail_msg("row %zu: %llu", i, (unsigned long long)rows[i].is);
    assert_ptr_equal(front->trust.cidrs, settings->config.trusted);
    assert_true(view_eq(exchange->service, VIEW("app")));
    settings_unref(settings);
}

static void test_types_of_error_pages(void **state)
{
    static const struct {
        const char *path, *type;
    } rows[] = {
        {"/e/500.json", "application/json"},         {"/e/500.txt", "text/plain; charset=utf-8"},
        {"/e/500.html", "text/html; charset=utf-8"}, {"/e/500", "text/html; charset=utf-8"},
        {"/e.json/500", "text/html; charset=utf-8"}, {"500.JSON", "text/html; charset=utf-8"},
    };
    struct config config = {.error_pages =
                                memory_new(COUNT_OF(rows) * sizeof(struct config_error_page)),
                            .error_page_count = COUNT_OF(rows)};
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(rows); i++)
        config.error_pages[i] = (struct config_error_page){
            .status = 500 + i, .path = copy_of(rows[i].path), .bytes = copy_of("page"), .len = 4};
    struct settings *settings = make(config, 1);
    assert_int_equal(settings->options.exchange.error_page_count, COUNT_OF(rows));
    for (unsigned i = 0; i < COUNT_OF(rows); i++) {
        const struct answer_page *page = &settings->options.exchange.error_pages[i];
        assert_int_equal(page->status, 500 + i);
        assert_string_equal(page->content_type, rows[i].type);
        assert_true(view_eq(page->body, VIEW("page")));
    }
    settings_unref(settings);
}

static void test_a_service_as_default_route_takes_the_place_of_the_service(void **state)
{
    static const char *const rows[][2] = {
        {"auto", "app"}, {"404", "app"}, {"503", "app"}, {"shop", "shop"}};
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(rows); i++) {
        struct settings *settings = make((struct config){.default_route = copy_of(rows[i][0])}, 1);
        assert_string_equal(settings_service(&settings->config), rows[i][1]);
        assert_true(view_eq(settings->options.exchange.service, view_str(rows[i][1])));
        free(settings->config.service);
        settings->config.service = NULL; /* none is given */
        assert_string_equal(settings_service(&settings->config), i < 3 ? "appserver" : "shop");
        settings_unref(settings);
    }
}

static void test_the_last_who_lets_go_frees(void **state)
{
    (void)state;
    struct settings *settings = make((struct config){0}, 1);
    assert_ptr_equal(settings_ref(settings), settings);
    settings_unref(settings);
    assert_string_equal(settings->config.service, "app");
    settings_unref(settings);
    settings_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_that_may_wait),
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_requests_that_wait_are_divided_upwards),
        cmocka_unit_test(test_words_of_the_settings_arrive),
        cmocka_unit_test(test_types_of_error_pages),
        cmocka_unit_test(test_a_service_as_default_route_takes_the_place_of_the_service),
        cmocka_unit_test(test_the_last_who_lets_go_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
