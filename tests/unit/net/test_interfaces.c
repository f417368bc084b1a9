/* All that getifaddrs tells is found, and nothing else. */
#include "lb/net/interfaces.h"

#include <ifaddrs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct address ip(const char *text)
{
    struct address address;
    assert_true(address_parse_ip(view_str(text), 80, &address));
    return address;
}

static void test_what_interfaces_have(void **state)
{
    struct ifaddrs *first;
    struct address own;
    unsigned count = 0;
    (void)state;
    assert_int_equal(getifaddrs(&first), 0);
    for (struct ifaddrs *at = first; at; at = at->ifa_next) {
        if (!at->ifa_addr || !address_from_sockaddr(at->ifa_addr, &own))
            continue;
        assert_true(interfaces_have(&own));
        count++;
    }
    freeifaddrs(first);
    assert_true(count > 0);
}

static void test_what_they_have_not(void **state)
{
    static const char *const others[] = {"192.0.2.1", "203.0.113.255", "127.0.0.77", "2001:db8::1",
                                         "::2"};
    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct address other = ip(others[i]);
        assert_false(interfaces_have(&other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_interfaces_have),
        cmocka_unit_test(test_what_they_have_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
