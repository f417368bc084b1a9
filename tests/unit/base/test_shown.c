/* What a terminal would obey is shown as an escape, everything else as it is. */
#include "lb/base/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_one_line(void **state)
{
    static const struct {
        const char *foreign, *shown;
    } cases[] = {
        {"", ""},
        {"web-1 \xC3\xA9\xD7\x90\xF0\x9F\x98\x80\xC2\xA0\\",
         "web-1 \xC3\xA9\xD7\x90\xF0\x9F\x98\x80\xC2\xA0\\"},
        /* C0, DEL, C1 */
        {"a\nb\rc\td\x1b[2Je\x7F", "a\\x0ab\\x0dc\\x09d\\x1b[2Je\\x7f"},
        {"\xC2\x9B"
         "31m\xC2\x9D"
         "0;x\xC2\x85",
         "\\x9b31m\\x9d0;x\\x85"},
        /* bidi: overrides, embeddings, isolates, marks */
        {"\xE2\x80\xAE\xE2\x80\xAA\xE2\x80\xAC", "\\u202e\\u202a\\u202c"},
        {"\xE2\x81\xA6\xE2\x81\xA9\xE2\x80\x8F\xD8\x9C", "\\u2066\\u2069\\u200f\\u061c"},
        /* line separators, what is not seen, tags, noncharacters */
        {"\xE2\x80\xA8\xE2\x80\xA9", "\\u2028\\u2029"},
        {"\xE2\x80\x8B\xE2\x81\xA0\xEF\xBB\xBF\xC2\xAD", "\\u200b\\u2060\\ufeff\\xad"},
        {"\xF3\xA0\x81\x81\xEF\xBF\xBF", "\\ue0041\\uffff"},
        /* no UTF-8, which a terminal may take for C1 */
        {"\x9B"
         "31m\xFF\xC3",
         "\\x9b31m\\xff\\xc3"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text out = TEXT_INIT;
        shown_append(&out, view_str(cases[i].foreign));
        assert_string_equal(text_str(&out), cases[i].shown);
        text_fini(&out);
    }
}

static void test_lines_stay_lines(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    shown_append_lines(&out, VIEW("a\x1b\nb\n\nc\xC2\x9B\n"));
    assert_string_equal(text_str(&out), "a\\x1b\nb\n\nc\\x9b\n");
    text_clear(&out);
    shown_append_lines(&out, VIEW("a"));
    assert_string_equal(text_str(&out), "a");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_line),
                                       cmocka_unit_test(test_lines_stay_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
