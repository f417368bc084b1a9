/* Host and port, and all that is none. */
#include "lb/http/authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_authority(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
    } cases[] = {
        {"a", true},          {"", true},           {"A-z.9_~!$&'()*+,;=%41", true},
        {"a:80", true},       {"a:", true},         {"1.2.3.4:65535", true},
        {"[::]", true},       {"[::1]:8000", true}, {"[::ffff:1.2.3.4]", true},
        {"a b", false},       {"a,b c", false},     {"a/b", false},
        {"u@a", false},       {"a:b", false},       {"a:80:80", false},
        {"a:65536", false},   {"a:-1", false},      {"a: 80", false},
        {":80", false},       {"\xc3\xa9", false},  {"http://a", false},
        {"[::1", false},      {"[]", false},        {"[:::]", false},
        {"[1.2.3.4]", false}, {"[::1]80", false},   {"[::1]a:80", false},
        {"::1", false},       {"a[::1]", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (authority_is_valid(view_str(cases[i].text)) != cases[i].is_good)
            fail_msg("%s", cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
