/* Request lines and status lines: how they are understood, and all that is none. */
#include "lb/http/start_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct head head;

static void check_view(struct view got, const char *want, const char *of)
{
    if (!view_eq(got, view_str(want)))
        fail_msg("%s: want \"%s\", got \"%.*s\"", of, want, (int)got.len, got.ptr);
}

/* ---- request lines --------------------------------------------------------------------------- */

static void test_request_line(void **state)
{
    static const struct {
        const char *line, *method, *path, *authority;
        enum target_form form;
        unsigned minor_version;
    } cases[] = {
        {"GET / HTTP/1.1", "GET", "/", "", TARGET_ORIGIN, 1},
        {"get /?a=b&c HTTP/1.0", "get", "/?a=b&c", "", TARGET_ORIGIN, 0},
        {"X-Y /\"<>\\^`{|} HTTP/1.1", "X-Y", "/\"<>\\^`{|}", "", TARGET_ORIGIN, 1},
        {"GET /http://x/ HTTP/1.1", "GET", "/http://x/", "", TARGET_ORIGIN, 1},
        {"OPTIONS * HTTP/1.1", "OPTIONS", "*", "", TARGET_ASTERISK, 1},
        {"GET http://a HTTP/1.1", "GET", "", "a", TARGET_ABSOLUTE, 1},
        {"GET http://a/ HTTP/1.1", "GET", "/", "a", TARGET_ABSOLUTE, 1},
        {"GET http://a?b HTTP/1.1", "GET", "?b", "a", TARGET_ABSOLUTE, 1},
        {"GET hTTps://a:/b@c HTTP/1.1", "GET", "/b@c", "a:", TARGET_ABSOLUTE, 1},
        {"GET http://[fd00::1]:65535/ HTTP/1.1", "GET", "/", "[fd00::1]:65535", TARGET_ABSOLUTE, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        head = (struct head){0};
        assert_int_equal(start_line_parse_request(&head, view_str(cases[i].line)), ERR_OK);
        check_view(head.method, cases[i].method, cases[i].line);
        check_view(head.path, cases[i].path, cases[i].line);
        check_view(head.authority, cases[i].authority, cases[i].line);
        assert_int_equal(head.form, cases[i].form);
        assert_int_equal(head.minor_version, cases[i].minor_version);
    }
}

static void test_bad_request_line(void **state)
{
    static const struct {
        struct view line;
        enum err want;
    } cases[] = {
        {BYTES(""), ERR_START_LINE},
        {BYTES(" "), ERR_START_LINE},
        {BYTES("GET"), ERR_START_LINE},
        {BYTES("GET "), ERR_START_LINE},
        {BYTES("GET /"), ERR_START_LINE},
        {BYTES("GET / "), ERR_START_LINE},
        {BYTES("GET  HTTP/1.1"), ERR_START_LINE},
        {BYTES("GET / HTTP/1.1 "), ERR_START_LINE},
        {BYTES("GET / http/1.1"), ERR_START_LINE},
        {BYTES("GET / HTTP/1"), ERR_START_LINE},
        {BYTES("GET / HTTP/1."), ERR_START_LINE},
        {BYTES("GET / HTTP/1.10"), ERR_START_LINE},
        {BYTES("GET / HTTP/11.1"), ERR_START_LINE},
        {BYTES("GET / HTTP/1.x"), ERR_START_LINE},
        {BYTES("GET / HTTP-1.1"), ERR_START_LINE},
        {BYTES("GET / ICY/1.1"), ERR_START_LINE},
        {BYTES("G(T / HTTP/1.1"), ERR_START_LINE},
        {BYTES("G\xc3\xa9T / HTTP/1.1"), ERR_START_LINE},
        {BYTES("GET\0 / HTTP/1.1"), ERR_START_LINE},
        {BYTES("GET / HTTP/1.x"), ERR_START_LINE},
        {BYTES("GET / HTTP/0.9"), ERR_VERSION},
        {BYTES("GET / HTTP/2.0"), ERR_VERSION},
        {BYTES("GET / HTTP/3.1"), ERR_VERSION},
        {BYTES("CONNECT a:443 HTTP/1.1"), ERR_METHOD},
        {BYTES("CONNECT / HTTP/1.1"), ERR_METHOD},
        {BYTES("GET * HTTP/1.1"), ERR_TARGET},
        {BYTES("OPTIONS *a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /#f HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /a#f HTTP/1.1"), ERR_TARGET},
        {BYTES("GET # HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /\t HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /\r HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /\0 HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /\x1f HTTP/1.1"), ERR_TARGET},
        {BYTES("GET /\x7f HTTP/1.1"), ERR_TARGET},
        {BYTES("GET a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET a:80 HTTP/1.1"), ERR_TARGET}, /* authority-form is CONNECT's alone */
        {BYTES("GET ?a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http:/a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http:a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http:// HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http:///a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://?a HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://:80/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://u@a/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://u:p@a/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://a/#f HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://a:99999/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://a\\b/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET http://[::1/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET ftp://a/ HTTP/1.1"), ERR_TARGET},
        {BYTES("GET file:///etc HTTP/1.1"), ERR_TARGET},
        {BYTES("GET ://a/ HTTP/1.1"), ERR_TARGET},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        head = (struct head){0};
        enum err got = start_line_parse_request(&head, cases[i].line);
        if (got != cases[i].want)
            fail_msg("%.*s: want %s, got %s", (int)cases[i].line.len, cases[i].line.ptr,
                     err_word(cases[i].want), err_word(got));
    }
}

/* ---- status lines ---------------------------------------------------------------------------- */

static void test_status_line(void **state)
{
    static const struct {
        const char *line;
        unsigned status;
        const char *reason;
    } good[] = {
        {"HTTP/1.1 200 OK", 200, "OK"},
        {"HTTP/1.0 404 Not Found", 404, "Not Found"},
        {"HTTP/1.1 100 ", 100, ""},
        {"HTTP/1.1 599", 599, ""},
        {"HTTP/1.1 200  \tA \xc3\xa9 ", 200, " \tA \xc3\xa9 "},
    };
    static const struct view bad[] = {
        BYTES(""),
        BYTES("HTTP/1.1"),
        BYTES("HTTP/1.1 "),
        BYTES("HTTP/1.1 20"),
        BYTES("HTTP/1.1 2000"),
        BYTES("HTTP/1.1 200OK"),
        BYTES("HTTP/1.1 200\tOK"),
        BYTES("HTTP/1.1  200 OK"),
        BYTES("HTTP/1.1\t200 OK"),
        BYTES("HTTP/1.1 099 No"),
        BYTES("HTTP/1.1 000 No"),
        BYTES("HTTP/1.1 1000 No"),
        BYTES("HTTP/1.1 +20 No"),
        BYTES("HTTP/1.1 2 0 No"),
        BYTES("HTTP/1.1 0x2 No"),
        BYTES("HTTP/1.1 OK 200"),
        BYTES("HTTP/1. 200 OK"),
        BYTES("HTTP/2.0 200 OK"),
        BYTES("HTTP/2 200 OK  "),
        BYTES("HTTP/0.9 200 OK"),
        BYTES("http/1.1 200 OK"),
        BYTES("ICY 200 OK     "),
        BYTES("<html>hello</html>"),
        BYTES("HTTP/1.1 200 O\0K"),
        BYTES("HTTP/1.1 200 O\rK"),
        BYTES("HTTP/1.1 200 O\x1bK"),
        BYTES("HTTP/1.1 200 O\x7fK"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(start_line_parse_status(&head, view_str(good[i].line)), ERR_OK);
        assert_int_equal(head.status, good[i].status);
        check_view(head.reason, good[i].reason, good[i].line);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (start_line_parse_status(&head, bad[i]) != ERR_UPSTREAM_INVALID)
            fail_msg("taken: %.*s", (int)bad[i].len, bad[i].ptr);
}

/* The views of a start line follow when its bytes move, those of the other kind stay empty. */
static void test_move(void **state)
{
    static const char old[] = "GET http://a/b HTTP/1.1", copy[] = "GET http://a/b HTTP/1.1";
    static const char old_status[] = "HTTP/1.1 200 OK", copy_status[] = "HTTP/1.1 200 OK";
    (void)state;
    assert_int_equal(start_line_parse_request(&head, view_str(old)), ERR_OK);
    head_move(&head, old, copy);
    assert_ptr_equal(head.method.ptr, copy);
    assert_ptr_equal(head.target.ptr, copy + 4);
    assert_ptr_equal(head.authority.ptr, copy + 11);
    assert_ptr_equal(head.path.ptr, copy + 12);
    assert_int_equal(head.reason.len, 0);
    assert_int_equal(start_line_parse_status(&head, view_str(old_status)), ERR_OK);
    head_move(&head, old_status, copy_status);
    assert_ptr_equal(head.reason.ptr, copy_status + 13);
    assert_int_equal(head.method.len + head.target.len + head.path.len + head.authority.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_line),
        cmocka_unit_test(test_bad_request_line),
        cmocka_unit_test(test_status_line),
        cmocka_unit_test(test_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
