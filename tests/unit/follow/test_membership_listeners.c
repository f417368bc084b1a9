/* Rules of listeners over time: other lines, other settings, containers that go and come. */
#include "tests/unit/follow/listening_case.h"

#include <string.h>

#define DB       ENDPOINT("c1:5432", "c1", "5432", "tcp", "")
#define STRANGER ENDPOINT("c9:5432", "c9", "5432", "tcp", "")
#define NAMED_CLAIM(name, container)                                                               \
    "{\"protocol\":\"tcp\",\"port\":10432,\"service\":\"db\",\"server_name\":\"" name              \
    "\",\"container\":\"" container "\"}"
#define CLAIM(port, service, container)                                                            \
    "{\"protocol\":\"tcp\",\"port\":" port ",\"service\":\"" service                               \
    "\",\"label\":\"lb.tcp\",\"container\":\"" container "\",\"created_ns\":5}"

static const char asking[] = LISTENING(SERVICE("db", DB), CLAIM("10432", "db", "c1"));
static const char silent[] = LINE(SERVICE("db", DB));

static unsigned rule_count(void)
{
    struct listener_table *table = membership.wanted.listeners;
    assert_ptr_equal(table, membership.listeners.table);
    return table ? listener_table_rule_count(table) : 0;
}

/* What is asked for at that port, without a name. */
static uint32_t default_at(uint16_t port)
{
    struct address at;
    assert_true(address_parse_ip(VIEW("0.0.0.0"), port, &at));
    const struct listener_entry *entry =
        listener_table_find(membership.wanted.listeners, SERVICE_TCP, &at);
    return entry ? listener_entry_default(entry) : LISTENER_TABLE_NONE;
}

static void test_other_settings_settle_the_line_at_hand(void **state)
{
    (void)state;
    read_line(asking, "");
    check_wanted("");
    assert_int_equal(rule_count(), 0);
    assert_non_null(strstr(membership_remark(&membership, "c1"), "tcp port 10432 is not open"));
    listen_at(no_listeners, "10000-10999");
    check_wanted("db tcp c1:5432\n");
    assert_null(membership_remark(&membership, "c1"));
    listen_at((const char *const[]){"tcp 10432=other", NULL}, "off");
    check_wanted("other tcp c1:5432\n");
    listen_at((const char *const[]){"tcp 10433", NULL}, "off");
    check_wanted("");
    listen_at((const char *const[]){"tcp 10432", NULL}, "off");
    check_wanted("db tcp c1:5432\n");
    membership_route(&membership, "db"); /* which has no endpoint of HTTP */
    check_wanted("db tcp c1:5432\n");
}

static void test_a_table_is_kept_while_it_says_the_same(void **state)
{
    (void)state;
    listen_at(no_listeners, "10000-10999");
    read_line(asking, "");
    struct listener_table *table = listener_table_ref(membership.wanted.listeners);
    read_line(asking, "");
    assert_ptr_equal(membership.wanted.listeners, table);
    listen_at(no_listeners, "10000-20000");
    assert_ptr_equal(membership.wanted.listeners, table);
    listener_table_unref(table);
}

static void test_a_rule_outlasts_its_container_for_a_while(void **state)
{
    (void)state;
    listen_at(no_listeners, "10000-10999");
    membership.now_ms = 1000;
    read_line(asking, "");
    assert_true(membership_next_ms(&membership) == UINT64_MAX);
    read_line(LINE(""), "");
    check_wanted("");
    assert_int_equal(rule_count(), 1);
    assert_int_equal(membership_next_ms(&membership), 1000 + LISTENER_KEEPER_MS);
    membership.now_ms = 1000 + LISTENER_KEEPER_MS - 1;
    assert_false(membership_expire(&membership));
    read_line(silent, ""); /* its port is there, and so is its rule */
    check_wanted("db tcp c1:5432\n");
    membership.now_ms++;
    assert_true(membership_expire(&membership));
    check_wanted("");
    assert_int_equal(rule_count(), 0);
    assert_false(membership_expire(&membership));
}

/* Which asks for nothing. */
static void test_a_rule_that_is_kept_does_not_lead_to_a_stranger(void **state)
{
    static const char *const elsewhere[] = {"", CLAIM("10433", "db", "c9")};
    (void)state;
    listen_at(no_listeners, "10000-10999");
    for (size_t i = 0; i < 2; i++) {
        struct text line = TEXT_INIT;
        membership.now_ms = 1000 + i * 100000;
        read_line(asking, "");
        read_line(LINE(""), "");
        assert_int_equal(default_at(10432), 0); /* the service waits for who comes back */
        membership.now_ms++;
        text_appendf(&line, LISTENING(SERVICE("db", STRANGER), "%s"), elsewhere[i]);
        read_line(text_str(&line), "");
        assert_int_equal(default_at(10432), LISTENER_TABLE_CLOSED);
        read_line(LINE(""), ""); /* also when it has left */
        assert_int_equal(default_at(10432), LISTENER_TABLE_CLOSED);
        read_line(LISTENING(SERVICE("db", DB "," STRANGER), CLAIM("10432", "db", "c1")), "");
        assert_int_equal(default_at(10432), 0); /* its owner is back */
        read_line(LINE(""), "");
        membership.now_ms += LISTENER_KEEPER_MS + 1;
        membership_expire(&membership);
        text_fini(&line);
    }
}

static void test_who_came_and_asks_for_the_listener_is_its_owner(void **state)
{
    (void)state;
    listen_at(no_listeners, "10000-10999");
    membership.now_ms = 1000;
    read_line(LISTENING(SERVICE("db", DB), NAMED_CLAIM("a.test", "c1")), "");
    read_line(LISTENING(SERVICE("db", STRANGER), NAMED_CLAIM("b.test", "c9")), "");
    assert_int_equal(membership.claims.lost_count, 0);
    assert_int_equal(rule_count(), 1);
}

static void test_routes_and_listeners_are_let_go_each_in_its_time(void **state)
{
    (void)state;
    listen_at(no_listeners, "10000-10999");
    membership.now_ms = 1000;
    read_line("{\"v\":2,\"services\":[],\"routes\":[{\"host\":\"a.test\",\"service\":\"app\","
              "\"container\":\"c2\"}],\"listeners\":[" CLAIM("10432", "db", "c1") "]}",
              "");
    read_line("{\"v\":2,\"services\":[],\"listeners\":[" CLAIM("10432", "db", "c1") "]}", "");
    membership.now_ms = 2000;
    read_line(LINE(""), "");
    assert_int_equal(membership_next_ms(&membership), 1000 + ROUTE_KEEPER_MS);
    membership.now_ms = 1000 + ROUTE_KEEPER_MS;
    assert_true(membership_expire(&membership));
    assert_null(membership.wanted.routes);
    assert_int_equal(rule_count(), 1);
    assert_int_equal(membership_next_ms(&membership), 2000 + LISTENER_KEEPER_MS);
}

static void test_a_bad_line_changes_nothing(void **state)
{
    (void)state;
    listen_at(no_listeners, "10000-10999");
    read_line(asking, "");
    struct listener_table *table = membership.wanted.listeners;
    read_line(LISTENING(SERVICE("db", DB), "{\"protocol\":\"sctp\"}"),
              "listeners[0].protocol: want tcp or udp");
    read_line(LISTENING("7", CLAIM("10433", "db", "c1")),
              "services[0]: want a name and an array of endpoints");
    read_line("{\"v\":2,\"services\":[],\"listeners\":{}}",
              "listeners: want an array of at most 4096");
    assert_ptr_equal(membership.wanted.listeners, table);
    check_wanted("db tcp c1:5432\n");
    read_line(asking, "");
    assert_ptr_equal(membership.wanted.listeners, table);
}

static void test_the_first_version_has_no_listeners(void **state)
{
    (void)state;
    listen_at(no_listeners, "10000-10999");
    read_line("{\"v\":1,\"services\":[],\"listeners\":[" CLAIM("10432", "db", "c1") "]}", "");
    assert_int_equal(rule_count(), 0);
}

static void test_what_is_refused_stands_behind_discoverys_remark(void **state)
{
    (void)state;
    read_line("{\"v\":2,\"services\":[],\"remarks\":{\"c1\":\"its label is odd\",\"c2\":\"so\"},"
              "\"listeners\":[" CLAIM("7", "db", "c1") "," CLAIM("8", "db", "c3") "]}",
              "");
    assert_int_equal(strncmp(membership_remark(&membership, "c1"),
                             "its label is odd; lb.tcp: tcp port 7 is not open", 48),
                     0);
    assert_string_equal(membership_remark(&membership, "c2"), "so");
    assert_int_equal(strncmp(membership_remark(&membership, "c3"), "lb.tcp: tcp port 8", 18), 0);
    assert_null(membership_remark(&membership, "c4"));
    read_line("{\"v\":2,\"services\":[],\"remarks\":{\"c1\":\"other\"},"
              "\"listeners\":[" CLAIM("7", "db", "c1") "," CLAIM("8", "db", "c3") "]}",
              "");
    assert_int_equal(strncmp(membership_remark(&membership, "c1"), "other; lb.tcp: ", 15), 0);
}

/* Little has changed: what is not of HTTP is read with the rest of its line. */
static void test_an_endpoint_that_changes_is_seen_in_all_its_services(void **state)
{
    static const char *const states[] = {"ready", "draining", "paused"};
    (void)state;
    listen_at((const char *const[]){"tcp 443=app", "udp 53=app", NULL}, "off");
    for (unsigned i = 0; i < COUNT_OF(states); i++) {
        struct text line = TEXT_INIT;
        text_appendf(
            &line,
            "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[{\"id\":\"1\",\"name\":"
            "\"n\",\"address\":\"10.0.0.1\",\"port\":80,\"state\":\"%s\"},{\"id\":\"1/udp\","
            "\"name\":\"n\",\"protocol\":\"udp\",\"address\":\"10.0.0.1\",\"port\":80,"
            "\"state\":\"%s\"}]}]}",
            states[i], states[i]);
        read_line(text_str(&line), "");
        text_fini(&line);
        check_wanted("app http 1 shared\napp tcp 1 shared\napp udp 1/udp\n");
        enum endpoint_state want;
        assert_true(endpoint_state_parse(states[i], &want));
        for (unsigned j = 0; j < 3; j++)
            assert_int_equal(membership.wanted.endpoints[j].state, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_other_settings_settle_the_line_at_hand),
        TEST(test_a_table_is_kept_while_it_says_the_same),
        TEST(test_a_rule_outlasts_its_container_for_a_while),
        TEST(test_a_rule_that_is_kept_does_not_lead_to_a_stranger),
        TEST(test_who_came_and_asks_for_the_listener_is_its_owner),
        TEST(test_routes_and_listeners_are_let_go_each_in_its_time),
        TEST(test_a_bad_line_changes_nothing),
        TEST(test_the_first_version_has_no_listeners),
        TEST(test_what_is_refused_stands_behind_discoverys_remark),
        TEST(test_an_endpoint_that_changes_is_seen_in_all_its_services),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
