/* The containers that get no requests, with their reasons. */
#include "lb/follow/left_out.h"

#include "tests/unit/follow/membership_case.h"

static void check_left_out(const char *want)
{
    struct text text = TEXT_INIT;
    struct json_writer writer;
    json_writer_init(&writer, &text);
    left_out_write(&membership, &writer);
    assert_string_equal(text_str(&text), want);
    text_fini(&text);
}

static void test_discovery_and_other_services_give_reasons(void **state)
{
    (void)state;
    check_left_out("[]");
    read_line(good_line, "");
    check_left_out("[{\"id\":\"99cc\",\"name\":\"db\",\"service\":\"postgres\","
                   "\"reason\":\"no_shared_network\",\"detail\":\"it is on: back\","
                   "\"since\":\"2026-11-22T01:52:20.000000Z\"},"
                   "{\"id\":\"88bb\",\"name\":\"o1\",\"service\":\"other\","
                   "\"reason\":\"other_service\","
                   "\"detail\":\"lb routes to the service \\\"app\\\" (--service)\"}]");
    read_line("{\"v\":1,\"services\":[],\"left_out\":[{},7,{\"id\":5,\"since_ns\":\"x\"}]}", "");
    check_left_out("[{\"id\":null,\"name\":null,\"service\":null,\"reason\":null,\"detail\":null},"
                   "{\"id\":null,\"name\":null,\"service\":null,\"reason\":null,\"detail\":null},"
                   "{\"id\":null,\"name\":null,\"service\":null,\"reason\":null,\"detail\":null}]");
}

static void test_routes_lead_to_other_services(void **state)
{
    (void)state;
    read_line(
        "{\"v\":2,\"services\":[{\"name\":\"auth\",\"endpoints\":[{\"id\":\"a\",\"name\":\"a\","
        "\"address\":\"10.0.0.3\",\"port\":80,\"state\":\"ready\"}]}],"
        "\"routes\":[{\"host\":\"a.test\",\"answer\":503}]}",
        "");
    check_left_out(
        "[{\"id\":\"a\",\"name\":\"a\",\"service\":\"auth\",\"reason\":\"other_service\","
        "\"detail\":\"there are routes, and none leads to its service\"}]");
}

static void test_a_name_without_address_is_left_out(void **state)
{
    struct backends backends = {0};
    (void)state;
    backends_add_name(&backends, "nowhere:80", "Name or service not known", 0);
    membership_take_backends(&membership, &backends);
    check_left_out("[{\"id\":\"nowhere:80\",\"name\":\"nowhere:80\",\"service\":\"app\","
                   "\"reason\":\"unresolved\","
                   "\"detail\":\"its name has no address: Name or service not known\"}]");
}

static const char ports_line[] =
    "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":["
    "{\"id\":\"4f9c:80\",\"container\":\"4f9c\",\"protocol\":\"http\",\"name\":\"app1\","
    "\"address\":\"10.0.0.3\",\"port\":80,\"state\":\"ready\"},"
    "{\"id\":\"4f9c:81\",\"container\":\"4f9c\",\"protocol\":\"h2c\",\"name\":\"app1\","
    "\"address\":\"10.0.0.3\",\"port\":81,\"state\":\"ready\"}]}],"
    "\"left_out\":[{\"id\":\"4f9c:82\",\"container\":\"4f9c\",\"name\":\"app1\","
    "\"service\":\"app\",\"reason\":\"bad_label\",\"detail\":\"why\"},"
    "{\"id\":\"99cc\",\"name\":\"db\",\"service\":\"app\",\"reason\":\"not_running\","
    "\"detail\":\"\"}]}";

static void test_a_port_is_left_out_under_its_container(void **state)
{
    (void)state;
    read_line(ports_line, "");
    check_left_out("[{\"id\":\"4f9c\",\"name\":\"app1\",\"service\":\"app\","
                   "\"reason\":\"bad_label\",\"detail\":\"why\"},"
                   "{\"id\":\"99cc\",\"name\":\"db\",\"service\":\"app\","
                   "\"reason\":\"not_running\",\"detail\":\"\"},"
                   "{\"id\":\"4f9c\",\"name\":\"app1\",\"service\":\"app\","
                   "\"reason\":\"other_protocol\","
                   "\"detail\":\"it is offered as h2c, and lb does not speak HTTP/2 to its "
                   "servers yet\"}]");
}

static void test_a_port_of_tcp_and_udp_is_two(void **state)
{
#define PORT_53(more, protocol)                                                                    \
    "{\"id\":\"4f9c:53" more "\",\"container\":\"4f9c\",\"protocol\":\"" protocol                  \
    "\",\"name\":\"dns\",\"address\":\"10.0.0.3\",\"port\":53,\"state\":\"ready\"}"
    (void)state;
    read_line("{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[" PORT_53(
                  "", "http") "," PORT_53("/udp", "udp") "]}]}",
              "");
    assert_int_equal(membership.wanted.endpoint_count, 1);
    assert_string_equal(membership.wanted.endpoints[0].id, "4f9c:53");
    check_left_out("[]"); /* nobody has asked for the one that is merely exposed */
    assert_true(left_out_or_member(&membership, "4f9c:53/udp"));
    read_line(
        "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[" PORT_53("/udp", "udp") "]}]}",
        "");
    check_left_out("[{\"id\":\"4f9c\",\"name\":\"dns\",\"service\":\"app\","
                   "\"reason\":\"other_protocol\","
                   "\"detail\":\"it is offered as udp, and no UDP listener leads to its "
                   "service\"}]");
#undef PORT_53
}

/* What lb would pass on is told with that, whatever its service is; what is served somewhere is not. */
static void test_tcp_and_udp_are_told_where_no_listener_leads_there(void **state)
{
#define PORT(id, container, protocol)                                                              \
    "{\"id\":\"" id "\",\"container\":\"" container "\",\"protocol\":\"" protocol                  \
    "\",\"name\":\"" container "\",\"address\":\"10.0.0.3\",\"port\":5,\"state\":\"ready\"}"
    static const char line[] =
        "{\"v\":2,\"services\":[{\"name\":\"db\",\"endpoints\":[" PORT("1", "a", "tcp") "," PORT(
            "2", "b", "udp") "," PORT("3", "a", "udp") "," PORT("4", "c", "http") "]}]}";
    static struct listener_rule rules[2];
    struct listener_range none = {0};
    struct text problem = TEXT_INIT;
    (void)state;
    read_line(line, "");
    check_left_out("[{\"id\":\"a\",\"name\":\"a\",\"service\":\"db\",\"reason\":\"other_protocol\","
                   "\"detail\":\"it is offered as tcp, and no TCP listener leads to its service\"},"
                   "{\"id\":\"b\",\"name\":\"b\",\"service\":\"db\",\"reason\":\"other_protocol\","
                   "\"detail\":\"it is offered as udp, and no UDP listener leads to its service\"},"
                   "{\"id\":\"c\",\"name\":\"c\",\"service\":\"db\",\"reason\":\"other_service\","
                   "\"detail\":\"lb routes to the service \\\"app\\\" (--service)\"}]");
    assert_true(listener_rule_parse(VIEW("5=db"), SERVICE_TCP, &rules[0], &problem));
    membership_listen(&membership, rules, 1, &none);
    check_left_out(
        "[{\"id\":\"b\",\"name\":\"b\",\"service\":\"db\",\"reason\":\"other_protocol\","
        "\"detail\":\"it is offered as udp, and no UDP listener leads to its service\"}]");
    assert_true(listener_rule_parse(VIEW("5=db"), SERVICE_UDP, &rules[1], &problem));
    membership_listen(&membership, rules + 1, 1, &none);
    check_left_out(
        "[{\"id\":\"a\",\"name\":\"a\",\"service\":\"db\",\"reason\":\"other_protocol\","
        "\"detail\":\"it is offered as tcp, and no TCP listener leads to its service\"},"
        "{\"id\":\"c\",\"name\":\"c\",\"service\":\"db\",\"reason\":\"other_service\","
        "\"detail\":\"its service gets datagrams, and this port is of TCP: the label lb.udp "
        "offers one of UDP\"}]");
#undef PORT
}

static void test_who_does_not_ask_is_told_that_others_do(void **state)
{
#define PORT(id, container, protocol)                                                              \
    "{\"id\":\"" id "\",\"container\":\"" container "\",\"protocol\":\"" protocol                  \
    "\",\"name\":\"" container "\",\"address\":\"10.0.0.3\",\"port\":5,\"state\":\"ready\"}"
    const struct listener_range range = {.low = 5, .high = 5};
    (void)state;
    membership_listen(&membership, NULL, 0, &range);
    read_line("{\"v\":2,\"services\":[{\"name\":\"db\",\"endpoints\":[" PORT(
                  "1", "a", "tcp") "," PORT("2", "b", "http") "]}],\"listeners\":[{\"protocol\":"
                                                              "\"tcp\",\"port\":5,\"service\":"
                                                              "\"db\",\"container\":\"a\"}]}",
              "");
    check_left_out("[{\"id\":\"b\",\"name\":\"b\",\"service\":\"db\",\"reason\":\"other_service\","
                   "\"detail\":\"connections of its service go to those of it that ask for the "
                   "listener, and it does not: the label lb.tcp would\"}]");
#undef PORT
}

static void test_ports_and_their_containers_are_known(void **state)
{
    static const char *const known[] = {"4f9c",    "4f9c:80", "4f9c:81", "4f9c:82",
                                        "4f9c:83", "99cc",    "99cc:80"};
    static const char *const unknown[] = {"4f9", "4f9:80", "4f9c80", "99c", "99cc80"};
    (void)state;
    read_line(ports_line, "");
    for (size_t i = 0; i < COUNT_OF(known); i++)
        assert_true(left_out_or_member(&membership, known[i]));
    for (size_t i = 0; i < COUNT_OF(unknown); i++)
        assert_false(left_out_or_member(&membership, unknown[i]));
}

/* Ids of files are free words. */
static void test_an_id_that_begins_like_an_endpoint_is_no_port_of_it(void **state)
{
    (void)state;
    read_line("{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":[{\"id\":\"web\","
              "\"name\":\"web\",\"address\":\"10.0.0.3\",\"port\":80,\"state\":\"ready\"}]}]}",
              "");
    assert_true(left_out_or_member(&membership, "web"));
    assert_false(left_out_or_member(&membership, "web:1"));
}

static void test_a_container_that_is_no_string_is_none(void **state)
{
    (void)state;
    read_line("{\"v\":2,\"services\":[],\"left_out\":["
              "{\"id\":\"99cc\",\"container\":null},{\"id\":\"88bb\",\"container\":5}]}",
              "");
    assert_true(left_out_or_member(&membership, "99cc"));
    assert_true(left_out_or_member(&membership, "88bb"));
    assert_false(left_out_or_member(&membership, "99cc:80"));
}

static void test_ids_of_all_containers_are_known(void **state)
{
    (void)state;
    read_line(good_line, "");
    assert_true(left_out_or_member(&membership, "4f9c"));
    assert_true(left_out_or_member(&membership, "88bb"));
    assert_true(left_out_or_member(&membership, "99cc"));
    assert_false(left_out_or_member(&membership, "4f9"));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_discovery_and_other_services_give_reasons),
        TEST(test_routes_lead_to_other_services),
        TEST(test_a_name_without_address_is_left_out),
        TEST(test_ids_of_all_containers_are_known),
        TEST(test_a_container_that_is_no_string_is_none),
        TEST(test_a_port_is_left_out_under_its_container),
        TEST(test_a_port_of_tcp_and_udp_is_two),
        TEST(test_tcp_and_udp_are_told_where_no_listener_leads_there),
        TEST(test_who_does_not_ask_is_told_that_others_do),
        TEST(test_ports_and_their_containers_are_known),
        TEST(test_an_id_that_begins_like_an_endpoint_is_no_port_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
