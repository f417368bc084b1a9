#include "lb/base/edits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static void test_edits(void **state)
{
    (void)state;
    assert_int_equal(edits_between(VIEW(""), VIEW("")), 0);
    assert_int_equal(edits_between(VIEW(""), VIEW("abc")), 3);
    assert_int_equal(edits_between(VIEW("abc"), VIEW("")), 3);
    assert_int_equal(edits_between(VIEW("lb.prot"), VIEW("lb.port")), 1);
    assert_int_equal(edits_between(VIEW("lb.hots"), VIEW("lb.host")), 1);
    assert_int_equal(edits_between(VIEW("ba"), VIEW("ab")), 1);
    assert_int_equal(edits_between(VIEW("bac"), VIEW("abd")), 2);
    assert_int_equal(edits_between(VIEW("lb.enabled"), VIEW("lb.enable")), 1);
    assert_int_equal(edits_between(VIEW("kitten"), VIEW("sitting")), 3);
}

static void test_near_words_share_half(void **state)
{
    (void)state;
    assert_true(edits_are_near(0, VIEW("")));
    assert_false(edits_are_near(1, VIEW("v")));
    assert_true(edits_are_near(1, VIEW("va")));
    assert_false(edits_are_near(3, VIEW("foo")));
    assert_true(edits_are_near(4, VIEW("headtime")));
    assert_false(edits_are_near(5, VIEW("check-interval-of-it")));
}

static void test_long_words_are_cut(void **state)
{
    char a[100000], b[1000];
    (void)state;
    memset(a, 'a', sizeof(a));
    memset(b, 'a', sizeof(b));
    assert_int_equal(edits_between(view_of(a, sizeof(a)), view_of(b, sizeof(b))), 0);
    assert_int_equal(edits_between(view_of(a, sizeof(a)), VIEW("aaaa")), 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),
        cmocka_unit_test(test_near_words_share_half),
        cmocka_unit_test(test_long_words_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
