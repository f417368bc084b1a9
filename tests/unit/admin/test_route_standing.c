/* How routes stand to each other: who is overruled by whom, and which is there for one that is gone. */
#include "lb/admin/route_standing.h"

#include "tests/unit/admin/routes_case.h"

static struct route_standing standing;

static void stand(void)
{
    route_standing_init(&standing, publisher.pool->routes.table, &publisher.membership.routes);
}

static uint32_t number_of(const char *label)
{
    const struct route_table *table = standing.table;
    for (uint32_t i = 0; i < table->count; i++)
        if (view_eq(table->rules[i]->route.label, view_str(label)))
            return i;
    fail_msg("no route is of the label %s", label);
    return 0;
}

static void check_sentence(const char *label, const char *want)
{
    struct text out = TEXT_INIT;
    route_standing_append(&standing, number_of(label), loop_now_ms(&loop), &out);
    assert_text(&out, want);
}

static void test_the_oldest_of_those_that_are_alike_wins(void **state)
{
    (void)state;
    stand();
    assert_int_equal(route_standing_winner(&standing, number_of("old")), number_of("old"));
    assert_int_equal(route_standing_winner(&standing, number_of("young")), number_of("old"));
    assert_int_equal(route_standing_winner(&standing, number_of("same")), number_of("old"));
    assert_int_equal(route_standing_winner(&standing, number_of("p")), number_of("p"));
    assert_false(route_standing_is_overruled(&standing, number_of("old")));
    assert_true(route_standing_is_overruled(&standing, number_of("young")));
    assert_false(route_standing_is_overruled(&standing, number_of("same")));
    check_sentence("old", "");
    check_sentence("same", "");
    check_sentence("young", ". Overruled: the same requests go to the service app, by old of web3 "
                            "(lb): its container is older. Change one of the two");
    route_standing_fini(&standing);
}

static void test_a_priority_wins_wherever_it_stands(void **state)
{
    (void)state;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":["
              "{\"host\":\"a\",\"service\":\"s\",\"label\":\"ranked\",\"rank\":3},"
              "{\"host\":\"a\",\"service\":\"t\",\"label\":\"first\",\"priority\":1}]}");
    stand();
    assert_int_equal(route_standing_winner(&standing, number_of("ranked")), number_of("first"));
    assert_int_equal(route_standing_winner(&standing, number_of("first")), number_of("first"));
    route_standing_fini(&standing);
}

static void test_a_route_of_a_container_that_is_gone(void **state)
{
    (void)state;
    take_line(less_line);
    stand();
    assert_non_null(route_standing_lost(&standing, number_of("p")));
    assert_null(route_standing_lost(&standing, number_of("old")));
    check_sentence("p",
                   ". Its container is gone; the route stays for 30 s more, so that nobody else "
                   "gets its requests while the container is created anew");
    route_standing_fini(&standing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_oldest_of_those_that_are_alike_wins, open_routes,
                                        close_publisher),
        cmocka_unit_test_setup_teardown(test_a_priority_wins_wherever_it_stands, open_routes,
                                        close_publisher),
        cmocka_unit_test_setup_teardown(test_a_route_of_a_container_that_is_gone, open_routes,
                                        close_publisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
