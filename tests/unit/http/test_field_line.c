/* Field lines of a head that lb wrote, by name. */
#include "lb/http/field_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_values_of_a_name_come_in_order(void **state)
{
    struct view lines = field_line_first(
        VIEW("GET /a: HTTP/1.1\r\nA: 1\r\nBA: 2\r\na:\t3 \r\nA:\r\nA\r\nB: A: 4\r\n\r\n"));
    struct view value;
    (void)state;
    assert_true(field_line_next(&lines, VIEW("a"), &value));
    assert_true(view_eq(value, VIEW("1")));
    assert_true(field_line_next(&lines, VIEW("a"), &value));
    assert_true(view_eq(value, VIEW("3")));
    assert_true(field_line_next(&lines, VIEW("a"), &value));
    assert_int_equal(value.len, 0);
    assert_false(field_line_next(&lines, VIEW("a"), &value));
    assert_false(field_line_next(&lines, VIEW("a"), &value));
}

static void test_what_is_no_head_has_none(void **state)
{
    static const char *const texts[] = {"", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "\r\nA: 1"};
    struct view value;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct view lines = field_line_first(view_str(texts[i]));
        assert_false(field_line_next(&lines, VIEW("A"), &value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_a_name_come_in_order),
        cmocka_unit_test(test_what_is_no_head_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
