/* Rules that lead to several services: all of these have a number, and the rule finds them. */
#include "lb/route/route_groups.h"

#include "tests/unit/route/table_case.h"

static const struct route_share both[] = {{VIEW("b"), 1}, {VIEW("c"), 3}};
static const struct route_option mirror = {ROUTE_OPTION_MIRROR, VIEW("m 10%")};
static const struct route routes[] = {
    {.host = HOST("plain.test"), .service = VIEW("a")},
    {.host = HOST("shared.test"), .service = VIEW("b"), .shares = both, .share_count = 2},
    {.host = HOST("mirrored.test"), .service = VIEW("a"), .options = &mirror, .option_count = 1},
};

static const struct route_group *group_of(const struct route_table *table, const char *host)
{
    for (uint32_t i = 0; i < table->count; i++)
        if (view_eq(table->rules[i]->host, view_str(host))) {
            uint32_t number = route_groups_find(&table->groups, i);
            return number == ROUTE_GROUPS_NONE ? NULL : &table->groups.list[number];
        }
    fail();
    return NULL;
}

static void test_services_of_shares_and_mirrors_are_numbered(void **state)
{
    (void)state;
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    assert_int_equal(table->service_count, 4);
    assert_int_equal(table->groups.count, 2);
    assert_null(group_of(table, "plain.test"));
    const struct route_group *shared = group_of(table, "shared.test");
    assert_true(view_eq(table->services[shared->members[0]], VIEW("b")));
    assert_true(view_eq(table->services[shared->members[1]], VIEW("c")));
    assert_int_equal(shared->mirror, ROUTE_SERVICES_NONE);
    const struct route_group *mirrored = group_of(table, "mirrored.test");
    assert_true(view_eq(table->services[mirrored->mirror], VIEW("m")));
    assert_null(mirrored->members);
    for (uint32_t i = 0; i < table->count; i++)
        assert_int_equal(table->rules[i]->is_plain, !table->rules[i]->turns);
    route_table_unref(table);
}

static void test_another_share_is_another_service(void **state)
{
    struct route changed[COUNT(routes)];
    const struct route_share others[] = {{VIEW("b"), 1}, {VIEW("d"), 3}};
    const struct route_share heavier[] = {{VIEW("c"), 1}, {VIEW("b"), 9}};
    (void)state;
    memcpy(changed, routes, sizeof(routes));
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    changed[1].shares = others;
    struct route_table *next = route_table_new(changed, COUNT(routes), table);
    assert_false(route_table_leads_alike(table, next));
    assert_int_not_equal(route_table_service(next, VIEW("d")), ROUTE_TABLE_NONE);
    assert_int_equal(route_table_service(next, VIEW("c")), ROUTE_TABLE_NONE);
    changed[1].shares = heavier;
    struct route_table *same = route_table_new(changed, COUNT(routes), table);
    assert_true(route_table_leads_alike(table, same));
    changed[2].option_count = 0;
    struct route_table *less = route_table_new(changed, COUNT(routes), table);
    assert_false(route_table_leads_alike(table, less));
    route_table_unref(less);
    route_table_unref(same);
    route_table_unref(next);
    route_table_unref(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_of_shares_and_mirrors_are_numbered),
        cmocka_unit_test(test_another_share_is_another_service),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
