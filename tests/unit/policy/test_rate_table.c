/* Requests a client may make in a time: exact for one client over all threads, per /64 for IPv6, per
 * limit, and in a table that does not grow. */
#include "lb/policy/rate_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "lb/base/hash.h"

#define S UINT64_C(1000000000)

static struct rate_table *table;

static int make_table(void **state)
{
    (void)state;
    table = rate_table_new(0x5EED);
    return 0;
}

static int drop_table(void **state)
{
    (void)state;
    rate_table_free(table);
    return 0;
}

static struct address address_of(const char *ip)
{
    struct address address;
    assert_true(address_parse_ip(view_str(ip), 1, &address));
    return address;
}

static struct rate_limit limit_of(const char *text, const char *subject)
{
    struct rate rate;
    struct text problem = TEXT_INIT;
    assert_true(rate_parse(view_str(text), &rate, &problem));
    return rate_table_limit(&rate, hash_str(HASH_INIT, subject));
}

static unsigned take(const struct rate_limit *limit, const char *ip, uint64_t now_ns)
{
    struct address client = address_of(ip);
    return rate_table_take(table, limit, &client, now_ns);
}

static unsigned pass_count(const struct rate_limit *limit, const char *ip, uint64_t now_ns)
{
    unsigned count = 0;
    while (count < 100000 && take(limit, ip, now_ns) == 0)
        count++;
    return count;
}

static void test_so_many_at_once_as_the_burst_says(void **state)
{
    struct rate_limit limit = limit_of("10/m burst 20", "a"), plain = limit_of("5/h", "a");
    (void)state;
    assert_int_equal(pass_count(&limit, "10.0.0.1", 100 * S), 20);
    assert_int_equal(pass_count(&limit, "10.0.0.1", 100 * S), 0); /* the clock stands still */
    assert_int_equal(pass_count(&limit, "10.0.0.1", 106 * S), 1);
    assert_int_equal(pass_count(&limit, "10.0.0.1", 118 * S), 2);
    assert_int_equal(pass_count(&limit, "10.0.0.1", 1000 * S), 20);
    assert_int_equal(pass_count(&plain, "10.0.0.1", 100 * S), 5);
    assert_int_equal(pass_count(&plain, "10.0.0.1", 3700 * S), 5);
}

static void test_when_to_come_back(void **state)
{
    struct rate_limit limit = limit_of("10/m burst 1", "a"), quick = limit_of("100/s", "a");
    (void)state;
    assert_int_equal(take(&limit, "10.0.0.1", 100 * S), 0);
    assert_int_equal(take(&limit, "10.0.0.1", 100 * S), 6);
    assert_int_equal(take(&limit, "10.0.0.1", 100 * S + 1), 6); /* rounded up */
    assert_int_equal(take(&limit, "10.0.0.1", 105 * S), 1);
    assert_int_equal(take(&limit, "10.0.0.1", 106 * S - 1), 1);
    assert_int_equal(take(&limit, "10.0.0.1", 106 * S), 0);
    assert_int_equal(pass_count(&quick, "10.0.0.1", 100 * S), 100);
    assert_int_equal(take(&quick, "10.0.0.1", 100 * S), 1); /* at least one */
}

/* What is refused does not count: who keeps asking gets its rate all the same. */
static void test_a_storm_gets_its_rate(void **state)
{
    struct rate_limit limit = limit_of("100/s burst 5", "a");
    unsigned count = 0;
    (void)state;
    for (uint64_t ns = 0; ns < 10 * S; ns += 100000)
        count += take(&limit, "10.0.0.1", 50 * S + ns) == 0;
    assert_in_range(count, 1000, 1006);
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
        char subject[8];
        snprintf(subject, sizeof(subject), "%zu", i);
        struct rate_limit limit = limit_of("1/h", subject);
        assert_int_equal(take(&limit, cases[i].one, S), 0);
        assert_int_equal(take(&limit, cases[i].other, S) > 0, cases[i].is_same);
    }
}

static void test_two_limits_do_not_share(void **state)
{
    struct rate_limit one = limit_of("3/h", "a.test"), other = limit_of("3/h", "b.test");
    (void)state;
    assert_int_equal(pass_count(&one, "10.0.0.1", S), 3);
    assert_int_equal(pass_count(&other, "10.0.0.1", S), 3);
    assert_int_equal(pass_count(&one, "10.0.0.1", S), 0);
}

/* Somebody who owes an hour under the old rate does not under the new one. */
static void test_another_rate_begins_anew(void **state)
{
    struct rate_limit slow = limit_of("1/h", "a"), quick = limit_of("100/s", "a"),
                      bursty = limit_of("1/h burst 2", "a"), hasty = limit_of("1/s", "a");
    (void)state;
    assert_int_equal(pass_count(&slow, "10.0.0.1", S), 1);
    assert_int_equal(pass_count(&quick, "10.0.0.1", S), 100);
    assert_int_equal(pass_count(&bursty, "10.0.0.1", S), 2);
    assert_int_equal(pass_count(&hasty, "10.0.0.1", S), 1);
    assert_int_equal(take(&slow, "10.0.0.1", S), 3600);
}

static struct address nth(unsigned i)
{
    struct address client = address_of("10.0.0.0");
    client.socket.v4.sin_addr.s_addr = htonl(0x0A000000u + i);
    return client;
}

/* A million strangers come by once each, and one comes again and again. */
static void test_who_keeps_asking_stays_limited_in_a_full_table(void **state)
{
    struct rate_limit limit = limit_of("1/s burst 10", "a");
    struct address asker = address_of("192.0.2.1");
    unsigned count = 0;
    (void)state;
    for (unsigned i = 0; i < 1000000; i++) {
        uint64_t now_ns = 100 * S + i * UINT64_C(10000); /* ten seconds in all */
        struct address client = nth(i);
        assert_int_equal(rate_table_take(table, &limit, &client, now_ns), 0);
        if (i % 10 == 0)
            count += rate_table_take(table, &limit, &asker, now_ns) == 0;
    }
    assert_in_range(count, 19, 21);
    size_t taken = 0;
    for (size_t set = 0; set < RATE_TABLE_SETS; set++)
        for (unsigned way = 0; way < RATE_TABLE_WAYS; way++)
            taken += table->entries[set][way].key != 0;
    assert_in_range(taken, RATE_TABLE_SETS * RATE_TABLE_WAYS * 9 / 10,
                    RATE_TABLE_SETS * RATE_TABLE_WAYS);
}

/* What an entry's old owner owed is not its new one's. */
static void test_a_new_owner_owes_nothing(void **state)
{
    struct rate_limit slow = limit_of("1/24h", "a"), quick = limit_of("5/s", "b");
    (void)state;
    for (unsigned i = 0; i < 1000000; i++) {
        struct address client = nth(i);
        assert_int_equal(rate_table_take(table, &slow, &client, S), 0);
    }
    for (unsigned i = 0; i < 1000; i++) {
        struct address client = nth(i);
        assert_int_equal(rate_table_take(table, &quick, &client, S), 0);
    }
}

/* ---- threads --------------------------------------------------------------------------------- */

#define THREADS 16u

struct asker {
    pthread_t thread;
    struct rate_limit limit;
    struct address client;
    uint64_t (*clock)(struct asker *);
    uint64_t now_ns, end_ns;
    unsigned count;
};

/* Each worker's time goes on by itself, some milliseconds before or behind the others'. */
static uint64_t next_virtual(struct asker *asker)
{
    return asker->now_ns += 20000;
}

static uint64_t next_real(struct asker *asker)
{
    struct timespec now;
    (void)asker;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * S + (uint64_t)now.tv_nsec;
}

static void *run_asker(void *data)
{
    struct asker *asker = data;
    for (uint64_t now_ns; (now_ns = asker->clock(asker)) < asker->end_ns;)
        asker->count += rate_table_take(table, &asker->limit, &asker->client, now_ns) == 0;
    return NULL;
}

static unsigned ask_in_threads(struct asker pattern)
{
    struct asker askers[THREADS];
    unsigned count = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        askers[i] = pattern;
        assert_int_equal(pthread_create(&askers[i].thread, NULL, run_asker, &askers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(askers[i].thread, NULL);
        count += askers[i].count;
    }
    return count;
}

/* All of them in turn, in one thread: 16 workers that ask 16 times as often as they may. */
static void test_the_sum_of_all_workers_is_the_rate(void **state)
{
    struct rate_limit limit = limit_of("1000/s burst 10", "a");
    unsigned count = 0;
    (void)state;
    for (uint64_t ns = 0; ns < 10 * S; ns += 1000000)
        for (unsigned worker = 0; worker < THREADS; worker++)
            count += take(&limit, "10.0.0.1", 100 * S + ns + worker * UINT64_C(50000)) == 0;
    assert_in_range(count, 9900, 10100);
}

static void test_threads_with_clocks_of_their_own(void **state)
{
    struct asker pattern = {.limit = limit_of("10000/s burst 100", "a"),
                            .client = address_of("10.0.0.1"),
                            .clock = next_virtual,
                            .now_ns = 100 * S,
                            .end_ns = 104 * S};
    (void)state;
    unsigned count = ask_in_threads(pattern);
    assert_in_range(count, 1, 40000 * 101 / 100 + 100); /* who is behind may get less, never more */
}

static void test_threads_in_real_time(void **state)
{
    struct asker pattern = {.limit =
                                limit_of("4000/s burst 2000", "a"), /* nobody may sleep longer */
                            .client = address_of("10.0.0.1"),
                            .clock = next_real};
    (void)state;
    uint64_t begun_ns = next_real(&pattern);
    pattern.end_ns = begun_ns + S / 2;
    unsigned count = ask_in_threads(pattern);
    assert_in_range(count, 3000, 4040); /* on a busy machine they sleep for long, and ask less */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_table, drop_table)
        TEST(test_so_many_at_once_as_the_burst_says),
        TEST(test_when_to_come_back),
        TEST(test_a_storm_gets_its_rate),
        TEST(test_who_is_one_client),
        TEST(test_two_limits_do_not_share),
        TEST(test_another_rate_begins_anew),
        TEST(test_who_keeps_asking_stays_limited_in_a_full_table),
        TEST(test_a_new_owner_owes_nothing),
        TEST(test_the_sum_of_all_workers_is_the_rate),
        TEST(test_threads_with_clocks_of_their_own),
        TEST(test_threads_in_real_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
