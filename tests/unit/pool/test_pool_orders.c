/* What an operator orders, and which service is routed. */
#include "lb/pool/pool_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct pool_rules rules = {.worker_count = 1};

static void ignore(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner;
    (void)endpoint;
    (void)before;
}

static struct pool *build(struct pool *before, struct pool_wanted *wanted)
{
    struct pool *pool = pool_build(before, wanted, &rules);
    pool_build_settle(pool, before, ignore, NULL);
    return pool;
}

static struct endpoint *find(const struct pool *pool, const char *service, const char *id)
{
    const struct pool_service *found = pool_find(pool, view_str(service));
    for (unsigned i = 0; i < found->endpoint_count; i++)
        if (strcmp(found->endpoints[i]->id, id) == 0)
            return found->endpoints[i];
    return NULL;
}

static struct pool_wanted_endpoint wanted_row(const char *id, enum endpoint_state state)
{
    struct pool_wanted_endpoint row = {
        .service = "a", .id = id, .name = id, .weight = 2, .state = state, .cause = "list"};
    assert_true(address_parse(VIEW("10.0.0.1:80"), &row.address));
    return row;
}

static struct pool *replace(struct pool *before, struct pool_wanted *wanted)
{
    struct pool *next = build(before, wanted);
    pool_unref(before);
    return next;
}

static void test_orders(void **state)
{
    static const struct {
        enum endpoint_state source;
        enum endpoint_order order;
        enum endpoint_state effective;
    } rows[] = {
        {ENDPOINT_READY, ENDPOINT_ORDER_NONE, ENDPOINT_READY},
        {ENDPOINT_READY, ENDPOINT_ORDER_DRAIN, ENDPOINT_DRAINING},
        {ENDPOINT_READY, ENDPOINT_ORDER_NONE, ENDPOINT_READY}, /* still admitted */
        {ENDPOINT_READY, ENDPOINT_ORDER_DISABLE, ENDPOINT_DISABLED},
        {ENDPOINT_UNHEALTHY, ENDPOINT_ORDER_DRAIN, ENDPOINT_DRAINING},
        {ENDPOINT_READY, ENDPOINT_ORDER_DRAIN, ENDPOINT_DRAINING},
        {ENDPOINT_READY, ENDPOINT_ORDER_NONE, ENDPOINT_PROBING}, /* it was unhealthy meanwhile */
        {ENDPOINT_PAUSED, ENDPOINT_ORDER_DISABLE, ENDPOINT_DISABLED},
    };
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1};
    struct pool *pool = build(NULL, &wanted);
    struct endpoint *endpoint = find(pool, "a", "1");
    endpoint->is_admitted = true;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row.state = rows[i].source;
        row.order = rows[i].order;
        struct pool *next = build(pool, &wanted);
        assert_ptr_equal(find(next, "a", "1"), endpoint);
        assert_int_equal(endpoint_state(endpoint), rows[i].effective);
        if (row.order == ENDPOINT_ORDER_DRAIN && row.state == ENDPOINT_READY)
            assert_string_equal(endpoint->cause, "admin");
        pool_unref(pool);
        pool = next;
    }
    pool_unref(pool);
}

/* Who comes back by the taking back of an order does not come by what its source told long ago. */
static void test_the_cause_of_coming_back_is_the_operator(void **state)
{
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1, .is_trusted = true};
    static const enum endpoint_order orders[] = {ENDPOINT_ORDER_DRAIN, ENDPOINT_ORDER_DISABLE};
    row.cause = "health_status: healthy";
    row.cause_time_ns = 1;
    struct pool *pool = build(NULL, &wanted);
    const struct endpoint *endpoint = find(pool, "a", "1");
    assert_string_equal(endpoint->cause, "health_status: healthy");
    (void)state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        row.order = orders[i];
        pool = replace(pool, &wanted);
        row.order = ENDPOINT_ORDER_NONE;
        pool = replace(pool, &wanted);
        assert_int_equal(endpoint_state(endpoint), ENDPOINT_READY);
        assert_string_equal(endpoint->cause, "admin");
        assert_int_equal(endpoint->cause_time_ns, 0);
    }
    row.state = ENDPOINT_PAUSED;
    row.cause = "pause";
    pool = replace(pool, &wanted);
    assert_string_equal(endpoint->cause, "pause");
    pool_unref(pool);
}

/* It stays as it is, but for another reason. */
static void test_the_cause_of_a_drain_that_its_source_wants_too(void **state)
{
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_DRAINING);
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1};
    (void)state;
    row.cause = "label";
    row.order = ENDPOINT_ORDER_DRAIN;
    struct pool *pool = build(NULL, &wanted);
    const struct endpoint *endpoint = find(pool, "a", "1");
    assert_string_equal(endpoint->cause, "admin");
    row.order = ENDPOINT_ORDER_NONE;
    pool = replace(pool, &wanted);
    assert_int_equal(endpoint_state(endpoint), ENDPOINT_DRAINING);
    assert_string_equal(endpoint->cause, "label");
    pool_unref(pool);
}

static void test_ordered_weight(void **state)
{
    struct pool_wanted_endpoint rows[] = {wanted_row("1", ENDPOINT_READY),
                                          wanted_row("2", ENDPOINT_READY)};
    struct pool_wanted wanted = {
        .endpoints = rows, .endpoint_count = 2, .routed = "a", .is_trusted = true};
    (void)state;
    rows[1].ordered_weight = 6;
    struct pool *pool = build(NULL, &wanted);
    assert_int_equal(routes_find(&pool->routes)->rotation_count, 4); /* 2 to 6 */
    assert_int_equal(endpoint_weight(find(pool, "a", "2")), 6);
    rows[1].ordered_weight = 0;
    struct pool *next = build(pool, &wanted);
    assert_ptr_equal(find(next, "a", "2"), find(pool, "a", "2"));
    assert_int_equal(routes_find(&next->routes)->rotation_count, 2);
    pool_unref(pool);
    pool_unref(next);
}

static void test_routed_and_trusted(void **state)
{
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1, .routed = "b"};
    (void)state;
    struct pool *pool = build(NULL, &wanted);
    assert_null(routes_find(&pool->routes));
    assert_int_equal(endpoint_state(find(pool, "a", "1")), ENDPOINT_PROBING);
    wanted.routed = "a";
    wanted.is_trusted = true;
    struct pool *next = build(pool, &wanted);
    assert_ptr_equal(routes_find(&next->routes), &next->services[0]);
    assert_int_equal(endpoint_state(find(next, "a", "1")), ENDPOINT_READY);
    pool_unref(pool);
    pool_unref(next);
}

/* Who has the old snapshot goes on with it until the new one was left. */
static void test_nobody_is_gone_before_the_next_is_there(void **state)
{
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {
        .endpoints = &row, .endpoint_count = 1, .routed = "a", .is_trusted = true};
    struct pool *pool = build(NULL, &wanted);
    (void)state;
    row = wanted_row("2", ENDPOINT_READY);
    struct pool *next = pool_build(pool, &wanted, &rules);
    assert_int_equal(endpoint_state(routes_find(&pool->routes)->endpoints[0]), ENDPOINT_READY);
    pool_build_settle(next, pool, ignore, NULL);
    assert_int_equal(endpoint_state(routes_find(&pool->routes)->endpoints[0]), ENDPOINT_GONE);
    assert_int_equal(endpoint_state(routes_find(&next->routes)->endpoints[0]), ENDPOINT_READY);
    pool_unref(pool);
    pool_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_the_cause_of_coming_back_is_the_operator),
        cmocka_unit_test(test_the_cause_of_a_drain_that_its_source_wants_too),
        cmocka_unit_test(test_ordered_weight),
        cmocka_unit_test(test_routed_and_trusted),
        cmocka_unit_test(test_nobody_is_gone_before_the_next_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
