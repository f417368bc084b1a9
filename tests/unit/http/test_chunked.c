/* A body in chunks, piece by piece: what is body, what is left, and how much there may be around it.
 */
#include "lb/http/chunked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define MUCH            65536u

static struct scanner scanner;
static struct chunked chunked;
static struct text body;

/* Behind the head of a message. */
static int open_chunked(void **state)
{
    static struct head head;
    static const char bytes[] = "A: 1\r\n\r\n";
    struct scanner_state behind_start_line;
    const char *at;
    (void)state;
    scanner_prepare(&behind_start_line, true);
    scanner_init(&scanner);
    scanner.max_field_count = 9;
    head.base = bytes;
    scanner_begin(&scanner, &behind_start_line, &head);
    assert_int_equal(scanner_fields(&scanner, view_str(bytes), &at), SCANNER_STOPPED);
    chunked_begin(&chunked, &scanner);
    body = TEXT_INIT;
    return 0;
}

static int close_chunked(void **state)
{
    (void)state;
    scanner_fini(&scanner);
    text_fini(&body);
    return 0;
}

static void again(void **state)
{
    close_chunked(state);
    open_chunked(state);
}

/* Reads on, in inputs of `step` bytes, up to the end of the body. Gives the bytes behind it. */
static enum err read_all(const char *bytes, size_t step, unsigned max_overhead, struct view *rest)
{
    struct view left = view_str(bytes), input = {0}, span;
    enum err err = ERR_OK;
    do {
        if (input.len == 0) {
            input = view_of(left.ptr, left.len < step ? left.len : step);
            left = view_skip(left, input.len);
        }
        err = chunked_read(&chunked, &scanner, max_overhead, &input, &span);
        text_append(&body, span);
    } while (!err && !scanner.is_complete && (input.len > 0 || left.len > 0));
    *rest = view_of(input.ptr, input.len + left.len);
    return err;
}

static void test_the_body_and_what_is_behind_it(void **state)
{
    static const struct {
        const char *bytes, *body, *rest;
    } rows[] = {
        {"0\r\n\r\n", "", ""},
        {"3\r\nabc\r\n0\r\n\r\n", "abc", ""},
        {"3\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\nGET /", "abc0123456789", "GET /"},
        {"5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", ""},
        {"1;a\r\nx\r\n1 ; b=\"c;d\"\r\ny\r\n0;;=\r\n\r\n0", "xy", "0"}, /* extensions of any kind */
        {"1\r\nx\r\n0\r\nA: b\r\n\r\n3\r\n", "x", "3\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step <= strlen(rows[i].bytes); step++) {
            struct view rest;
            if (read_all(rows[i].bytes, step, MUCH, &rest) || !scanner.is_complete)
                fail_msg("row %zu in steps of %zu", i, step);
            assert_string_equal(text_str(&body), rows[i].body);
            assert_true(view_eq(rest, view_str(rows[i].rest)));
            again(state);
        }
}

static void test_what_is_no_body(void **state)
{
    static const char *const rows[] = {
        "\r\n",
        "x\r\n",
        ";a\r\n",
        "1 \r\nx\r\n0\r\n\r\n",
        "1 a\r\nx\r\n0\r\n\r\n",
        "1;a\nx\r\n0\r\n\r\n",
        "1\r\nxy\r\n0\r\n\r\n",
        "0\r\n\n", /* a lone LF is no end */
        "0\r\nA: b\r\n\n",
        "1\r\nx\r\n0\r\n\n",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step <= strlen(rows[i]); step++) {
            struct view rest;
            if (read_all(rows[i], step, MUCH, &rest) != ERR_CHUNK)
                fail_msg("row %zu in steps of %zu", i, step);
            again(state);
        }
}

/* For who says what was wrong: where the input begins afterwards, which is the line of the flaw;
 * read byte by byte it is the flaw itself. */
static void test_a_failure_leaves_what_is_wrong(void **state)
{
    static const struct {
        const char *bytes;
        size_t line_at, byte_at;
        unsigned max_overhead;
    } rows[] = {
        {"zz", 0, 0, MUCH},
        {"1\r\nx\r\nbad\xff\r\n", 6, 9, MUCH},
        {"1\r\nxy\r\n", 4, 4, MUCH},
        {"3\r\na\ncX\r\n", 6, 6, MUCH},
        {"3\r\nabc\rX", 6, 7, MUCH},
        {"3;a\x01\r\n", 0, 3, MUCH},
        {"3;a\nx", 0, 3, MUCH},
        {"3;aa\rX", 4, 5, MUCH}, /* an extension is left out, and is no part of the line */
        {"3 ;aa\r\nabcX\r\n", 10, 10, MUCH},
        {"fffffffffffffffff\r\n", 0, 16, MUCH},
        {"0\r\nA: b\r\nC\x01: d\r\n\r\n", 9, 10, MUCH},
        {"0\r\nA: b\r\n\n", 0, 9, MUCH}, /* llhttp has taken it all */
        {"0\r\n\n", 0, 3, MUCH},
        {"1\r\nx\r\n0\r\n\n", 6, 9, MUCH},
        {"1;too-long-for-ten\r\nx", 0, 10, 10},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t len = strlen(rows[i].bytes);
        for (unsigned is_whole = 0; is_whole < 2; is_whole++) {
            struct view rest;
            again(state);
            if (!read_all(rows[i].bytes, is_whole ? len : 1, rows[i].max_overhead, &rest))
                fail_msg("row %zu is no failure", i);
            size_t at = (size_t)(rest.ptr - rows[i].bytes);
            if (at != (is_whole ? rows[i].line_at : rows[i].byte_at))
                fail_msg("row %zu, %s: at %zu", i, is_whole ? "whole" : "in bytes", at);
        }
    }
}

static void test_no_input_is_no_end(void **state)
{
    struct view empty = {0}, input = VIEW("5\r\nab"), span;
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(chunked_read(&chunked, &scanner, MUCH, &empty, &span), ERR_OK);
        assert_int_equal(span.len, 0);
        assert_false(scanner.is_complete);
        empty = (struct view){0};
    }
    assert_int_equal(chunked_read(&chunked, &scanner, MUCH, &input, &span), ERR_OK);
    assert_true(view_eq(span, VIEW("ab")));
    assert_int_equal(chunked_read(&chunked, &scanner, MUCH, &empty, &span), ERR_OK);
    input = VIEW("cde\r\n");
    assert_int_equal(chunked_read(&chunked, &scanner, MUCH, &input, &span), ERR_OK);
    assert_true(view_eq(span, VIEW("cde"))); /* the piece that was begun goes on */
}

/* ---- what is around it ----------------------------------------------------------------------- */

/* The least limit that the whole of it keeps to. */
static unsigned overhead_of(void **state, const char *bytes, size_t step)
{
    for (unsigned max = 0; max < 4096; max++) {
        struct view rest;
        enum err err = read_all(bytes, step, max, &rest);
        again(state);
        if (!err)
            return max;
        assert_int_equal(err, ERR_CHUNK);
    }
    return UINT_MAX;
}

static void test_how_much_is_around_how_much_body(void **state)
{
    static const struct {
        const char *bytes;
        unsigned want;
    } rows[] = {
        {"0\r\n\r\n", 5},
        {"1\r\nx\r\n0\r\n\r\n", 7},                     /* 2 behind it, and the last one */
        {"1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n", 7}, /* lines as usual make no sum */
        {"1;2345678901234\r\nx\r\n0\r\n\r\n", 17},      /* before its byte is there */
        {"1;2345678901234\r\nx\r\n1;2345678901234\r\ny\r\n0\r\n\r\n", 19}, /* + CRLF behind x */
        {"0\r\nA: 1\r\nTE: 2\r\n\r\n", 18}, /* also what is not passed on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned got = overhead_of(state, rows[i].bytes, 1000);
        if (got != rows[i].want)
            fail_msg("row %zu: %u", i, got);
    }
}

/* Long lines for single bytes add up; each byte makes up for two, and each line for sixteen. */
static void test_long_lines_add_up(void **state)
{
    char bytes[2000] = "";
    unsigned before = 0;
    for (unsigned count = 1; count <= 8; count++) {
        snprintf(bytes + strlen(bytes), 100, "%s\r\nx\r\n",
                 "1;234567890123456789012345678901234567");
        unsigned got = overhead_of(state, bytes, 1000);
        if (count > 1) /* a line of 40 bytes and a CRLF, but for 16 and 2 */
            assert_int_equal(got - before, 40 + 2 - 16 - 2);
        before = got;
    }
}

static void test_much_body_makes_up_for_long_lines(void **state)
{
    char bytes[2000] = "";
    unsigned before = 0;
    for (unsigned count = 1; count <= 8; count++) {
        snprintf(bytes + strlen(bytes), 100, "%s\r\n0123456789abcdef\r\n",
                 "10;34567890123456789012345678901234567");
        unsigned got = overhead_of(state, bytes, 1000);
        if (count > 1)
            assert_in_range(got, before, before + 2);
        before = count > 1 ? before : got;
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_chunked, close_chunked)
    const struct CMUnitTest tests[] = {
        TEST(test_the_body_and_what_is_behind_it),    TEST(test_what_is_no_body),
        TEST(test_a_failure_leaves_what_is_wrong),    TEST(test_no_input_is_no_end),
        TEST(test_how_much_is_around_how_much_body),  TEST(test_long_lines_add_up),
        TEST(test_much_body_makes_up_for_long_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
