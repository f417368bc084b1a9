/* Connections a client address may have: exact for one client, per /64 for IPv6, right from several
 * threads. */
#include "lb/policy/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>

static struct quota quota;

static struct address address_of(const char *ip)
{
    struct address address;
    assert_true(address_parse_ip(view_str(ip), 1, &address));
    return address;
}

static void check_empty(void)
{
    for (unsigned i = 0; i < QUOTA_COUNTERS; i++)
        assert_int_equal(quota.counters[i], 0);
}

static void test_limit(void **state)
{
    struct address client = address_of("10.0.0.1");
    (void)state;
    for (unsigned max = 1; max <= 5; max++) {
        quota_init(&quota, max, 99);
        for (unsigned i = 0; i < max; i++)
            assert_true(quota_take(&quota, &client));
        for (unsigned i = 0; i < 3; i++)
            assert_false(quota_take(&quota, &client)); /* a refused one is not counted */
        quota_give(&quota, &client);
        assert_true(quota_take(&quota, &client));
        assert_false(quota_take(&quota, &client));
        for (unsigned i = 0; i < max; i++)
            quota_give(&quota, &client);
        check_empty();
    }
}

/* Also for a client whose two counters are one: about one in 65536. */
static void test_limit_with_one_counter(void **state)
{
    char ip[32];
    (void)state;
    for (unsigned i = 0; i < 1000000; i++) {
        struct address client;
        snprintf(ip, sizeof(ip), "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
        client = address_of(ip);
        if (i == 0)
            quota_init(&quota, 3, 1);
        assert_true(quota_take(&quota, &client));
        assert_true(quota_take(&quota, &client));
        assert_true(quota_take(&quota, &client));
        assert_false(quota_take(&quota, &client));
        for (unsigned j = 0; j < 3; j++)
            quota_give(&quota, &client);
        i += i & 7; /* not all of them: the test is to be quick */
    }
    check_empty();
}

static void test_who_is_one_client(void **state)
{
    static const struct {
        const char *one, *other;
        bool is_same;
    } cases[] = {
        {"10.0.0.1", "10.0.0.2", false},
        {"10.0.0.1", "::ffff:10.0.0.1", true},
        {"::ffff:10.0.0.1", "::ffff:10.0.0.2", false},
        {"fd00:1:2:3::1", "fd00:1:2:3:ffff::9", true},
        {"fd00:1:2:3::1", "fd00:1:2:4::1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct address one = address_of(cases[i].one), other = address_of(cases[i].other);
        quota_init(&quota, 1, 7);
        assert_true(quota_take(&quota, &one));
        assert_int_equal(quota_take(&quota, &other), !cases[i].is_same);
    }
}

struct taker {
    pthread_t thread;
    struct address client;
    unsigned taken_count;
};

static void *run_taker(void *data)
{
    struct taker *taker = data;
    for (unsigned i = 0; i < 20000; i++) {
        if (quota_take(&quota, &taker->client)) {
            taker->taken_count++;
            quota_give(&quota, &taker->client);
        }
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct taker takers[4];
    (void)state;
    quota_init(&quota, 4, 5);
    for (unsigned i = 0; i < 4; i++) {
        takers[i] = (struct taker){.client = address_of(i % 2 ? "10.0.0.1" : "10.0.0.2")};
        assert_int_equal(pthread_create(&takers[i].thread, NULL, run_taker, &takers[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(takers[i].thread, NULL);
        assert_int_equal(takers[i].taken_count, 20000); /* two at once of four allowed */
    }
    check_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limit_with_one_counter),
        cmocka_unit_test(test_who_is_one_client),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
