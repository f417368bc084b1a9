/* Shares of services, by what they say of themselves. */
#include "discovery/share_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define SILENT (-1)

/* Each service says a weight, or nothing; what each gets. */
static void check(const int *said, unsigned count, const char *want)
{
    struct share_out out = {0};
    struct route_share shares[ROUTE_SHARES_MAX];
    struct text got = TEXT_INIT;
    static const char names[] = "abcdefghijklmnopqrst";
    for (unsigned i = 0; i < count; i++)
        share_out_add(&out, &(struct route){.service = view_of(&names[i], 1),
                                            .has_weight = said[i] >= 0,
                                            .weight = said[i] >= 0 ? (unsigned)said[i] : 0});
    if (share_out_is_one(&out)) {
        share_out_settle(&out, shares);
        for (unsigned i = 0; i < out.count; i++)
            text_appendf(&got, "%s%u", i > 0 ? " " : "", shares[i].weight);
    }
    assert_string_equal(text_str(&got), want);
    text_fini(&got);
}

#define CHECK(want, ...)                                                                           \
    do {                                                                                           \
        const int said[] = {__VA_ARGS__};                                                          \
        check(said, sizeof(said) / sizeof(said[0]), want);                                         \
    } while (0)

static void test_who_says_nothing_gets_what_remains_of_a_hundred(void **state)
{
    (void)state;
    CHECK("95 5", SILENT, 5);
    CHECK("10 45 45", 10, SILENT, SILENT);
    CHECK("95 10 95", SILENT, 5, SILENT); /* 47.5 % each */
    CHECK("0 100", SILENT, 100);
    CHECK("0 250", SILENT, 250);
    CHECK("100 0", SILENT, 0);
    CHECK("3 1", 3, 1);
    CHECK("0 0", 0, 0);
    CHECK("10000 1", 10000, 1);
}

static void test_where_nobody_says_anything_or_is_alone_there_is_none(void **state)
{
    (void)state;
    CHECK("", SILENT, SILENT);
    CHECK("", 5);
    CHECK("", SILENT);
}

static void test_the_sums_stay_within_what_a_route_may_have(void **state)
{
    struct share_out out = {0};
    struct route_share shares[ROUTE_SHARES_MAX];
    (void)state;
    for (unsigned i = 0; i < ROUTE_SHARES_MAX + 1; i++) {
        static const char names[] = "abcdefghijklmnopqrst";
        share_out_add(&out, &(struct route){.service = view_of(&names[i], 1),
                                            .has_weight = i == 0,
                                            .weight = i == 0 ? SHARE_OUT_WEIGHT_MAX : 0});
    }
    assert_true(out.has_more);
    assert_int_equal(out.count, ROUTE_SHARES_MAX);
    share_out_settle(&out, shares);
    for (unsigned i = 0; i < out.count; i++)
        assert_true(shares[i].weight <= ROUTE_WEIGHT_MAX);
}

static void test_who_may_stand_for_whom(void **state)
{
    const struct route_option ours = {ROUTE_OPTION_ALLOW, VIEW("10.0.0.0/8")};
    const struct route_option theirs = {ROUTE_OPTION_ALLOW, VIEW("192.168.0.0/16")};
    const struct route_option rate = {ROUTE_OPTION_RATE, VIEW("1/s")};
    const struct route closed = {.options = &ours, .option_count = 1},
                       other = {.options = &theirs, .option_count = 1},
                       open = {.options = &rate, .option_count = 1};
    (void)state;
    assert_true(share_out_is_protected(&closed));
    assert_false(share_out_is_protected(&open));
    assert_true(share_out_may_stand_for(&closed, &closed));
    assert_true(share_out_may_stand_for(&closed, &open));
    assert_true(share_out_may_stand_for(&open, &open));
    assert_false(share_out_may_stand_for(&open, &closed));
    assert_false(share_out_may_stand_for(&closed, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_says_nothing_gets_what_remains_of_a_hundred),
        cmocka_unit_test(test_where_nobody_says_anything_or_is_alone_there_is_none),
        cmocka_unit_test(test_the_sums_stay_within_what_a_route_may_have),
        cmocka_unit_test(test_who_may_stand_for_whom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
