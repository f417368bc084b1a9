/* How a connection is asked about, and what is refused. */
#include "lb/admin/listener_question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_what_is_asked(void **state)
{
    static const struct {
        const char *query;
        enum service_kind kind;
        const char *at, *server_name, *alpn;
        uint16_t port;
    } rows[] = {
        {"url=tcp%3A%2F%2F%3A5432", SERVICE_TCP, NULL, "", "", 5432},
        {"url=tcp://5432", SERVICE_TCP, NULL, "", "", 5432},
        {"url=TCP://0.0.0.0:443/A.Test%23h2", SERVICE_TCP, "0.0.0.0:443", "a.test", "h2", 443},
        {"url=tcp://[::1]:443/", SERVICE_TCP, "[::1]:443", "", "", 443},
        {"url=tcp://a.test:443", SERVICE_TCP, NULL, "a.test", "", 443},
        {"url=udp://:53", SERVICE_UDP, NULL, "", "", 53},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct listener_question question;
        struct text problem = TEXT_INIT;
        char at[ADDRESS_TEXT_BYTES];
        assert_true(listener_question_is(view_str(rows[i].query)));
        if (!listener_question_read(&question, view_str(rows[i].query), &problem))
            fail_msg("%s: %s", rows[i].query, text_str(&problem));
        assert_int_equal(question.kind, rows[i].kind);
        assert_int_equal(question.port, rows[i].port);
        assert_true(view_eq(question.server_name, view_str(rows[i].server_name)));
        assert_true(view_eq(question.alpn, view_str(rows[i].alpn)));
        assert_int_equal(question.at.socket.any.sa_family != 0, rows[i].at != NULL);
        if (rows[i].at)
            assert_string_equal(address_format(&question.at, at), rows[i].at);
        listener_question_fini(&question);
    }
}

static void test_other_schemes_are_other_questions(void **state)
{
    static const char *const rows[] = {
        "", "url=", "url=http://a/", "url=tcp", "url=a.test/", "uri=tcp://:1", "url=tcp:/:1"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_false(listener_question_is(view_str(rows[i])));
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *query, *problem;
    } rows[] = {
        {"url=tcp://", "url \"tcp://\": has no port; write tcp://:PORT, or "
                       "tcp://:PORT/SERVER-NAME"},
        {"url=tcp://:0", "url \"tcp://:0\": has no port"},
        {"url=tcp://:65536", "url \"tcp://:65536\": has no port"},
        {"url=tcp://a.test", "url \"tcp://a.test\": has no port"},
        {"url=tcp://a.test:1/b.test", "begins with no IP address; write "
                                      "tcp://IP:PORT/SERVER-NAME"},
        {"url=tcp://:1/*.a.test", "asks for many names; write one, as in tcp://:443/a.test"},
        {"url=tcp://:1/a%0Ab", "url \"tcp://:1/a\\x0ab\": "},
        {"url=tcp://:1%23h%202", "is no protocol of ALPN"},
        {"url=udp://:53/a.test", "asks for a name, which datagrams do not say"},
        {"url=tcp://:1&method=GET", "takes no method, header or client: these are of requests"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct listener_question question;
        struct text problem = TEXT_INIT;
        assert_false(listener_question_read(&question, view_str(rows[i].query), &problem));
        if (!strstr(text_str(&problem), rows[i].problem))
            fail_msg("%s: %s", rows[i].query, text_str(&problem));
        text_fini(&problem);
        listener_question_fini(&question);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked),
        cmocka_unit_test(test_other_schemes_are_other_questions),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
