#include "discovery/clean.h"

#include <stdlib.h>

#include "cmocka_all.h"

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
