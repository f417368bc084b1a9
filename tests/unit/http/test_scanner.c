/* The door to the library that scans HTTP: where it finds fields, where it stops in a body of chunks,
 * and what it refuses by itself. */
#include "lb/http/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct scanner scanner;
static struct head head;

static int open_scanner(void **state)
{
    (void)state;
    scanner_init(&scanner);
    scanner.max_field_count = 3;
    return 0;
}

static int close_scanner(void **state)
{
    (void)state;
    scanner_fini(&scanner);
    return 0;
}

static void again(void **state)
{
    close_scanner(state);
    open_scanner(state);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* In two pieces, of which the first has `cut` bytes. Gives the last result; `*used`: up to where. */
static enum scanner_result scan(const char *bytes, size_t cut, bool is_request, size_t *used)
{
    struct scanner_state behind_start_line;
    const char *at = NULL;
    scanner_prepare(&behind_start_line, is_request);
    scanner.err = ERR_OK;
    head.base = bytes;
    scanner_begin(&scanner, &behind_start_line, &head);
    enum scanner_result result = SCANNER_MORE;
    if (cut > 0)
        result = scanner_fields(&scanner, view_of(bytes, cut), &at);
    if (result == SCANNER_MORE)
        result = scanner_fields(&scanner, view_skip(view_str(bytes), cut), &at);
    *used = at ? (size_t)(at - bytes) : strlen(bytes);
    return result;
}

static void check_field(unsigned index, const char *name, const char *value)
{
    const struct field *field = &head.fields[index];
    assert_true(view_eq(head_field_name(&head, field), view_str(name)));
    assert_true(view_eq(view_trim(head_field_value(&head, field)), view_str(value)));
}

static void test_fields_are_found_wherever_the_input_is_cut(void **state)
{
    static const char bytes[] = "Host: x\r\nA:\r\nLong-Name:  a b \r\n\r\nrest";
    for (unsigned is_request = 0; is_request <= 1; is_request++)
        for (size_t cut = 0; cut < strlen(bytes) - 6; cut++) {
            size_t used;
            assert_int_equal(scan(bytes, cut, is_request, &used), SCANNER_STOPPED);
            assert_in_range(used, strlen(bytes) - 5, strlen(bytes) - 4);
            assert_int_equal(head.field_count, 3);
            check_field(0, "Host", "x");
            check_field(1, "A", "");
            check_field(2, "Long-Name", "a b");
            again(state);
        }
}

static void test_a_head_that_is_not_over(void **state)
{
    static const char *const rows[] = {"", "H", "Host: x", "Host: x\r\n", "Host: x\r\n\r"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t used;
        assert_int_equal(scan(rows[i], 0, true, &used), SCANNER_MORE);
        assert_ptr_equal(scanner.head, &head);
        again(state);
    }
}

static void test_what_is_no_head(void **state)
{
    static const struct {
        const char *bytes;
        enum err err;
    } rows[] = {
        {"A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", ERR_HEAD_TOO_LARGE}, /* of three */
        {"A: b\r\n c\r\n\r\n", ERR_FIELD},                            /* folded */
        {"A b\r\n\r\n", ERR_FIELD},
        {"A: \x01\r\n\r\n", ERR_FIELD},
        {"A: b\rc\r\n\r\n", ERR_FIELD},
        {"Content-Length: x\r\n\r\n", ERR_LENGTH},
        {"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", ERR_LENGTH},
        {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", ERR_LENGTH},
        {"Transfer-Encoding: chunked, gzip\r\n\r\n", ERR_LENGTH}, /* chunks are not the last */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t used;
        if (scan(rows[i].bytes, 0, true, &used) != SCANNER_FAILED || scanner.err != rows[i].err)
            fail_msg("row %zu: %s", i, err_word(scanner.err));
        assert_in_range(used, 1, strlen(rows[i].bytes));
        again(state);
    }
}

static void test_each_message_begins_anew(void **state)
{
    size_t used;
    (void)state;
    assert_int_equal(scan("A b\r\n\r\n", 0, true, &used), SCANNER_FAILED);
    assert_int_equal(scan("A: 1\r\nB: 2\r\nC: 3\r\n\r\n", 0, true, &used), SCANNER_STOPPED);
    assert_int_equal(head.field_count, 3);
    assert_int_equal(scan("A: 1\r\n\r\n", 0, true, &used), SCANNER_STOPPED);
    assert_int_equal(head.field_count, 1);
}

/* ---- chunks ---------------------------------------------------------------------------------- */

static void begin_chunks(void)
{
    size_t used;
    assert_int_equal(scan("A: 1\r\n\r\n", 0, true, &used), SCANNER_STOPPED);
    scanner_begin_chunks(&scanner);
}

static void check_run(const char *input, size_t want_used, const char *want_span)
{
    size_t used;
    assert_int_equal(scanner_chunks(&scanner, view_str(input), &used), SCANNER_STOPPED);
    assert_int_equal(used, want_used);
    assert_true(view_eq(scanner.span, view_str(want_span)));
    assert_true(scanner_is_stopped(&scanner));
}

static void test_it_stops_behind_each_chunk_and_behind_the_message(void **state)
{
    static const char bytes[] = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /";
    (void)state;
    begin_chunks();
    assert_true(scanner_is_stopped(&scanner)); /* behind the head */
    check_run(bytes, 8, "abc");
    assert_true(scanner.is_chunk_begun && scanner.is_at_chunk && !scanner.is_complete);
    check_run(bytes + 8, 7, "de");
    assert_true(scanner.is_chunk_begun && scanner.is_at_chunk && !scanner.is_complete);
}

static void test_a_chunk_in_pieces(void **state)
{
    static const char *const pieces[] = {"3", "\r\n", "a", "bc", "\r"};
    static const char *const spans[] = {"", "", "a", "bc", ""};
    (void)state;
    begin_chunks();
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t used;
        assert_int_equal(scanner_chunks(&scanner, view_str(pieces[i]), &used), SCANNER_MORE);
        assert_int_equal(used, strlen(pieces[i]));
        assert_true(view_eq(scanner.span, view_str(spans[i])));
        assert_int_equal(scanner.is_chunk_begun, i == 1);
        assert_false(scanner.is_at_chunk || scanner_is_stopped(&scanner));
    }
}

static void test_what_is_no_chunk(void **state)
{
    static const char *const rows[] = {
        "x\r\n",
        "8000000000000000\r\n", /* others count to 2^63 - 1 */
        "10000000000000000\r\n",
        "1\r\nab\r\n",
        "0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", /* of three */
        "0\r\nA: b\r\n c\r\n\r\n",
        "0\r\n: b\r\n\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct view input = view_str(rows[i]);
        enum scanner_result result = SCANNER_STOPPED;
        begin_chunks();
        while (result == SCANNER_STOPPED && !scanner.is_complete) {
            size_t used;
            result = scanner_chunks(&scanner, input, &used);
            input = view_skip(input, used);
        }
        if (result != SCANNER_FAILED)
            fail_msg("row %zu", i);
        again(state);
    }
}

static void test_the_largest_chunk(void **state)
{
    size_t used;
    (void)state;
    begin_chunks();
    assert_int_equal(scanner_chunks(&scanner, VIEW("7fffffffffffffff\r\na"), &used), SCANNER_MORE);
    assert_true(view_eq(scanner.span, VIEW("a")));
}

static void test_trailers_are_kept_and_the_message_ends_behind_them(void **state)
{
    struct view input = VIEW("0\r\nA: 1\r\nB: 2\r\n\r\nGET /");
    (void)state;
    begin_chunks();
    for (unsigned runs = 0; !scanner.is_complete; runs++) {
        size_t used;
        assert_true(runs < 9);
        assert_int_equal(scanner_chunks(&scanner, input, &used), SCANNER_STOPPED);
        assert_false(scanner.is_at_chunk || scanner.is_chunk_begun);
        input = view_skip(input, used);
    }
    assert_true(view_eq(trailers_lines(&scanner.trailers), VIEW("A: 1\r\nB: 2\r\n")));
    assert_in_range(input.len, 5, 6); /* what follows is left */
}

static void test_the_version_has_three_numbers(void **state)
{
    unsigned major, minor, patch;
    char rest;
    (void)state;
    assert_int_equal(sscanf(scanner_library_version(), "%u.%u.%u%c", &major, &minor, &patch, &rest),
                     3);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_scanner, close_scanner)
    const struct CMUnitTest tests[] = {
        TEST(test_fields_are_found_wherever_the_input_is_cut),
        TEST(test_a_head_that_is_not_over),
        TEST(test_what_is_no_head),
        TEST(test_each_message_begins_anew),
        TEST(test_it_stops_behind_each_chunk_and_behind_the_message),
        TEST(test_a_chunk_in_pieces),
        TEST(test_what_is_no_chunk),
        TEST(test_the_largest_chunk),
        TEST(test_trailers_are_kept_and_the_message_ends_behind_them),
        TEST(test_the_version_has_three_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
