/* Whom a lost route leads to: never a container that came to its service meanwhile. */
#include "tests/unit/follow/route_keeper_case.h"

#define A "{\"host\":\"a.test\",\"service\":\"a\"}"
#define ROUTE(host, path, service, container)                                                      \
    "{\"host\":\"" host "\",\"path\":\"" path "\",\"service\":\"" service                          \
    "\",\"container\":\"" container "\"}"
#define ECHO_OF(container) ROUTE("a.test", "/echo", "a", container)
#define NOT_SERVED         "{\"host\":\"a.test\",\"answer\":503,\"container\":\"new\"}"

static void test_it_comes_back_with_another_rule(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 1000);
    take_with("[]", "{}", 2000);
    assert_string_equal(served_at("a.test", "/echo"), "a"); /* which nobody is in */
    take_with("[" ROUTE("a.test", "/x", "a", "new") "]", "{\"a\":[\"new\"]}", 3000);
    assert_int_equal(keeper.lost_count, 0); /* what it says now counts, and no more */
    assert_string_equal(served_at("a.test", "/echo"), "-");
    assert_string_equal(served_at("a.test", "/x"), "a");
}

static void test_its_old_route_does_not_pass_by_what_it_says_now(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 1000);
    take_with("[]", "{}", 2000);
    take_with("[" NOT_SERVED "]", "{\"a\":[\"new\"]}", 3000);
    assert_int_equal(keeper.lost_count, 0);
    assert_string_equal(served_at("a.test", "/echo"), "503");
    assert_string_equal(served_by("a.test"), "503");
}

static void test_one_line_may_lose_the_old_one_and_bring_the_new_one(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 1000);
    take_with("[" NOT_SERVED "]", "{\"a\":[\"new\"]}", 2000);
    assert_int_equal(keeper.lost_count, 0);
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 3000);
    take_with("[]", "{\"a\":[\"newer\"]}", 4000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
}

static void meet_a_stranger(const char *routes)
{
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 1000);
    take_with("[]", "{}", 2000);
    take_with(routes, "{\"a\":[\"new\"],\"b\":[\"in-another\"]}", 3000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
    assert_int_equal(keeper.lost_count, 1);
    const struct route *route = &keeper.lost[0].box->rule.route;
    assert_true(view_starts_with(route->why, VIEW("its container is gone, and another one")));
    take_with(routes, "{}", 4000); /* also when it has left */
    assert_string_equal(served_at("a.test", "/echo"), "503");
    assert_int_equal(route_keeper_next_ms(&keeper), 2000 + ROUTE_KEEPER_MS);
    assert_true(route_keeper_expire(&keeper, 2000 + ROUTE_KEEPER_MS));
    assert_string_not_equal(served_at("a.test", "/echo"), "503");
}

/* Which says nothing of the host. */
static void test_a_stranger_in_its_service_gets_nothing(void **state)
{
    static const char *const routes[] = {
        "[]", "[" ROUTE("b.test", "/", "a", "new") "]", "[" ROUTE("*.test", "/", "a", "new") "]",
        "[{\"host_regex\":\"a.test\",\"path\":\"/x\",\"service\":\"a\",\"container\":\"new\"}]",
        "[" ROUTE("a.test", "/x", "a", "in-another") "]"};
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        meet_a_stranger(routes[i]);
        tear_down(state);
    }
}

static void test_its_owner_comes_behind_a_stranger(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 1000);
    take_with("[]", "{\"a\":[\"stranger\"]}", 2000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
    take_with("[" ECHO_OF("new") "]", "{\"a\":[\"new\",\"stranger\"]}", 3000);
    assert_int_equal(keeper.lost_count, 0);
    assert_string_equal(served_at("a.test", "/echo"), "a");
    take_with("[]", "{\"a\":[\"stranger\"]}", 4000); /* which was there this time */
    assert_string_equal(served_at("a.test", "/echo"), "a");
    take_with("[]", "{\"a\":[\"stranger\",\"other\"]}", 5000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
    take_with("[" ROUTE("a.test", "/x", "a", "new") "]", "{\"a\":[\"new\"]}", 6000);
    assert_int_equal(keeper.lost_count, 0);
}

static void test_who_was_there_goes_on_to_serve(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\",\"two\",\"left\"]}", 1000);
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\",\"two\"]}", 2000);
    take_with("[]", "{\"a\":[\"two\"]}", 3000);
    take_with("[]", "{\"b\":[\"new\"]}", 4000); /* another service's is nothing to it */
    assert_string_equal(served_at("a.test", "/echo"), "a");
    take_with("[]", "{\"a\":[\"two\"]}", 5000); /* it was started again */
    assert_string_equal(served_at("a.test", "/echo"), "a");
    take_with("[]", "{\"a\":[\"left\",\"two\"]}", 6000); /* was there no more */
    assert_string_equal(served_at("a.test", "/echo"), "503");
}

/* Each goes by who was there when it was lost itself. */
static void test_who_left_before_is_a_newcomer_to_what_is_lost_later(void **state)
{
#define LATER ROUTE("late.test", "/", "a", "late")
    (void)state;
    take_with("[" ECHO_OF("old") "," LATER "]", "{\"a\":[\"late\",\"old\",\"two\"]}", 1000);
    take_with("[" LATER "]", "{\"a\":[\"late\",\"two\"]}", 2000);
    take_with("[" LATER "]", "{\"a\":[\"late\"]}", 3000);
    take_with("[]", "{}", 4000);
    take_with("[]", "{\"a\":[\"two\"]}", 5000);
    assert_string_equal(served_at("a.test", "/echo"), "a");
    assert_string_equal(served_by("late.test"), "503");
#undef LATER
}

static void test_who_has_been_there_names_the_host_for_nobody_else(void **state)
{
#define REST ROUTE("a.test", "/rest", "a", "two")
    (void)state;
    take_with("[" ECHO_OF("old") "," REST "]", "{\"a\":[\"old\",\"two\"]}", 1000);
    take_with("[" REST "]", "{\"a\":[\"two\"]}", 2000);
    assert_string_equal(served_at("a.test", "/echo"), "a");
    take_with("[" REST "]", "{\"a\":[\"new\",\"two\"]}", 3000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
    assert_string_equal(served_at("a.test", "/rest"), "a");
#undef REST
}

static void test_what_a_file_adds_to_its_service_may_serve(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\"]}", 1000);
    take_with("[]", "{}", 2000);
    take_with("[]", "{\"a\":[\"file-1\"]}", 3000);
    assert_string_equal(served_at("a.test", "/echo"), "a");
}

static void test_several_of_a_service_are_judged_by_their_hosts(void **state)
{
#define OLD    ECHO_OF("old") "," ROUTE("b.test", "/", "a", "old") "," ROUTE("c.test", "/", "c", "old")
#define DENIED "{\"host\":\"d.test\",\"answer\":403,\"service\":\"a\",\"container\":\"old\"}"
    (void)state;
    take_with("[" OLD "," DENIED "]", "{\"a\":[\"old\"],\"c\":[\"old\"]}", 1000);
    take_with("[]", "{}", 2000);
    assert_int_equal(keeper.lost_count, 4);
    take_with("[" ROUTE("a.test", "/x", "a", "new") "," ROUTE("z.test", "/", "a", "new") "]",
              "{\"a\":[\"new\"]}", 3000);
    assert_int_equal(keeper.lost_count, 3);
    assert_string_equal(served_at("a.test", "/echo"), "-");
    assert_string_equal(served_by("b.test"), "503");
    assert_string_equal(served_by("c.test"), "c");
    assert_string_equal(served_by("d.test"), "403"); /* it led to nobody */
#undef OLD
#undef DENIED
}

static void test_a_stranger_may_come_with_who_was_there(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "]", "{\"a\":[\"old\",\"two\"]}", 1000);
    take_with("[]", "{\"a\":[\"two\"]}", 2000);
    take_with("[]", "{}", 3000);
    take_with("[]", "{\"a\":[\"two\",\"new\"]}", 4000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
}

static void test_who_comes_to_another_service_is_nothing_to_this_one(void **state)
{
    (void)state;
    take_with("[" ECHO_OF("old") "," ROUTE("c.test", "/", "c", "old") "]",
              "{\"a\":[\"old\"],\"c\":[\"old\",\"two\"]}", 1000);
    take_with("[]", "{\"c\":[\"two\"]}", 2000);
    take_with("[" ROUTE("a.test", "/x", "c", "new") "]",
              "{\"a\":[\"two\"],\"c\":[\"new\",\"two\"]}", 3000);
    assert_string_equal(served_at("a.test", "/echo"), "503"); /* "two" is new in there */
    assert_string_equal(served_by("c.test"), "503");
}

static void test_a_regex_is_closed_as_well(void **state)
{
    (void)state;
    take_with(
        "[{\"host\":\"a.test\",\"path_regex\":\"^/e\",\"service\":\"a\",\"container\":\"old\"}]",
        "{\"a\":[\"old\"]}", 1000);
    take_with("[]", "{\"a\":[\"new\"]}", 2000);
    assert_int_equal(keeper.lost_count, 1);
    assert_int_equal(keeper.lost[0].box->regexes.count, 1);
    assert_int_equal(keeper.table->count, 1);
    assert_int_equal(keeper.table->rules[0]->route.answer_status, 503);
}

static void test_as_long_as_nobody_comes_the_table_is_the_same(void **state)
{
    (void)state;
    take_with("[" A "," ECHO_OF("old") "]", "{\"a\":[\"old\",\"two\"]}", 1000);
    take_with("[" A "]", "{\"a\":[\"two\"]}", 2000);
    const struct route_table *table = keeper.table;
    take_with("[" A "]", "{}", 3000);
    take_with("[" A "]", "{\"a\":[\"two\"]}", 4000);
    assert_ptr_equal(keeper.table, table);
    take_with("[" A "]", "{\"a\":[\"two\"]}", 2000 + ROUTE_KEEPER_MS);
    assert_int_equal(keeper.lost_count, 0);
    assert_string_equal(served_at("a.test", "/echo"), "a"); /* by the other route */
    assert_int_equal(keeper.table->count, 1);
    take_with("[" A "]", "{\"a\":[\"new\"]}", 3000 + ROUTE_KEEPER_MS);
    assert_string_equal(served_by("a.test"), "a");
}

static void append_crowd(struct text *members, unsigned first, unsigned end)
{
    text_clear(members);
    text_append_str(members, "{\"a\":[");
    for (unsigned i = first; i < end; i++)
        text_appendf(members, "%s\"c%u\"", i > first ? "," : "", i);
    text_append_str(members, "]}");
}

static void test_of_a_crowd_one_is_new(void **state)
{
    struct text members = TEXT_INIT;
    (void)state;
    append_crowd(&members, 0, 9999);
    take_with("[" ECHO_OF("c0") "]", text_str(&members), 1000);
    append_crowd(&members, 1, 9999);
    take_with("[]", text_str(&members), 2000);
    take_with("[]", "{}", 3000); /* all of them are remembered */
    assert_int_equal(json_object_size(keeper.left), 9999);
    take_with("[]", text_str(&members), 4000);
    assert_string_equal(served_at("a.test", "/echo"), "a");
    append_crowd(&members, 10000, 20000);
    take_with("[]", text_str(&members), 5000);
    assert_string_equal(served_at("a.test", "/echo"), "503");
    take_with("[]", "{}", 6000);
    assert_int_equal(json_object_size(keeper.left), 10000); /* and no more than so many */
    take_with("[]", "{}", 2000 + ROUTE_KEEPER_MS);
    assert_null(keeper.left);
    text_fini(&members);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_comes_back_with_another_rule),
        TEST(test_its_old_route_does_not_pass_by_what_it_says_now),
        TEST(test_one_line_may_lose_the_old_one_and_bring_the_new_one),
        TEST(test_a_stranger_in_its_service_gets_nothing),
        TEST(test_its_owner_comes_behind_a_stranger),
        TEST(test_who_was_there_goes_on_to_serve),
        TEST(test_who_left_before_is_a_newcomer_to_what_is_lost_later),
        TEST(test_who_has_been_there_names_the_host_for_nobody_else),
        TEST(test_what_a_file_adds_to_its_service_may_serve),
        TEST(test_several_of_a_service_are_judged_by_their_hosts),
        TEST(test_a_stranger_may_come_with_who_was_there),
        TEST(test_who_comes_to_another_service_is_nothing_to_this_one),
        TEST(test_a_regex_is_closed_as_well),
        TEST(test_as_long_as_nobody_comes_the_table_is_the_same),
        TEST(test_of_a_crowd_one_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
