/* Which names a label may choose: one segment, that leads nowhere else. */
#include "lb/contract/file_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static bool is_name(struct view name)
{
    struct text problem = TEXT_INIT;
    bool is_good = file_name_check(name, &problem);
    assert_int_equal(problem.len == 0, is_good);
    text_fini(&problem);
    return is_good;
}

static void test_names(void **state)
{
    char longest[FILE_NAME_BYTES_MAX + 1];
    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_true(is_name(VIEW("users")));
    assert_true(is_name(VIEW("a.test_0a4d55a8d778e5022fab701977c5d840bbc486d0")));
    assert_true(is_name(VIEW("*.a.test")));
    assert_true(is_name(view_of(longest, FILE_NAME_BYTES_MAX)));
    assert_false(is_name(view_of(longest, FILE_NAME_BYTES_MAX + 1)));
}

static void test_what_leads_elsewhere_is_none(void **state)
{
    static const struct view names[] = {
        VIEW(""),        VIEW("."),    VIEW(".."),   VIEW("../etc/passwd"),
        VIEW("a/b"),     VIEW("/etc"), VIEW("a/.."), VIEW("a\\b"),
        VIEW(".hidden"), VIEW("a b"),  VIEW("a\0b"), VIEW("a\nb"),
        VIEW("a,b"),     VIEW("a?"),   VIEW("\x7F"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_false(is_name(names[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_what_leads_elsewhere_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
