/* The rotation that a snapshot brings: how often each endpoint is in it, and how evenly. */
#include "lb/pool/pool_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"
#include "lb/pool/pool_rotation.h"
#include "lb/contract/limits.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void ignore(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner;
    (void)endpoint;
    (void)before;
}

/* A snapshot of one service whose endpoints have these weights, in this order, all of them ready
 * but those of weight 0. */
static struct pool *make(const unsigned *weights, unsigned count)
{
    struct pool_wanted wanted = {.endpoints = memory_new(count * sizeof(*wanted.endpoints)),
                                 .endpoint_count = count};
    char(*names)[16] = memory_new(count * sizeof(*names));
    for (unsigned i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "app-%06u", i);
        wanted.endpoints[i] =
            (struct pool_wanted_endpoint){.service = "app",
                                          .id = names[i],
                                          .name = names[i],
                                          .cause = "list",
                                          .weight = weights[i] ? weights[i] : 1,
                                          .state = weights[i] ? ENDPOINT_READY : ENDPOINT_PAUSED};
        assert_true(address_parse_ip(VIEW("10.0.0.1"), 80, &wanted.endpoints[i].address));
    }
    struct pool_rules rules = {.worker_count = 1};
    struct pool *first = pool_build(NULL, &wanted, &rules);
    pool_build_settle(first, NULL, ignore, NULL);
    for (unsigned i = 0; i < count; i++)
        first->services[0].endpoints[i]->is_admitted = true;
    struct pool *pool = pool_build(first, &wanted, &rules);
    pool_build_settle(pool, first, ignore, NULL);
    for (unsigned i = 0; i < count; i++)
        assert_ptr_equal(pool->services[0].endpoints[i], first->services[0].endpoints[i]);
    pool_unref(first);
    free(wanted.endpoints);
    free(names);
    return pool;
}

static unsigned index_of(const struct endpoint *endpoint)
{
    return (unsigned)strtoul(endpoint->name + 4, NULL, 10);
}

static void check(const unsigned *weights, unsigned count, const char *want)
{
    struct pool *pool = make(weights, count);
    const struct pool_service *service = &pool->services[0];
    assert_int_equal(service->rotation_count, strlen(want));
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (index_of(service->rotation[i]) != (unsigned)(want[i] - 'a'))
            fail_msg("turn %u of \"%s\" is '%c'", i, want, 'a' + index_of(service->rotation[i]));
    pool_unref(pool);
}

static void test_order(void **state)
{
    (void)state;
    check((const unsigned[]){1}, 1, "a");
    check((const unsigned[]){256}, 1, "a");
    check((const unsigned[]){1, 1, 1}, 3, "abc");
    check((const unsigned[]){9, 9, 9}, 3, "abc"); /* equal weights: plain order */
    check((const unsigned[]){0, 1, 0, 1}, 4, "bd");
    check((const unsigned[]){0, 0}, 2, "");
    check((const unsigned[]){5, 1, 1}, 3, "aabacaa");
    check((const unsigned[]){4, 2}, 2, "aba");
    check((const unsigned[]){200, 100, 0, 100}, 4, "abda");
}

/* Each endpoint is in it by its share, and at no turn more than one before or behind its share. */
static void check_spread(const unsigned *weights, unsigned count)
{
    struct pool *pool = make(weights, count);
    const struct pool_service *service = &pool->services[0];
    unsigned *seen = memory_new(count * sizeof(*seen));
    double sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += weights[i];
    for (unsigned turn = 0; turn < service->rotation_count; turn++) {
        seen[index_of(service->rotation[turn])]++;
        for (unsigned i = 0; i < count; i++) {
            double off = seen[i] - weights[i] * (turn + 1) / sum;
            if (off >= 1 || off <= -1.5)
                fail_msg("after turn %u endpoint %u is %f off its share", turn, i, off);
        }
    }
    for (unsigned i = 0; i < count; i++)
        assert_true(seen[i] * sum == (double)weights[i] * service->rotation_count);
    free(seen);
    pool_unref(pool);
}

static void test_spread(void **state)
{
    struct rng rng = {11};
    (void)state;
    check_spread((const unsigned[]){256, 1}, 2);
    check_spread((const unsigned[]){1, 256, 255}, 3);
    check_spread((const unsigned[]){7, 0, 5, 3}, 4);
    for (unsigned turn = 0; turn < 100; turn++) {
        unsigned weights[12], count = 1 + (unsigned)(rng_next(&rng) % COUNT_OF(weights));
        for (unsigned i = 0; i < count; i++)
            weights[i] = 1 + (unsigned)(rng_next(&rng) % 20);
        check_spread(weights, count);
    }
}

/* Sums above the limit are scaled down: nobody falls out, and shares stay near. */
static void test_limit(void **state)
{
    enum { COUNT = 600 };
    unsigned weights[COUNT], seen[COUNT] = {0};
    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        weights[i] = i < COUNT / 2 ? LIMITS_WEIGHT_MAX - i % 2 : 1 + i % 2;
    weights[0] = 64; /* a quarter */
    struct pool *pool = make(weights, COUNT);
    const struct pool_service *service = &pool->services[0];
    assert_in_range(service->rotation_count, POOL_ROTATION_MAX / 2, POOL_ROTATION_MAX);
    for (unsigned i = 0; i < service->rotation_count; i++)
        seen[index_of(service->rotation[i])]++;
    for (unsigned i = 1; i < COUNT; i++)
        assert_true(i < COUNT / 2 ? seen[i] > 100 : seen[i] >= 1 && seen[i] <= 2);
    assert_true(seen[0] * 3 < seen[1] && seen[0] * 5 > seen[1]);
    pool_unref(pool);
}

static void test_just_within_limit(void **state)
{
    unsigned weights[257];
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        weights[i] = 255;
    weights[256] = 256; /* 65536 in all */
    struct pool *pool = make(weights, COUNT_OF(weights));
    assert_int_equal(pool->services[0].rotation_count, POOL_ROTATION_MAX);
    pool_unref(pool);
}

static void test_many(void **state)
{
    enum { COUNT = 1000 };
    unsigned weights[COUNT];
    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        weights[i] = 3;
    struct pool *pool = make(weights, COUNT);
    assert_int_equal(pool->services[0].rotation_count, COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(index_of(pool->services[0].rotation[i]), i);
    pool_unref(pool);
}

/* The definition, slow and plain: each gains its weight, the richest is taken and pays the sum. */
static void play_plainly(const unsigned *weights, unsigned count, unsigned *order, unsigned turns)
{
    int64_t *credit = memory_new(count * sizeof(*credit)), sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += weights[i];
    for (unsigned turn = 0; turn < turns; turn++) {
        unsigned richest = 0;
        for (unsigned i = 0; i < count; i++) {
            credit[i] += weights[i];
            if (credit[i] > credit[richest])
                richest = i;
        }
        credit[richest] -= sum;
        order[turn] = richest;
    }
    free(credit);
}

static void test_like_the_definition(void **state)
{
    struct rng rng = {5};
    unsigned order[2000];
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        unsigned weights[40], count = 1 + (unsigned)(rng_next(&rng) % COUNT_OF(weights));
        for (unsigned i = 0; i < count; i++)
            weights[i] = 1 + (unsigned)(rng_next(&rng) % 6) * (unsigned)(rng_next(&rng) % 6);
        struct pool *pool = make(weights, count);
        const struct pool_service *service = &pool->services[0];
        assert_true(service->rotation_count <= COUNT_OF(order));
        play_plainly(weights, count, order, service->rotation_count);
        for (unsigned i = 0; i < service->rotation_count; i++)
            assert_int_equal(index_of(service->rotation[i]), order[i]);
        pool_unref(pool);
    }
}

/* 1000 endpoints with mixed weights do not hold the control thread up; the limit is generous, for
 * slow builds under load. */
static void test_many_of_mixed_weights(void **state)
{
    enum { COUNT = 1000 };
    unsigned weights[COUNT];
    struct rng rng = {7};
    struct timespec from, to;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        weights[i] = 1 + (unsigned)(rng_next(&rng) % LIMITS_WEIGHT_MAX);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    struct pool *pool = make(weights, COUNT);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    int64_t ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    print_message("%d ms\n", (int)ms);
    assert_in_range(ms, 0, 1000);
    assert_in_range(pool->services[0].rotation_count, POOL_ROTATION_MAX / 2, POOL_ROTATION_MAX);
    pool_unref(pool);
}

static struct pool_service rebuild(const struct pool *pool, uint64_t now_ms)
{
    struct pool_service service = pool->services[0];
    service.is_warming = false;
    pool_rotation_build(&service, now_ms);
    return service;
}

static unsigned turns_of(const struct pool_service *service, unsigned index)
{
    unsigned count = 0;
    for (unsigned i = 0; i < service->rotation_count; i++)
        count += index_of(service->rotation[i]) == index;
    return count;
}

static void test_ordered_weight(void **state)
{
    struct pool *pool = make((const unsigned[]){5, 1}, 2);
    (void)state;
    pool->services[0].endpoints[0]->ordered_weight = 2;
    struct pool_service service = rebuild(pool, 0);
    assert_int_equal(service.rotation_count, 3);
    assert_int_equal(turns_of(&service, 0), 2);
    free(service.rotation);
    pool_unref(pool);
}

/* The share of the one that warms up grows in sixteenths, from one to all. */
static void test_slow_start(void **state)
{
    struct pool *pool = make((const unsigned[]){1, 1}, 2);
    struct endpoint *endpoint = pool->services[0].endpoints[0];
    unsigned last = 0;
    (void)state;
    endpoint->ready_ms = 1000;
    endpoint->slow_start_ms = 1600;
    for (uint64_t now_ms = 1000; now_ms < 2600; now_ms += 50) {
        struct pool_service service = rebuild(pool, now_ms);
        unsigned share = turns_of(&service, 0) * 16 / turns_of(&service, 1);
        assert_int_equal(service.is_warming, share < 16);
        assert_true(share >= last && share <= last + 1);
        last = share;
        free(service.rotation);
    }
    assert_true(last >= 15);
    struct pool_service service = rebuild(pool, 2600);
    assert_false(service.is_warming);
    assert_int_equal(service.rotation_count, 2); /* strict again */
    free(service.rotation);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_just_within_limit),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_like_the_definition),
        cmocka_unit_test(test_many_of_mixed_weights),
        cmocka_unit_test(test_ordered_weight),
        cmocka_unit_test(test_slow_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
