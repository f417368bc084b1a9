/* Who gets which share: by weights and orders, and without those that have no servers. */
#include "lb/pool/pool_groups.h"

#include "tests/unit/pool/build_case.h"

/* ---- weights --------------------------------------------------------------------------------- */

static void check(unsigned count, const uint32_t *weights, const int *percents,
                  const uint32_t *want)
{
    uint32_t got[ROUTE_SHARES_MAX];
    uint64_t sum = 0, want_sum = 0;
    memcpy(got, weights, count * sizeof(*weights));
    pool_groups_weigh(got, percents, count);
    for (unsigned i = 0; i < count; i++) {
        sum += got[i];
        want_sum += want[i];
    }
    for (unsigned i = 0; i < count; i++)
        assert_true(got[i] * want_sum == want[i] * sum);
}

#define LIST(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define CHECK(weights, percents, want)                                                             \
    do {                                                                                           \
        const uint32_t of[] = weights, to[] = want;                                                \
        const int by[] = percents;                                                                 \
        check(sizeof(of) / sizeof(of[0]), of, by, to);                                             \
    } while (0)

static void test_an_order_is_a_percentage_and_the_others_share_the_rest(void **state)
{
    (void)state;
    CHECK(LIST(95, 5), LIST(-1, -1), LIST(95, 5));
    CHECK(LIST(95, 5), LIST(-1, 20), LIST(80, 20));
    CHECK(LIST(60, 20, 20), LIST(-1, -1, 20), LIST(60, 20, 20));
    CHECK(LIST(3, 1, 7), LIST(-1, -1, 20), LIST(60, 20, 20));
    CHECK(LIST(95, 5), LIST(-1, 0), LIST(1, 0));
    CHECK(LIST(95, 5), LIST(-1, 100), LIST(0, 1));
    CHECK(LIST(100, 0), LIST(0, -1), LIST(0, 1));
    CHECK(LIST(0, 0, 0), LIST(10, -1, -1), LIST(10, 45, 45));
    CHECK(LIST(1, 1, 1), LIST(80, 80, -1), LIST(1, 1, 0));
    CHECK(LIST(1, 2), LIST(10, 30), LIST(1, 3));
    CHECK(LIST(1, 2), LIST(0, 0), LIST(0, 0));
    CHECK(LIST(1000000, 1000000, 1000000), LIST(1, 1, -1), LIST(1, 1, 98));
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static const struct route_share shares[] = {{VIEW("a"), 1}, {VIEW("b"), 3}, {VIEW("c"), 6}};
static const struct route routes[] = {{.host = {ROUTE_HOST, VIEW("a.test")}, .service = VIEW("z")},
                                      {.host = {ROUTE_HOST, VIEW("b.test")},
                                       .service = VIEW("a"),
                                       .shares = shares,
                                       .share_count = 3}};

static struct pool *build_group(struct pool *before, struct route_table *table, const char *ready,
                                const struct pool_wanted_order *orders, unsigned order_count)
{
    struct pool_wanted_endpoint endpoints[3];
    struct pool_wanted wanted = {.endpoints = endpoints,
                                 .routes = table,
                                 .orders = orders,
                                 .order_count = order_count,
                                 .is_trusted = true};
    static const char *const names[] = {"a", "b", "c"};
    for (unsigned i = 0; i < 3; i++) {
        if (ready[i] == '-')
            continue;
        endpoints[wanted.endpoint_count] = (struct pool_wanted_endpoint){
            .service = names[i],
            .id = names[i],
            .name = names[i],
            .weight = 1,
            .cause = "list",
            .state = ready[i] == 'r' ? ENDPOINT_READY : ENDPOINT_PAUSED};
        assert_true(
            address_parse(VIEW("10.0.0.1:80"), &endpoints[wanted.endpoint_count++].address));
    }
    struct pool *pool = build_wanted(before, &wanted);
    pool_unref(before);
    return pool;
}

static const struct routes_group *group_in(const struct pool *pool)
{
    return &pool->routes.groups[0];
}

/* Whose the first of twelve turns are, by counts. */
static void assert_turns(const struct pool *pool, unsigned turns, const char *want)
{
    unsigned counts[3] = {0};
    char got[32];
    for (uint64_t turn = 0; turn < turns; turn++)
        counts[share_ring_pick(&group_in(pool)->ring, turn)]++;
    snprintf(got, sizeof(got), "%u %u %u", counts[0], counts[1], counts[2]);
    assert_string_equal(got, want);
}

static void test_who_has_no_servers_gives_its_share_to_the_others(void **state)
{
    const struct pool_wanted_order order = {"a", 50, 0}, none = {"c", 0, 0};
    const struct pool_wanted_order pause = {"a", POOL_WANTED_NO_SHARE, 5000};
    (void)state;
    struct route_table *table = route_table_new(routes, COUNT_OF(routes), NULL);
    struct pool *pool = build_group(NULL, table, "rrr", NULL, 0);
    assert_turns(pool, 1000, "100 300 600");
    pool = build_group(pool, table, "rr-", NULL, 0);
    assert_turns(pool, 1000, "250 750 0");
    pool = build_group(pool, table, "prr", NULL, 0);
    assert_turns(pool, 900, "0 300 600");
    pool = build_group(pool, table, "rrr", &order, 1);
    assert_turns(pool, 1200, "600 200 400");
    pool = build_group(pool, table, "rrr", &none, 1);
    assert_turns(pool, 1000, "250 750 0");
    pool = build_group(pool, table, "rrr", &pause, 1);
    assert_turns(pool, 1000, "100 300 600");
    assert_true(pool->services[0].is_paused);
    assert_int_equal(pool->services[0].rotation_count, 0);
    assert_int_equal(service_paused_until_ms(pool->services[0].kept), 5000);
    pool = build_group(pool, table, "-rr", &pause, 1);
    assert_turns(pool, 1000, "100 300 600");
    pool = build_group(pool, table, "-rr", NULL, 0);
    assert_int_equal(service_paused_until_ms(group_in(pool)->members[0]->service), 0);
    assert_turns(pool, 900, "0 300 600");
    pool_unref(pool);
    route_table_unref(table);
}

static void test_where_nobody_is_one_is_waited_for(void **state)
{
    const struct pool_wanted_order none = {"a", 0, 0};
    (void)state;
    struct route_table *table = route_table_new(routes, COUNT_OF(routes), NULL);
    struct pool *pool = build_group(NULL, table, "--p", NULL, 0);
    assert_int_equal(share_ring_pick(&group_in(pool)->ring, 0), SHARE_RING_NOBODY);
    assert_string_equal(group_in(pool)->awaited->service->name, "c");
    rules.now_ms = 1000;
    pool = build_group(pool, table, "--r", NULL, 0);
    rules.now_ms = 2000;
    pool = build_group(pool, table, "r--", NULL, 0);
    pool = build_group(pool, table, "---", NULL, 0);
    assert_string_equal(group_in(pool)->awaited->service->name, "a");
    pool = build_group(pool, table, "p--", &none, 1);
    assert_string_equal(group_in(pool)->awaited->service->name, "c");
    pool_unref(pool);
    route_table_unref(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_order_is_a_percentage_and_the_others_share_the_rest),
        cmocka_unit_test(test_who_has_no_servers_gives_its_share_to_the_others),
        cmocka_unit_test_teardown(test_where_nobody_is_one_is_waited_for, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
