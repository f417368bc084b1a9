/* The pages that only tell: health, readiness, what is asked for as text or as JSON. */
#include "tests/unit/admin/pages_case.h"

#include "lb/admin/page_html.h"
#include "lb/observe/prometheus_text.h"

#define NO_ENDPOINT "no endpoint of the service \"app\" is ready; see /explain\n"
#define OBSTACLE    "no socket. Start Docker.\n"

static struct admin_answer ask_for(handle_request *handle, const char *query)
{
    return ask_page(handle, "", query, "");
}

/* Whether it lives, and for those who ask for more, whether it sees. */
static void test_health(void **state)
{
    static const struct {
        bool has_child, has_obstacle, has_line;
        const char *query;
        const char *sick; /* NULL: it is well */
    } rows[] = {
        {true, true, false, NULL, NULL},
        {true, true, false, "discovery=1", OBSTACLE},
        {true, true, false, "discovery=", OBSTACLE},
        {true, true, false, "discovery", NULL}, /* no value */
        {true, true, false, "else=1", NULL},
        {true, false, false, "discovery=1", NULL}, /* it has only begun */
        {true, true, true, "discovery=1", NULL},   /* what it knew goes on */
        {false, true, false, "discovery=1", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pages.child = rows[i].has_child ? &child : NULL;
        if (rows[i].has_obstacle)
            take_obstacle("no socket", "Start Docker.");
        if (rows[i].has_line)
            take_line("{\"v\":1,\"services\":[]}");
        struct admin_answer answer = ask_for(pages_health, rows[i].query);
        assert_answer(&answer, rows[i].sick ? 503 : 200, rows[i].sick ? rows[i].sick : "ok\n");
        close_pages(state);
        open_pages(state);
    }
}

static void test_readiness(void **state)
{
    (void)state;
    struct admin_answer answer = ask_for(pages_ready, NULL);
    assert_answer(&answer, 503, NO_ENDPOINT);
    take_obstacle("no socket", "Start Docker.");
    answer = ask_for(pages_ready, NULL);
    assert_answer(&answer, 503, NO_ENDPOINT OBSTACLE);
    take_line(site_line);
    answer = ask_for(pages_ready, NULL);
    assert_answer(&answer, 503, NO_ENDPOINT OBSTACLE); /* no first contact yet */
    admit_all();
    answer = ask_for(pages_ready, NULL);
    assert_answer(&answer, 200, "ready\n");
    pages.is_shutting_down = true;
    answer = ask_for(pages_ready, NULL);
    assert_answer(&answer, 503, "shutting down\n");
}

static void test_explain_as_text_or_as_json(void **state)
{
    static const struct {
        const char *accept;
        bool is_json;
    } rows[] = {
        {"", false},
        {"Accept: */*\r\n", false},
        {"Accept: application/json\r\n", true},
        {"Accept: APPLICATION/Json\r\n", true},
        {"Accept: text/html, application/json;q=0.9 , */*\r\n", true},
        {"Accept: application/json5\r\n", false},
        {"Accept: xapplication/json\r\n", false},
        {"Accept:\r\n", false},
        {"Accept: ,,;,\r\n", false},
    };
    (void)state;
    take_line(site_line);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer = ask_page(pages_explain, "web2", NULL, rows[i].accept);
        assert_int_equal(answer.status, 200);
        assert_int_equal(text_str(&answer.body)[0] == '{', rows[i].is_json);
        assert_string_equal(answer.content_type,
                            rows[i].is_json ? "application/json" : "text/plain; charset=utf-8");
        forget_answer(&answer);
        answer = ask_page(pages_explain, "postgres", NULL, rows[i].accept); /* a service */
        assert_int_equal(answer.status, 200);
        forget_answer(&answer);
    }
}

static void test_explain_where_there_is_nothing(void **state)
{
    (void)state;
    struct admin_answer answer = ask_for(pages_explain, NULL);
    assert_answer(&answer, 200, "Discovery has told nothing yet.\n");
    answer = ask_page(pages_explain, "", NULL, "Accept: application/json\r\n");
    assert_answer(&answer, 200, "{\"containers\":[]}\n");
    take_obstacle("no socket", "Start Docker.");
    answer = ask_for(pages_explain, NULL); /* which says more */
    assert_answer(&answer, 200,
                  "lb-discovery: has learnt nothing yet since " SITE_TIME
                  ": no socket. Start Docker.\n");
    take_line("{\"v\":1,\"services\":[]}");
    publisher_take_line(&publisher, VIEW("{\"v\":1,\"alive\":{\"connected\":true,\"events\":{},"
                                         "\"resyncs\":{}}}"));
    answer = ask_for(pages_explain, NULL);
    assert_answer(&answer, 200, "No container is known.\n");
    answer = ask_page(pages_explain, "no\"bo\ndy", NULL, "");
    assert_answers(&answer, 404,
                   "{\"error\":\"no_such_container\",\"message\":\"No container and "
                   "no --backend is named \\\"no\\\"bo\\ndy\\\"");
    answer = ask_page(pages_explain, "nobody", NULL, "Accept: application/json\r\n");
    assert_answers(&answer, 404, "no_such_container");
}

/* A service of Consul's that nothing asks for is not known to lb. */
static void test_what_of_consul_is_followed(void **state)
{
    unsigned before = config.sources;
    (void)state;
    for (int with_consul = 0; with_consul < 2; with_consul++) {
        config.sources = with_consul ? CONFIG_SOURCE_CONSUL : CONFIG_SOURCE_DOCKER;
        struct admin_answer answer = ask_page(pages_explain, "nobody", NULL, "");
        assert_int_equal(strstr(text_str(&answer.body), "--consul-service") != NULL, with_consul);
        text_fini(&answer.body);
    }
    config.sources = before;
}

static void test_where_the_pool_comes_from(void **state)
{
    static const struct {
        unsigned sources;
        const char *word;
    } rows[] = {{CONFIG_SOURCE_DOCKER, "\"source\":\"docker\""},
                {CONFIG_SOURCE_FILE, "\"source\":\"file\""},
                {CONFIG_SOURCE_STATIC, "\"source\":\"static\""},
                {CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER, "\"source\":\"file+docker\""},
                {15, "\"source\":\"file+swarm+docker+consul\""}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        config.sources = rows[i].sources;
        struct admin_answer answer = ask_for(pages_pool, NULL);
        assert_string_equal(answer.content_type, "application/json");
        assert_answers(&answer, 200, rows[i].word);
    }
    child.start_count = 3;
    pages.child = &child;
    counter_add(&worker.env.metrics.client_accepted_count, 7);
    struct admin_answer answer = ask_for(pages_pool, NULL);
    assert_non_null(strstr(text_str(&answer.body), "\"starts\":3"));
    assert_non_null(strstr(text_str(&answer.body), "\"workers\":1"));
    assert_answers(&answer, 200, "\"clients_accepted\":7");
}

static void test_metrics(void **state)
{
    (void)state;
    counter_add(&worker.env.metrics.client_accepted_count, 7);
    for (unsigned compat = 0; compat < 2; compat++) {
        config.metrics_compat = compat;
        struct admin_answer answer = ask_for(pages_metrics, NULL);
        assert_string_equal(answer.content_type, PROMETHEUS_TEXT_TYPE);
        assert_int_equal(strstr(text_str(&answer.body), "\nnginx_connections_current{") != NULL,
                         compat);
        assert_answers(&answer, 200, "\nlb_client_connections_accepted_total 7\n");
    }
}

/* A secret is in force, but not told; the level is the one that was ordered. */
static void test_settings_in_force_without_secrets(void **state)
{
    static char secret[] = "0123456789abcdef-secret";
    (void)state;
    config.admin_token = secret;
    config.admin_secret = secret;
    log_set_level(LOG_LEVEL_WARN);
    struct admin_answer answer = ask_for(pages_config, NULL);
    log_set_level(LOG_LEVEL_ERROR);
    assert_string_equal(answer.content_type, "application/json");
    assert_null(strstr(text_str(&answer.body), secret));
    assert_answers(&answer, 200, "\"log-level\": \"warn\"");
}

static void test_the_page_brings_its_own_policy(void **state)
{
    (void)state;
    struct admin_answer answer = ask_for(pages_front, NULL);
    assert_int_equal(answer.body.len, page_html_len);
    assert_string_equal(answer.content_type, "text/html; charset=utf-8");
    assert_non_null(
        strstr(text_str(&answer.fields), "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(text_str(&answer.fields), "\r\nReferrer-Policy: no-referrer\r\n"));
    assert_null(strstr(text_str(&answer.fields), "unsafe"));
    forget_answer(&answer);
}

static void test_events_go_on(void **state)
{
    (void)state;
    struct admin_answer answer = ask_for(pages_events, NULL);
    assert_true(answer.goes_on);
    assert_string_equal(answer.content_type, "text/event-stream");
    assert_answers(&answer, 200, "data: {");
}

static const char three_routes[] =
    "{\"v\":2,\"services\":[],\"left_out\":[],\"routes\":[{\"host\":\"a.test\",\"service\":\"s\"},"
    "{\"host\":\"b.test\",\"service\":\"s\"},{\"host\":\"c.test\",\"service\":\"s\"}]}";

static void test_a_url_is_explained_as_text_or_as_json(void **state)
{
    (void)state;
    struct admin_answer answer = ask_page(pages_explain, "", "url=a.test/", "");
    assert_answers(&answer, 503, "Discovery has told nothing yet");
    take_line(three_routes);
    answer = ask_page(pages_explain, "", "url=a.test/", "");
    assert_answers(&answer, 200, "\nroute: host a.test: to the service s");
    answer = ask_page(pages_explain, "", "url=a.test/", "Accept: application/json\r\n");
    assert_string_equal(answer.content_type, "application/json");
    assert_answers(&answer, 200, "\"route\":{\"host\":\"a.test\"");
    answer = ask_page(pages_explain, "", "url=ftp://a/", "");
    assert_string_equal(answer.content_type, "application/json");
    assert_answers(&answer, 400, "\"error\":\"bad_question\"");
    answer = ask_page(pages_explain, "a.test", "url=a.test/", "");
    assert_answers(&answer, 404, "A URL has a slash");
}

static void test_a_part_of_the_routes(void **state)
{
    static const struct {
        const char *query, *first;
        bool has_more;
    } rows[] = {
        {NULL, "1. ", false},      {"from=1", "2. ", false},      {"from=1&count=1", "2. ", true},
        {"count=0", "1. ", false}, {"count=99999", "1. ", false}, {"from=x&count=-1", "1. ", false},
        {"count=2", "1. ", true},
    };
    (void)state;
    take_line(three_routes);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer = ask_page(pages_routes, "", rows[i].query, "");
        struct view body = text_view(&answer.body);
        if (!view_starts_with(body, view_str(rows[i].first)) ||
            rows[i].has_more != (strstr(text_str(&answer.body), "; the next: ") != NULL))
            fail_msg("%s: %s", rows[i].query, text_str(&answer.body));
        forget_answer(&answer);
    }
    struct admin_answer answer = ask_page(pages_routes, "", NULL, "Accept: application/json\r\n");
    assert_string_equal(answer.content_type, "application/json");
    assert_answers(&answer, 200, "\"count\":3,");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_pages, close_pages)
    const struct CMUnitTest tests[] = {
        TEST(test_health),
        TEST(test_readiness),
        TEST(test_explain_as_text_or_as_json),
        TEST(test_a_url_is_explained_as_text_or_as_json),
        TEST(test_a_part_of_the_routes),
        TEST(test_explain_where_there_is_nothing),
        TEST(test_what_of_consul_is_followed),
        TEST(test_where_the_pool_comes_from),
        TEST(test_metrics),
        TEST(test_settings_in_force_without_secrets),
        TEST(test_the_page_brings_its_own_policy),
        TEST(test_events_go_on),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
