/* The rule of the default route in words, and what of it explain says of a URL and of a container. */
#include "lb/admin/default_route.h"

#include "lb/admin/explain_url.h"
#include "tests/unit/admin/routes_case.h"

static void set(enum membership_unrouted unrouted)
{
    publisher.membership.unrouted = unrouted;
    membership_route(&publisher.membership, "app"); /* as SIGHUP does */
    publisher_publish(&publisher);
    stop_clocks();
}

static void check(const char *want)
{
    struct text out = TEXT_INIT;
    default_route_append(&publisher.membership, &out);
    assert_text(&out, want);
}

static void check_url(const char *query, const char *piece)
{
    struct explain explain = explain_of_now();
    struct url_question asked;
    struct text out = TEXT_INIT;
    assert_true(url_question_read(&asked, view_str(query), &out));
    explain_url_write_text(&explain, &asked, &out);
    assert_has(&out, piece);
    text_clear(&out);
    explain_url_write_json(&explain, &asked, &out);
    text_fini(&out);
    url_question_fini(&asked);
}

static void test_without_routes(void **state)
{
    static const char to_default[] = "There are no routes: all requests go to the service app ";
    (void)state;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":[]}");
    struct text want = TEXT_INIT;
    text_appendf(&want, "%s(--service).", to_default);
    check(text_str(&want));
    set(MEMBERSHIP_TO_DEFAULT);
    text_clear(&want);
    text_appendf(&want, "%s(--service, --default-route).", to_default);
    check(text_str(&want));
    check_url("url=any.test", text_str(&want));
    text_fini(&want);
    set(MEMBERSHIP_NOT_FOUND);
    check("There are no routes: all requests get 404 (--default-route).");
    check_url("url=any.test",
              "answer: 404 from lb itself: There are no routes: all requests get 404 "
              "(--default-route).\n");
    set(MEMBERSHIP_UNAVAILABLE);
    check("There are no routes: all requests get 503 (--default-route).");
}

static void test_with_routes(void **state)
{
    (void)state;
    check("What no route matches gets 404: there are routes and no --service is given.");
    set(MEMBERSHIP_NOT_FOUND);
    check("What no route matches gets 404: --default-route says so.");
    check_url("url=nowhere.example", "404 from lb itself: no route is for the host "
                                     "nowhere.example. What no route matches gets 404: "
                                     "--default-route says so. Give a container");
    set(MEMBERSHIP_UNAVAILABLE);
    check("What no route matches gets 503: --default-route says so.");
    set(MEMBERSHIP_TO_DEFAULT);
    check("What no route knows goes to the service app (--service, --default-route). A host that a "
          "route names, or a path that a route for any host names, is known: what no route matches "
          "there gets 404.");
    check_url("url=nowhere.example/x",
              "route: none. What no route knows goes to the service app (--service");
    check_url("url=nowhere.example/x", "answer: from an endpoint of app\n");
    check_url(
        "url=near.test/",
        "answer: 404 from lb itself: no route holds, though 2 are for the host near.test. What "
        "no route knows goes to the service app (--service, --default-route). A host that");
    check_url("url=near.test/", "what no route matches there gets 404. Change a path");
}

/* Ready, and yet nobody asks it. */
static void test_a_service_that_nothing_leads_to(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    take_line(ROUTES_CASE_HEAD "{\"host\":\"b.test\",\"service\":\"b\"}]}");
    publisher.membership.now_ms += ROUTE_KEEPER_MS;
    assert_true(membership_expire(&publisher.membership));
    publisher_publish(&publisher);
    admit_all();
    struct explain explain = explain_of_now();
    assert_int_equal(explain_write_text(&explain, VIEW("web1"), &out), 1);
    assert_has(&out, "web1: not routed, ready since " SITE_TIME ": no route leads to its service "
                     "app. What no route matches gets 404: there are routes and no --service is "
                     "given. Give it a route");
    text_clear(&out);
    assert_int_equal(explain_write_json(&explain, VIEW("web1"), &out), 1);
    assert_has(&out, "\"routed\":false,\"state\":\"ready\"");
    text_clear(&out);
    set(MEMBERSHIP_TO_DEFAULT);
    explain = explain_of_now();
    explain_write_text(&explain, VIEW("web1"), &out);
    assert_has(&out, "web1: routed as app/web1");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_routes, open_publisher, close_publisher),
        cmocka_unit_test_setup_teardown(test_with_routes, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_a_service_that_nothing_leads_to, open_routes,
                                        close_publisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
