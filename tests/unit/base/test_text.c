/* Growable text: what was appended is there, terminated, whatever the sizes. */
#include "lb/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>

static void check_text(const struct text *text, const char *expected)
{
    assert_int_equal(text->len, strlen(expected));
    assert_string_equal(text_str(text), expected);
    assert_true(text->len == 0 || text->capacity > text->len);
}

static void test_empty(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    check_text(&text, "");
    text_clear(&text);
    assert_int_equal(text_view(&text).len, 0);
    text_append(&text, view_of(NULL, 0));
    text_append_str(&text, "");
    text_appendf(&text, "%s", "");
    check_text(&text, "");
    text_fini(&text);
    text_fini(&text);
    check_text(&text, "");
}

static void test_append(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    text_append_str(&text, "one");
    text_append_char(&text, ' ');
    text_appendf(&text, "%d%%", 100);
    text_append(&text, view_of(" and more", 4));
    check_text(&text, "one 100% and");
    text_append(&text, view_of("\0x", 2));
    assert_int_equal(text.len, 14);
    assert_memory_equal(text.bytes, "one 100% and\0x", 15);
    text_clear(&text);
    check_text(&text, "");
    text_append_str(&text, "again");
    check_text(&text, "again");
    text_fini(&text);
    text_append_str(&text, "after fini");
    check_text(&text, "after fini");
    text_fini(&text);
}

static char letter(size_t i)
{
    return (char)('a' + i % 26);
}

/* Around each growth step, piece sizes 1 to 300, by bytes and by format. */
static void test_growth(void **state)
{
    char piece[301];
    (void)state;
    for (size_t i = 0; i < sizeof(piece); i++)
        piece[i] = letter(i);
    for (size_t size = 1; size <= 300; size++) {
        struct text bytes = TEXT_INIT, formatted = TEXT_INIT;
        for (size_t round = 0; round < 5; round++) {
            text_append(&bytes, view_of(piece, size));
            text_appendf(&formatted, "%.*s", (int)size, piece);
        }
        assert_int_equal(bytes.len, 5 * size);
        assert_string_equal(bytes.bytes, formatted.bytes);
        for (size_t i = 0; i < bytes.len; i++)
            assert_int_equal(bytes.bytes[i], letter(i % size));
        text_fini(&bytes);
        text_fini(&formatted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
