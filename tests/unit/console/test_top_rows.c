/* The order of rows: problems first, then by what is asked for; endpoints behind their service. */
#include "lb/console/top_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lb/base/text.h"

static const char told[] =
    "{\"full\":true,\"services\":{"
    "\"a\":{\"name\":\"a\",\"ready\":2,\"endpoint_count\":2},"
    "\"b\":{\"name\":\"b\",\"ready\":1,\"endpoint_count\":1},"
    "\"dead\":{\"name\":\"dead\",\"ready\":0,\"endpoint_count\":1},"
    "\"db/tcp\":{\"name\":\"db\",\"kind\":\"tcp\",\"ready\":3,\"endpoint_count\":4}},"
    "\"service_numbers\":{\"a\":{\"rate\":5,\"rate_5xx\":0,\"p99_ms\":9,\"inflight\":1},"
    "\"b\":{\"rate\":50,\"rate_5xx\":2,\"p99_ms\":3,\"inflight\":0},"
    "\"dead\":{\"rate\":null},\"db/tcp\":{\"rate\":1,\"open\":7}},"
    "\"endpoints\":{\"a 1\":{\"service\":\"a\",\"name\":\"a1\",\"state\":\"ready\"},"
    "\"a 2\":{\"service\":\"a\",\"name\":\"a2\",\"state\":\"ready\"},"
    "\"b 1\":{\"service\":\"b\",\"name\":\"b1\",\"state\":\"disabled\",\"ordered\":{}},"
    "\"b 2\":{\"service\":\"b\",\"name\":\"b2\",\"state\":\"ready\"},"
    "\"b 3\":{\"service\":\"b\",\"name\":\"b3\",\"state\":\"failing\"}},"
    "\"endpoint_numbers\":{\"a 1\":{\"rate\":1},\"a 2\":{\"rate\":4}}}";

static const char *order(enum top_sort sort, bool services_only)
{
    static struct text names;
    struct world world = {0};
    text_clear(&names);
    assert_true(world_join(&world, view_str(told)));
    struct top_rows rows = top_rows_make(&world, sort, services_only);
    for (unsigned i = 0; i < rows.count; i++)
        text_appendf(&names, "%s%s", i > 0 ? " " : "", rows.rows[i].name);
    top_rows_fini(&rows);
    world_fini(&world);
    return text_str(&names);
}

static void test_orders(void **state)
{
    (void)state;
    assert_string_equal(order(TOP_SORT_RATE, false), "dead db b b3 b1 b2 a a2 a1");
    assert_string_equal(order(TOP_SORT_RATE, true), "dead db b a");
    assert_string_equal(order(TOP_SORT_P99, true), "dead db a b");
    assert_string_equal(order(TOP_SORT_INFLIGHT, true), "dead db a b");
    assert_string_equal(order(TOP_SORT_NAME, false), "dead db a a1 a2 b b3 b1 b2");
}

static void test_a_default_service_without_endpoints(void **state)
{
    static const struct {
        const char *rate;
        unsigned severity;
    } rows[] = {{"null", 0}, {"0", 0}, {"0.1", 3}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world world = {0};
        struct text text = TEXT_INIT;
        text_appendf(&text,
                     "{\"full\":true,\"services\":{\"a\":{\"default\":true,\"ready\":0,"
                     "\"endpoint_count\":0}},\"service_numbers\":{\"a\":{\"rate\":%s}}}",
                     rows[i].rate);
        assert_true(world_join(&world, text_view(&text)));
        struct top_rows found = top_rows_make(&world, TOP_SORT_RATE, false);
        assert_int_equal(found.rows[0].severity, rows[i].severity);
        top_rows_fini(&found);
        world_fini(&world);
        text_fini(&text);
    }
}

static void test_nothing_yet(void **state)
{
    struct world world = {0};
    struct top_rows rows = top_rows_make(&world, TOP_SORT_RATE, false);
    (void)state;
    assert_int_equal(rows.count, 0);
    top_rows_fini(&rows);
}

static void test_words(void **state)
{
    enum top_sort sort = TOP_SORT_NAME;
    (void)state;
    for (unsigned i = 0; i < TOP_SORT_COUNT; i++) {
        assert_true(top_rows_parse_sort(top_rows_sort_word((enum top_sort)i), &sort));
        assert_int_equal(sort, i);
    }
    assert_false(top_rows_parse_sort("size", &sort));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders), cmocka_unit_test(test_a_default_service_without_endpoints),
        cmocka_unit_test(test_nothing_yet), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
