/* Names that a certificate can have here, and those that are told. */
#include "acme/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static bool add(struct names *names, const char *name, const char *why)
{
    struct text problem = TEXT_INIT;
    bool is_added = names_add(names, view_str(name), &problem);
    if (why && !strstr(text_str(&problem), why))
        fail_msg("%s: %s", name, text_str(&problem));
    text_fini(&problem);
    return is_added;
}

static void test_add(void **state)
{
    struct names names = {0};
    (void)state;
    assert_true(add(&names, "A.Test.Example", NULL));
    assert_true(add(&names, "a.test.example.", NULL));
    assert_int_equal(names.count, 1);
    assert_string_equal(names.list[0], "a.test.example");
    assert_false(add(&names, "*.example.org", "DNS-01"));
    assert_false(add(&names, "www.*", "many names"));
    assert_false(add(&names, "127.0.0.1", "address"));
    assert_false(add(&names, "::1", "address"));
    assert_false(add(&names, "localhost", "world"));
    assert_false(add(&names, "a_b.example", "world"));
    assert_false(add(&names, "", "no name"));
    assert_false(add(&names, "../../etc/passwd", "no name"));
    assert_false(add(&names, "a b.example", "no name"));
    assert_false(add(&names, "\x1b[31m.example", "\\x1b"));
    names_fini(&names);
}

static void test_too_many(void **state)
{
    struct names names = {0};
    char name[32];
    (void)state;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        snprintf(name, sizeof(name), "n%u.example", i);
        assert_true(add(&names, name, NULL));
    }
    assert_false(add(&names, "more.example", "100"));
    names_fini(&names);
}

static void test_compare(void **state)
{
    struct names one = {0}, other = {0};
    (void)state;
    add(&one, "a.example", NULL);
    add(&one, "b.example", NULL);
    add(&other, "b.example", NULL);
    assert_true(names_contain(&one, &other));
    assert_false(names_contain(&other, &one));
    assert_false(names_are_same(&one, &other));
    add(&other, "a.example", NULL);
    assert_true(names_are_same(&one, &other));
    assert_true(names_salt(&one) == names_salt(&other));
    names_fini(&one);
    names_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_add), cmocka_unit_test(test_too_many),
                                       cmocka_unit_test(test_compare)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
