/* Other settings and other backends: what is published by them, and when an endpoint is trusted to be
 * ready so that no request meets an empty pool. */
#include "tests/unit/follow/publisher_case.h"

#include "tests/unit/support/said.h"

static void configure(const char *service)
{
    struct publisher_options options = options_of(service);
    options.policy.hold_ms = 77;
    publisher_configure(&publisher, &options);
}

static void test_before_the_first_line_there_is_nothing_to_publish(void **state)
{
    (void)state;
    configure("other");
    check_told("");
    take(LINE(SERVICE("other", ONE)));
    assert_int_equal(state_of("one"), ENDPOINT_PROBING); /* there is time to look at it */
    assert_int_equal(endpoint_of("one")->policy->hold_ms, 77);
}

/* With "app" and "other" in the line, "other" is routed. */
static void test_who_is_trusted_when_another_service_is_routed(void **state)
{
    static const struct {
        const char *app, *other;
        const char *to;
        enum endpoint_state want;
    } rows[] = {
        {ONE, TWO, "other", ENDPOINT_READY},  /* else no request had anywhere to go */
        {"", TWO, "other", ENDPOINT_PROBING}, /* as before */
        {ONE, TWO, "app", ENDPOINT_READY},    /* it was ready */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[1000];
        snprintf(line, sizeof(line), "{\"v\":1,\"services\":[%s%s]},%s%s]}]}",
                 "{\"name\":\"app\",\"endpoints\":[", rows[i].app,
                 "{\"name\":\"other\",\"endpoints\":[", rows[i].other);
        take_ready(line);
        configure(rows[i].to);
        check_told("orp");
        assert_int_equal(state_of(strcmp(rows[i].to, "app") == 0 ? "one" : "two"), rows[i].want);
        assert_false(publisher.membership.wanted.is_trusted); /* this once */
        close_publisher(state);
        open_publisher(state);
    }
}

static void test_what_no_route_matches_follows_the_setting(void **state)
{
    struct publisher_options options = options_of("app");
    (void)state;
    take(LINE(SERVICE("app", ONE)));
    assert_int_equal(publisher.pool->routes.unrouted, ERR_OK);
    options.unrouted = MEMBERSHIP_UNAVAILABLE;
    publisher_configure(&publisher, &options);
    assert_int_equal(publisher.pool->routes.unrouted, ERR_NO_ENDPOINT);
    configure("app");
    assert_int_equal(publisher.pool->routes.unrouted, ERR_OK);
}

static void take_backends(const char *addresses, bool is_complete, bool is_trusted)
{
    struct backends backends = {.is_complete = is_complete};
    char copy[200], *rest = NULL;
    snprintf(copy, sizeof(copy), "%s", addresses);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        struct address address = address_of(word);
        backends_add_name(&backends, word, "", 0);
        backends_add(&backends, &address);
    }
    publisher_take_backends(&publisher, &backends, is_trusted);
    pretend_uv_settle();
}

static void test_which_backends_are_trusted(void **state)
{
    static const struct {
        const char *before, *after;
        bool is_trusted, was_ready;
        enum endpoint_state want; /* of 10.0.0.9:80 */
    } rows[] = {
        {"10.0.0.1:80", "10.0.0.9:80", true, true, ENDPOINT_READY},
        {"10.0.0.1:80", "10.0.0.9:80", false, true, ENDPOINT_PROBING},
        {"10.0.0.1:80", "10.0.0.1:80 10.0.0.9:80", true, true, ENDPOINT_PROBING}, /* one stays */
        {"10.0.0.1:80", "10.0.0.9:80", true, false, ENDPOINT_PROBING}, /* none is in use */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        take_backends(rows[i].before, true, false);
        if (rows[i].was_ready)
            world_connect(latest(), 0);
        take_backends(rows[i].after, true, rows[i].is_trusted);
        if (state_of("10.0.0.9:80") != rows[i].want)
            fail_msg("row %zu", i);
        close_publisher(state);
        open_publisher(state);
    }
}

/* A name that has no address may get it back. */
static void test_orders_stay_while_a_name_has_no_address(void **state)
{
    (void)state;
    take_backends("10.0.0.1:80 10.0.0.2:80", true, false);
    orders_set(&publisher.orders, "10.0.0.1:80", ENDPOINT_ORDER_DRAIN);
    publisher_obey(&publisher);
    take_backends("10.0.0.2:80", false, false);
    assert_int_equal(publisher.orders.count, 1);
    take_backends("10.0.0.2:80", true, false);
    assert_int_equal(publisher.orders.count, 0);
}

/* The operator may open what containers ask for at any time; what is refused is told once. */
static void test_listeners_follow_the_settings(void **state)
{
    static const char asking[] =
        "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[" ONE "]}],\"listeners\":[{"
        "\"protocol\":\"tcp\",\"port\":10000,\"service\":\"app\",\"container\":\"one\","
        "\"container_name\":\"one\",\"label\":\"lb.tcp\"}]}";
    struct publisher_options options = options_of("app");
    struct listener_rule rule;
    struct text problem = TEXT_INIT;
    (void)state;
    said_begin();
    take_ready(asking);
    take(asking);
    said_end();
    check_told("orp");
    assert_said(
        "listeners: 1 is asked for in vain; the first: one: lb.tcp: tcp port 10000 is not ");
    assert_null(strstr(strstr(said.bytes, "in vain") + 1, "in vain"));
    assert_null(publisher.pool->listeners.table);
    assert_true(listener_range_parse(VIEW("10000-10001"), &options.dynamic, &problem));
    publisher_configure(&publisher, &options);
    check_told("orp");
    assert_int_equal(listener_table_rule_count(publisher.pool->listeners.table), 1);
    const struct pool_service *by_tcp = pool_find_kind(publisher.pool, VIEW("app"), SERVICE_TCP);
    assert_ptr_equal(by_tcp->endpoints[0], endpoint_of("one"));
    assert_int_equal(state_of("one"), ENDPOINT_READY); /* it is the same one */
    assert_true(listener_rule_parse(VIEW("10001=app"), SERVICE_TCP, &rule, &problem));
    options.listeners = &rule;
    options.listener_count = 1;
    publisher_configure(&publisher, &options);
    assert_int_equal(listener_table_rule_count(publisher.pool->listeners.table), 2);
    options = options_of("app");
    publisher_configure(&publisher, &options);
    assert_null(publisher.pool->listeners.table);
    assert_null(pool_find_kind(publisher.pool, VIEW("app"), SERVICE_TCP));
    text_fini(&problem);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_publisher, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_before_the_first_line_there_is_nothing_to_publish),
        TEST(test_who_is_trusted_when_another_service_is_routed),
        TEST(test_what_no_route_matches_follows_the_setting),
        TEST(test_listeners_follow_the_settings),
        TEST(test_which_backends_are_trusted),
        TEST(test_orders_stay_while_a_name_has_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
