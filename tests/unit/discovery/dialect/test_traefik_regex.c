#include "discovery/dialect/traefik_regex.h"

#include "tests/unit/discovery/cmocka_all.h"

static void check_groups(const char *regex, unsigned expected)
{
    if (traefik_regex_count_groups(view_str(regex)) != expected)
        fail_msg("%s has not %u parentheses", regex, expected);
}

static void test_parentheses_that_keep_are_counted(void **state)
{
    (void)state;
    check_groups("", 0);
    check_groups("a", 0);
    check_groups("(a)(b(c))", 3);
    check_groups("(?:a)(?i)(?P<n>a)(?<m>b)", 2);
    check_groups("\\((a)\\)", 1);
    check_groups("[(](a)", 1);
    check_groups("[](](a)[^](](b)[\\](](c)", 3);
    check_groups("[(", 0);
    check_groups("(\\", 1);
}

/* NULL: it cannot be. */
static void check_replacement(const char *regex, const char *replacement, const char *expected)
{
    struct text out = TEXT_INIT;
    bool is_good = traefik_regex_append_replacement(view_str(regex), view_str(replacement), &out);
    if (is_good != (expected != NULL) || (expected && strcmp(text_str(&out), expected) != 0))
        fail_msg("%s, %s: %s", regex, replacement, text_str(&out));
    text_fini(&out);
}

static void test_replacement_names_parentheses(void **state)
{
    (void)state;
    check_replacement("(a)(b)", "x$2y/$1", "x/${1}"); /* 2y is a name that none has */
    check_replacement("(a)(b)", "x${2}y/$1", "x${2}y/${1}");
    check_replacement("(a)(b)", "$0$1.", "${0}${1}.");
    check_replacement("(?P<host>a)(?P<p>b)", "https://${host}/$p", "https://${1}/${2}");
    check_replacement("(a)", "/$2/${name}/", "///");
}

static void test_dollars_stay(void **state)
{
    (void)state;
    check_replacement("(a)", "$$1", "$$1");
    check_replacement("(a)", "a$", "a$$");
    check_replacement("(a)", "${1", "$${1");
    check_replacement("(a)", "$-${}", "$$-$${}");
}

static void test_tenth_cannot_be_named(void **state)
{
    (void)state;
    check_replacement("(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)", "$9", "${9}");
    check_replacement("(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)", "$10", NULL);
    check_replacement("(1)", "$10", "");
}

static void test_what_is_found_once(void **state)
{
    static const char *const once[] = {"^/a", "^/a/(.*)", "/a/(.*)", "(.+)",
                                       "b.*", "a$",       "^(a|b)",  "^[|]"};
    static const char *const again[] = {"/a", "^a|b$", "(a)|.*", "(a)", "a+"};
    (void)state;
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        assert_true(traefik_regex_is_found_once(view_str(once[i])));
    for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
        assert_false(traefik_regex_is_found_once(view_str(again[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parentheses_that_keep_are_counted),
        cmocka_unit_test(test_replacement_names_parentheses),
        cmocka_unit_test(test_dollars_stay),
        cmocka_unit_test(test_what_is_found_once),
        cmocka_unit_test(test_tenth_cannot_be_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
