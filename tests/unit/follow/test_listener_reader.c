/* What a line says of listeners. */
#include "lb/follow/listener_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct listener_list list;
static struct text problem;

static bool read_array(const char *text)
{
    json_t *array = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(array);
    text_clear(&problem);
    bool is_good = listener_reader_read(array, &list, &problem);
    json_decref(array);
    return is_good;
}

static int tear_down(void **state)
{
    (void)state;
    listener_reader_forget(&list);
    text_fini(&problem);
    return 0;
}

static void test_all_that_may_be_said(void **state)
{
    (void)state;
    assert_true(read_array(
        "[{\"protocol\":\"tcp\",\"port\":10432,\"server_name\":\"*.A.test\",\"alpn\":\"h2\","
        "\"service\":\"db\",\"dialect\":\"lb\",\"label\":\"lb.tcp\",\"container\":\"4f9c\","
        "\"container_name\":\"db1\",\"created_ns\":17,\"new\":[1]},"
        "{\"protocol\":\"udp\",\"listener\":\"dns\",\"service\":\"d\"}]"));
    assert_int_equal(list.count, 2);
    const struct listener_rule *rule = &list.rules[0];
    assert_int_equal(rule->kind, SERVICE_TCP);
    assert_int_equal(rule->port, 10432);
    assert_int_equal(rule->listener.len, 0);
    assert_true(view_eq(rule->server_name, VIEW("*.A.test")));
    assert_true(view_eq(rule->alpn, VIEW("h2")));
    assert_true(view_eq(rule->service, VIEW("db")));
    assert_true(view_eq(rule->dialect, VIEW("lb")));
    assert_true(view_eq(rule->label, VIEW("lb.tcp")));
    assert_true(view_eq(rule->container, VIEW("4f9c")));
    assert_true(view_eq(rule->container_name, VIEW("db1")));
    assert_int_equal(rule->created_ns, 17);
    assert_int_equal(rule->at.socket.any.sa_family, 0);
    assert_int_equal(list.rules[1].kind, SERVICE_UDP);
    assert_int_equal(list.rules[1].port, 0);
    assert_true(view_eq(list.rules[1].listener, VIEW("dns")));
}

static void test_there_may_be_none(void **state)
{
    (void)state;
    assert_true(listener_reader_read(NULL, &list, &problem));
    assert_int_equal(list.count, 0);
    listener_reader_forget(&list);
    assert_true(read_array("[]"));
    assert_int_equal(list.count, 0);
}

static void test_what_is_wrong_is_named(void **state)
{
#define WITH(more) "[{\"protocol\":\"tcp\",\"service\":\"db\"" more "}]"
    static const struct {
        const char *array, *want;
    } cases[] = {
        {"7", "listeners: want an array of at most 4096"},
        {"{}", "listeners: want an array of at most 4096"},
        {"[7]", "listeners[0].protocol: want tcp or udp"},
        {"[{\"protocol\":\"http\",\"port\":1,\"service\":\"a\"}]",
         "listeners[0].protocol: want tcp or udp"},
        {WITH(""), "listeners[0].port: want either this or a listener"},
        {WITH(",\"port\":1,\"listener\":\"a\""),
         "listeners[0].port: want either this or a listener"},
        {WITH(",\"port\":0"), "listeners[0].port: want an integer from 1 to 65535"},
        {WITH(",\"port\":65536"), "listeners[0].port: want an integer from 1 to 65535"},
        {WITH(",\"port\":\"1\""), "listeners[0].port: want an integer from 1 to 65535"},
        {WITH(",\"listener\":\"\""), "listeners[0].listener: want a string of 1 to 512 bytes"},
        {WITH(",\"listener\":7"), "listeners[0].listener: want a string of 1 to 512 bytes"},
        {WITH(",\"port\":1,\"label\":[]"), "listeners[0].label: want a string of 1 to 512 bytes"},
        {"[{\"protocol\":\"tcp\",\"port\":1}]", "listeners[0].service: want the name of one"},
        {WITH(",\"port\":1,\"server_name\":\"a..b\""), "listeners[0]: "},
        {WITH(",\"port\":1,\"server_name\":\"10.0.0.1\""), "listeners[0]: "},
        {WITH(",\"port\":1,\"alpn\":\"a b\""), "listeners[0]: is no protocol of ALPN"},
        {"[{\"protocol\":\"udp\",\"port\":1,\"service\":\"a\",\"server_name\":\"a.test\"}]",
         "listeners[0].server_name: want no name beside the protocol udp"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (read_array(cases[i].array) || !strstr(text_str(&problem), cases[i].want))
            fail_msg("%s: %s", cases[i].array, text_str(&problem));
        listener_reader_forget(&list);
    }
#undef WITH
}

static void test_more_than_may_be_are_refused(void **state)
{
    (void)state;
    struct text many = TEXT_INIT;
    for (unsigned i = 0; i <= LISTENER_RULES_MAX; i++) {
        if (i == LISTENER_RULES_MAX) {
            struct text most = TEXT_INIT;
            text_appendf(&most, "[%s]", text_str(&many));
            assert_true(read_array(text_str(&most)));
            assert_int_equal(list.count, LISTENER_RULES_MAX);
            listener_reader_forget(&list);
            text_fini(&most);
        }
        text_appendf(&many, "%s{\"protocol\":\"tcp\",\"port\":%u,\"service\":\"a\"}",
                     i > 0 ? "," : "", i + 1);
    }
    struct text more = TEXT_INIT;
    text_appendf(&more, "[%s]", text_str(&many));
    assert_false(read_array(text_str(&more)));
    text_fini(&many);
    text_fini(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_all_that_may_be_said, tear_down),
        cmocka_unit_test_teardown(test_there_may_be_none, tear_down),
        cmocka_unit_test_teardown(test_what_is_wrong_is_named, tear_down),
        cmocka_unit_test_teardown(test_more_than_may_be_are_refused, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
