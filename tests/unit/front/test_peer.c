/* Who is at the other end: its address, whether it is trusted, and its share of connections. */
#include "lb/front/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/policy/quota.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(view_str(text), &address));
    return address;
}

static void test_who_is_trusted(void **state)
{
    static const struct {
        const char *from, *ip;
        bool is_trusted; /* with two ranges */
    } rows[] = {
        {"10.1.2.3:80", "10.1.2.3", true},   {"11.1.2.3:80", "11.1.2.3", false},
        {"192.0.2.7:80", "192.0.2.7", true}, {"192.0.2.8:80", "192.0.2.8", false},
        {"[fd00::1]:80", "fd00::1", false},
    };
    struct cidr cidrs[2];
    (void)state;
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &cidrs[0]));
    assert_true(cidr_parse(VIEW("192.0.2.7"), &cidrs[1]));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct front_options options = {.trust = {.cidrs = cidrs, .count = 2}};
        struct address address = address_of(rows[i].from);
        for (unsigned trusts = 0; trusts < 2; trusts++) {
            struct peer peer = {0};
            options.trust.count = trusts ? 2 : 0;
            peer_note(&peer, &options, &address);
            assert_string_equal(peer.ip, rows[i].ip);
            assert_int_equal(peer.ip_len, strlen(rows[i].ip));
            assert_int_equal(peer.is_trusted, trusts && rows[i].is_trusted);
        }
    }
}

/* What is asked of who connected is asked of who it speaks for from then on. */
static void test_a_balancer_speaks_for_its_client(void **state)
{
    static const struct {
        const char *balancer, *connected; /* an address of IPv4 stays one */
    } rows[] = {
        {"10.0.0.5:4711", "10.0.0.5:4711"},
        {"[::ffff:10.0.0.5]:4711", "10.0.0.5:4711"},
        {"[fd00::5]:4711", "[fd00::5]:4711"},
    };
    struct cidr cidrs[2];
    struct front_options options = {.trust = {.cidrs = cidrs, .count = 2}};
    (void)state;
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &cidrs[0]));
    assert_true(cidr_parse(VIEW("fd00::/8"), &cidrs[1]));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct peer peer = {0};
        char text[ADDRESS_TEXT_BYTES];
        struct address balancer = address_of(rows[i].balancer);
        struct address client = address_of("192.0.2.7:1"), connected;
        peer_note(&peer, &options, &balancer);
        connected = peer_connected(&peer);
        assert_true(peer.is_trusted && address_eq(&connected, &balancer));
        peer_stand_in(&peer, &options, &client);
        assert_false(peer.is_trusted);
        assert_true(address_eq(&peer.address, &client));
        assert_string_equal(peer.ip, "192.0.2.7");
        connected = peer_connected(&peer);
        assert_string_equal(address_format(&connected, text), rows[i].connected);
    }
}

static void test_the_longest_address_has_room(void **state)
{
    struct front_options options = {0};
    struct peer peer = {0};
    struct address address = address_of("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1");
    (void)state;
    peer_note(&peer, &options, &address);
    assert_string_equal(peer.ip, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void test_a_share_of_connections(void **state)
{
    static struct quota quota;
    struct front_options options = {.quota = &quota};
    struct peer peers[3] = {0}, other = {0};
    struct address address = address_of("192.0.2.7:1"), elsewhere = address_of("192.0.2.8:1");
    (void)state;
    quota_init(&quota, 2, 7);
    for (unsigned i = 0; i < 3; i++) {
        peer_note(&peers[i], &options, &address);
        assert_int_equal(peer_take_quota(&peers[i], &options), i < 2);
    }
    peer_note(&other, &options, &elsewhere);
    assert_true(peer_take_quota(&other, &options));
    peer_give_quota(&peers[2], &options); /* it was not counted, and gives nothing back */
    assert_false(peer_take_quota(&peers[2], &options));
    peer_give_quota(&peers[0], &options);
    assert_true(peer_take_quota(&peers[2], &options));
}

static void test_without_a_limit_nothing_is_counted(void **state)
{
    struct front_options options = {.quota = NULL};
    struct peer peer = {0};
    (void)state;
    assert_true(peer_take_quota(&peer, &options));
    assert_false(peer.has_quota);
    peer_give_quota(&peer, &options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_trusted),
        cmocka_unit_test(test_a_balancer_speaks_for_its_client),
        cmocka_unit_test(test_the_longest_address_has_room),
        cmocka_unit_test(test_a_share_of_connections),
        cmocka_unit_test(test_without_a_limit_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
