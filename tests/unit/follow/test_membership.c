/* The lines of discovery: what is taken from a good one, what a bad one is refused for, and that a
 * bad one changes nothing. */
#include "tests/unit/follow/membership_case.h"

/* ---- good lines ------------------------------------------------------------------------------ */

static void test_good(void **state)
{
    struct address want;
    (void)state;
    read_line(good_line, "");
    assert_int_equal(membership.wanted.endpoint_count, 2);
    const struct pool_wanted_endpoint *first = &membership.wanted.endpoints[0];
    assert_string_equal(first->service, "app");
    assert_string_equal(first->id, "4f9c");
    assert_string_equal(first->name, "app1");
    assert_true(address_parse(VIEW("172.18.0.3:8484"), &want));
    assert_true(address_eq(&first->address, &want));
    assert_int_equal(first->weight, 7);
    assert_int_equal(first->state, ENDPOINT_READY);
    assert_string_equal(first->cause, "start");
    assert_int_equal(first->cause_time_ns, 1795312345120000000);
    const struct pool_wanted_endpoint *second = &membership.wanted.endpoints[1];
    assert_true(address_parse(VIEW("[fd00::2]:65535"), &want));
    assert_true(address_eq(&second->address, &want));
    assert_int_equal(second->weight, 1);
    assert_int_equal(second->state, ENDPOINT_DRAINING);
    assert_string_equal(second->cause, "list");
    assert_int_equal(second->cause_time_ns, 0);
    assert_true(membership.last_line_ns > 0);
}

static void test_empty(void **state)
{
    static const char *const lines[] = {
        "{\"v\":1,\"services\":[]}",
        " {\"services\" : [ ] , \"v\" : 1 , \"left_out\" : null, \"x\":{}} \n",
        "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[]}]}",
        "{\"v\":1,\"services\":[{\"name\":\"o\",\"endpoints\":[{\"id\":\"1\",\"name\":\"n\","
        "\"address\":\"::1\",\"port\":1,\"state\":\"ready\"}]},"
        "{\"name\":\"app\",\"endpoints\":[]}]}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        read_line(good_line, "");
        read_line(lines[i], "");
        assert_int_equal(membership.wanted.endpoint_count, 0);
    }
}

#define WISHING(options, state)                                                                    \
    "{\"v\":2,\"services\":[{\"name\":\"app\",\"options\":{" options                               \
    "},\"endpoints\":[{\"id\":\"1\",\"name\":\"n\",\"address\":\"10.0.0.1\",\"port\":1,\"state\":" \
    "\"" state "\"}]},{\"name\":\"other\",\"options\":{\"queue\":\"7\"},\"endpoints\":[]}]}"

static void check_queue(const char *value)
{
    assert_int_equal(membership.wanted.service_count, value ? 1 : 0);
    if (value)
        assert_true(view_eq(membership.wanted.services[0].options.values[SERVICE_OPTION_QUEUE],
                            view_str(value)));
}

static void test_options_of_services_follow_the_line(void **state)
{
    (void)state;
    read_line(WISHING("\"queue\":\"10\"", "ready"), "");
    check_queue("10");
    assert_string_equal(membership.wanted.services[0].name, "app");
    read_line(WISHING("\"queue\":\"10\"", "draining"), "");
    check_queue("10"); /* of the line before */
    read_line(WISHING("\"queue\":\"20\"", "draining"), "");
    check_queue("20");
    read_line(WISHING("\"queue\":\"20\",\"queues\":\"\"", "ready"), "");
    check_queue("20");
    assert_string_equal(text_str(&membership.passed_over),
                        "service \"app\": the option \"queues\" is not known");
    read_line(WISHING("", "ready"), "");
    check_queue(NULL);
    assert_int_equal(membership.passed_over.len, 0);
}

/* ---- version 2 ------------------------------------------------------------------------------- */

#define ENDPOINT(id, more)                                                                         \
    "{\"id\":\"" id "\",\"name\":\"app1\",\"address\":\"172.18.0.3\",\"port\":8484,"               \
    "\"state\":\"ready\"" more "}"
#define LINE(version, endpoints)                                                                   \
    "{\"v\":" version ",\"services\":[{\"name\":\"app\",\"endpoints\":[" endpoints "]}]}"
#define HTTP_ONE ENDPOINT("4f9c:8484", ",\"container\":\"4f9c\",\"protocol\":\"http\"")
#define HTTP_TWO ENDPOINT("4f9c:9090", ",\"container\":\"4f9c\",\"protocol\":\"http\"")
#define TCP_TWO  ENDPOINT("4f9c:9090", ",\"container\":\"4f9c\",\"protocol\":\"tcp\"")

static void check_wanted(const char *first, const char *second)
{
    const char *ids[] = {first, second};
    unsigned count = second ? 2 : first ? 1 : 0;
    assert_int_equal(membership.wanted.endpoint_count, count);
    for (unsigned i = 0; i < count; i++)
        assert_string_equal(membership.wanted.endpoints[i].id, ids[i]);
}

static void test_a_container_has_several_endpoints(void **state)
{
    (void)state;
    read_line(LINE("2", HTTP_ONE "," HTTP_TWO), "");
    check_wanted("4f9c:8484", "4f9c:9090");
    assert_string_equal(membership.wanted.endpoints[0].container, "4f9c");
    assert_string_equal(membership.wanted.endpoints[1].container, "4f9c");
    read_line(LINE("2", ENDPOINT("a", "")), "");
    assert_string_equal(membership.wanted.endpoints[0].container, "a");
}

static void test_only_http_is_wanted(void **state)
{
    (void)state;
    read_line(LINE("2", HTTP_ONE "," HTTP_TWO), "");
    read_line(LINE("2", HTTP_ONE "," TCP_TWO), ""); /* a small change */
    check_wanted("4f9c:8484", NULL);
    read_line(LINE("2", TCP_TWO), ""); /* another line altogether */
    check_wanted(NULL, NULL);
    read_line(LINE("2", HTTP_ONE "," HTTP_TWO), "");
    check_wanted("4f9c:8484", "4f9c:9090");
}

static void test_versions_follow_one_another(void **state)
{
    (void)state;
    read_line(LINE("1", ENDPOINT("4f9c", "")), "");
    check_wanted("4f9c", NULL);
    assert_string_equal(membership.wanted.endpoints[0].container, "4f9c");
    read_line(LINE("2", HTTP_ONE), "");
    check_wanted("4f9c:8484", NULL);
    read_line(LINE("1", ENDPOINT("4f9c", "")), "");
    check_wanted("4f9c", NULL);
}

#define SITE(name, id)                                                                             \
    "{\"name\":\"" name "\",\"endpoints\":[{\"id\":\"" id "\",\"name\":\"" id                      \
    "\",\"address\":\"10.0.0.1\",\"port\":80,\"state\":\"ready\"}]}"
#define SITES "\"services\":[" SITE("a", "1") "," SITE("app", "2") "," SITE("b", "3") "]"

/* The ids of those that are wanted. */
static void assert_wanted(const char *ids)
{
    char found[16] = "";
    for (unsigned i = 0; i < membership.wanted.endpoint_count; i++)
        strcat(found, membership.wanted.endpoints[i].id);
    assert_string_equal(found, ids);
}

static void test_what_routes_lead_to_is_wanted(void **state)
{
    (void)state;
    read_line("{\"v\":2," SITES ",\"routes\":[{\"host\":\"b.test\",\"service\":\"b\"}]}", "");
    assert_wanted("23");
    assert_non_null(membership.wanted.routes);
    assert_int_equal(membership.wanted.unrouted, ERR_NO_ROUTE);
    read_line("{\"v\":2," SITES ",\"routes\":[{\"host\":\"a.test\",\"service\":\"a\"}]}", "");
    assert_wanted("123"); /* that to b is lost, and stays for a while */
    membership.now_ms += ROUTE_KEEPER_MS;
    assert_true(membership_expire(&membership));
    assert_wanted("12");
    assert_false(membership_expire(&membership));
    read_line("{\"v\":2," SITES ",\"routes\":[]}", "");
    membership.now_ms += ROUTE_KEEPER_MS;
    assert_true(membership_expire(&membership));
    assert_wanted("2");
    assert_null(membership.wanted.routes);
    assert_int_equal(membership.wanted.unrouted, ERR_OK);
}

static void test_what_no_route_matches_goes_by_the_setting(void **state)
{
    static const struct {
        enum membership_unrouted setting;
        enum err without, with; /* routes */
    } rows[] = {
        {MEMBERSHIP_BY_ROUTES, ERR_OK, ERR_NO_ROUTE},
        {MEMBERSHIP_TO_DEFAULT, ERR_OK, ERR_OK},
        {MEMBERSHIP_NOT_FOUND, ERR_NO_ROUTE, ERR_NO_ROUTE},
        {MEMBERSHIP_UNAVAILABLE, ERR_NO_ENDPOINT, ERR_NO_ENDPOINT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        membership.unrouted = rows[i].setting;
        read_line("{\"v\":2," SITES ",\"routes\":[]}", "");
        membership.now_ms += ROUTE_KEEPER_MS;
        membership_expire(&membership);
        assert_int_equal(membership.wanted.unrouted, rows[i].without);
        read_line("{\"v\":2," SITES ",\"routes\":[{\"host\":\"b.test\",\"service\":\"b\"}]}", "");
        assert_int_equal(membership.wanted.unrouted, rows[i].with);
        membership.unrouted = MEMBERSHIP_NOT_FOUND;
        membership_route(&membership, "app"); /* by SIGHUP */
        assert_int_equal(membership.wanted.unrouted, ERR_NO_ROUTE);
    }
}

static void test_a_bad_route_changes_nothing(void **state)
{
    (void)state;
    read_line("{\"v\":2," SITES ",\"routes\":[{\"host\":\"b.test\",\"service\":\"b\"}]}", "");
    const struct route_table *table = membership.wanted.routes;
    read_line("{\"v\":2," SITES ",\"routes\":[{\"host\":\"a\"}]}",
              "routes[0]: service: want a name");
    read_line("{\"v\":2,\"services\":7,\"routes\":[{\"host\":\"a\",\"service\":\"a\"}]}",
              "services: want an array");
    assert_ptr_equal(membership.wanted.routes, table);
    assert_ptr_equal(membership.routes.table, table);
    assert_wanted("23");
}

static void test_routes_of_the_first_version_are_passed_over(void **state)
{
    (void)state;
    read_line("{\"v\":1,\"services\":[],\"routes\":[7]}", "");
    read_line("{\"v\":1,\"services\":[],\"routes\":{}}", ""); /* as ever */
}

/* ---- bad lines ------------------------------------------------------------------------------- */

#define ID_PROBLEM "id: want a string of 1 to 512 bytes"

/* ---- signs of life --------------------------------------------------------------------------- */

#define ALIVE(fields) "{\"v\":1,\"alive\":{" fields "}}"
#define COUNTS        "\"events\":{\"start\":2},\"resyncs\":{}"

static void take_sign_of_life(const char *line)
{
    struct text problem = TEXT_INIT;
    uint64_t line_count = membership.line_count;
    assert_int_equal(membership_read_line(&membership, view_str(line), &problem), MEMBERSHIP_ALIVE);
    assert_string_equal(text_str(&problem), "");
    assert_int_equal(membership.line_count, line_count);
}

static void test_sign_of_life(void **state)
{
    (void)state;
    assert_null(membership.life.events);
    read_line(good_line, "");
    take_sign_of_life(
        ALIVE("\"connected\":true," COUNTS ",\"last_event_ns\":5,\"last_sync_ns\":6,\"x\":[]"));
    assert_true(membership.life.is_connected);
    assert_int_equal(json_integer_value(json_object_get(membership.life.events, "start")), 2);
    assert_int_equal(membership.life.last_event_ns, 5);
    assert_int_equal(membership.life.last_sync_ns, 6);
    assert_int_equal(membership.wanted.endpoint_count, 2);
    take_sign_of_life(ALIVE("\"connected\":false,\"events\":{},\"resyncs\":{\"timer\":1},"
                            "\"last_event_ns\":-1,\"last_sync_ns\":\"7\""));
    assert_false(membership.life.is_connected);
    assert_int_equal(json_object_size(membership.life.events), 0);
    assert_int_equal(json_object_size(membership.life.resyncs), 1);
    assert_int_equal(membership.life.last_event_ns, 0);
    assert_int_equal(membership.life.last_sync_ns, 0);
}

static void test_bad_sign_of_life(void **state)
{
    static const char *const cases[][2] = {
        {"{\"v\":1,\"alive\":7}", "alive.connected: want true or false"},
        {"{\"v\":3,\"alive\":{}}", "v: want version 1 or 2 of the format"},
        {ALIVE(COUNTS), "alive.connected: want true or false"},
        {ALIVE("\"connected\":0," COUNTS), "alive.connected: want true or false"},
        {ALIVE("\"connected\":true"), "alive.events: want at most 64 words with counts"},
        {ALIVE("\"connected\":true,\"events\":{}"),
         "alive.resyncs: want at most 64 words with counts"},
        {ALIVE("\"connected\":true,\"events\":{\"a\":1.5},\"resyncs\":{}"),
         "alive.events: want at most 64 words with counts"},
        {"{\"v\":1,\"alive\":{\"connected\":true," COUNTS "},\"services\":[]}",
         "alive: want none beside services"},
    };
    (void)state;
    take_sign_of_life(ALIVE("\"connected\":true," COUNTS));
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        read_line(cases[i][0], cases[i][1]);
    assert_int_equal(json_integer_value(json_object_get(membership.life.events, "start")), 2);
}

/* With a check of its own, which may not leak where a later one is refused. */
#define ONE                                                                                        \
    "{\"id\":\"1\",\"name\":\"n\",\"address\":\"::1\",\"port\":1,\"state\":\"ready\",\"check\":{}" \
    "}"

static void test_bad_line(void **state)
{
    static const struct {
        const char *line, *problem;
    } cases[] = {
        {"{}", "v: want version 1 or 2 of the format"},
        {"[]", "v: want version 1 or 2 of the format"},
        {"{\"v\":3,\"services\":[]}", "v: want version 1 or 2 of the format"},
        {"{\"v\":0,\"services\":[]}", "v: want version 1 or 2 of the format"},
        {"{\"v\":\"1\",\"services\":[]}", "v: want version 1 or 2 of the format"},
        {"{\"v\":1}", "services: want an array"},
        {"{\"v\":2,\"services\":[],\"routes\":{}}", "routes: want an array"},
        {"{\"v\":1,\"services\":{}}", "services: want an array"},
        {"{\"v\":1,\"services\":[7]}", "services[0]: want a name and an array of endpoints"},
        {"{\"v\":1,\"services\":[{\"name\":\"a\",\"endpoints\":[]},{\"endpoints\":[]}]}",
         "services[1]: want a name and an array of endpoints"},
        {"{\"v\":1,\"services\":[{\"name\":\"\",\"endpoints\":[]}]}",
         "services[0]: want a name and an array of endpoints"},
        {"{\"v\":1,\"services\":[{\"name\":\"a\",\"endpoints\":{}}]}",
         "services[0]: want a name and an array of endpoints"},
        {"{\"v\":1,\"services\":[{\"name\":\"a\",\"endpoints\":[7]}]}",
         "services[0].endpoints[0]." ID_PROBLEM},
        {"{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[" ONE "," ONE "]}]}",
         "services[0].endpoints[1].id: want one that no other endpoint of the service has"},
    };
    (void)state;
    read_line(good_line, "");
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        read_line(cases[i].line, cases[i].problem);
    assert_int_equal(membership.wanted.endpoint_count, 2);
}

/* No JSON: the message tells where; its words are the library's. */
static void test_garbage(void **state)
{
    static const struct view lines[] = {
        {"", 0},
        {"\0", 1},
        {"\xff\xfe", 2},
        {"hello", 5},
        {"{\"v\":1", 6},
        {"{\"v\":1,\"services\":[]}x", 22},
        {"{\"v\":1,\"v\":1,\"services\":[]}", 27},
        {"{\"v\":1,\"services\":[],\"a\":\"\\u0000\"}", 35},
        {"{\"v\":1,\"services\":[],\"a\":\"\xc3\"}", 29},
        {"{\"v\":99999999999999999999,\"services\":[]}", 40},
    };
    struct text problem = TEXT_INIT, deep = TEXT_INIT;
    (void)state;
    read_line(good_line, "");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        text_clear(&problem);
        assert_false(membership_read_line(&membership, lines[i], &problem));
        assert_true(view_starts_with(text_view(&problem), VIEW("no JSON at byte ")));
    }
    for (unsigned i = 0; i < 100000; i++)
        text_append_char(&deep, '[');
    text_clear(&problem);
    assert_false(membership_read_line(&membership, text_view(&deep), &problem));
    assert_int_equal(membership.bad_line_count, COUNT_OF(lines) + 1);
    assert_int_equal(membership.wanted.endpoint_count, 2);
    text_fini(&problem);
    text_fini(&deep);
}

static void add_endpoints(struct text *line, const char *service, unsigned count)
{
    text_appendf(line, "{\"name\":\"%s\",\"endpoints\":[", service);
    for (unsigned i = 0; i < count; i++)
        text_appendf(line,
                     "%s{\"id\":\"%u\",\"name\":\"n\",\"address\":\"10.0.0.1\",\"port\":80,"
                     "\"state\":\"ready\"}",
                     i ? "," : "", i);
    text_append_str(line, "]}");
}

static void test_limits(void **state)
{
    struct text line = TEXT_INIT;
    (void)state;
    for (unsigned over = 0; over <= 1; over++) {
        text_clear(&line);
        text_append_str(&line, "{\"v\":1,\"services\":[");
        add_endpoints(&line, "app", LIMITS_ENDPOINTS_MAX + over);
        text_append_str(&line, "]}");
        read_line(text_str(&line), over ? "more than 10000 endpoints" : "");
        assert_int_equal(membership.wanted.endpoint_count, LIMITS_ENDPOINTS_MAX);
        text_clear(&line);
        text_append_str(&line, "{\"v\":1,\"services\":[],\"left_out\":[0");
        for (unsigned i = 1; i < LIMITS_LEFT_OUT_MAX + over; i++)
            text_append_str(&line, ",0");
        text_append_str(&line, "]}");
        read_line(text_str(&line), over ? "left_out: more than 50000 entries" : "");
        if (!over)
            assert_int_equal(membership.wanted.endpoint_count, 0);
        text_clear(&line);
        text_append_str(&line, "{\"v\":1,\"services\":[");
        add_endpoints(&line, "app", LIMITS_ENDPOINTS_MAX);
        text_append_str(&line, "]}");
        read_line(text_str(&line), "");
    }
    text_fini(&line);
}

/* ---- without discovery ----------------------------------------------------------------------- */

static void test_static(void **state)
{
    static const char *const addresses[] = {"10.0.0.1:80", "[fd00::1]:80", "10.0.0.1:80",
                                            "10.0.0.1:81"};
    struct backends backends = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct address address;
        assert_true(address_parse(view_str(addresses[i]), &address));
        backends_add_name(&backends, addresses[i], "", 0);
        backends_add(&backends, &address);
    }
    backends_add_name(&backends, "nowhere:80", "Name or service not known", 0);
    membership_take_backends(&membership, &backends);
    assert_int_equal(membership.wanted.endpoint_count, 3); /* named twice is there once */
    const struct pool_wanted_endpoint *last = &membership.wanted.endpoints[2];
    assert_string_equal(last->service, "app");
    assert_string_equal(last->id, "10.0.0.1:81");
    assert_string_equal(last->name, "10.0.0.1:81");
    assert_string_equal(last->cause, "static");
    assert_int_equal(last->weight, 1);
    assert_int_equal(last->state, ENDPOINT_READY);
    assert_string_equal(membership.wanted.endpoints[1].id, "[fd00::1]:80");
    membership_take_backends(&membership, &backends); /* which has none now */
    assert_int_equal(membership.wanted.endpoint_count, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_good),
        TEST(test_empty),
        TEST(test_options_of_services_follow_the_line),
        TEST(test_bad_line),
        TEST(test_garbage),
        TEST(test_a_container_has_several_endpoints),
        TEST(test_only_http_is_wanted),
        TEST(test_versions_follow_one_another),
        TEST(test_what_routes_lead_to_is_wanted),
        TEST(test_what_no_route_matches_goes_by_the_setting),
        TEST(test_a_bad_route_changes_nothing),
        TEST(test_routes_of_the_first_version_are_passed_over),
        TEST(test_limits),
        TEST(test_static),
        TEST(test_sign_of_life),
        TEST(test_bad_sign_of_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
