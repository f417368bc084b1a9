/* Requests whose route changes while they wait: what it asks for now holds, and a rate counts them once. */
#include "lb/policy/library.h"
#include "lb/proxy/filtering.h"
#include "tests/unit/proxy/filtering_case.h"

#define BOB   "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" /* secret */
#define RIGHT "Authorization: Basic Ym9iOnNlY3JldA==\r\n"

static struct rate_table *rates;

/* Nobody is ready yet. */
static int set_up_waiting(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    rates = rate_table_new(7);
    options.exchange.rates = rates;
    options.policy.hold_ms = 20000;
    options.front.idle_timeout_ms = 60000;
    world_open(&world, &options, "u");
    client = world_client(&world);
    table = NULL;
    return 0;
}

static int tear_down_waiting(void **state)
{
    tear_down(state);
    rate_table_free(rates);
    return 0;
}

static void publish_route(const struct route_option *option, const char *service,
                          const char *letters)
{
    const struct route route = {.host = {ROUTE_HOST, VIEW("a.test")},
                                .service = view_str(service),
                                .answer_status = service[0] ? 0 : 503,
                                .options = option,
                                .option_count = option ? 1 : 0};
    struct route_table *before = table;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, letters);
    route_table_unref(before);
}

static void wait_by(enum route_option_kind kind, const char *value, const char *fields)
{
    const struct route_option option = {kind, view_str(value)};
    publish_route(value ? &option : NULL, "appserver", "u");
    ask("GET", "/", fields);
    assert_int_equal(world.env.held_count, 1);
    assert_silent(client);
}

static void change_to(enum route_option_kind kind, const char *value, const char *letters)
{
    const struct route_option option = {kind, view_str(value)};
    publish_route(value ? &option : NULL, "appserver", letters);
}

static void test_who_waits_is_let_in_by_what_holds_now(void **state)
{
    static const struct {
        enum route_option_kind kind;
        const char *before, *now, *want;
    } rows[] = {
        {ROUTE_OPTION_DENY, NULL, "192.0.2.0/24", "403"},
        {ROUTE_OPTION_DENY, "198.51.100.1", "192.0.2.7", "403"},
        {ROUTE_OPTION_ALLOW, "192.0.2.7", "192.0.2.8", "403"},
        {ROUTE_OPTION_AUTH, NULL, BOB, "401"},
        {ROUTE_OPTION_AUTH_FILE, NULL, "users", "503"}, /* it cannot be used */
        {ROUTE_OPTION_REDIRECT, NULL, "301 https", "301"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        client = world_client(&world);
        wait_by(rows[i].kind, rows[i].before, "");
        change_to(rows[i].kind, rows[i].now,
                  i % 2 ? "u" : "r"); /* whether somebody is there or not */
        const char *heard = world_hear(client);
        if (strncmp(heard + 9, rows[i].want, 3) != 0)
            fail_msg("%zu: %.60s", i, heard);
        assert_int_equal(world.env.held_count, 0);
        assert_null(world_backend(0));
        world_publish(&world, "u");
    }
}

static void test_what_lets_it_in_now_lets_it_go_on(void **state)
{
    (void)state;
    wait_by(ROUTE_OPTION_DENY, "198.51.100.1", "");
    change_to(ROUTE_OPTION_REPLACE_PATH, "/new", "u");
    assert_silent(client);
    change_to(ROUTE_OPTION_REPLACE_PATH, "/newer", "r");
    assert_begins(assert_goes_on(), "GET /newer ");
}

static void test_who_has_to_sign_in_now_does_so_and_goes_on(void **state)
{
    (void)state;
    wait_by(ROUTE_OPTION_AUTH, NULL, RIGHT);
    change_to(ROUTE_OPTION_AUTH, BOB, "r");
    pretend_uv_pass(1);
    assert_begins(assert_goes_on(), "GET / ");
}

/* Its route is as it was, in the next table too. */
static void test_a_route_that_comes_before_counts(void **state)
{
    const struct route_option deny = {ROUTE_OPTION_DENY, VIEW("192.0.2.7")};
    const struct route routes[] = {
        {.host = {ROUTE_HOST, VIEW("a.test")}, .service = VIEW("appserver")},
        {.host = {ROUTE_HOST, VIEW("a.test")},
         .path = {ROUTE_PATH, VIEW("/admin")},
         .service = VIEW("appserver"),
         .options = &deny,
         .option_count = 1},
    };
    struct route_table *before = route_table_new(routes, 1, NULL);
    (void)state;
    world.routes = before;
    world_publish(&world, "u");
    ask("GET", "/admin/x", "");
    assert_int_equal(world.env.held_count, 1);
    world.routes = table = route_table_new(routes, 2, before);
    world_publish(&world, "r");
    route_table_unref(before);
    assert_status(client, "403");
    assert_null(world_backend(0));
}

/* Somebody is there for it, but not by its route. */
static void test_a_route_that_is_answered_now_leads_nobody_on(void **state)
{
    (void)state;
    wait_by(ROUTE_OPTION_DENY, NULL, "");
    publish_route(NULL, "", "u");
    world_publish(&world, "r");
    assert_null(world_backend(0));
    assert_status(client, "503");
}

/* Sent once, and by a route that is another one by then. */
static void test_a_retry_goes_by_what_holds_now(void **state)
{
    (void)state;
    publish_route(NULL, "appserver", "rr");
    ask("GET", "/", "");
    assert_begins(world_hear(world_backend(0)), "GET / ");
    change_to(ROUTE_OPTION_DENY, "192.0.2.7", "rr");
    assert_silent(client);
    world_reset(world_backend(0));
    assert_status(client, "403");
    assert_null(world_backend(1));
}

/* It may lead on some time, but not to whom it led once. */
static void test_a_retry_that_leads_nowhere_stays_there(void **state)
{
    (void)state;
    publish_route(NULL, "appserver", "rr");
    ask("GET", "/", "");
    world_hear(world_backend(0));
    publish_route(NULL, "", "rr");
    world_reset(world_backend(0));
    assert_int_equal(world.env.held_count, 1);
    world_publish(&world, "rrr");
    assert_null(world_backend(1));
    assert_status(client, "503");
}

static void test_a_rate_counts_once_who_is_routed_again(void **state)
{
    (void)state;
    wait_by(ROUTE_OPTION_RATE, "2/h", "");
    for (unsigned i = 0; i < 5; i++)
        change_to(ROUTE_OPTION_RATE, "2/h", "u");
    assert_silent(client);
    change_to(ROUTE_OPTION_RATE, "2/h", "r");
    assert_goes_on();
    ask("GET", "/", "");
    assert_goes_on();
    ask("GET", "/", "");
    assert_status(client, "429");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up_waiting, tear_down_waiting)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_who_waits_is_let_in_by_what_holds_now),
        CASE(test_what_lets_it_in_now_lets_it_go_on),
        CASE(test_who_has_to_sign_in_now_does_so_and_goes_on),
        CASE(test_a_route_that_comes_before_counts),
        CASE(test_a_route_that_is_answered_now_leads_nobody_on),
        CASE(test_a_retry_goes_by_what_holds_now),
        CASE(test_a_retry_that_leads_nowhere_stays_there),
        CASE(test_a_rate_counts_once_who_is_routed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
