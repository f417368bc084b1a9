#include "discovery/file/file_listeners.h"

#include <string.h>

#include "discovery/emit.h"
#include "discovery/file/file.h"
#include "discovery/listener_order.h"

#include "tests/unit/discovery/cmocka_all.h"

#define OF(entries) "{\"services\":[{\"name\":\"s\"},{\"name\":\"t\"}],\"listeners\":[" entries "]}"
#define TCP(more)   "{\"protocol\":\"tcp\",\"port\":443,\"service\":\"s\"" more "}"
#define UDP(more)   "{\"protocol\":\"udp\",\"port\":53,\"service\":\"s\"" more "}"

/* "tcp 443 for a.test > s; …" */
static void check(const char *text, const char *expected, const char *remark)
{
    struct text problem = TEXT_INIT, got = TEXT_INIT;
    struct set set = {0};
    struct file *file = file_parse(view_str(text), false, &problem);
    if (!file)
        fail_msg("%s: %s", text, text_str(&problem));
    file_collect(file, &set);
    for (size_t i = 0; i < set.listener_count; i++) {
        text_append_str(&got, i > 0 ? "; " : "");
        listener_order_append_name(&set.listeners[i], &got);
        text_append_str(&got, " > ");
        text_append(&got, set.listeners[i].service);
        assert_true(view_eq(set.listeners[i].dialect, VIEW("file")));
    }
    assert_string_equal(text_str(&got), expected);
    if (!remark)
        assert_string_equal(file_remarks(file), "");
    else if (!strstr(file_remarks(file), remark))
        fail_msg("%s: %s", text, file_remarks(file));
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
    text_fini(&got);
}

static void test_listeners(void **state)
{
    (void)state;
    check(OF(UDP("") "," TCP("")), "tcp 443 > s; udp 53 > s", NULL);
    check(OF(TCP(",\"server_name\":\"*.A.test\",\"alpn\":\"h2\"")), "tcp 443 for *.a.test, h2 > s",
          NULL);
    check(OF("{\"protocol\":\"tcp\",\"listener\":\"db\",\"service\":\"s\"}"), "tcp db > s", NULL);
    check("{\"listeners\":[]}", "", NULL);
}

/* A line that was saved is such a file. */
static void test_what_lines_have_is_passed_over(void **state)
{
    (void)state;
    check(
        OF(TCP(
            ",\"dialect\":\"lb\",\"label\":\"lb.tcp\",\"container\":\"c\",\"container_name\":\"n\","
            "\"created_ns\":5") "," TCP(",\"container\":\"d\"")),
        "tcp 443 > s", NULL);
}

static void test_first_of_two_counts(void **state)
{
    (void)state;
    check(OF("{\"protocol\":\"tcp\",\"port\":443,\"service\":\"t\"}," TCP("")), "tcp 443 > t",
          "listeners[1]: it is overruled for tcp 443: listeners[0], which stands before it");
    check(OF(TCP("") "," TCP(",\"alpn\":\"h2\"")), "tcp 443 > s; tcp 443 for h2 > s", NULL);
}

static void test_what_may_be_meant_narrower_is_left_out(void **state)
{
    (void)state;
    check(OF(TCP(",\"sever_name\":\"a.test\"") "," UDP("")), "udp 53 > s",
          "listeners[0].sever_name: this word is not known (did you mean server_name?); it may say "
          "which connections are meant, so that this listener is left out");
}

static void test_service_that_is_nowhere(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    check("{\"services\":[{\"name\":\"shop\"}],\"listeners\":[{\"protocol\":\"tcp\",\"port\":1,"
          "\"service\":\"shp\"}]}",
          "tcp 1 > shp",
          "listeners[0].service: the file has no service \"shp\" (did you mean \"shop\"?); what "
          "comes to it is refused");
    struct file *file = file_parse(VIEW("{\"listeners\":[{\"protocol\":\"tcp\",\"port\":1,"
                                        "\"service\":\"shp\"}]}"),
                                   true, &problem);
    assert_string_equal(file_remarks(file), "");
    file_free(file);
    text_fini(&problem);
}

static void test_wrong_values_refuse_the_file(void **state)
{
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"{\"listeners\":{}}", "line 1, column 2: listeners: an array is needed"},
        {OF("1"), "listeners[0]: an object is needed"},
        {OF("{\"port\":1,\"service\":\"s\"}"), "listeners[0].protocol: tcp or udp is needed"},
        {OF("{\"protocol\":\"http\",\"port\":1,\"service\":\"s\"}"), "listeners[0].protocol"},
        {OF("{\"protocol\":\"tcp\",\"service\":\"s\"}"), "either \"port\", one of lb's"},
        {OF(TCP(",\"listener\":\"db\"")), "either \"port\", one of lb's"},
        {OF("{\"protocol\":\"tcp\",\"port\":0,\"service\":\"s\"}"), "listeners[0].port: a number"},
        {OF("{\"protocol\":\"tcp\",\"port\":\"443\",\"service\":\"s\"}"), "listeners[0].port"},
        {OF("{\"protocol\":\"tcp\",\"port\":65536,\"service\":\"s\"}"), "listeners[0].port"},
        {OF("{\"protocol\":\"tcp\",\"listener\":\"\",\"service\":\"s\"}"), "listeners[0].listener"},
        {OF("{\"protocol\":\"tcp\",\"port\":1}"), "listeners[0].service: it is missing"},
        {OF("{\"protocol\":\"tcp\",\"port\":1,\"service\":7}"), "listeners[0].service: a string"},
        {OF(TCP(",\"server_name\":\"\"")), "listeners[0].server_name: a string"},
        {OF(TCP(",\"server_name\":\"1.2.3.4\"")), "\"1.2.3.4\" is no name that a TLS client"},
        {OF(TCP(",\"alpn\":\"a b\"")), "listeners[0].alpn: \"a b\" is no protocol of ALPN"},
        {OF(UDP(",\"server_name\":\"a\"")), "listeners[0].server_name: no datagram says it"},
        {OF(UDP(",\"alpn\":\"h2\"")), "listeners[0].alpn: no datagram says it"},
        {"{\"services\":[{\"name\":\"s\",\"protocol\":\"x\"}]}",
         "services[0].protocol: http, https"},
    };
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(file_parse(view_str(cases[i].text), false, &problem));
        if (!strstr(text_str(&problem), cases[i].problem))
            fail_msg("%s: %s", cases[i].text, text_str(&problem));
    }
    text_fini(&problem);
}

static void test_listeners_are_bounded(void **state)
{
    struct text text = TEXT_INIT, problem = TEXT_INIT;
    (void)state;
    text_append_str(&text, "{\"listeners\":[");
    for (unsigned i = 0; i <= LISTENER_RULES_MAX; i++)
        text_appendf(&text, "%s{\"protocol\":\"tcp\",\"port\":%u,\"service\":\"s\"}",
                     i > 0 ? "," : "", i + 1);
    text_append_str(&text, "]}");
    assert_null(file_parse(text_view(&text), true, &problem));
    assert_non_null(strstr(text_str(&problem), "at most 4096 listeners are accepted"));
    text_fini(&text);
    text_fini(&problem);
}

/* The service's is that of all its endpoints which say nothing else; one port may be of both kinds. */
static void test_protocol_of_a_service(void **state)
{
    struct set set = {0};
    struct text problem = TEXT_INIT;
    struct file *file =
        file_parse(VIEW("{\"services\":[{\"name\":\"dns\",\"protocol\":\"udp\",\"endpoints\":["
                        "{\"address\":\"10.0.0.1\",\"port\":53},"
                        "{\"address\":\"10.0.0.1\",\"port\":53,\"protocol\":\"tcp\"},"
                        "{\"address\":\"10.0.0.2\",\"port\":53,\"id\":\"x\"}]}]}"),
                   false, &problem);
    (void)state;
    assert_non_null(file);
    file_collect(file, &set);
    assert_string_equal(set.endpoints[0].id, "10.0.0.1:53");
    assert_string_equal(set.endpoints[0].protocol, "tcp");
    assert_string_equal(set.endpoints[1].id, "10.0.0.1:53/udp");
    assert_string_equal(set.endpoints[1].protocol, "udp");
    assert_string_equal(set.endpoints[2].id, "x");
    assert_string_equal(set.endpoints[2].protocol, "udp");
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listeners),
        cmocka_unit_test(test_what_lines_have_is_passed_over),
        cmocka_unit_test(test_first_of_two_counts),
        cmocka_unit_test(test_what_may_be_meant_narrower_is_left_out),
        cmocka_unit_test(test_service_that_is_nowhere),
        cmocka_unit_test(test_wrong_values_refuse_the_file),
        cmocka_unit_test(test_listeners_are_bounded),
        cmocka_unit_test(test_protocol_of_a_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
