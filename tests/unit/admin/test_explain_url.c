/* What is said of a URL, as lines and as JSON. */
#include "lb/admin/explain_url.h"

#include "tests/unit/admin/routes_case.h"

static void ask(const char *query, bool is_json, struct text *out)
{
    struct explain explain = explain_of_now();
    struct url_question asked;
    struct text problem = TEXT_INIT;
    if (!url_question_read(&asked, view_str(query), &problem))
        fail_msg("%s", text_str(&problem));
    if (is_json)
        explain_url_write_json(&explain, &asked, out);
    else
        explain_url_write_text(&explain, &asked, out);
    url_question_fini(&asked);
}

static void check(const char *query, const char *want)
{
    struct text out = TEXT_INIT;
    ask(query, false, &out);
    assert_text(&out, want);
}

#define ENDPOINTS_ONLY                                                                             \
    "service: app, 1 of 2 endpoints get requests\n"                                                \
    "web1: routed as app/web1 at 127.0.0.3:80 since " SITE_TIME ", 0 requests.\n"                  \
    "web3: not routed, unhealthy since " SITE_TIME                                                 \
    ": its HEALTHCHECK fails. It gets requests when "                                              \
    "the check passes again; docker inspect shows what the check says. Address: 127.0.0.5:80. "    \
    "Service: app.\n"
#define ENDPOINTS ENDPOINTS_ONLY "answer: from an endpoint of app\n"

static void test_a_route_that_edits(void **state)
{
    (void)state;
    check("url=shop.test/%2561pi/x?q",
          "request: GET, host shop.test, path /%61pi/x (compared as /api/x), query q\n"
          "route: host shop.test, path /api: to the service app, without /api, by p of web1 (lb)\n"
          "why: its path is a prefix, the other's is any; the next best is host shop.test: to the "
          "service app, by old of web3 (lb)\n"
          "path: a server gets /x?q, with X-Forwarded-Prefix: /api\n" ENDPOINTS);
}

static void test_a_conflict(void **state)
{
    (void)state;
    check("url=shop.test/",
          "request: GET, host shop.test, path /\n"
          "route: host shop.test: to the service app, by old of web3 (lb); 1 more says the same\n"
          "why: its container is older; the next best is host shop.test: to the service none, by "
          "young of web1 (lb)\n"
          "conflict: host shop.test: to the service none, by young of web1 (lb). It never gets a "
          "request, as the route above wins: its container is older. Change one of the "
          "two\n" ENDPOINTS);
}

static void test_lb_answers(void **state)
{
    static const struct {
        const char *query, *says;
    } rows[] = {
        {"url=shop.test/api", "answer: 308 from lb itself: "},
        {"url=shop.test/..%252F", "answer: 400 from lb itself: its path has .. beside"},
        {"url=none.test",
         "service: none, which has no endpoints\nanswer: 503 from lb itself: nobody"},
        {"url=gone.test",
         "answer: 404 from lb itself: the route says so, as auth is not supported. No other route"},
        {"url=near.test", "answer: 404 from lb itself: no route holds, though 2 are for the host "
                          "near.test. What no route matches gets 404: there are routes and no "
                          "--service is given. Change a path"},
        {"url=nowhere.example",
         "answer: 404 from lb itself: no route is for the host nowhere.example. What no route "
         "matches gets 404: there are routes and no --service is given. Give a container a route"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text out = TEXT_INIT;
        ask(rows[i].query, false, &out);
        assert_has(&out, rows[i].says);
        text_fini(&out);
    }
}

/* As the proxy answers it. */
static void test_a_route_in_doubt(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    take_line(doubt_line);
    check("url=doubt.test/" FUSE,
          "request: GET, host doubt.test, path /" FUSE "\n"
          "route: host doubt.test, path_regex ^/(a+)+$: to the service app, by bomb (no dialect)\n"
          "why: it comes first of those that hold or may hold, and of this one it is not known\n"
          "answer: 503 from lb itself: a regex of the route takes too many steps for this request, "
          "so that it is in doubt whether the route holds, and no other route gets it either. "
          "Repeat less within what is repeated.\n");
    ask("url=doubt.test/" FUSE, true, &out);
    assert_has(&out, "\"in_doubt\":true,\"alike\":0,\"status\":503,\"answer\":\"503 from lb");
    text_fini(&out);
}

/* Whose endpoints are told beside it, though none is asked. */
static void test_the_bare_prefix_is_sent_to_its_slash(void **state)
{
    (void)state;
    check(
        "url=shop.test/api",
        "request: GET, host shop.test, path /api\n"
        "route: host shop.test, path /api: to the service app, without /api, by p of web1 (lb)\n"
        "why: its path is a prefix, the other's is any; the next best is host shop.test: to the "
        "service app, by old of web3 (lb)\n" ENDPOINTS_ONLY
        "answer: 308 from lb itself: the path is that which is taken away, without a / behind it; "
        "the client is told to come again with one.\n");
}

static void test_json(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    ask("url=http://shop.test/api/x", true, &out);
    assert_has(
        &out, "{\"url\":\"http://shop.test/api/x\",\"method\":\"GET\",\"host\":\"shop.test\","
              "\"path\":\"/api/x\",\"compared_as\":\"/api/x\",\"query\":\"\",\"route\":{\"host\":");
    assert_has(&out, "\"sent_path\":\"/x\",\"prefix\":\"/api\",\"service\":\"app\",\"usable\":1,"
                     "\"endpoint_count\":2,\"containers\":[{\"id\":\"4f9cab\"");
    assert_has(&out, "\"answer\":\"from an endpoint of app\"}\n");
    assert_null(strstr(text_str(&out), "\"status\""));
    assert_has(&out, "\"in_doubt\":false");
    text_clear(&out);
    ask("url=near.test/", true, &out);
    assert_has(&out, "\"near\":[{\"host\":\"near.test\"");
    assert_has(&out, "\"status\":404,\"answer\":\"404 from lb itself: ");
    text_clear(&out);
    ask("url=shop.test/", true, &out);
    assert_has(&out, "\"alike\":1,\"next\":{");
    assert_has(&out, "\"overruled\":[{\"host\":\"shop.test\"");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_route_that_edits, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_a_conflict, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_lb_answers, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_a_route_in_doubt, open_routes, close_publisher),
        cmocka_unit_test_setup_teardown(test_the_bare_prefix_is_sent_to_its_slash, open_routes,
                                        close_publisher),
        cmocka_unit_test_setup_teardown(test_json, open_routes, close_publisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
