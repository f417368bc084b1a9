/* What a line changes of the one before it: little is found one by one, for all else the whole is to be read. */
#include "lb/follow/line_changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/memory.h"

#define ENDPOINT(id, state)                                                                        \
    "{\"id\":\"" id "\",\"name\":\"n\",\"address\":\"10.0.0.1\",\"port\":80,\"state\":\"" state    \
    "\"}"
#define SERVICE(name, endpoints) "{\"name\":\"" name "\",\"endpoints\":[" endpoints "]}"
#define LINE(services)           "{\"services\":[" services "]}"

#define BEFORE                                                                                     \
    LINE(SERVICE("app", ENDPOINT("1", "ready") "," ENDPOINT("2", "ready")) "," SERVICE(            \
        "other", ENDPOINT("3", "ready")))

static struct reach reach;
static struct route_keeper routes;
static struct listener_rules listeners;
static struct pool_wanted_endpoint endpoints[2];
static struct pool_wanted wanted;
static struct line_changes changes;
static json_t *before, *now;

static int set_up(void **state)
{
    (void)state;
    reach = (struct reach){.is_guarded = true};
    endpoints[0] = (struct pool_wanted_endpoint){.id = "1", .service = "app"};
    endpoints[1] = (struct pool_wanted_endpoint){.id = "2", .service = "app"};
    wanted = (struct pool_wanted){.endpoints = endpoints, .endpoint_count = 2};
    changes.leading =
        (struct leading){.service = "app", .routes = &routes, .listeners = &listeners};
    changes.reach = &reach;
    changes.wanted = &wanted;
    changes.count = 0;
    before = json_loads(BEFORE, 0, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    line_changes_forget(&changes);
    json_decref(before);
    json_decref(now);
    before = now = NULL;
    return 0;
}

static bool find(const char *line)
{
    line_changes_forget(&changes);
    json_decref(now);
    now = json_loads(line, 0, NULL);
    assert_non_null(now);
    return line_changes_find(&changes, before, now);
}

static void test_another_wish_is_to_be_read(void **state)
{
    (void)state;
    assert_true(find(BEFORE));
    assert_false(find(
        "{\"services\":[{\"name\":\"app\",\"options\":{\"queue\":\"1\"},\"endpoints\":[" ENDPOINT(
            "1", "ready") "," ENDPOINT("2", "ready") "]}," SERVICE("other",
                                                                   ENDPOINT("3", "ready")) "]}"));
}

static void test_a_change_is_found_and_applied(void **state)
{
    (void)state;
    assert_true(
        find(LINE(SERVICE("app", ENDPOINT("1", "ready") "," ENDPOINT("2", "paused")) "," SERVICE(
            "other", ENDPOINT("3", "paused")))));
    assert_int_equal(changes.count,
                     2); /* both are other objects; what is not routed is only checked */
    assert_ptr_equal(changes.list[1].at, &endpoints[1]);
    line_changes_apply(&changes);
    assert_int_equal(endpoints[1].state, ENDPOINT_PAUSED);
    assert_int_equal(changes.count, 0);
}

static void test_the_same_object_is_no_change(void **state)
{
    (void)state;
    now = json_incref(before);
    assert_true(line_changes_find(&changes, before, now));
    assert_int_equal(changes.count, 0);
}

static void test_for_all_else_the_whole_is_read(void **state)
{
    static const char *const lines[] = {
        "{\"services\":{}}",
        LINE(SERVICE("app", ENDPOINT("1", "ready") "," ENDPOINT("2", "ready"))),
        LINE(SERVICE("app", ENDPOINT("1", "ready")) "," SERVICE("other", ENDPOINT("3", "ready"))),
        LINE(SERVICE("app", ENDPOINT("2", "ready") "," ENDPOINT("1", "ready")) "," SERVICE(
            "other", ENDPOINT("3", "ready"))),
        LINE(SERVICE("app", ENDPOINT("1", "ready") "," ENDPOINT("2", "gone")) "," SERVICE(
            "other", ENDPOINT("3", "ready"))),
        LINE(SERVICE("app", ENDPOINT("1", "ready") "," ENDPOINT("2", "ready")) "," SERVICE(
            "new", ENDPOINT("3", "ready"))),
        LINE(SERVICE("app", ENDPOINT("1", "ready") "," ENDPOINT("2", "ready")) "," SERVICE(
            "other", ENDPOINT("4", "ready"))),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_false(find(lines[i]));
}

static void test_what_is_not_served_any_more_is_no_small_change(void **state)
{
    (void)state;
    assert_false(find(LINE(SERVICE(
        "app",
        ENDPOINT(
            "1",
            "ready") ","
                     "{\"id\":\"2\",\"name\":\"n\",\"address\":"
                     "\"127.0.0.1\",\"port\":80,\"state\":\"ready\"}") "," SERVICE("other",
                                                                                   ENDPOINT(
                                                                                       "3",
                                                                                       "ready")))));
    assert_false(find(LINE(SERVICE(
        "app", ENDPOINT("1", "ready") ","
                                      "{\"id\":\"2\",\"name\":\"n\",\"address\":"
                                      "\"10.0.0.1\",\"port\":80,\"state\":\"ready\",\"protocol\":"
                                      "\"tcp\"}") "," SERVICE("other", ENDPOINT("3", "ready")))));
}

static void test_what_was_not_wanted_is_no_small_change(void **state)
{
    (void)state;
    wanted.endpoint_count = 1; /* the second was left out */
    assert_false(find(BEFORE));
}

static void append_many(struct text *line, unsigned count)
{
    text_append_str(line, "{\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0; i < count; i++)
        text_appendf(line,
                     "%s{\"id\":\"1\",\"name\":\"n\",\"address\":\"10.0.0.1\",\"port\":80,"
                     "\"state\":\"ready\"}",
                     i > 0 ? "," : "");
    text_append_str(line, "]}]}");
}

static void test_many_are_not_looked_for_one_by_one(void **state)
{
    (void)state;
    for (unsigned over = 0; over <= 1; over++) {
        struct text line = TEXT_INIT;
        append_many(&line, LINE_CHANGES_MAX + over);
        json_decref(before);
        before = json_loads(text_str(&line), 0, NULL);
        assert_int_equal(find(text_str(&line)), !over);
        text_fini(&line);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_change_is_found_and_applied),
        TEST(test_another_wish_is_to_be_read),
        TEST(test_the_same_object_is_no_change),
        TEST(test_for_all_else_the_whole_is_read),
        TEST(test_what_is_not_served_any_more_is_no_small_change),
        TEST(test_what_was_not_wanted_is_no_small_change),
        TEST(test_many_are_not_looked_for_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
