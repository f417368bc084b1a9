#include "discovery/net/line_reader.h"

#include "tests/unit/discovery/cmocka_all.h"

#define INPUT  "one\n\ntwo\r\n\r\nthree and more\nx\nrest"
#define OUTPUT "one|two|three and more|x|"

/* Joins the lines that come out when the bytes arrive in pieces of `size`, the first of `first`. */
static void read_in_pieces(struct text *out, struct view input, size_t first, size_t size,
                           size_t max_bytes, bool *failed)
{
    struct line_reader reader;
    struct view line;
    line_reader_init(&reader, max_bytes);
    for (size_t at = 0, len = first; at < input.len; at += len, len = size) {
        if (len > input.len - at)
            len = input.len - at;
        /* A copy, freed at once: what is carried over must not point into it. */
        struct text piece = TEXT_INIT;
        text_append(&piece, view_of(input.ptr + at, len));
        line_reader_feed(&reader, text_view(&piece));
        while (line_reader_next(&reader, &line)) {
            text_append(out, line);
            text_append_char(out, '|');
        }
        text_fini(&piece);
    }
    *failed = reader.skipped_count > 0;
    line_reader_fini(&reader);
}

static void test_every_split_gives_the_same_lines(void **state)
{
    struct view input = VIEW(INPUT);
    bool failed;
    (void)state;
    for (size_t first = 1; first <= input.len; first++) {
        for (size_t size = 1; size <= input.len; size++) {
            struct text out = TEXT_INIT;
            read_in_pieces(&out, input, first, size, 64, &failed);
            assert_string_equal(text_str(&out), OUTPUT);
            assert_false(failed);
            text_fini(&out);
        }
    }
}

static void test_a_line_of_the_greatest_length_passes(void **state)
{
    bool failed;
    (void)state;
    for (size_t size = 1; size <= 12; size++) {
        struct text out = TEXT_INIT;
        read_in_pieces(&out, VIEW("12345678\n12345678\n"), size, size, 8, &failed);
        assert_string_equal(text_str(&out), "12345678|12345678|");
        assert_false(failed);
        text_fini(&out);
    }
}

static void test_a_longer_line_is_passed_over(void **state)
{
    bool failed;
    (void)state;
    for (size_t size = 1; size <= 20; size++) {
        struct text out = TEXT_INIT;
        read_in_pieces(&out, VIEW("ok\n123456789\nafter\n"), size, size, 8, &failed);
        assert_string_equal(text_str(&out), "ok|after|");
        assert_true(failed);
        text_fini(&out);
    }
}

static void test_memory_is_bounded_without_any_line_end(void **state)
{
    struct line_reader reader;
    struct view line;
    (void)state;
    line_reader_init(&reader, 100);
    for (int i = 0; i < 1000; i++) {
        line_reader_feed(&reader, VIEW("0123456789"));
        assert_false(line_reader_next(&reader, &line));
    }
    assert_int_equal(reader.skipped_count, 1);
    assert_true(reader.carry.capacity <= 256);
    line_reader_feed(&reader, VIEW("\nnext\n"));
    assert_true(line_reader_next(&reader, &line));
    assert_true(view_eq(line, VIEW("next")));
    line_reader_fini(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_split_gives_the_same_lines),
        cmocka_unit_test(test_a_line_of_the_greatest_length_passes),
        cmocka_unit_test(test_a_longer_line_is_passed_over),
        cmocka_unit_test(test_memory_is_bounded_without_any_line_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
