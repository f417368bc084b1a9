/* Which routes there are after each line, and for how long those stay that a line has lost. */
#include "tests/unit/follow/route_keeper_case.h"

static enum route_keeper_news take(const char *array, uint64_t now_ms)
{
    return take_with(array, "{}", now_ms);
}

/* The services that routes lead to, in order: "a b ". */
static void assert_services(const char *wanted)
{
    struct text found = TEXT_INIT;
    for (uint32_t i = 0; keeper.table && i < keeper.table->service_count; i++) {
        text_append(&found, keeper.table->services[i]);
        text_append_char(&found, ' ');
    }
    assert_string_equal(text_str(&found), wanted);
    text_fini(&found);
}

#define A "{\"host\":\"a.test\",\"service\":\"a\"}"
#define B "{\"host\":\"b.test\",\"service\":\"b\"}"

static void test_the_same_routes_are_the_same_table(void **state)
{
    (void)state;
    assert_int_equal(take("[]", 0), ROUTE_KEEPER_SAME);
    assert_null(keeper.table);
    assert_int_equal(take("[" A "," B "]", 0), ROUTE_KEEPER_OTHER);
    const struct route_table *table = keeper.table;
    assert_services("a b ");
    assert_int_equal(take("[" A "," B "]", 0), ROUTE_KEEPER_SAME);
    assert_ptr_equal(keeper.table, table);
}

static void test_what_is_lost_stays_for_a_while(void **state)
{
    (void)state;
    take("[" A "," B "]", 1000);
    assert_int_equal(route_keeper_next_ms(&keeper), UINT64_MAX);
    take("[" A "]", 2000);
    assert_services("a b ");
    assert_int_equal(route_keeper_next_ms(&keeper), 2000 + ROUTE_KEEPER_MS);
    take("[]", 3000); /* the other one's time goes on */
    assert_services("a b ");
    assert_false(route_keeper_expire(&keeper, 1999 + ROUTE_KEEPER_MS));
    assert_true(route_keeper_expire(&keeper, 2000 + ROUTE_KEEPER_MS));
    assert_services("a ");
    assert_int_equal(route_keeper_next_ms(&keeper), 3000 + ROUTE_KEEPER_MS);
    assert_true(route_keeper_expire(&keeper, 3000 + ROUTE_KEEPER_MS));
    assert_null(keeper.table);
}

static void test_a_service_that_is_paused_keeps_its_routes(void **state)
{
    struct service_orders orders = {0};
    (void)state;
    keeper.orders = &orders;
    take("[" A "," B "]", 1000);
    service_orders_pause(&orders, "b", 90000);
    take("[]", 2000);
    assert_int_equal(route_keeper_next_ms(&keeper), 2000 + ROUTE_KEEPER_MS);
    assert_true(route_keeper_expire(&keeper, 2000 + ROUTE_KEEPER_MS));
    assert_services("b ");
    take("[{\"host\":\"c.test\",\"service\":\"c\"}]", 80000);
    assert_services("b c ");
    assert_int_equal(route_keeper_next_ms(&keeper), 90000);
    service_orders_pause(&orders, "b", 0);
    assert_true(route_keeper_expire(&keeper, 80000));
    assert_services("c ");
    service_orders_fini(&orders);
    keeper.orders = NULL;
}

static void test_what_a_file_has_lost_is_gone(void **state)
{
    (void)state;
    take("[" A ",{\"host\":\"b.test\",\"service\":\"b\",\"dialect\":\"file\"}]", 1000);
    assert_services("a b ");
    take("[" A "]", 2000);
    assert_services("a ");
    assert_int_equal(route_keeper_next_ms(&keeper), UINT64_MAX);
}

static void test_what_is_back_is_not_lost(void **state)
{
    (void)state;
    take("[" A "," B "]", 1000);
    take("[" A "]", 2000);
    take("[" A ",{\"host\":\"b.test\",\"service\":\"other\"}]", 3000); /* whatever it leads to */
    assert_services("a other ");
    assert_int_equal(route_keeper_next_ms(&keeper), UINT64_MAX);
}

static void test_a_line_lets_go_as_well(void **state)
{
    (void)state;
    take("[" A "," B "]", 1000);
    take("[" A "]", 2000);
    take("[{\"host\":\"a.test\",\"service\":\"c\"}]", 2000 + ROUTE_KEEPER_MS);
    assert_services("c ");
}

static void test_a_bad_array_changes_nothing(void **state)
{
    (void)state;
    take("[" A "]", 0);
    assert_int_equal(take("[" A ",7]", 0), ROUTE_KEEPER_REFUSED);
    assert_int_equal(take("{}", 0), ROUTE_KEEPER_REFUSED);
    assert_services("a ");
}

static void test_who_is_served(void **state)
{
    (void)state;
    assert_true(route_keeper_serves(&keeper, "app", "app"));
    assert_false(route_keeper_serves(&keeper, "app", "a"));
    take("[" A "]", 0);
    assert_true(route_keeper_serves(&keeper, "app", "app"));
    assert_true(route_keeper_serves(&keeper, "app", "a"));
    assert_false(route_keeper_serves(&keeper, "app", "b"));
}

#define A_OF(label)                                                                                \
    "{\"host\":\"a.test\",\"service\":\"a\",\"label\":\"" label "\",\"container\":\"" label "\"}"

static void test_who_is_there_has_taken_its_other_routes_back(void **state)
{
#define OPEN(number)                                                                               \
    "{\"host\":\"a.test\",\"path\":\"/" number "\",\"service\":\"a\",\"container\":\"" number "\"" \
    "}"
#define SHUT(number) "{\"host\":\"a.test\",\"answer\":503,\"container\":\"" number "\"}"
    (void)state;
    take("[" OPEN("1") "," OPEN("2") "]", 1000);
    take("[" SHUT("1") "," OPEN("2") "]", 2000);
    assert_int_equal(route_keeper_next_ms(&keeper), UINT64_MAX);
    take("[" SHUT("1") "]", 3000); /* the other one is gone, and may come back */
    assert_int_equal(route_keeper_next_ms(&keeper), 3000 + ROUTE_KEEPER_MS);
    take("[" SHUT("1") "," SHUT("2") "]", 4000); /* as it does, but otherwise */
    assert_int_equal(route_keeper_next_ms(&keeper), UINT64_MAX);
#undef OPEN
#undef SHUT
}

static void test_another_service_takes_a_kept_host_at_once(void **state)
{
    (void)state;
    take("[" A "," B "]", 1000);
    take("[" B "]", 2000);
    assert_string_equal(served_by("a.test"), "a");
    take("[" B ",{\"host\":\"a.test\",\"service\":\"new\",\"created_ns\":9}]", 2001);
    assert_string_equal(served_by("a.test"), "new"); /* though it is younger */
    assert_int_equal(keeper.lost_count, 0);
}

/* Of two containers that say the same one goes: there is nothing to be kept. */
static void test_who_has_a_twin_is_not_lost(void **state)
{
    (void)state;
    take("[" A_OF("one") "," A_OF("two") "]", 1000);
    take("[" A_OF("two") "]", 2000);
    assert_int_equal(keeper.lost_count, 0);
    assert_int_equal(keeper.table->count, 1);
    take("[]", 3000);
    assert_int_equal(keeper.lost_count, 1);
}

static void test_it_goes_and_comes_many_times(void **state)
{
    (void)state;
    for (uint64_t now_ms = 1000; now_ms < 100000; now_ms += 7000) {
        take("[" A "," B "]", now_ms);
        assert_int_equal(keeper.lost_count, 0);
        take("[" B "]", now_ms + 3000);
        assert_int_equal(keeper.lost_count, 1);
        assert_string_equal(served_by("a.test"), "a");
        assert_false(route_keeper_expire(&keeper, now_ms + 7000));
    }
}

static void append_site(struct text *array, unsigned number)
{
    text_appendf(array, "%s{\"host\":\"h%u.test\",\"service\":\"s%u\"}", number ? "," : "", number,
                 number % 7);
}

static void test_ten_thousand_are_kept(void **state)
{
    struct text all = TEXT_INIT;
    (void)state;
    text_append_char(&all, '[');
    for (unsigned i = 0; i < 10000; i++)
        append_site(&all, i);
    text_append_char(&all, ']');
    take(text_str(&all), 1000);
    take("[]", 2000);
    assert_int_equal(keeper.lost_count, 10000);
    assert_int_equal(keeper.table->count, 10000);
    assert_string_equal(served_by("h9999.test"), "s3");
    take("[{\"host\":\"h9999.test\",\"service\":\"new\"}]", 3000);
    assert_int_equal(keeper.lost_count, 9999);
    assert_string_equal(served_by("h9999.test"), "new");
    take(text_str(&all), 4000);
    assert_int_equal(keeper.lost_count, 0);
    take("[]", 5000);
    assert_true(route_keeper_expire(&keeper, 5000 + ROUTE_KEEPER_MS));
    assert_null(keeper.table);
    text_fini(&all);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_same_routes_are_the_same_table),
        TEST(test_what_is_lost_stays_for_a_while),
        TEST(test_a_service_that_is_paused_keeps_its_routes),
        TEST(test_what_is_back_is_not_lost),
        TEST(test_a_line_lets_go_as_well),
        TEST(test_a_bad_array_changes_nothing),
        TEST(test_who_is_served),
        TEST(test_what_a_file_has_lost_is_gone),
        TEST(test_who_is_there_has_taken_its_other_routes_back),
        TEST(test_another_service_takes_a_kept_host_at_once),
        TEST(test_who_has_a_twin_is_not_lost),
        TEST(test_it_goes_and_comes_many_times),
        TEST(test_ten_thousand_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
