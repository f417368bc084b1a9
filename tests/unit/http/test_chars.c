/* The character table against the grammars it stands for. */
#include "lb/http/chars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool is_one_of(int c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

static void test_classes(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char octet = (char)c;
        bool is_visible = c > 0x20 && c != 0x7F;
        assert_int_equal(chars_is_token(octet), is_one_of(c, ALNUM "!#$%&'*+-.^_`|~"));
        assert_int_equal(chars_is_host(octet), is_one_of(c, ALNUM "-._~!$&'()*+,;=%"));
        assert_int_equal(chars_is_target(octet), is_visible && c != '#');
        assert_int_equal(chars_is_field_value(octet), is_visible || c == ' ' || c == '\t');
        assert_int_equal(chars_is_digit(octet), c >= '0' && c <= '9');
        assert_int_equal(chars_is_id(octet), is_one_of(c, ALNUM "-._:/+=@"));
    }
}

/* Each octet at each place of texts on both sides of eight, among the least and the greatest. */
static void test_whole_targets(void **state)
{
    (void)state;
    const char fills[] = {'!', '~', '"', '$', '\x80', '\xff'};
    for (size_t len = 0; len <= 17; len++)
        for (size_t at = 0; at < len; at++)
            for (int c = 0; c < 256; c++)
                for (size_t i = 0; i < sizeof(fills); i++) {
                    char text[17];
                    memset(text, fills[i], len);
                    text[at] = (char)c;
                    assert_int_equal(chars_are_target(view_of(text, len)),
                                     chars_is_target((char)c));
                }
    assert_true(chars_are_target(view_of("", 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes),
                                       cmocka_unit_test(test_whole_targets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
