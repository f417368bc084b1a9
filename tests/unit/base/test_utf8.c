/* Every sequence of up to four bytes is judged as RFC 3629 has it. */
#include "lb/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The encoding of each code point is taken whole, and refused one byte short. */
static void test_code_points(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x110000; code += code < 0x3000 ? 1 : 97) {
        char bytes[4];
        size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
        uint32_t rest = code;
        for (size_t i = len; i-- > 1; rest >>= 6)
            bytes[i] = (char)(0x80 | (rest & 0x3F));
        bytes[0] = (char)(leads[len] | rest);
        bool is_surrogate = code >= 0xD800 && code < 0xE000;
        assert_int_equal(utf8_length(view_of(bytes, len)), is_surrogate ? 0 : len);
        if (len > 1)
            assert_int_equal(utf8_length(view_of(bytes, len - 1)), 0);
    }
}

static void test_refused(void **state)
{
    static const struct view rows[] = {
        VIEW("\x80"),
        VIEW("\xBF"),
        VIEW("\xC0\x80"),
        VIEW("\xC1\xBF"),
        VIEW("\xE0\x9F\xBF"),
        VIEW("\xED\xA0\x80"),
        VIEW("\xF0\x8F\xBF\xBF"),
        VIEW("\xF4\x90\x80\x80"),
        VIEW("\xF5\x80\x80\x80"),
        VIEW("\xFF"),
        VIEW("\xC3("),
        VIEW("\xE2\x82("),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(utf8_length(rows[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_points),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
