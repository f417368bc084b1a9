/* Edits of heads, as they are written. */
#include "lb/contract/header_edit.h"

#include "tests/unit/contract/option_case.h"

static void test_what_is_taken_apart(void **state)
{
    static const struct {
        enum header_edit_kind kind;
        const char *name, *value;
    } rows[] = {{HEADER_EDIT_SET, "X-A", "v w"},
                {HEADER_EDIT_ADD, "x-b", "a: b"},
                {HEADER_EDIT_REMOVE, "X-C", NULL},
                {HEADER_EDIT_SET, "X-D", "bare"},
                {HEADER_EDIT_SET, "set", "it is a name"}};
    struct view rest =
        VIEW("set X-A:  v w | add x-b: a: b|remove X-C|X-D:bare | set: it is a name");
    struct header_edit edit;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(header_edit_next(&rest, &edit));
        assert_int_equal(edit.kind, rows[i].kind);
        assert_true(view_eq(edit.name, view_str(rows[i].name)));
        assert_true(view_eq(edit.value, view_str(rows[i].value)));
    }
    assert_false(header_edit_next(&rest, &edit));
}

#define FRAMING  "by which lb and its neighbour tell where messages end and how connections are used"
#define IDENTITY "by which lb says who asks, and what the log has"

static void test_what_requests_take(void **state)
{
#define ROW(value, fault)                                                                          \
    {                                                                                              \
        ROUTE_OPTION_REQUEST_HEADERS, value, fault                                                 \
    }
    static const struct option_row rows[] = {
        ROW("set X-A: v | add X-B: w | remove X-C", NULL),
        ROW("X-Forwarded-Proto: https", NULL),
        ROW("Host: a.test:8080", NULL),
        ROW("remove Authorization|remove Cookie", NULL),
        ROW("", "is empty"),
        ROW("|", "has an edit without a field"),
        ROW("X-A: v |", "has an edit without a field"),
        ROW(": v", "has an edit without a field"),
        ROW("set X A: v", "touches X A, which is no name of a header field"),
        ROW("X-A", "touches X-A, which has no value; write remove before it to take it away"),
        ROW("add X-A:", "touches X-A, which has no value; write remove before it to take it away"),
        ROW("remove X-A: v", "touches X-A, which is removed and has a value"),
        ROW("remove Host", "touches Host, which can be set only"),
        ROW("add Host: a.test", "touches Host, which can be set only"),
        ROW("Host: a b", "touches Host, whose value is no host"),
        ROW("Host: a.test/x", "touches Host, whose value is no host"),
        ROW("Content-Length: 5", "touches Content-Length, " FRAMING),
        ROW("remove transfer-encoding", "touches transfer-encoding, " FRAMING),
        ROW("Transfer_Encoding: chunked", "touches Transfer_Encoding, " FRAMING),
        ROW("Content.Length: 3", "touches Content.Length, " FRAMING),
        ROW("Connection: close", "touches Connection, " FRAMING),
        ROW("Keep-Alive: 5", "touches Keep-Alive, " FRAMING),
        ROW("TE: trailers", "touches TE, " FRAMING),
        ROW("Trailer: X", "touches Trailer, " FRAMING),
        ROW("Upgrade: h2c", "touches Upgrade, " FRAMING),
        ROW("Proxy: x", "touches Proxy, " FRAMING),
        ROW("Proxy-Authorization: x", "touches Proxy-Authorization, " FRAMING),
        ROW("proxy_connection: x", "touches proxy_connection, " FRAMING),
        ROW("Expect: 100-continue", "touches Expect, " FRAMING),
        ROW("Date: now", "touches Date, which says when the answer was made"),
        ROW("remove Via", "touches Via, by which loops are found"),
        ROW("X-Forwarded-For: 1.2.3.4", "touches X-Forwarded-For, " IDENTITY),
        ROW("x_real_ip: 1.2.3.4", "touches x_real_ip, " IDENTITY),
        ROW("remove Forwarded", "touches Forwarded, " IDENTITY),
        ROW("X-Request-Id: 1", "touches X-Request-Id, " IDENTITY),
    };
    (void)state;
    assert_options(rows, COUNT(rows));
}

static void test_what_answers_take(void **state)
{
#undef ROW
#define ROW(value, fault)                                                                          \
    {                                                                                              \
        ROUTE_OPTION_RESPONSE_HEADERS, value, fault                                                \
    }
    static const struct option_row rows[] = {
        ROW("set Strict-Transport-Security: max-age=31536000 | remove Server", NULL),
        ROW("add Set-Cookie: a=b; Path=/", NULL),
        ROW("X-Request-Id: 1", NULL),
        ROW("Content-Length: 5", "touches Content-Length, " FRAMING),
        ROW("remove Connection", "touches Connection, " FRAMING),
        ROW("remove Date", "touches Date, which says when the answer was made"),
        ROW("Proxy-Authenticate: Basic", "touches Proxy-Authenticate, " FRAMING),
    };
    (void)state;
    assert_options(rows, COUNT(rows));
}

static void test_there_is_a_bound(void **state)
{
    struct text many = TEXT_INIT, problem = TEXT_INIT;
    (void)state;
    text_append_str(&many, "X: y");
    for (unsigned i = 1; i < HEADER_EDITS_MAX; i++)
        text_append_str(&many, "|X: y");
    assert_true(header_edit_check(text_view(&many), HEADER_EDIT_OF_REQUEST, &problem));
    text_append_str(&many, "|X: y");
    assert_false(header_edit_check(text_view(&many), HEADER_EDIT_OF_REQUEST, &problem));
    assert_string_equal(text_str(&problem), "has more than 32 edits");
    text_fini(&many);
    text_fini(&problem);
}

static void test_no_line_comes_in(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    assert_false(header_edit_check(VIEW("X-A: v\r\nX-B: w"), HEADER_EDIT_OF_REQUEST, &problem));
    assert_false(header_edit_check(VIEW("X-A: v\nX"), HEADER_EDIT_OF_RESPONSE, &problem));
    assert_false(header_edit_check(VIEW("X\r\nA: v"), HEADER_EDIT_OF_RESPONSE, &problem));
    assert_false(header_edit_check(view_of("X-A: \0", 6), HEADER_EDIT_OF_RESPONSE, &problem));
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken_apart), cmocka_unit_test(test_what_requests_take),
        cmocka_unit_test(test_what_answers_take),   cmocka_unit_test(test_there_is_a_bound),
        cmocka_unit_test(test_no_line_comes_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
