/* IP addresses: parse, write, compare, classify. */
#include "lb/base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/un.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct address parsed(const char *text)
{
    struct address address;
    assert_true(address_parse(view_str(text), &address));
    return address;
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        const char *formatted; /* NULL: refused */
        const char *ip;
    } rows[] = {
        {"10.0.0.2:80", "10.0.0.2:80", "10.0.0.2"},
        {"0.0.0.0:0", "0.0.0.0:0", "0.0.0.0"},
        {"255.255.255.255:65535", "255.255.255.255:65535", "255.255.255.255"},
        {"[fd00::2]:80", "[fd00::2]:80", "fd00::2"},
        {"[FD00:0:0:0::2]:80", "[fd00::2]:80", "fd00::2"},
        {"[::]:1", "[::]:1", "::"},
        {"[::ffff:10.0.0.2]:80", "[::ffff:10.0.0.2]:80", "10.0.0.2"},
        {"10.0.0.2:080", "10.0.0.2:80", "10.0.0.2"},
        {"", NULL, NULL},
        {":", NULL, NULL},
        {":80", NULL, NULL},
        {"10.0.0.2", NULL, NULL},
        {"10.0.0.2:", NULL, NULL},
        {"10.0.0.2:65536", NULL, NULL},
        {"10.0.0.2:-1", NULL, NULL},
        {"10.0.0.2:8 ", NULL, NULL},
        {" 10.0.0.2:8", NULL, NULL},
        {"10.0.0:80", NULL, NULL},
        {"10.0.0.256:80", NULL, NULL},
        {"010.0.0.2:80", NULL, NULL}, /* octal in some parsers */
        {"localhost:80", NULL, NULL},
        {"fd00::2:80", NULL, NULL},
        {"[fd00::2]", NULL, NULL},
        {"[fd00::2]80", NULL, NULL},
        {"[fd00::2:80", NULL, NULL},
        {"fd00::2]:80", NULL, NULL},
        {"[]:80", NULL, NULL},
        {"[[::]]:80", NULL, NULL},
        {"[10.0.0.2]:80", NULL, NULL}, /* brackets are for IPv6 */
        {"[fe80::1%eth0]:80", NULL, NULL},
        {"1111:2222:3333:4444:5555:6666:7777:8888:80", NULL, NULL},
        {"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc]:80", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        assert_int_equal(address_parse(view_str(rows[i].text), &address),
                         rows[i].formatted != NULL);
        if (rows[i].formatted) {
            assert_string_equal(address_format(&address, text), rows[i].formatted);
            assert_string_equal(address_format_ip(&address, text), rows[i].ip);
        }
    }
}

static void test_each_octet(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        struct address address;
        char want[ADDRESS_TEXT_BYTES], text[ADDRESS_TEXT_BYTES];
        snprintf(want, sizeof(want), "%u.%u.%u.%u", octet, 255 - octet, octet / 2, octet / 10);
        assert_true(address_parse_ip(view_str(want), 80, &address));
        assert_string_equal(address_format_ip(&address, text), want);
    }
}

static void test_parse_ip(void **state)
{
    static const struct {
        struct view ip;
        const char *formatted; /* NULL: refused */
    } rows[] = {
        {VIEW("10.0.0.2"), "10.0.0.2:7"},
        {VIEW("fd00::2"), "[fd00::2]:7"},
        {VIEW("[fd00::2]"), "[fd00::2]:7"},
        {{NULL, 0}, NULL},
        {VIEW("["), NULL},
        {VIEW("[]"), NULL},
        {VIEW("[10.0.0.2]"), NULL},
        {VIEW("10.0.0.2\0"), NULL}, /* a NUL must not hide what follows it */
        {VIEW("10.0.0.2\0.evil"), NULL},
        {VIEW("fd00::2\0x"), NULL},
        {VIEW("10.0.0.2/8"), NULL},
        {VIEW("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:7"},
        {VIEW("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555"), NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        assert_int_equal(address_parse_ip(rows[i].ip, 7, &address), rows[i].formatted != NULL);
        if (rows[i].formatted)
            assert_string_equal(address_format(&address, text), rows[i].formatted);
    }
}

static void test_eq(void **state)
{
    static const struct {
        const char *a, *b;
        bool eq;
    } rows[] = {
        {"10.0.0.2:80", "10.0.0.2:80", true},           {"10.0.0.2:80", "10.0.0.2:81", false},
        {"10.0.0.2:80", "10.0.0.3:80", false},          {"[fd00::2]:80", "[fd00:0::2]:80", true},
        {"[fd00::2]:80", "[fd00::3]:80", false},        {"[fd00::2]:80", "[fd00::2]:81", false},
        {"[::ffff:10.0.0.2]:80", "10.0.0.2:80", false}, /* different sockets */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address a = parsed(rows[i].a), b = parsed(rows[i].b);
        assert_int_equal(address_eq(&a, &b), rows[i].eq);
        assert_int_equal(address_eq(&b, &a), rows[i].eq);
    }
    struct address eth0 = parsed("[fe80::1]:80"), eth1 = eth0;
    eth0.socket.v6.sin6_scope_id = 2;
    eth1.socket.v6.sin6_scope_id = 3;
    assert_false(address_eq(&eth0, &eth1)); /* the same link-local address on two links */
}

static void test_classes(void **state)
{
    static const struct {
        const char *text;
        bool is_loopback, is_private;
    } rows[] = {
        {"127.0.0.1:1", true, true},
        {"127.255.255.255:1", true, true},
        {"128.0.0.0:1", false, false},
        {"126.255.255.255:1", false, false},
        {"10.0.0.0:1", false, true},
        {"10.255.255.255:1", false, true},
        {"9.255.255.255:1", false, false},
        {"11.0.0.0:1", false, false},
        {"172.16.0.0:1", false, true},
        {"172.31.255.255:1", false, true},
        {"172.15.255.255:1", false, false},
        {"172.32.0.0:1", false, false},
        {"192.168.0.0:1", false, true},
        {"192.168.255.255:1", false, true},
        {"192.167.255.255:1", false, false},
        {"192.169.0.0:1", false, false},
        {"169.254.1.1:1", false, true},
        {"169.255.0.0:1", false, false},
        {"100.64.0.0:1", false, true},
        {"100.127.255.255:1", false, true},
        {"100.63.255.255:1", false, false},
        {"100.128.0.0:1", false, false},
        {"0.0.0.0:1", false, false},
        {"8.8.8.8:1", false, false},
        {"[::1]:1", true, true},
        {"[::2]:1", false, false},
        {"[::]:1", false, false},
        {"[::ffff:127.0.0.1]:1", true, true},
        {"[::ffff:10.1.2.3]:1", false, true},
        {"[::ffff:8.8.8.8]:1", false, false},
        {"[fc00::1]:1", false, true},
        {"[fdff:ffff::1]:1", false, true},
        {"[fbff::1]:1", false, false},
        {"[fe00::1]:1", false, false},
        {"[fe80::1]:1", false, true},
        {"[febf::1]:1", false, true},
        {"[fec0::1]:1", false, false},
        {"[2001:db8::1]:1", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address address = parsed(rows[i].text);
        assert_int_equal(address_is_loopback(&address), rows[i].is_loopback);
        assert_int_equal(address_is_private(&address), rows[i].is_private);
    }
}

static void test_mapping(void **state)
{
    static const struct {
        const char *address, *mapped, *unmapped;
    } rows[] = {
        {"192.0.2.7:80", "[::ffff:192.0.2.7]:80", "192.0.2.7:80"},
        {"[::ffff:192.0.2.7]:80", "[::ffff:192.0.2.7]:80", "192.0.2.7:80"},
        {"[fd00::7]:80", "[fd00::7]:80", "[fd00::7]:80"},
        {"[::1]:80", "[::1]:80", "[::1]:80"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct address address, wanted;
        assert_true(address_parse(view_str(rows[i].address), &address));
        address_map(&address);
        assert_true(address_parse(view_str(rows[i].mapped), &wanted));
        assert_true(address_eq(&address, &wanted));
        assert_true(address_parse(view_str(rows[i].address), &address));
        address_unmap(&address);
        assert_true(address_parse(view_str(rows[i].unmapped), &wanted));
        assert_true(address_eq(&address, &wanted));
    }
}

static void test_from_sockaddr(void **state)
{
    static const char *const rows[] = {"10.0.0.2:80", "[fd00::2]:443"};
    struct sockaddr_storage storage;
    struct address address;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address original = parsed(rows[i]);
        memset(&storage, 0xAA, sizeof(storage));
        memcpy(&storage, &original.socket, sizeof(original.socket));
        assert_true(address_from_sockaddr((struct sockaddr *)&storage, &address));
        assert_true(address_eq(&address, &original));
        assert_int_equal(address_port(&address), i == 0 ? 80 : 443);
    }
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    assert_false(address_from_sockaddr((struct sockaddr *)&local, &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_each_octet),
        cmocka_unit_test(test_parse_ip), cmocka_unit_test(test_eq),
        cmocka_unit_test(test_classes),  cmocka_unit_test(test_from_sockaddr),
        cmocka_unit_test(test_mapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
