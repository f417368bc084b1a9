#include "discovery/dialect/claims.h"

#include <stdlib.h>

#include "tests/unit/discovery/dialect/claims_text.h"

static void assert_text(const struct claims *claims, const char *expected)
{
    char *got = claims_text(claims);
    assert_string_equal(got, expected);
    free(got);
}

static void assert_told(struct claims *claims, const char *expected)
{
    char *told = claims_take_remark(claims);
    if (expected)
        assert_string_equal(told, expected);
    else
        assert_null(told);
    free(told);
}

static void test_route_that_cannot_be_is_told(void **state)
{
    struct claims claims = {0};
    struct route route = {.host = {ROUTE_HOST, VIEW("a.test")}, .label = VIEW("word")};
    (void)state;
    assert_true(claims_add(&claims, &route)); /* its service is that of the container */
    route.host.text = VIEW("a b");
    assert_false(claims_add(&claims, &route));
    assert_text(&claims, "host=a.test > ");
    char *told = claims_take_remark(&claims);
    assert_non_null(strstr(told, "word: host \"a b\""));
    free(told);
    claims_fini(&claims);
}

/* A reader refuses a line that has a longer one. */
static void test_names_are_no_longer_than_may_be_told(void **state)
{
    char path[1000] = "", other[1000];
    struct claims claims = {0};
    struct route route = {.service = view_of(path, sizeof(path)),
                          .label = view_of(path, sizeof(path))};
    (void)state;
    memset(path, 'a', sizeof(path));
    memcpy(other, path, sizeof(path));
    other[sizeof(other) - 1] = 'b';
    struct view one = claims_name_pool(&claims, VIEW("h"), view_of(path, sizeof(path)));
    struct view two = claims_name_pool(&claims, VIEW("h"), view_of(other, sizeof(other)));
    assert_int_equal(one.len, 512);
    assert_int_equal(two.len, 512);
    assert_false(view_eq(one, two));
    assert_true(view_eq(one, claims_name_pool(&claims, VIEW("h"), view_of(path, sizeof(path)))));
    assert_true(view_eq(claims_name_pool(&claims, VIEW("h"), VIEW("/\n")),
                        claims_name_pool(&claims, VIEW("h"), VIEW("/\n"))));
    assert_true(claims_add(&claims, &route));
    assert_int_equal(claims.routes[0].service.len, 512);
    assert_int_equal(claims.routes[0].label.len, 512);
    claims_fini(&claims);
}

static void test_clients_outside_are_answered(void **state)
{
    static const struct view ranges[] = {{"10.0.0.0/8", 10}, {"::1", 3}};
    static const struct route_condition method = {.kind = ROUTE_METHOD, .value = {"GET", 3}};
    struct claims claims = {0};
    struct route route = {.service = VIEW("s"), .conditions = &method, .condition_count = 1};
    (void)state;
    assert_true(claims_add_for_clients(&claims, &route, ranges, 2));
    assert_text(&claims, "method=GET client=10.0.0.0/8 > s\nmethod=GET client=::1 > s\n"
                         "method=GET > 403");
    claims_fini(&claims);
}

static void test_nobody_is_let_in_by_ranges_that_are_none(void **state)
{
    static const struct view ranges[] = {{"nonsense", 8}, {"::1", 3}};
    struct claims claims = {0};
    struct route route = {.service = VIEW("s"), .label = VIEW("l")};
    (void)state;
    assert_false(claims_add_for_clients(&claims, &route, ranges, 2));
    assert_text(&claims, "> 403");
    assert_true(claims_add_for_clients(&claims, &route, ranges, 0));
    assert_text(&claims, "> 403\n> 403");
    claims_fini(&claims);
}

static void add_many(struct claims *claims, unsigned count, unsigned status)
{
    for (unsigned i = 0; i < count; i++)
        claims_add(claims, &(struct route){.host = {ROUTE_HOST, VIEW("many.test")},
                                           .service = status > 0 ? VIEW("") : VIEW("s"),
                                           .answer_status = status});
}

/* What they keep out would go by another route of the container. */
static void test_answers_have_room_however_many_routes_there_are(void **state)
{
    static const struct view range = {"10.0.0.0/8", 10};
    struct claims claims = {0};
    struct route limited = {.host = {ROUTE_HOST, VIEW("in.test")}, .service = VIEW("s")};
    struct route bad = {.host = {ROUTE_HOST, VIEW("a b")}, .answer_status = 503};
    (void)state;
    add_many(&claims, CLAIMS_ROUTES_MAX - 2, 0);
    assert_true(claims_add_for_clients(&claims, &limited, &range, 1));
    assert_false(claims_are_full(&claims));
    add_many(&claims, 1, 0);
    assert_true(claims_are_full(&claims));
    assert_false(claims_add_for_clients(&claims, &limited, &range, 1)); /* but all are kept out */
    add_many(&claims, 1, 503);
    assert_false(claims_add(&claims, &bad)); /* nothing has gone for it */
    assert_int_equal(claims.route_count, CLAIMS_ROUTES_MAX);
    static const unsigned status[] = {0, 403, 403, 503};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(claims.routes[CLAIMS_ROUTES_MAX - 4 + i].answer_status, status[i]);
    assert_true(view_eq(claims.routes[CLAIMS_ROUTES_MAX - 4].host.text, VIEW("many.test")));
    add_many(&claims, CLAIMS_ROUTES_MAX, 503);
    assert_int_equal(claims.route_count, CLAIMS_ROUTES_MAX);
    for (size_t i = 0; i < CLAIMS_ROUTES_MAX; i++)
        assert_true(claims.routes[i].answer_status > 0);
    char *told = claims_take_remark(&claims);
    assert_non_null(strstr(told, "it claims more than 1024 routes"));
    free(told);
    claims_fini(&claims);
}

static void test_each_server_and_each_sentence_once(void **state)
{
    struct claims claims = {0};
    struct claim_server server = {.service = VIEW("s"), .port = 80, .protocol = "http"};
    (void)state;
    claims_add_server(&claims, &server);
    claims_add_server(&claims, &server);
    server.protocol = "https";
    claims_add_server(&claims, &server);
    assert_int_equal(claims.server_count, 2);
    assert_told(&claims, NULL);
    claims_remark(&claims, "%s", "one");
    claims_remark(&claims, "%s", "two\n");
    claims_remark(&claims, "%s", "one");
    assert_told(&claims, "one; two?");
    assert_told(&claims, NULL);
    for (int i = 0; i < 9; i++)
        claims_remark(&claims, "x%d", i);
    assert_told(&claims, "x0; x1; x2; x3; x4; x5; and so on, 3 more");
    claims_fini(&claims);
}

static void test_names_of_pools(void **state)
{
    static const struct {
        const char *host, *path, *name;
    } cases[] = {
        {"a", "/", "a"}, {"a", "/x", "a/x"}, {"", "/", "/"}, {"", "/x", "/x"}, {"a", "", "a"}};
    struct claims claims = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct view name =
            claims_name_pool(&claims, view_str(cases[i].host), view_str(cases[i].path));
        assert_true(view_eq(name, view_str(cases[i].name)));
    }
    claims_fini(&claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route_that_cannot_be_is_told),
        cmocka_unit_test(test_names_are_no_longer_than_may_be_told),
        cmocka_unit_test(test_clients_outside_are_answered),
        cmocka_unit_test(test_nobody_is_let_in_by_ranges_that_are_none),
        cmocka_unit_test(test_answers_have_room_however_many_routes_there_are),
        cmocka_unit_test(test_each_server_and_each_sentence_once),
        cmocka_unit_test(test_names_of_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
