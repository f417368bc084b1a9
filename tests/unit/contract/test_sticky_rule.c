/* The attributes of a sticky cookie: what is read, what is written, what is refused. */
#include "lb/contract/sticky_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void check_again(const struct sticky_rule *rule, const char *want)
{
    struct text text = TEXT_INIT;
    struct sticky_rule again;
    sticky_rule_format(rule, &text);
    assert_string_equal(text_str(&text), want);
    assert_true(sticky_rule_parse(text_view(&text), &again));
    assert_memory_equal(rule, &again, sizeof(again)); /* as policies are compared */
    text_fini(&text);
}

static void test_all_attributes(void **state)
{
    struct sticky_rule rule;
    (void)state;
    assert_true(sticky_rule_parse(
        VIEW("path=/shop  Domain=shop.example max-age=1h SameSite=Strict secure name=seat"),
        &rule));
    assert_int_equal(rule.site, STICKY_STRICT);
    assert_int_equal(rule.is_secure, 1);
    assert_int_equal(rule.max_age_s, 3600);
    assert_string_equal(rule.name, "seat");
    check_again(&rule,
                "name=seat secure samesite=strict max-age=3600s domain=shop.example path=/shop");
    assert_true(sticky_rule_parse(VIEW("max-age=960h"), &rule));
    assert_int_equal(rule.max_age_s, 40 * 86400);
}

static void test_what_no_browser_takes_without_secure_is_secure(void **state)
{
    struct sticky_rule rule;
    (void)state;
    assert_true(sticky_rule_parse(VIEW("samesite=none"), &rule));
    assert_int_equal(rule.is_secure, 1);
    assert_true(sticky_rule_parse(VIEW("name=__Host-seat"), &rule));
    assert_int_equal(rule.is_secure, 1);
    assert_true(sticky_rule_parse(VIEW("samesite=lax"), &rule));
    assert_int_equal(rule.is_secure, 0);
}

static void test_what_is_refused_changes_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "name=",
        "name=a;b",
        "name=\"a\"",
        "name=a name=b",
        "secure=yes",
        "samesite=maybe",
        "samesite",
        "max-age=60",
        "max-age=0s",
        "max-age=961h",
        "domain=a_b",
        "domain=a;b",
        "path=shop",
        "path=/a;HttpOnly",
        "path=/\x7F",
        "httponly=no",
        "httponly",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct sticky_rule rule = {.max_age_s = 7};
        assert_false(sticky_rule_parse(view_str(bad[i]), &rule));
        assert_int_equal(rule.max_age_s, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_attributes),
        cmocka_unit_test(test_what_no_browser_takes_without_secure_is_secure),
        cmocka_unit_test(test_what_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
