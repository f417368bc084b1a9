/* Bytes as a line of text, and back. */
#include "lb/contract/escaped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_texts(void **state)
{
    static const struct {
        const char *text;
        struct view bytes; /* NULL: it is not proper */
    } rows[] = {
        {"PING", VIEW("PING")},
        {"a\\r\\n\\tb\\\\c", VIEW("a\r\n\tb\\c")},
        {"\\x00\\xfF\\x0a", VIEW("\0\xFF\n")},
        {"\\\\x41", VIEW("\\x41")},
        {"\xC3\xA4 ~", VIEW("\xC3\xA4 ~")},
        {"\\", {0}},
        {"a\\", {0}},
        {"\\0", {0}},
        {"\\R", {0}},
        {"\\x", {0}},
        {"\\x4", {0}},
        {"\\xg0", {0}},
        {"\\x0g", {0}},
        {"a\r", {0}},
        {"\x7F", {0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char bytes[32];
        bool is_proper = escaped_is_proper(view_str(rows[i].text));
        if (is_proper != (rows[i].bytes.ptr != NULL))
            fail_msg("row %zu", i);
        if (is_proper && !view_eq(escaped_read(view_str(rows[i].text), bytes), rows[i].bytes))
            fail_msg("bytes of row %zu", i);
    }
}

/* The view need not end with a NUL, nor stop at one. */
static void test_a_view_of_a_longer_text(void **state)
{
    (void)state;
    assert_false(escaped_is_proper(view_of("\\x41", 3)));
    assert_false(escaped_is_proper(view_of("a\\n", 2)));
    assert_false(escaped_is_proper(VIEW("a\0b")));
    assert_false(escaped_is_proper(VIEW("\\\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_a_view_of_a_longer_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
