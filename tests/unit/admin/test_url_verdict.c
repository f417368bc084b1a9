/* What becomes of a request: the status or the service, what it is sent as, and what else holds. */
#include "lb/admin/url_verdict.h"

#include "tests/unit/admin/routes_case.h"

static struct url_question asked;
static struct url_verdict verdict;

static void find(const char *query)
{
    struct text problem = TEXT_INIT;
    if (!url_question_read(&asked, view_str(query), &problem))
        fail_msg("%s", text_str(&problem));
    url_verdict_find(publisher.pool, &(struct url_https){0}, &asked, &verdict);
}

static void forget(void)
{
    url_verdict_fini(&verdict);
    url_question_fini(&asked);
}

static struct view label_of(uint32_t number)
{
    return number == ROUTE_TABLE_NONE ? VIEW("-") : verdict.table->rules[number]->route.label;
}

static void test_what_becomes_of_it(void **state)
{
    static const struct {
        const char *query, *winner, *next;
        unsigned status;
        const char *service, *sent; /* NULL: none */
    } rows[] = {
        {"url=shop.test/api/x", "p", "old", 0, "app", "/x"},
        {"url=shop.test/api/%C3%BC", "p", "old", 0, "app", "/%C3%BC"},
        {"url=shop.test/api/", "p", "old", 0, "app", "/"},
        {"url=shop.test/api", "p", "old", 308, "app", NULL},
        {"url=shop.test/api&method=POST", "p", "old", 0, "app", "/"},
        {"url=shop.test/apix", "old", "young", 0, "app", NULL},
        {"url=shop.test/a/../api/x", "p", "old", 0, "app", "/x"},
        {"url=shop.test/a/../b", "old", "young", 0, "app", "/b"},
        {"url=shop.test/%2561", "old", "young", 0, "app", NULL},
        {"url=shop.test/api/..%252Fx", "-", "-", 400, NULL, NULL},
        {"url=none.test/", "", "-", 503, "none", NULL},
        {"url=gone.test/", "", "-", 404, NULL, NULL},
        {"url=else.test/", "-", "-", 404, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        find(rows[i].query);
        const char *service = verdict.target ? verdict.target->service->name : NULL;
        if (!view_eq(label_of(verdict.winner), view_str(rows[i].winner)) ||
            !view_eq(label_of(verdict.next), view_str(rows[i].next)) ||
            verdict.status != rows[i].status || !service != !rows[i].service ||
            (service && strcmp(service, rows[i].service) != 0) ||
            strcmp(text_str(&verdict.sent), rows[i].sent ? rows[i].sent : "") != 0)
            fail_msg("%s: %u, %s, \"%s\"", rows[i].query, verdict.status, service ? service : "-",
                     text_str(&verdict.sent));
        forget();
    }
}

/* Beside services without servers, whose requests are answered with 503 as well. */
static void test_a_route_in_doubt(void **state)
{
    static const struct {
        const char *query, *winner, *next;
        bool is_in_doubt;
    } rows[] = {
        {"url=doubt.test/" FUSE, "bomb", "-", true},
        {"url=doubt.test/aa", "bomb", "lesser", false},
        {"url=doubt.test/b", "lesser", "-", false},
    };
    (void)state;
    take_line(doubt_line);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        find(rows[i].query);
        if (!view_eq(label_of(verdict.winner), view_str(rows[i].winner)) ||
            !view_eq(label_of(verdict.next), view_str(rows[i].next)) ||
            verdict.is_in_doubt != rows[i].is_in_doubt || !verdict.target != rows[i].is_in_doubt ||
            verdict.status != 503)
            fail_msg("%s: %u", rows[i].query, verdict.status);
        forget();
    }
}

static void test_what_else_is_for_the_same_requests(void **state)
{
    (void)state;
    find("url=shop.test/");
    assert_int_equal(verdict.alike_count, 1);
    assert_int_equal(verdict.overruled.count, 1);
    assert_true(view_eq(label_of(verdict.overruled.numbers[0]), VIEW("young")));
    assert_int_equal(verdict.usable_count, 1);
    forget();
    find("url=shop.test/api/");
    assert_int_equal(verdict.alike_count, 0);
    assert_int_equal(verdict.overruled.count, 0);
    assert_true(view_eq(verdict.prefix, VIEW("/api")));
    forget();
}

static void test_what_nearly_holds(void **state)
{
    (void)state;
    find("url=near.test/y");
    assert_int_equal(verdict.near.count, 2);
    assert_null(verdict.near_faults[0]);
    assert_int_equal(verdict.near_faults[1]->kind, ROUTE_METHOD);
    assert_int_equal(verdict.nearest_host.len, 0);
    forget();
    find("url=naer.test/");
    assert_int_equal(verdict.near.count, 0);
    assert_true(view_eq(verdict.nearest_host, VIEW("near.test")));
    forget();
    find("url=elsewhere.example/");
    assert_int_equal(verdict.nearest_host.len, 0);
    forget();
}

static void test_without_routes_and_with_a_default_service(void **state)
{
    (void)state;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":[]}");
    loop.uv.time += ROUTE_KEEPER_MS + 1;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":[],\"time_ns\":1}");
    publisher.membership.now_ms = loop_now_ms(&loop);
    if (membership_expire(&publisher.membership))
        publisher_publish(&publisher);
    find("url=any.test/a/../b");
    assert_null(verdict.table);
    assert_int_equal(verdict.status, 503);
    assert_string_equal(verdict.target->service->name, "app");
    forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_becomes_of_it, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_a_route_in_doubt, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_what_else_is_for_the_same_requests, open_routes,
                                        close_publisher),
        cmocka_unit_test_setup_teardown(test_what_nearly_holds, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_without_routes_and_with_a_default_service, open_routes,
                                        close_publisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
