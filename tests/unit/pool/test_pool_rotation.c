/* The rotation that a snapshot brings: how often each endpoint is in it, and how evenly. */
#include "lb/pool/pool_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"

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
    struct pool *first = pool_build(NULL, &wanted, 1, ignore, NULL);
    for (unsigned i = 0; i < count; i++)
        first->services[0].endpoints[i]->is_admitted = true;
    struct pool *pool = pool_build(first, &wanted, 1, ignore, NULL);
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
        weights[i] = i < COUNT / 2 ? ENDPOINT_WEIGHT_MAX - i % 2 : 1 + i % 2;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_spread),
        cmocka_unit_test(test_limit), cmocka_unit_test(test_just_within_limit),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
