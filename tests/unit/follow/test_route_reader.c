/* Routes as a line has them: what is taken, and what is said of what is not. */
#include "lb/follow/route_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/contract/route_write.h"
#include "lb/route/route_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct route_list none;

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

/* What is written is what was read. */
static void test_each_field_is_taken(void **state)
{
    static const char *const rows[] = {
        "{\"service\":\"s\"}",
        "{\"host\":\"*.a.test\",\"path_regex\":\"\\\\.php$\",\"conditions\":["
        "{\"kind\":\"header\",\"name\":\"X-K\",\"value\":\"\",\"not\":true},"
        "{\"kind\":\"method\",\"value\":\"GET\"}],\"priority\":-3,\"rank\":0,\"service\":\"s\","
        "\"strip\":\"/x\",\"add\":\"/y\",\"dialect\":\"traefik\",\"label\":\"l\","
        "\"container\":\"c0ffee\",\"container_name\":\"web\",\"created_ns\":5}",
        "{\"host_regex\":\"^a\",\"path_start\":\"/a\",\"answer\":404}",
        "{\"path_exact\":\"/a\",\"service\":\"s\",\"answer\":503}",
        "{\"path\":\"/a\",\"service\":\"s\"}",
        "{\"host\":\"a\",\"service\":\"s\",\"options\":{\"rate\":\"10/s\",\"access-log\":\"off\"},"
        "\"shares\":[{\"service\":\"s\",\"weight\":0}]}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text array = TEXT_INIT, problem = TEXT_INIT, again = TEXT_INIT;
        struct route_list list;
        struct json_writer writer;
        text_appendf(&array, "[%s]", rows[i]);
        json_t *json = parse(text_str(&array));
        if (!route_reader_read(json, &none, &list, &problem))
            fail_msg("%s", text_str(&problem));
        assert_int_equal(list.count, 1);
        json_writer_init(&writer, &again);
        route_write(list.wanted[0].route, &writer);
        assert_string_equal(text_str(&again), rows[i]);
        route_reader_forget(&list);
        json_decref(json);
        text_fini(&array);
        text_fini(&problem);
        text_fini(&again);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *array, *problem;
    } rows[] = {
        {"{}", "routes: want an array of at most 65536"},
        {"[7]", "routes[0].service: want objects in routes"},
        {"[{}]", "routes[0]: service: want a name"},
        {"[{\"service\":\"s\"},{\"service\":7}]",
         "routes[1].service: want a string of at most 2048 bytes"},
        {"[{\"host\":7}]", "routes[0].host: want a string that is not empty"},
        {"[{\"host\":\"\"}]", "routes[0].host: want a string that is not empty"},
        {"[{\"host\":\"a\",\"host_regex\":\"a\"}]",
         "routes[0].host_regex: want one host and one path; others are conditions"},
        {"[{\"method\":\"GET\"}]",
         "routes[0].method: want one host and one path; others are conditions"},
        {"[{\"priority\":\"1\"}]", "routes[0].priority: want an integer of 32 bits"},
        {"[{\"priority\":2147483648}]", "routes[0].priority: want an integer of 32 bits"},
        {"[{\"rank\":null}]", "routes[0].rank: want an integer of 32 bits"},
        {"[{\"conditions\":{}}]", "routes[0].conditions: want an array of at most 32"},
        {"[{\"conditions\":[{\"kind\":\"methd\",\"value\":\"GET\"}]}]",
         "routes[0].conditions: want objects of a known kind with a value, and perhaps name and "
         "not"},
        {"[{\"conditions\":[{\"kind\":\"method\"}]}]",
         "routes[0].conditions: want objects of a known kind with a value, and perhaps name and "
         "not"},
        {"[{\"service\":\"s\",\"conditions\":[{\"kind\":\"method\",\"value\":\"\"}]}]",
         "routes[0]: method \"\" is no method; write for example POST"},
        {"[{\"service\":\"s\",\"options\":[]}]", "routes[0].options: want an object of strings"},
        {"[{\"answer\":200}]", "routes[0]: answer: want 403, 404 or 503"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        struct route_list list;
        json_t *json = parse(rows[i].array);
        assert_false(route_reader_read(json, &none, &list, &problem));
        assert_string_equal(text_str(&problem), rows[i].problem);
        route_reader_forget(&list);
        json_decref(json);
        text_fini(&problem);
    }
}

/* A later lb-discovery may know more. */
static void test_route_with_an_option_that_is_not_known_is_held(void **state)
{
    static const struct {
        const char *options, *why;
    } rows[] = {
        {"{\"rate\":\"10/s\",\"tarpit\\n\":\"1\",\"waf\":{}}",
         "it asks for what this lb does not know: tarpit\\x0a waf"},
        {"{\"rate\":\"10/s\",\"auth\":\"a\\u0001\"}", "auth has a control character inside;"},
        {"{\"rate\":7,\"auth\":\"a:b\"}", "rate \"\" is empty;"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text array = TEXT_INIT, problem = TEXT_INIT;
        struct route_list list, next;
        text_appendf(&array, "[{\"service\":\"s\"},{\"service\":\"s\",\"options\":%s}]",
                     rows[i].options);
        json_t *json = parse(text_str(&array));
        assert_true(route_reader_read(json, &none, &list, &problem));
        assert_true(route_reader_read(json, &list, &next, &problem));
        route_reader_forget(&list);
        assert_int_equal(next.wanted[0].route->answer_status, 0);
        assert_int_equal(next.wanted[1].route->answer_status, 503);
        assert_int_equal(next.wanted[1].route->option_count, 0);
        struct view why = next.wanted[1].route->why;
        if (!view_starts_with(why, view_str(rows[i].why)))
            fail_msg("%.*s", (int)why.len, why.ptr);
        route_reader_forget(&next);
        json_decref(json);
        text_fini(&array);
        text_fini(&problem);
    }
}

static void test_none(void **state)
{
    struct text problem = TEXT_INIT;
    struct route_list list;
    (void)state;
    assert_true(route_reader_read(NULL, &none, &list, &problem));
    assert_int_equal(list.count, 0);
    route_reader_forget(&list);
}

/* What the last line had as the same object is not read again. */
static void test_known_ones_are_taken_over(void **state)
{
    json_t *array =
        parse("[{\"service\":\"a\"},{\"service\":\"b\"},{\"service\":\"c\"},"
              "{\"service\":\"d\",\"conditions\":[{\"kind\":\"method\",\"value\":\"M\"}]}]");
    json_t *changed = json_array();
    struct route_list first, second;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(route_reader_read(array, &none, &first, &problem));
    struct route_table *table = route_table_next(first.wanted, 3, NULL); /* d is in no table */
    json_array_append(changed, json_array_get(array, 0));
    json_array_append_new(changed, parse("{\"service\":\"new\"}"));
    json_array_append(changed, json_array_get(array, 2));
    json_array_append(changed, json_array_get(array, 3));
    assert_true(route_reader_read(changed, &first, &second, &problem));
    assert_int_equal(second.count, 4);
    assert_ptr_equal(second.wanted[0].box, first.wanted[0].box);
    assert_null(second.wanted[1].box);
    assert_ptr_equal(second.wanted[2].box, first.wanted[2].box);
    route_reader_forget(&first);
    json_decref(array);
    assert_true(view_eq(second.wanted[1].route->service, VIEW("new")));
    assert_true(view_eq(second.wanted[2].route->service, VIEW("c")));
    assert_null(second.wanted[3].box);
    assert_true(view_eq(second.wanted[3].route->conditions[0].value, VIEW("M")));
    route_reader_forget(&second);
    json_decref(changed);
    route_table_unref(table);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_field_is_taken),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_route_with_an_option_that_is_not_known_is_held),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_known_ones_are_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
