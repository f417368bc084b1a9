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
             "\"state\":\"draining\"}]},{\"name\":\"empty\",\"endpoints\":[]}]}"),
        &problem);
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
        {"{\"services\":{}}", "\"services\""},
        {"{\"services\":[],\"x\":1}", "\"services\""},
        {"{\"services\":[1]}", "services[0]: an object"},
        {"{\"services\":[{}]}", "services[0].name"},
        {"{\"services\":[{\"name\":\"\"}]}", "services[0].name"},
        {"{\"services\":[{\"name\":1}]}", "services[0].name"},
        {"{\"services\":[{\"name\":\"a\"}]}", "services[0].endpoints"},
        {"{\"services\":[{\"name\":\"a\",\"endpoints\":{}}]}", "services[0].endpoints: an array"},
        {ONE("1"), "services[0].endpoints[0]: an object"},
        {ONE("{}"), "services[0].endpoints[0].port"},
        {ONE("{\"port\":0,\"address\":\"1.2.3.4\"}"), "services[0].endpoints[0].port"},
        {ONE("{\"port\":\"80\",\"address\":\"1.2.3.4\"}"), "services[0].endpoints[0].port"},
        {ONE("{\"port\":80,\"address\":\"localhost\"}"), "services[0].endpoints[0].address"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"weight\":0}"), "endpoints[0].weight"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"check\":1}"), "endpoints[0].check: an object"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"check\":{\"pat\":\"/\"}}"),
         "endpoints[0].check: \"pat\": there is no such key"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"check\":{\"rise\":1}}"),
         "endpoints[0].check: \"rise\": a number from 1 to 100"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"slow_start_ms\":\"5s\"}"),
         "endpoints[0].slow_start_ms"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"abort_on_close\":\"on\"}"),
         "endpoints[0].abort_on_close: true or false"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"weight\":\"1\"}"), "endpoints[0].weight"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"state\":\"up\"}"), "endpoints[0].state"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\",\"id\":null}"), "endpoints[0].id"},
        {ONE("{\"port\":80,\"adress\":\"1.2.3.4\"}"), "endpoints[0].adress: there is no such key"},
        {ONE("{\"port\":80,\"address\":\"1.2.3.4\"},{\"port\":80,\"address\":\"1.2.3.4\"}"),
         "\"1.2.3.4:80\" is there twice"},
        {"{\"services\":[{\"name\":\"a\",\"endpoints\":[]},{\"name\":\"a\",\"endpoints\":[]}]}",
         "service \"a\" is there twice"},
    };
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(file_parse(view_str(cases[i].text), &problem));
        if (!strstr(text_str(&problem), cases[i].problem))
            fail_msg("%s: %s", cases[i].text, text_str(&problem));
    }
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
    assert_null(file_parse(text_view(&text), &problem));
    assert_non_null(strstr(text_str(&problem), "endpoints[10000]: at most 10000"));
    text_fini(&text);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_file),
        cmocka_unit_test(test_refusals_name_the_place),
        cmocka_unit_test(test_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
