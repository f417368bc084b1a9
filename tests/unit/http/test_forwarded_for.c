/* Chains of addresses as X-Forwarded-For lists them: what is cut off, who is the client behind the
 * proxies that are trusted, and what of an element is an address. */
#include "lb/http/forwarded_for.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check(struct view got, const char *want, const char *of)
{
    if (!view_eq(got, view_str(want)))
        fail_msg("\"%.*s\" instead of \"%s\", of \"%s\"", (int)got.len, got.ptr, want, of);
}

static void test_elements_from_the_last_to_the_first(void **state)
{
    struct view chain = VIEW(", a ,,b,\t, c d ,");
    (void)state;
    check(forwarded_for_cut(&chain), "", "the end"); /* it is empty itself */
    check(forwarded_for_cut(&chain), "c d", "the rest");
    check(forwarded_for_cut(&chain), "b", "the rest");
    assert_non_null(chain.ptr);
    check(forwarded_for_cut(&chain), "a", "the rest");
    assert_null(chain.ptr);
}

static void test_the_client_is_the_nearest_that_is_not_trusted(void **state)
{
    static const struct {
        const char *chain, *want;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9"},
        {"203.0.113.9, 10.0.0.1", "203.0.113.9"},
        {"198.51.100.1, 203.0.113.9, 10.0.0.1, 10.9.9.9", "203.0.113.9"},
        {"10.0.0.7, 10.0.0.1", "10.0.0.7"}, /* all are trusted: the first */
        {"203.0.113.9:4711, 10.0.0.1:80", "203.0.113.9:4711"},
        {"203.0.113.9, [fd00::1]:80, fd00::2", "203.0.113.9"},
        {"203.0.113.9, ::ffff:10.0.0.1", "203.0.113.9"},
        {"203.0.113.9, unknown, 10.0.0.1", "unknown"}, /* foreign words are not trusted */
        {"203.0.113.9, 10.0.0.1.example", "10.0.0.1.example"},
        {"203.0.113.9, 11.0.0.1", "11.0.0.1"},
    };
    struct cidr cidrs[2];
    struct trust trust = {.cidrs = cidrs, .count = 2}, nobody = {0};
    (void)state;
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &cidrs[0]));
    assert_true(cidr_parse(VIEW("fd00::/8"), &cidrs[1]));
    for (size_t i = 0; i < COUNT(rows); i++)
        check(forwarded_for_client(view_str(rows[i].chain), &trust), rows[i].want, rows[i].chain);
    check(forwarded_for_client(VIEW("203.0.113.9, 10.0.0.1"), &nobody), "10.0.0.1", "nobody");
}

static void test_the_address_in_an_element(void **state)
{
    static const struct {
        const char *element, *want;
    } rows[] = {
        {"10.0.0.1", "10.0.0.1"},
        {"10.0.0.1:80", "10.0.0.1"},
        {"10.0.0.1:65536", ""},
        {"10.0.0.1:", ""},
        {"fd00::1", "fd00::1"},
        {"[fd00::1]", "fd00::1"},
        {"[fd00::1]:80", "fd00::1"},
        {"[fd00::1]x", ""},
        {"[fd00::1", ""},
        {"[]", ""},
        {"[", ""},
        {"]", ""},
        {"", ""},
        {":", ""},
        {"localhost", ""},
        {"10.0.0.1.", ""},
        {"[fd00::1]:99999", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check(forwarded_for_ip(view_str(rows[i].element)), rows[i].want, rows[i].element);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements_from_the_last_to_the_first),
        cmocka_unit_test(test_the_client_is_the_nearest_that_is_not_trusted),
        cmocka_unit_test(test_the_address_in_an_element),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
