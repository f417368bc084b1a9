/* Which words say yes and which say no. */
#include "lb/base/yes_no.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_words(void **state)
{
    static const struct {
        const char *text;
        enum yes_no want;
    } rows[] = {
        {"true", YES_NO_YES},
        {"yes", YES_NO_YES},
        {"on", YES_NO_YES},
        {"1", YES_NO_YES},
        {"false", YES_NO_NO},
        {"no", YES_NO_NO},
        {"off", YES_NO_NO},
        {"0", YES_NO_NO},
        {"TRUE", YES_NO_YES},
        {"oFF", YES_NO_NO},
        {" \t\r\n yes\n", YES_NO_YES},
        {"", YES_NO_NEITHER},
        {" ", YES_NO_NEITHER},
        {"y e s", YES_NO_NEITHER},
        {"truely", YES_NO_NEITHER},
        {"tru", YES_NO_NEITHER},
        {"00", YES_NO_NEITHER},
        {"\"true\"", YES_NO_NEITHER},
        {"\vtrue", YES_NO_NEITHER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (yes_no_read(view_str(rows[i].text)) != rows[i].want)
            fail_msg("\"%s\"", rows[i].text);
}

static void test_trimming_leaves_what_is_inside(void **state)
{
    (void)state;
    assert_true(view_eq(yes_no_trim(VIEW("\t a b\r\n")), VIEW("a b")));
    assert_true(view_eq(yes_no_trim(VIEW("a")), VIEW("a")));
    assert_int_equal(yes_no_trim(VIEW(" \n ")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_trimming_leaves_what_is_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
