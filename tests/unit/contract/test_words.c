/* Words with white space between, tokens, and texts that are kept. */
#include "lb/contract/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_words_come_one_after_the_other(void **state)
{
    struct view rest = VIEW(" \ta  bc\r\nd ");
    (void)state;
    assert_true(view_eq(words_next(&rest), VIEW("a")));
    assert_true(view_eq(words_next(&rest), VIEW("bc")));
    assert_true(view_eq(words_next(&rest), VIEW("d")));
    assert_int_equal(words_next(&rest).len, 0);
    assert_int_equal(words_next(&rest).len, 0);
    struct view none = view_of(NULL, 0);
    assert_int_equal(words_next(&none).len, 0);
}

static void test_tokens(void **state)
{
    (void)state;
    assert_true(words_is_token(VIEW("X-User_1!~")));
    assert_false(words_is_token(VIEW("")));
    assert_false(words_is_token(VIEW("a b")));
    assert_false(words_is_token(VIEW("a;b")));
    assert_false(words_is_token(VIEW("a\0b")));
    assert_false(words_is_token(VIEW("\xC3\xA4")));
}

static void test_what_is_kept_has_its_end(void **state)
{
    char field[4] = {0};
    (void)state;
    assert_true(words_keep(VIEW("abc"), field, sizeof(field)));
    assert_string_equal(field, "abc");
    assert_false(words_keep(VIEW("abcd"), field, sizeof(field)));
    assert_false(words_keep(VIEW(""), field, sizeof(field)));
    assert_string_equal(field, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_come_one_after_the_other),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_what_is_kept_has_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
