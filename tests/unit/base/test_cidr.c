/* Ranges of addresses: what is one, and what lies in it. */
#include "lb/base/cidr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_parse(void **state)
{
    static const struct {
        const char *text, *formatted; /* NULL: refused */
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"10.1.2.3", "10.1.2.3/32"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"255.255.255.255/32", "255.255.255.255/32"},
        {"10.128.0.0/9", "10.128.0.0/9"},
        {"fd00::/8", "fd00::/8"},
        {"fd00::1", "fd00::1/128"},
        {"::/0", "::/0"},
        {"::ffff:10.0.0.0/8", "10.0.0.0/8"},
        {"10.0.0.1/8", NULL}, /* bits behind the prefix */
        {"10.64.0.0/9", NULL},
        {"fd00::1/64", NULL},
        {"10.0.0.0/33", NULL},
        {"fd00::/129", NULL},
        {"10.0.0.0/", NULL},
        {"10.0.0.0/-1", NULL},
        {"10.0.0.0/+8", NULL},
        {"10.0.0.0/8 ", NULL},
        {"10.0.0.0/8/8", NULL},
        {"10.0.0/8", NULL},
        {"/8", NULL},
        {"", NULL},
        {"localhost/8", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cidr cidr;
        char text[CIDR_TEXT_BYTES];
        bool is_parsed = cidr_parse(view_str(cases[i].text), &cidr);
        if (is_parsed != (cases[i].formatted != NULL))
            fail_msg("%s", cases[i].text);
        if (is_parsed)
            assert_string_equal(cidr_format(&cidr, text), cases[i].formatted);
    }
}

static void test_contains(void **state)
{
    static const struct {
        const char *range, *ip;
        bool is_in;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0", true},
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "9.255.255.255", false},
        {"10.128.0.0/9", "10.127.255.255", false},
        {"10.128.0.0/9", "10.128.0.0", true},
        {"10.0.0.7", "10.0.0.7", true},
        {"10.0.0.7", "10.0.0.6", false},
        {"0.0.0.0/0", "255.1.2.3", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "fd00::1", true},
        {"::/0", "10.0.0.1", false},
        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
        {"::ffff:10.0.0.0/8", "10.1.1.1", true},
        {"::/0", "::ffff:10.1.1.1", false},
        {"fd00:1::/33", "fd00:1:7fff::1", true},
        {"fd00:1::/33", "fd00:1:8000::1", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cidr cidr;
        struct address address;
        assert_true(cidr_parse(view_str(cases[i].range), &cidr));
        assert_true(address_parse_ip(view_str(cases[i].ip), 80, &address));
        if (cidr_contains(&cidr, &address) != cases[i].is_in)
            fail_msg("%s in %s", cases[i].ip, cases[i].range);
    }
}

static void test_bits_behind_the_prefix_are_cleared(void **state)
{
    static const struct {
        const char *text, *formatted; /* NULL: refused */
    } cases[] = {
        {"10.1.2.3/8", "10.0.0.0/8"},
        {"10.192.0.1/9", "10.128.0.0/9"},
        {"fd00:1::9/16", "fd00::/16"},
        {"::ffff:10.9.9.9/8", "10.0.0.0/8"},
        {"10.0.0.1", "10.0.0.1/32"},
        {"10.0.0.1/33", NULL},
        {"x/8", NULL},
    };
    char buffer[CIDR_TEXT_BYTES];
    struct cidr cidr;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(cidr_parse_masking(view_str(cases[i].text), &cidr),
                         cases[i].formatted != NULL);
        if (cases[i].formatted)
            assert_string_equal(cidr_format(&cidr, buffer), cases[i].formatted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_bits_behind_the_prefix_are_cleared),
        cmocka_unit_test(test_contains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
