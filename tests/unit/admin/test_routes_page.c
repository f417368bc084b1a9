/* /routes: in which order, how many at a time, what is told of each; those of one container, and what
 * /pool has of them. */
#include "lb/admin/routes_page.h"

#include "tests/unit/admin/routes_case.h"

#define NO_ROUTES "There are no routes: all requests go to the service app (--service)."
#define WITH_ROUTES                                                                                \
    "# What no route matches gets 404: there are routes and no --service is given.\n"

static void write_page(unsigned from, unsigned count, bool is_json, struct text *out)
{
    struct explain explain = explain_of_now();
    struct routes_page page = {.explain = &explain, .from = from, .count_max = count};
    if (is_json)
        routes_page_write_json(&page, out);
    else
        routes_page_write_text(&page, out);
}

static void check(unsigned from, unsigned count, const char *want)
{
    struct text out = TEXT_INIT;
    write_page(from, count, false, &out);
    assert_text(&out, want);
}

static void test_a_part_of_them(void **state)
{
    (void)state;
    check(5, 2,
          "6. host shop.test: to the service app, by old of web3 (lb)\n"
          "7. host shop.test: to the service none, by young of web1 (lb). Overruled: the same "
          "requests go to the service app, by old of web3 (lb): its container is older. Change one "
          "of the two\n"
          "# 7 of 8 routes; the next: /routes?from=7\n");
    check(7, 2, "8. host shop.test: to the service app, by same (lb)\n" WITH_ROUTES);
    check(8, 2, WITH_ROUTES);
    check(UINT32_MAX, 1, WITH_ROUTES);
}

static void test_json(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    write_page(6, 1, true, &out);
    assert_has(&out, "\"count\":8,\"unusable\":0,\"next\":7,\"routes\":[{\"number\":7,\"route\":{"
                     "\"host\":\"shop.test\",\"service\":\"none\"");
    assert_has(&out,
               "\"match\":\"host shop.test\",\"target\":\"to the service none\",\"origin\":\"by "
               "young of web1 (lb)\",\"note\":\"Overruled: the same");
    text_clear(&out);
    write_page(7, 10, true, &out);
    assert_null(strstr(text_str(&out), "\"next\""));
    assert_null(strstr(text_str(&out), "\"note\""));
    text_fini(&out);
}

static void test_there_are_none(void **state)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    struct explain explain;
    (void)state;
    write_page(0, 10, true, &out);
    assert_text(&out, "{\"version\":0,\"default\":\"" NO_ROUTES "\",\"count\":0,\"routes\":[]}\n");
    check(0, 10, NO_ROUTES "\n");
    explain = explain_of_now();
    json_writer_init(&json, &out);
    routes_page_write_summary(&explain, &json);
    assert_text(&out, "{\"count\":0,\"default\":\"" NO_ROUTES "\"}");
}

static void test_those_of_a_container(void **state)
{
    static const struct {
        const char *subject;
        unsigned count;
    } rows[] = {{"web1", 2}, {"web3", 1}, {"4f9c", 2}, {"99ee01", 1}, {"web", 0}, {"web1:80", 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct explain explain = explain_of_now();
        struct text out = TEXT_INIT;
        assert_int_equal(
            routes_page_write_container_text(&explain, view_str(rows[i].subject), &out),
            rows[i].count);
        if (rows[i].count > 0)
            assert_has(&out, ": route host shop.test");
        text_fini(&out);
    }
}

static void test_what_the_pool_has_of_them(void **state)
{
    struct explain explain;
    struct text out = TEXT_INIT;
    struct json_writer json;
    (void)state;
    take_line(less_line);
    explain = explain_of_now();
    json_writer_init(&json, &out);
    routes_page_write_summary(&explain, &json);
    assert_has(&out,
               "{\"count\":8,\"default\":\"What no route matches gets 404: there are routes and no "
               "--service is given.\",\"unusable\":0,\"lost\":5,\"conflicts\":[{\"number\":7,");
    assert_has(&out, "],\"conflict_count\":1}");
    text_fini(&out);
}

/* 33 regexes of web1, which is one too many. */
static void take_regexes(void)
{
    struct text line = TEXT_INIT;
    text_append_str(&line, ROUTES_CASE_HEAD);
    for (unsigned i = 0; i < 33; i++)
        text_appendf(&line,
                     "%s{\"host_regex\":\"^%u$\",\"service\":\"app\",\"label\":\"l\","
                     "\"container\":\"4f9cab\",\"container_name\":\"web1\"}",
                     i ? "," : "", i);
    text_append_str(&line, "]}");
    take_line(text_str(&line));
    text_fini(&line);
}

static void test_what_does_not_fit_is_told_with_its_remedy(void **state)
{
    struct text out = TEXT_INIT;
    struct explain explain;
    (void)state;
    take_regexes();
    explain = explain_of_now();
    write_page(1000, 1, false, &out);
    assert_has(&out,
               "# 1 more are not served: there are too many regexes\n"
               "# host_regex ^32$: to the service app, by l of web1 (no dialect): not served: the "
               "routes of "
               "one container may have 32 regexes, and this is one more; write hosts and paths");
    text_clear(&out);
    write_page(1000, 1, true, &out);
    assert_has(&out, "\"unusable\":1,\"left_out\":[{\"route\":{\"host_regex\":\"^32$\"");
    assert_has(&out, "\"note\":\"not served: the routes of one container");
    text_clear(&out);
    assert_int_equal(routes_page_write_container_text(&explain, VIEW("web1"), &out),
                     33 + 1); /* one is lost, of another container of that name */
    assert_has(
        &out,
        "web1: route host_regex ^32$: to the service app, by l of web1 (no dialect): not served: ");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_part_of_them, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_json, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_there_are_none, open_publisher, close_publisher),
        cmocka_unit_test_setup_teardown(test_those_of_a_container, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_what_the_pool_has_of_them, open_routes,
                                        close_publisher),
        cmocka_unit_test_setup_teardown(test_what_does_not_fit_is_told_with_its_remedy, open_routes,
                                        close_publisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
