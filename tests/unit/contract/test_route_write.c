/* Routes as a line has them. */
#include "lb/contract/route_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void assert_written(const struct route *route, const char *wanted)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    json_writer_init(&json, &out);
    route_write(route, &json);
    assert_string_equal(text_str(&out), wanted);
    text_fini(&out);
}

static void test_what_is_not_given_is_not_written(void **state)
{
    (void)state;
    assert_written(&(struct route){.service = VIEW("s")}, "{\"service\":\"s\"}");
    assert_written(&(struct route){.answer_status = 404}, "{\"answer\":404}");
}

static void test_all_that_can_be_given(void **state)
{
    static const struct route_condition conditions[] = {
        {ROUTE_HEADER, true, VIEW("X-K"), VIEW("\"v\"")},
        {ROUTE_METHOD, false, VIEW(""), VIEW("GET")}};
    const struct route route = {.host = {ROUTE_HOST, VIEW("*.a.test")},
                                .path = {ROUTE_PATH_REGEX, VIEW("\\.php$")},
                                .conditions = conditions,
                                .condition_count = 2,
                                .priority = -3,
                                .is_ranked = true,
                                .rank = 0,
                                .service = VIEW("s"),
                                .strip = VIEW("/x"),
                                .add = VIEW("/y"),
                                .dialect = VIEW("traefik"),
                                .label = VIEW("traefik.http.routers.r.rule"),
                                .container = VIEW("c0ffee"),
                                .name = VIEW("web"),
                                .created_ns = 5};
    (void)state;
    assert_written(
        &route,
        "{\"host\":\"*.a.test\",\"path_regex\":\"\\\\.php$\",\"conditions\":["
        "{\"kind\":\"header\",\"name\":\"X-K\",\"value\":\"\\\"v\\\"\",\"not\":true},"
        "{\"kind\":\"method\",\"value\":\"GET\"}],\"priority\":-3,\"rank\":0,\"service\":\"s\","
        "\"strip\":\"/x\",\"add\":\"/y\",\"dialect\":\"traefik\","
        "\"label\":\"traefik.http.routers.r.rule\",\"container\":\"c0ffee\","
        "\"container_name\":\"web\",\"created_ns\":5}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_given_is_not_written),
        cmocka_unit_test(test_all_that_can_be_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
