/* The cookies of a request: found in whatever clients send, and taken out without a trace. */
#include "lb/http/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static void check(const char *fields, const char *want_value, const char *want_fields)
{
    char head[512], want[512];
    struct block_pool blocks = {0};
    snprintf(head, sizeof(head), "GET / HTTP/1.1\r\n%s\r\n", fields);
    snprintf(want, sizeof(want), "GET / HTTP/1.1\r\n%s\r\n", want_fields);
    struct view value = cookie_find(view_str(head), VIEW("lb"));
    assert_int_equal(value.ptr != NULL, want_value != NULL);
    if (want_value)
        assert_true(view_eq(value, view_str(want_value)));
    struct block *block = block_take(&blocks, strlen(head));
    cookie_remove(view_str(head), VIEW("lb"), block);
    assert_true(view_eq(block_view(block), view_str(want)));
    assert_null(cookie_find(block_view(block), VIEW("lb")).ptr);
    block_give(&blocks, block);
    block_pool_fini(&blocks);
}

static void test_it_is_found_and_taken_out(void **state)
{
    (void)state;
    check("Host: a\r\nCookie: lb=1\r\nA: b\r\n", "1", "Host: a\r\nA: b\r\n");
    check("Cookie: a=1; lb=2; b=3\r\n", "2", "Cookie: a=1; b=3\r\n");
    check("cookie:lb=2;a=1;b=3\r\n", "2", "Cookie: a=1;b=3\r\n");
    check("Cookie: a=1\r\nCookie: b=2; lb=x\r\nCookie: c=3\r\n", "x",
          "Cookie: a=1\r\nCookie: b=2\r\nCookie: c=3\r\n");
    check("Cookie: lb=\"q\"\r\n", "q", "");
    check("Cookie: lb=\r\n", "", "");
    check("Cookie: lb=1; lb=2\r\nCookie: lb=3; z=1\r\n", "1", "Cookie: z=1\r\n");
    check("Cookie:  ; ;lb = 7 ; ;a=b=c;\r\n", "7", "Cookie: a=b=c\r\n");
}

static void test_what_only_looks_like_it_stays(void **state)
{
    static const char *const fields[] = {
        "Host: a\r\n",         "Cookie: xlb=1; lbx=2\r\n",
        "Cookie: LB=1\r\n",    "X-Cookie: lb=1\r\n",
        "Cookie: a=lb=1\r\n",  "Cookie: lb\r\n",
        "Cookie:\r\n",         "Cookie: ;;=;\r\n",
        "A: Cookie: lb=1\r\n", "Cookie: a=\x01\x7F\xFF, lb=1\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        check(fields[i], NULL, fields[i]);
}

static void test_all_of_a_name_in_order(void **state)
{
    struct cookie_walk walk = cookie_walk_of(
        VIEW("GET / HTTP/1.1\r\nCookie: lb=1; a=2; lb=\"3\"\r\nA: b\r\nCookie: lb=\r\n\r\n"));
    static const char *const values[] = {"1", "3", ""};
    struct view value;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_true(cookie_next(&walk, VIEW("lb"), &value));
        assert_true(view_eq(value, view_str(values[i])));
    }
    assert_false(cookie_next(&walk, VIEW("lb"), &value));
    assert_false(cookie_next(&walk, VIEW("lb"), &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_found_and_taken_out),
        cmocka_unit_test(test_what_only_looks_like_it_stays),
        cmocka_unit_test(test_all_of_a_name_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
