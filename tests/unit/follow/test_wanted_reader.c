/* Endpoints of several protocols, in the services that they fit. */
#include "tests/unit/follow/listening_case.h"

#include <string.h>

static const char mixed[] = LINE(SERVICE(
    "app",
    ENDPOINT("1", "a", "80", "http", "") "," ENDPOINT(
        "2", "b", "443", "h2c",
        "")) "," SERVICE("db",
                         ENDPOINT("3", "c", "5432", "tcp", "") "," ENDPOINT(
                             "4", "c", "80", "http",
                             "")) "," SERVICE("dns",
                                              ENDPOINT("5", "d", "53", "http", "") "," ENDPOINT(
                                                  "5/udp", "d", "53", "udp", "")));

static void test_without_listeners_only_http_is_wanted(void **state)
{
    (void)state;
    read_line(mixed, "");
    check_wanted("app http 1\n");
    assert_null(membership.wanted.listeners);
}

static void test_a_listener_brings_its_services_endpoints(void **state)
{
    (void)state;
    listen_at((const char *const[]){"tcp 5432=db", "udp 53=dns", "tcp 443=app", NULL}, "off");
    read_line(mixed, "");
    check_wanted("app http 1 shared\napp tcp 1 shared\napp tcp 2\ndb tcp 3\ndns udp 5/udp\n");
    assert_ptr_equal(membership.wanted.listeners, membership.listeners.table);
    listen_at((const char *const[]){"tcp 53=dns", NULL}, "off");
    check_wanted("app http 1\ndns tcp 5\n");
    listen_at(no_listeners, "off");
    check_wanted("app http 1\n");
}

/* Who speaks tcp as such is meant: a port beside it that speaks HTTP is not. */
static void test_tcp_ports_keep_others_of_the_service_out(void **state)
{
    (void)state;
    listen_at((const char *const[]){"tcp 5432=db", NULL}, "off");
    read_line(LINE(SERVICE("db", ENDPOINT("1", "a", "80", "http", "") "," ENDPOINT("2", "a", "5432",
                                                                                   "tcp", ""))),
              "");
    check_wanted("db tcp 2\n");
    read_line(LINE(SERVICE("db", ENDPOINT("1", "a", "80", "http", ""))), "");
    check_wanted("db tcp 1\n");
}

/* One more that asks for the operator's listener takes it from nobody. */
static void test_who_asks_is_beside_who_does_not(void **state)
{
    static const char both[] =
        LISTENING(SERVICE("db", ENDPOINT("1", "a", "5432", "http",
                                         "") "," ENDPOINT("2", "b", "5432", "tcp", "")),
                  "{\"protocol\":\"tcp\",\"port\":5432,\"service\":\"db\",\"container\":\"b\"}");
    (void)state;
    listen_at((const char *const[]){"tcp 5432=db", NULL}, "off");
    read_line(both, "");
    check_wanted("db tcp 1\ndb tcp 2\n");
    listen_at((const char *const[]){"tcp 5432=db", "tcp 80=app", NULL}, "off");
    membership_route(&membership, "db");
    check_wanted("db http 1\ndb tcp 2\n");
    membership_route(&membership, "app");
    listen_at((const char *const[]){"tcp 5432", NULL}, "off"); /* the container's own wish */
    check_wanted("db tcp 2\n");
}

static void test_who_joins_is_a_server_there_too(void **state)
{
    (void)state;
    listen_at((const char *const[]){"tcp 5432=db", NULL}, "off");
    read_line(
        LISTENING(SERVICE("app",
                          ENDPOINT("1", "a", "5432", "http", "") "," ENDPOINT(
                              "2", "b", "5432", "http",
                              "")) "," SERVICE("more",
                                               ENDPOINT("3", "c", "1", "tcp",
                                                        "") "," ENDPOINT("4", "d", "1", "tcp", "")),
                  "{\"protocol\":\"tcp\",\"port\":5432,\"service\":\"app\",\"container\":\"b\"}"
                  ",{\"protocol\":\"tcp\",\"listener\":\"db\",\"service\":\"more\","
                  "\"container\":\"c\"}"),
        "");
    check_wanted("app http 1\napp http 2 shared\ndb tcp 2 shared\ndb tcp 3\n");
}

/* Each has what it owns. */
static void test_listings_have_checks_of_their_own(void **state)
{
    (void)state;
    listen_at((const char *const[]){"tcp 443=app", NULL}, "off");
    read_line(
        LINE(SERVICE("app", ENDPOINT("1", "a", "80", "http", ",\"check\":{\"interval\":\"7s\"}"))),
        "");
    check_wanted("app http 1 shared\napp tcp 1 shared\n");
    const struct pool_wanted_endpoint *endpoints = membership.wanted.endpoints;
    assert_ptr_not_equal(endpoints[0].check, endpoints[1].check);
    assert_int_equal(endpoints[1].check->interval_ms, 7000);
}

static void test_what_nobody_asks_for_is_not_told_in_the_log(void **state)
{
    (void)state;
    read_line(LINE(SERVICE("app", ENDPOINT("1", "a", "80", "http",
                                           "") "," ENDPOINT("1/udp", "a", "80", "udp", ""))),
              "");
    assert_string_equal(text_str(&membership.passed_over), "");
    read_line(LINE(SERVICE("app", ENDPOINT("1", "a", "80", "http",
                                           "") "," ENDPOINT("2/udp", "b", "80", "udp", ""))),
              "");
    assert_string_equal(text_str(&membership.passed_over),
                        "service \"app\": n-2/udp: it is offered as udp, and no UDP listener leads "
                        "to its service");
}

static void test_options_that_need_http_are_told_of_others(void **state)
{
    static const char with_path[] =
        LINE("{\"name\":\"db\",\"options\":{\"balance\":\"hash path\"},\"endpoints\":[]}");
    static const char with_client[] =
        LINE("{\"name\":\"db\",\"options\":{\"balance\":\"hash client\"},\"endpoints\":[]}");
    static const char of_both[] =
        LINE("{\"name\":\"app\",\"options\":{\"balance\":\"sticky\"},\"endpoints\":[]}");
    (void)state;
    listen_at((const char *const[]){"tcp 5432=db", "tcp 443=app", NULL}, "off");
    read_line(with_path, "");
    assert_non_null(strstr(text_str(&membership.passed_over),
                           "service \"db\": balance: it needs requests of HTTP"));
    read_line(with_client, "");
    assert_string_equal(text_str(&membership.passed_over), "");
    read_line(of_both, "");
    assert_string_equal(text_str(&membership.passed_over), "");
}

static void test_as_many_endpoints_as_there_may_be_fit_in_all_kinds(void **state)
{
    (void)state;
    struct text line = TEXT_INIT;
    listen_at((const char *const[]){"tcp 443=app", NULL}, "off");
    text_append_str(&line, "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0; i < LIMITS_ENDPOINTS_MAX; i++)
        text_appendf(&line,
                     "%s{\"id\":\"%u\",\"name\":\"n\",\"address\":\"10.0.0.1\",\"port\":80,"
                     "\"state\":\"ready\"}",
                     i > 0 ? "," : "", i);
    text_append_str(&line, "]}]}");
    read_line(text_str(&line), "");
    assert_int_equal(membership.wanted.endpoint_count, 2 * LIMITS_ENDPOINTS_MAX);
    text_fini(&line);
}

/* A label that would have lb call itself, whichever way: also at a listener that containers asked for. */
static void test_no_label_leads_to_a_listener_of_lb(void **state)
{
    (void)state;
    membership.reach.is_guarded = true;
    listen_at(no_listeners, "127.0.0.1:5000-6000");
    read_line(
        LISTENING("{\"name\":\"db\",\"endpoints\":[{\"id\":\"1\",\"name\":\"a\",\"address\":"
                  "\"127.0.0.1\",\"on_host\":true,\"port\":5432,\"protocol\":\"tcp\",\"state\":"
                  "\"ready\"},{\"id\":\"2\",\"name\":\"b\",\"address\":\"127.0.0.1\",\"on_host\":"
                  "true,\"port\":5433,\"protocol\":\"tcp\",\"state\":\"ready\"}]}",
                  "{\"protocol\":\"tcp\",\"port\":5432,\"service\":\"db\",\"container\":\"a\"}"),
        "");
    check_wanted("db tcp 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_without_listeners_only_http_is_wanted),
        TEST(test_a_listener_brings_its_services_endpoints),
        TEST(test_tcp_ports_keep_others_of_the_service_out),
        TEST(test_who_asks_is_beside_who_does_not),
        TEST(test_who_joins_is_a_server_there_too),
        TEST(test_listings_have_checks_of_their_own),
        TEST(test_what_nobody_asks_for_is_not_told_in_the_log),
        TEST(test_options_that_need_http_are_told_of_others),
        TEST(test_as_many_endpoints_as_there_may_be_fit_in_all_kinds),
        TEST(test_no_label_leads_to_a_listener_of_lb),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
