#include "discovery/file/file.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

#define ONE(endpoint) "{\"services\":[{\"name\":\"s\",\"endpoints\":[" endpoint "]}]}"

static void test_a_good_file(void **state)
{
    struct set set = {0};
    struct text problem = TEXT_INIT;
    struct file *file = file_parse(
        VIEW("{\"services\":[{\"name\":\"web\",\"endpoints\":["
             "{\"address\":\"127.0.0.1\",\"port\":2},"
             "{\"address\":\"FD00::0:1\",\"port\":1,\"name\":\"six\",\"id\":\"x\",\"weight\":256,"
             "\"state\":\"draining\"}]},{\"name\":\"empty\",\"endpoints\":[]},{\"name\":\"none\"}]"
             "}"),
        false, &problem);
    (void)state;
    assert_string_equal(text_str(&problem), "");
    assert_non_null(file);
    file_collect(file, &set);
    assert_int_equal(set.endpoint_count, 2);
    assert_string_equal(set.endpoints[0].id, "127.0.0.1:2");
    assert_string_equal(set.endpoints[0].name, "127.0.0.1:2");
    assert_int_equal(set.endpoints[0].weight, 1);
    assert_int_equal(set.endpoints[0].state, ENDPOINT_READY);
    assert_string_equal(set.endpoints[1].address, "fd00::1");
    assert_string_equal(set.endpoints[1].name, "six");
    assert_int_equal(set.endpoints[1].weight, 256);
    assert_int_equal(set.endpoints[1].state, ENDPOINT_DRAINING);
    assert_string_equal(set.endpoints[1].cause, "file");
    assert_string_equal(file_remarks(file), "");
    assert_null(set.remark);
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
}

static void test_refusals_name_the_place(void **state)
{
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"", "line "},
        {"{\"services\":[", "line "},
        {"[]", "\"services\""},
        {"{}", "\"services\""},
        {"{\"services\":{}}", "line 1, column 2: services: an array"},
        {"{\"routes\":1}", "line 1, column 2: routes: an array"},
        {"{\"services\":[],\"services\":[]}", "line 1, column 25: duplicate object key"},
        {"{\"services\":[1]}", "services[0]: an object"},
        {"{\"services\":[{}]}", "services[0].name"},
        {"{\"services\":[{\"name\":\"\"}]}", "services[0].name"},
        {"{\"services\":[{\"name\":1}]}", "services[0].name"},
        {"{\"services\":[{\"name\":\"a\",\"endpoints\":{}}]}", "services[0].endpoints: an array"},
        {ONE("1"), "services[0].endpoints[0]: an object"},
        {ONE("{}"), "services[0].endpoints[0].port"},
        {ONE("{\"port\":0,\"address\":\"1.2.3.4\"}"), "services[0].endpoints[0].port"},
        {ONE("{\"port\":\"80\",\"address\":\"1.2.3.4\"}"), "services[0].endpoints[0].port"},
        {ONE("{\"port\":80,\"address\":\"localhost\"}"), "services[0].endpoints[0].address"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"weight\":257}"), "endpoints[0].weight"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"check\":1}"), "endpoints[0].check: an object"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"check\":{\"rise\":0}}"),
         "endpoints[0].check.rise: a number from 1 to 100"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"protocol\":\"spdy\"}"),
         "endpoints[0].protocol: http, https"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"slow_start_ms\":\"5s\"}"),
         "endpoints[0].slow_start_ms"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"abort_on_close\":\"on\"}"),
         "endpoints[0].abort_on_close: true or false"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"max-inflight\":-1}"),
         "endpoints[0].max-inflight: off, or a number"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"max-inflight\":1,\"max_inflight\":1}"),
         "endpoints[0].max_inflight: it says the same"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"keepalive\":\"no\"}"),
         "endpoints[0].keepalive: true or false"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"weight\":\"1\"}"), "endpoints[0].weight"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"state\":\"up\"}"), "endpoints[0].state"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"id\":null}"), "endpoints[0].id"},
        {ONE("{\"port\":80,\"adress\":\"1.2.3.4\"}"),
         "endpoints[0].adress: this word is not known (did you mean address?)"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\"},{\"port\":80,\"address\":\"1.2.3.4\"}"),
         "\"1.2.3.4:80\" is there twice"},
        {"{\"services\":[{\"name\":\"a\",\"endpoints\":[]},{\"name\":\"a\",\"endpoints\":[]}]}",
         "service \"a\" is there twice"},
    };
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(file_parse(view_str(cases[i].text), false, &problem));
        if (!strstr(text_str(&problem), cases[i].problem))
            fail_msg("%s: %s", cases[i].text, text_str(&problem));
    }
    text_fini(&problem);
}

/* The same words as labels, without "lb."; one of the service's holds for all that say nothing else. */
static void test_options_as_labels_have_them(void **state)
{
    struct set set = {0};
    struct text problem = TEXT_INIT;
    struct file *file =
        file_parse(VIEW("{\"services\":[{\"name\":\"s\",\"slow-start\":\"30s\",\"weight\":3,"
                        "\"check\":{\"path\":\"/h\",\"rise\":2},\"stream-timeout\":false,"
                        "\"max_inflight\":4,\"keepalive\":false,\"endpoints\":["
                        "{\"address\":\"1.1.1.1\",\"port\":1},"
                        "{\"address\":\"1.1.1.2\",\"port\":1,\"weight\":0,\"slow_start_ms\":5,"
                        "\"response-timeout\":\"90s\",\"abort-on-close\":true,"
                        "\"max-inflight\":\"off\",\"keepalive\":true,"
                        "\"check\":{\"fall\":\"4\"}},"
                        "{\"address\":\"1.1.1.3\",\"port\":1,\"drain\":true,"
                        "\"protocol\":\"h2c\"}]}]}"),
                   false, &problem);
    (void)state;
    assert_string_equal(text_str(&problem), "");
    file_collect(file, &set);
    const struct set_endpoint *first = &set.endpoints[0], *second = &set.endpoints[1];
    assert_int_equal(first->weight, 3);
    assert_int_equal(*first->slow_start_ms, 30000);
    assert_string_equal(first->check->path, "/h");
    assert_int_equal(first->check->rise, 2);
    assert_true(first->waits.is_given[WAIT_STREAM] && first->waits.ms[WAIT_STREAM] == 0);
    assert_false(first->waits.is_given[WAIT_RESPONSE]);
    assert_int_equal(second->state, ENDPOINT_DRAINING);
    assert_int_equal(*second->slow_start_ms, 5);
    assert_int_equal(second->waits.ms[WAIT_RESPONSE], 90000);
    assert_int_equal(second->waits.aborts_on_close, WAITS_YES);
    assert_int_equal(first->capacity.max_inflight, 4);
    assert_int_equal(first->capacity.keepalive, CAPACITY_NO);
    assert_true(second->capacity.has_max_inflight && second->capacity.max_inflight == 0);
    assert_int_equal(second->capacity.keepalive, CAPACITY_YES);
    assert_int_equal(second->check->fall, 4);
    assert_string_equal(second->check->path, "/h");
    assert_int_equal(set.endpoints[2].state, ENDPOINT_DRAINING);
    assert_string_equal(set.endpoints[2].protocol, "h2c");
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
}

static void test_words_that_are_not_known_hold_up_nothing_else(void **state)
{
    struct set set = {0};
    struct text problem = TEXT_INIT;
    struct file *file = file_parse(
        VIEW("{\"servces\":1,\"services\":[{\"name\":\"s\",\"blance\":\"x\",\n\"endpoints\":["
             "{\"address\":\"1.1.1.1\",\"port\":1,\"wieght\":2,"
             "\"check\":{\"pat\":\"/\"}}]}]}"),
        false, &problem);
    (void)state;
    assert_string_equal(text_str(&problem), "");
    assert_string_equal(
        file_remarks(file),
        "line 1, column 2: servces: this word is not known (did you mean services?); it does "
        "nothing\n"
        "line 1, column 38: services[0].blance: this word is not known (did you mean balance?); it "
        "does nothing\n"
        "line 2, column 44: services[0].endpoints[0].wieght: this word is not known (did you mean "
        "weight?); it does nothing\n"
        "line 2, column 64: services[0].endpoints[0].check.pat: this word is not known (did you "
        "mean "
        "path?); it does nothing\n");
    file_collect(file, &set);
    assert_int_equal(set.endpoint_count, 1);
    assert_int_equal(set.endpoints[0].weight, 1);
    assert_non_null(strstr(set.remark, "services[0].blance: this word is not known (did you mean "
                                       "balance?); it does nothing; line"));
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
}

static void test_many_words_that_are_not_known_are_counted(void **state)
{
    struct text text = TEXT_INIT, problem = TEXT_INIT;
    (void)state;
    text_append_str(&text, "{\"services\":[]");
    for (unsigned i = 0; i < 1000; i++)
        text_appendf(&text, ",\"x%u\":1", i);
    text_append_str(&text, "}");
    struct file *file = file_parse(text_view(&text), false, &problem);
    assert_non_null(strstr(file_remarks(file), "x7: this word"));
    assert_null(strstr(file_remarks(file), "x8: this word"));
    assert_non_null(strstr(file_remarks(file), "\nand so on, 992 times more\n"));
    file_free(file);
    text_fini(&text);
    text_fini(&problem);
}

static void test_a_route_to_a_missing_service_is_told_and_stays(void **state)
{
    static const struct view text = VIEW(
        "{\"services\":[{\"name\":\"shop\"}],\"routes\":[{\"host\":\"a\",\"service\":\"shpo\"},"
        "{\"host\":\"b\",\"service\":\"shpo\"},{\"host\":\"c\",\"service\":\"shop\"}]}");
    struct set set = {0};
    struct text problem = TEXT_INIT;
    struct file *file = file_parse(text, false, &problem);
    (void)state;
    assert_string_equal(file_remarks(file),
                        "line 1, column 53: routes[0].service: the file has no service \"shpo\" "
                        "(did you mean \"shop\"?); its requests get 503\n");
    file_collect(file, &set);
    assert_int_equal(set.route_count, 3);
    set_fini(&set);
    file_free(file);
    file = file_parse(text, true, &problem); /* another source may have it */
    assert_string_equal(file_remarks(file), "");
    file_free(file);
    text_fini(&problem);
}

/* What the program has written is a file again. */
static void test_a_line_is_a_file(void **state)
{
    struct set set = {0};
    struct text problem = TEXT_INIT;
    struct file *file = file_parse(
        VIEW(
            "{\"v\":2,\"source\":\"docker\",\"time_ns\":1,\"services\":[{\"name\":\"s\","
            "\"endpoints\":["
            "{\"id\":\"a:1\",\"container\":\"a\",\"name\":\"n\",\"protocol\":\"http\",\"address\":"
            "\"1.1.1.1\","
            "\"port\":1,\"on_host\":true,\"weight\":1,\"state\":\"ready\",\"cause\":\"start\","
            "\"cause_time_ns\":5,\"service_from\":\"x\",\"port_from\":\"x\",\"address_from\":\"x\","
            "\"health\":\"x\"}]}],\"routes\":[{\"host\":\"a\",\"conditions\":[{\"kind\":\"method\","
            "\"value\":\"GET\",\"not\":true}],\"rank\":0,\"service\":\"s\",\"dialect\":\"lb\","
            "\"label\":\"lb.host\",\"container\":\"a\",\"container_name\":\"n\",\"created_ns\":9}],"
            "\"left_out\":[],\"losses\":[],\"remarks\":{}}"),
        false, &problem);
    (void)state;
    assert_string_equal(text_str(&problem), "");
    assert_string_equal(file_remarks(file), "");
    file_collect(file, &set);
    assert_int_equal(set.endpoint_count, 1);
    assert_int_equal(set.route_count, 1);
    assert_true(set.routes[0].is_ranked);
    assert_int_equal(set.routes[0].condition_count, 1);
    assert_true(view_eq(set.routes[0].label, VIEW("routes[0]")));
    assert_int_equal(set.routes[0].container.len, 0);
    set_fini(&set);
    file_free(file);
    text_fini(&problem);
}

static void test_services_ask_for_something(void **state)
{
    struct text problem = TEXT_INIT;
    struct set set = {0};
    (void)state;
    struct file *file =
        file_parse(VIEW("{\"services\":[{\"name\":\"s\",\"queue\":10,\"options\":{\"balance\":"
                        "\"least-requests\",\"blance\":1}},{\"name\":\"t\"}]}"),
                   false, &problem);
    assert_non_null(file);
    file_collect(file, &set);
    assert_int_equal(set.service_count, 1);
    const struct set_service *service = set_find_service(&set, "s");
    assert_true(view_eq(service->options.values[SERVICE_OPTION_QUEUE], VIEW("10")));
    assert_true(view_eq(service->options.values[SERVICE_OPTION_BALANCE], VIEW("least-requests")));
    assert_non_null(strstr(file_remarks(file), "services[0].options.blance: this word is not known "
                                               "(did you mean balance?); it does nothing"));
    set_fini(&set);
    file_free(file);
    assert_null(file_parse(VIEW("{\"services\":[{\"name\":\"s\",\"queue\":\"a\\u0001\"}]}"), false,
                           &problem));
    assert_non_null(strstr(text_str(&problem), "services[0].queue: queue \"a\\x01\""));
    text_fini(&problem);
}

static void test_there_is_a_limit(void **state)
{
    struct text text = TEXT_INIT, problem = TEXT_INIT;
    (void)state;
    text_append_str(&text, "{\"services\":[{\"name\":\"s\",\"endpoints\":[");
    for (unsigned i = 0; i <= LIMITS_ENDPOINTS_MAX; i++)
        text_appendf(&text, "%s{\"address\":\"10.0.%d.%d\",\"port\":1}", i ? "," : "", i >> 8,
                     i & 255);
    text_append_str(&text, "]}]}");
    assert_null(file_parse(text_view(&text), false, &problem));
    assert_non_null(strstr(text_str(&problem), "endpoints[10000]: at most 10000"));
    text_fini(&text);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_file),
        cmocka_unit_test(test_refusals_name_the_place),
        cmocka_unit_test(test_options_as_labels_have_them),
        cmocka_unit_test(test_words_that_are_not_known_hold_up_nothing_else),
        cmocka_unit_test(test_many_words_that_are_not_known_are_counted),
        cmocka_unit_test(test_a_route_to_a_missing_service_is_told_and_stays),
        cmocka_unit_test(test_a_line_is_a_file),
        cmocka_unit_test(test_services_ask_for_something),
        cmocka_unit_test(test_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
