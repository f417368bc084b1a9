#include "discovery/consul/instances.h"

#include "tests/unit/discovery/consul/catalog_world.h"

static struct catalog_world world;

static int set_up(void **state)
{
    (void)state;
    world_open(&world);
    world_add(&world, "web");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return world_close(&world);
}

#define ONE(checks) "[" ENTRY("n1", "a", "web", "'Port':80", checks) "]"
#define CRITICAL    "{'CheckID':'c','Name':'http','Status':'critical','Output':'%s'}"

static void test_first_list_is_no_news(void **state)
{
    struct instances *web = &world.services[0];
    (void)state;
    assert_true(world_take(&world, web, ONE("")));
    assert_string_equal(text_str(&world.events), "");
    assert_string_equal(web->items[0]->cause, "catalog");
    assert_int_equal(web->items[0]->cause_time_ns, 0);
    assert_false(world_take(&world, web, ONE("")));
}

static void test_causes(void **state)
{
    struct instances *web = &world.services[0];
    (void)state;
    world_take(&world, web, ONE(""));
    assert_true(world_take(&world, web, ONE("{'Status':'critical','Output':'one'}")));
    assert_string_equal(text_str(&world.events), "critical");
    assert_string_equal(web->items[0]->cause, "critical");
    assert_int_equal(web->items[0]->cause_time_ns, world.wall_ns);
    /* what the check says is told, and no cause */
    assert_true(world_take(&world, web, ONE("{'Status':'critical','Output':'two'}")));
    assert_string_equal(text_str(&world.events), "");
    assert_int_equal(web->items[0]->cause_time_ns, world.wall_ns - 1);
    assert_true(world_take(&world, web, ONE("{'Status':'passing'}")));
    assert_string_equal(text_str(&world.events), "passing");
    assert_true(world_take(&world, web,
                           "[" ENTRY("n1", "a", "web", "'Port':81", "{'Status':'passing'}") "]"));
    assert_string_equal(text_str(&world.events), "catalog");
    assert_int_equal(web->items[0]->entry.port, 81);
    assert_true(json_object_get(web->items[0]->words.exposed, "81/tcp") != NULL);
}

static void test_they_come_and_go(void **state)
{
    struct instances *web = &world.services[0];
    (void)state;
    world_take(&world, web, ONE(""));
    assert_true(world_take(&world, web,
                           "[" ENTRY("n2", "a", "web", "'Port':80",
                                     "") "," ENTRY("n1", "a", "web", "'Port':80", "") "]"));
    assert_string_equal(text_str(&world.events), "catalog");
    assert_int_equal(web->count, 2);
    assert_string_equal(web->items[0]->entry.id, "n1/a");
    assert_true(world_take(&world, web, "[]"));
    assert_string_equal(text_str(&world.events), "gone,gone");
    assert_int_equal(web->count, 0);
    assert_false(world_take(&world, web, "[]"));
}

static void test_an_id_that_stands_twice_counts_once(void **state)
{
    struct instances *web = &world.services[0];
    (void)state;
    world_take(&world, web,
               "[" ENTRY("n1", "a", "web", "'Port':80", "") "," ENTRY("n1", "a", "web", "'Port':81",
                                                                      "") "]");
    assert_int_equal(web->count, 1);
    assert_int_equal(web->items[0]->entry.port, 80);
}

static void test_what_is_no_entry_is_counted(void **state)
{
    struct instances *web = &world.services[0];
    (void)state;
    world_take(&world, web, "[7,{}," ENTRY("n1", "a", "web", "'Port':80", "") "]");
    assert_int_equal(web->count, 1);
    assert_int_equal(web->nameless_count, 2);
}

static void test_what_is_no_list_changes_nothing(void **state)
{
    struct instances *web = &world.services[0];
    const char *problem;
    json_t *answer = quoted("{}");
    (void)state;
    world_take(&world, web, ONE(""));
    assert_false(
        instances_take(web, answer, &(struct instances_intake){.rules = &world.rules}, &problem));
    assert_non_null(problem);
    assert_int_equal(web->count, 1);
    assert_int_equal(instances_count(answer, "web", &world.rules), -1);
    assert_int_equal(instances_count(NULL, "web", &world.rules), -1);
    json_decref(answer);
}

static void test_words_stay_where_tags_do(void **state)
{
    struct instances *web = &world.services[0];
    (void)state;
    world_take(&world, web,
               "[" ENTRY("n1", "a", "web", "'Port':80,'Tags':['lb.host=a.test']", "") "]");
    const struct route *routes = web->items[0]->offers.routes;
    world_take(&world, web,
               "[" ENTRY("n1", "a", "web", "'Port':80,'Tags':['lb.host=a.test']",
                         "{'Status':'warning'}") "]");
    assert_ptr_equal(web->items[0]->offers.routes, routes);
    world_take(&world, web,
               "[" ENTRY("n1", "a", "web", "'Port':80,'Tags':['lb.host=b.test']", "") "]");
    assert_true(view_eq(web->items[0]->offers.routes[0].host.text, VIEW("b.test")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_list_is_no_news, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_causes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_they_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_id_that_stands_twice_counts_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_entry_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_list_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_stay_where_tags_do, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
