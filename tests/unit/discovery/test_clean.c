#include "discovery/clean.h"

#include <stdlib.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_copies(void **state)
{
    static const struct {
        const char *in;
        size_t max;
        const char *out;
    } cases[] = {
        {"", 10, ""},
        {"web", 10, "web"},
        {"web\n\x01\x7F!", 10,
         "web"
         "?"
         "?"
         "?"
         "!"},
        {"abcdef", 3, "abc"},
        {"ab\xC3\xA9z", 3, "ab"}, /* é is two bytes and must not be cut */
        {"ab\xC3\xA9z", 4, "ab\xC3\xA9"},
        {"\xF0\x9F\x98\x80", 3, ""},
        {"a\xC2\x9B"
         "31m\xE2\x80\xAE!",
         20, "a?31m?!"},
        {"\xE2\x81\xA6\xEF\xBB\xBF\xE2\x80\x8F\xF3\xA0\x81\x81", 20, "????"},
        {"a\xFF\xC3", 10, "a??"},
        {"\xC2\xA0\xD7\x90", 10, "\xC2\xA0\xD7\x90"}, /* Hebrew has its own direction */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *copy = clean_copy(view_str(cases[i].in), cases[i].max);
        assert_string_equal(copy, cases[i].out);
        assert_int_equal(clean_is_clean(view_str(cases[i].in), cases[i].max),
                         strcmp(cases[i].in, cases[i].out) == 0);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_copies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
