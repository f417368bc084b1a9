/* What paths are replaced by, as it is written. */
#include "lb/contract/path_swap.h"

#include "tests/unit/contract/option_case.h"

static void test_what_is_taken_and_what_is_not(void **state)
{
#define ROW(value, fault)                                                                          \
    {                                                                                              \
        ROUTE_OPTION_REPLACE_PATH, value, fault                                                    \
    }
    static const struct option_row rows[] = {
        ROW("/", NULL),
        ROW("/a b", NULL),
        ROW("~^/old/(.*) /new/$1", NULL),
        ROW("~^/old ${0}/$$", NULL),
        ROW("x", "does not begin with /"),
        ROW("/../x", "has . or .. as a segment, which no path has when routes are looked at"),
        ROW("/x?y", "has a ? or a # inside, where paths end; leave out the query, or write %3F or "
                    "%23"),
        ROW("~^/old", "has a regex without a replacement behind it"),
        ROW("~^/old /new?x=$1", "has $1, and its regex has 0 parentheses"),
        ROW("~^/old /new?x", "has a ?, a # or a \\ in its replacement, where paths end"),
        ROW("~^/[ /new", "is no regex: missing terminating ] for character class at byte 3"),
    };
    struct path_swap swap;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_options(rows, COUNT(rows));
    assert_true(path_swap_parse(VIEW("~^/a b /c"), &swap, &problem));
    assert_true(view_eq(swap.regex, VIEW("^/a b")));
    assert_true(view_eq(swap.replacement, VIEW("/c")));
    assert_int_equal(swap.path.len, 0);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken_and_what_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
