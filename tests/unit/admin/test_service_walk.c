/* Which services people are told of, and what those are called. */
#include "lb/admin/service_walk.h"

#include "tests/unit/admin/listeners_case.h"

static void assert_walk(const char *want)
{
    struct service_walk walk = {.pool = publisher.pool};
    struct service_seen seen;
    struct text told = TEXT_INIT;
    while (service_walk_next(&walk, &seen)) {
        service_walk_append_key(seen.service, &told);
        text_appendf(&told, "%s%s ", seen.is_default ? "*" : "", seen.listed ? "" : "(0)");
    }
    assert_text(&told, want);
}

static void test_before_there_is_a_pool(void **state)
{
    (void)state;
    assert_walk("");
}

static void test_the_default_one_is_there_without_endpoints(void **state)
{
    (void)state;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":[]}");
    assert_walk("app*(0) ");
    take_line(site_line);
    assert_walk("app* ");
}

static void test_services_of_routes(void **state)
{
    (void)state;
    take_line(
        "{\"v\":2,\"services\":[{\"name\":\"shop\",\"endpoints\":[{\"id\":\"1\",\"name\":\"s\","
        "\"address\":\"127.0.0.3\",\"port\":1,\"state\":\"ready\"}]}],\"left_out\":[],"
        "\"routes\":[{\"service\":\"shop\",\"host\":\"a.test\"},"
        "{\"service\":\"empty\",\"host\":\"b.test\"}]}");
    assert_walk("shop empty(0) ");
}

/* One of TCP that no listener leads to shows nothing that the HTTP one does not. */
static void test_services_of_listeners(void **state)
{
    (void)state;
    take_listeners();
    assert_walk("app* app/tcp app/udp db/tcp idle/tcp(0) ");
    struct pool_wanted_endpoint endpoints[] = {
        listeners_endpoint("app", SERVICE_HTTP, PROTOCOL_HTTP, "web1", "web1:80"),
        listeners_endpoint("app", SERVICE_TCP, PROTOCOL_HTTP, "web1", "web1:80"),
        listeners_endpoint("db", SERVICE_TCP, PROTOCOL_TCP, "db1", "db1:5432"),
    };
    struct pool_wanted wanted = {
        .endpoints = endpoints, .endpoint_count = 3, .routed = "app", .is_trusted = true};
    struct pool *before = publisher.pool;
    publisher.pool = pool_build(before, &wanted, &(struct pool_rules){.worker_count = 1});
    pool_build_settle(publisher.pool, before, ignore_change, NULL);
    pool_unref(before);
    assert_walk("app* db/tcp ");
}

static void test_no_two_are_called_the_same(void **state)
{
    struct text told = TEXT_INIT;
    (void)state;
    service_walk_append_name_key("db", SERVICE_TCP, &told);
    text_append_char(&told, ' ');
    service_walk_append_name_key("db/tcp", SERVICE_HTTP, &told);
    text_append_char(&told, ' ');
    service_walk_append_name_key("db/tcp/http", SERVICE_HTTP, &told);
    assert_text(&told, "db/tcp db/tcp/http db/tcp/http/http");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_publisher, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_before_there_is_a_pool),
        TEST(test_the_default_one_is_there_without_endpoints),
        TEST(test_services_of_routes),
        TEST(test_services_of_listeners),
        TEST(test_no_two_are_called_the_same),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
