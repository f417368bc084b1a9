/* Who stays in an index, who comes, and whose trees are to be made. */
#include "lb/route/filing.h"
#include "tests/unit/route/table_case.h"

#include <stdio.h>

#define MANY_COUNT 100u

static const struct route routes[] = {
    {.host = HOST("a.test"), .path = PATH("/x"), .service = VIEW("s")},
    {.host = HOST("b.test"), .path = PATH("/x"), .service = VIEW("s")},
    {.host = HOST("b.test"), .path = PATH("/"), .service = VIEW("s")},
    {.host = HOST("c.test"), .path = PATH("/"), .service = VIEW("s")},
    {.host = HOST("d.test"), .path = PATH("/x"), .service = VIEW("s")},
    {.host = HOST("d.test"), .path = PATH("/a"), .service = VIEW("s")},
};

static struct rule_wanted wanted[COUNT(routes)];

/* Those whose digits are in `which`. */
static struct route_table *table_of(const char *which, const struct route_table *before)
{
    struct rule_wanted some[COUNT(routes)];
    uint32_t count = 0;
    for (const char *at = which; *at; at++)
        some[count++] = (struct rule_wanted){&routes[*at - '0'], wanted[*at - '0'].box};
    struct route_table *table = route_table_next(some, count, before);
    for (uint32_t i = 0; i < count; i++)
        wanted[which[i] - '0'].box = some[i].box;
    return table;
}

static void forget(struct route_table *first, struct route_table *second)
{
    for (size_t i = 0; i < COUNT(routes); i++) {
        rule_box_unref(wanted[i].box);
        wanted[i].box = NULL;
    }
    route_table_unref(second);
    route_table_unref(first);
}

/* Files the rules of the second as those after the first, and leaves them in the index. */
static void file(struct filing *filing, struct route_index *index, const struct route_table *first,
                 const struct route_table *second)
{
    *index = (struct route_index){.rules = second->rules, .count = second->count};
    filing_init(filing, index, &first->unranked);
}

static void unfile(struct filing *filing, struct route_index *index)
{
    filing_fini(filing);
    route_index_fini(index);
}

static uint32_t count_changed(const struct filing *filing, const struct route_index *index)
{
    uint32_t changed = 0;
    for (uint32_t host = 0; host < index->host_count; host++)
        changed += filing->has_changed[host];
    return changed;
}

static bool has_changed(const struct filing *filing, const struct route_index *index,
                        struct view host)
{
    return filing->has_changed[name_map_find(&index->map, host)];
}

static void test_only_hosts_whose_rules_change_are_made(void **state)
{
    struct route_table *first = table_of("0123", NULL), *second = table_of("013", first);
    struct filing filing;
    struct route_index index;
    (void)state;
    file(&filing, &index, first, second);
    assert_int_equal(filing.come_count, 0);
    assert_int_equal(count_changed(&filing, &index), 1);
    assert_true(has_changed(&filing, &index, VIEW("b.test")));
    for (uint32_t i = 0; i < first->count; i++)
        assert_true(filing.numbers[i] == FILING_NONE
                        ? first->rules[i] == &wanted[2].box->rule
                        : first->rules[i] == second->rules[filing.numbers[i]]);
    unfile(&filing, &index);
    forget(first, second);
}

static void test_those_who_come_are_sorted_by_host_and_path(void **state)
{
    struct route_table *first = table_of("03", NULL), *second = table_of("012345", first);
    struct filing filing;
    struct route_index index;
    (void)state;
    file(&filing, &index, first, second);
    assert_int_equal(filing.come_count, 4);
    assert_int_equal(index.host_count, 4);
    assert_int_equal(count_changed(&filing, &index), 2);
    assert_false(has_changed(&filing, &index, VIEW("a.test")));
    assert_false(has_changed(&filing, &index, VIEW("c.test")));
    for (uint32_t i = 0; i < 4; i += 2) {
        const struct rule *one = second->rules[filing.items[i].value];
        const struct rule *other = second->rules[filing.items[i + 1].value];
        assert_true(view_eq(one->host, other->host));
        assert_true(filing_compare_items(&filing.items[i], &filing.items[i + 1]) < 0);
    }
    unfile(&filing, &index);
    forget(first, second);
}

static void test_nothing_is_new_where_nothing_changes(void **state)
{
    struct route_table *first = table_of("0123", NULL), *second = table_of("3210", first);
    struct filing filing;
    struct route_index index;
    (void)state;
    file(&filing, &index, first, second);
    assert_int_equal(filing.come_count, 0);
    assert_int_equal(count_changed(&filing, &index), 0);
    unfile(&filing, &index);
    forget(first, second);
}

/* The map that one host has is too small for many: all is new. */
static void test_all_come_where_the_map_is_too_small(void **state)
{
    static struct route many[MANY_COUNT];
    static char hosts[MANY_COUNT][16];
    (void)state;
    for (unsigned i = 0; i < MANY_COUNT; i++) {
        snprintf(hosts[i], sizeof(hosts[i]), "h%u.test", i);
        many[i] = (struct route){.host = {ROUTE_HOST, view_str(hosts[i])}, .service = VIEW("s")};
    }
    struct route_table *first = table_of("0", NULL),
                       *second = route_table_new(many, MANY_COUNT, first);
    struct filing filing;
    struct route_index index;
    assert_true(name_map_suits(&first->unranked.map, 9));
    assert_false(name_map_suits(&first->unranked.map, MANY_COUNT));
    file(&filing, &index, first, second);
    assert_int_equal(filing.come_count, MANY_COUNT);
    assert_int_equal(filing.before->count, 0);
    assert_true(name_map_suits(&index.map, MANY_COUNT + 8));
    unfile(&filing, &index);
    forget(first, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_hosts_whose_rules_change_are_made),
        cmocka_unit_test(test_those_who_come_are_sorted_by_host_and_path),
        cmocka_unit_test(test_nothing_is_new_where_nothing_changes),
        cmocka_unit_test(test_all_come_where_the_map_is_too_small),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
