#include "discovery/emit.h"

#include <jansson.h>
#include <stdlib.h>

#include "tests/unit/discovery/cmocka_all.h"

static struct set_endpoint endpoint(const char *service, const char *name, const char *id)
{
    return (struct set_endpoint){.service = service,
                                 .id = id,
                                 .name = name,
                                 .protocol = "http",
                                 .address = "10.0.0.1",
                                 .port = 80,
                                 .weight = 1,
                                 .cause = "start",
                                 .cause_time_ns = 5};
}

static void test_a_line(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT;
    (void)state;
    struct set_endpoint items[] = {endpoint("web", "b", "2"), endpoint("api", "c", "3"),
                                   endpoint("web", "a", "1"), endpoint("web", "a", "0:80")};
    items[3].container = "0";
    items[3].image = "shop:7";
    for (size_t i = 0; i < COUNT(items); i++)
        set_add_endpoint(&set, &items[i]);
    set_add_left_out(&set, &(struct set_left_out){.id = "9",
                                                  .name = "n\"\n",
                                                  .service = "",
                                                  .reason = LEFT_OUT_NO_PORT,
                                                  .detail = "d",
                                                  .since_ns = 3});
    set_sort(&set);
    assert_int_equal(emit_line(&emit, &set, "docker", 42, &line), EMIT_LINE);
    assert_string_equal(
        text_str(&line),
        "{\"v\":2,\"source\":\"docker\",\"time_ns\":42,\"services\":["
        "{\"name\":\"api\",\"endpoints\":[{\"id\":\"3\",\"name\":\"c\",\"protocol\":\"http\","
        "\"address\":\"10.0.0.1\","
        "\"port\":80,\"weight\":1,\"state\":\"ready\",\"cause\":\"start\",\"cause_time_ns\":5}]},"
        "{\"name\":\"web\",\"endpoints\":["
        "{\"id\":\"0:80\",\"container\":\"0\",\"name\":\"a\",\"protocol\":\"http\","
        "\"address\":\"10.0.0.1\",\"port\":80,\"weight\":1,"
        "\"state\":\"ready\",\"cause\":\"start\",\"cause_time_ns\":5,\"image\":\"shop:7\"},"
        "{\"id\":\"1\",\"name\":\"a\",\"protocol\":\"http\",\"address\":\"10.0.0.1\",\"port\":80,"
        "\"weight\":1,"
        "\"state\":\"ready\",\"cause\":\"start\",\"cause_time_ns\":5},"
        "{\"id\":\"2\",\"name\":\"b\",\"protocol\":\"http\",\"address\":\"10.0.0.1\",\"port\":80,"
        "\"weight\":1,"
        "\"state\":\"ready\",\"cause\":\"start\",\"cause_time_ns\":5}]}],\"routes\":[],"
        "\"left_out\":[{\"id\":\"9\",\"name\":\"n\\\"\\n\",\"service\":\"\","
        "\"reason\":\"no_port\",\"detail\":\"d\",\"since_ns\":3}]}\n");
    json_t *parsed = json_loads(text_str(&line), 0, NULL);
    assert_non_null(parsed);
    json_decref(parsed);
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

static void test_routes_and_a_remark_of_no_container(void **state)
{
    struct emit emit = {0};
    struct set set = {.remark = "r"};
    struct text line = TEXT_INIT;
    (void)state;
    set_add_route(&set, &(struct route){.host = {ROUTE_HOST, VIEW("b.test")},
                                        .service = VIEW("web"),
                                        .label = VIEW("routes[1]")});
    set_add_route(&set,
                  &(struct route){.host = {ROUTE_HOST, VIEW("a.test")}, .answer_status = 404});
    set_sort(&set);
    assert_int_equal(emit_line(&emit, &set, "file", 42, &line), EMIT_LINE);
    assert_string_equal(text_str(&line),
                        "{\"v\":2,\"source\":\"file\",\"time_ns\":42,\"services\":[],\"routes\":["
                        "{\"host\":\"b.test\",\"service\":\"web\",\"label\":\"routes[1]\"},"
                        "{\"host\":\"a.test\",\"answer\":404}],\"left_out\":[],"
                        "\"remarks\":{\"file\":\"r\"}}\n");
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

static void test_listeners(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT, scratch = TEXT_INIT;
    struct listener_rule rule = {.kind = SERVICE_TCP,
                                 .port = 443,
                                 .server_name = VIEW("a.test"),
                                 .alpn = VIEW("h2"),
                                 .service = VIEW("web"),
                                 .dialect = VIEW("lb"),
                                 .label = VIEW("lb.tcp"),
                                 .container = VIEW("c0"),
                                 .container_name = VIEW("\"c\""),
                                 .created_ns = 7};
    (void)state;
    set_add_listener(&set, &(struct listener_rule){
                               .kind = SERVICE_UDP, .listener = VIEW("dns"), .service = VIEW("d")});
    set_add_listener(&set, &rule);
    set_sort(&set);
    assert_int_equal(emit_line(&emit, &set, "docker", 42, &line), EMIT_LINE);
    assert_string_equal(
        text_str(&line),
        "{\"v\":2,\"source\":\"docker\",\"time_ns\":42,\"services\":[],\"routes\":[],\"listeners\":"
        "["
        "{\"protocol\":\"tcp\",\"port\":443,\"server_name\":\"a.test\",\"alpn\":\"h2\","
        "\"service\":\"web\",\"dialect\":\"lb\",\"label\":\"lb.tcp\",\"container\":\"c0\","
        "\"container_name\":\"\\\"c\\\"\",\"created_ns\":7},"
        "{\"protocol\":\"udp\",\"listener\":\"dns\",\"service\":\"d\"}],\"left_out\":[]}\n");
    size_t bytes = emit_listener_bytes(&rule, &scratch);
    assert_in_range(bytes, 170, 300);
    text_fini(&scratch);
    text_fini(&line);
    emit_fini(&emit);
    set_fini(&set);
}

static void test_checks(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT;
    struct check check = {.path = "/h\"", .fall = 2, .interval_ms = 1500};
    unsigned slow_start_ms = 0;
    struct set_endpoint one = endpoint("web", "a", "1");
    (void)state;
    one.check = &check;
    one.slow_start_ms = &slow_start_ms;
    one.waits.aborts_on_close = WAITS_NO;
    one.capacity =
        (struct capacity){.has_max_inflight = true, .max_inflight = 4, .keepalive = CAPACITY_NO};
    set_add_endpoint(&set, &one);
    assert_int_equal(emit_line(&emit, &set, "docker", 1, &line), EMIT_LINE);
    assert_non_null(strstr(text_str(&line), "\"cause_time_ns\":5,\"check\":{\"path\":\"/h\\\"\","
                                            "\"interval\":\"1500ms\",\"fall\":\"2\"},"
                                            "\"slow_start_ms\":0,\"abort_on_close\":false,"
                                            "\"max_inflight\":4,\"keepalive\":false}"));
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

/* They are about containers, whichever of their ports are told. */
static void test_remarks_and_ports_left_out(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT;
    struct set_endpoint one = endpoint("web", "a", "1:80");
    (void)state;
    one.container = "1";
    one.remark = "r1";
    set_add_endpoint(&set, &one);
    set_add_left_out(&set, &(struct set_left_out){.id = "2:81",
                                                  .container = "2",
                                                  .name = "b",
                                                  .service = "web",
                                                  .detail = "d",
                                                  .remark = "r2"});
    set_add_left_out(&set,
                     &(struct set_left_out){
                         .id = "3", .name = "c", .service = "web", .detail = "d", .remark = "r3"});
    assert_int_equal(emit_line(&emit, &set, "docker", 1, &line), EMIT_LINE);
    assert_non_null(strstr(text_str(&line),
                           "\"left_out\":[{\"id\":\"2:81\",\"container\":\"2\",\"name\":\"b\""));
    assert_non_null(strstr(text_str(&line), "{\"id\":\"3\",\"name\":\"c\""));
    assert_non_null(
        strstr(text_str(&line), "\"remarks\":{\"1\":\"r1\",\"2\":\"r2\",\"3\":\"r3\"}"));
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

static void test_nothing_new_is_no_line(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT;
    struct set_endpoint one = endpoint("web", "a", "1");
    (void)state;
    assert_int_equal(emit_line(&emit, &set, "file", 1, &line), EMIT_LINE); /* empty is news, too */
    assert_int_equal(emit_line(&emit, &set, "file", 2, &line), EMIT_UNCHANGED);
    set_add_endpoint(&set, &one);
    assert_int_equal(emit_line(&emit, &set, "file", 3, &line), EMIT_LINE);
    assert_int_equal(emit_line(&emit, &set, "file", 4, &line), EMIT_UNCHANGED);
    set.endpoints[0].state = ENDPOINT_DRAINING;
    assert_int_equal(emit_line(&emit, &set, "file", 5, &line), EMIT_LINE);
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

static void test_the_last_line_again(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT, again = TEXT_INIT;
    struct set_endpoint one = endpoint("web", "a", "1");
    (void)state;
    assert_false(emit_again(&emit, "file", 1, &again));
    assert_int_equal(again.len, 0);
    set_add_endpoint(&set, &one);
    assert_int_equal(emit_line(&emit, &set, "file", 7, &line), EMIT_LINE);
    assert_true(emit_again(&emit, "file", 7, &again));
    assert_string_equal(text_str(&again), text_str(&line));
    assert_int_equal(emit_line(&emit, &set, "file", 8, &line), EMIT_UNCHANGED); /* for the others */
    text_fini(&line);
    text_fini(&again);
    set_fini(&set);
    emit_fini(&emit);
}

static void test_too_long(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT;
    char *detail = malloc(1024 * 1024 + 1);
    (void)state;
    memset(detail, 'x', 1024 * 1024);
    detail[1024 * 1024] = '\0';
    struct set_endpoint one = endpoint("web", "a", "1");
    set_add_endpoint(&set, &one);
    for (int i = 0; i < 17; i++)
        set_add_left_out(
            &set, &(struct set_left_out){.id = "9", .name = "n", .service = "", .detail = detail});
    assert_int_equal(emit_line(&emit, &set, "docker", 1, &line), EMIT_TOO_LONG);
    assert_int_equal(line.len, 0);
    set.left_out_count = 14;
    assert_int_equal(emit_line(&emit, &set, "docker", 1, &line), EMIT_LINE);
    free(detail);
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

static void test_services_tell_their_options(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT;
    (void)state;
    struct set_endpoint one = endpoint("web", "a", "1");
    struct set_service web = {.name = "web"}, gone = {.name = "gone"};
    web.options.values[SERVICE_OPTION_QUEUE] = VIEW("10");
    web.options.values[SERVICE_OPTION_BALANCE] = VIEW("hash \"client");
    gone.options.values[SERVICE_OPTION_QUEUE] = VIEW("10");
    set_add_service(&set, &web);
    set_add_service(&set, &gone);
    set_add_endpoint(&set, &one);
    set_sort(&set);
    assert_int_equal(emit_line(&emit, &set, "docker", 1, &line), EMIT_LINE);
    assert_non_null(strstr(text_str(&line),
                           "\"services\":[{\"name\":\"web\",\"options\":{\"balance\":\"hash "
                           "\\\"client\",\"queue\":\"10\"},\"endpoints\":[{"));
    assert_null(strstr(text_str(&line), "gone"));
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

/* No part of a line is longer than it is said to be. */
static void test_bytes_of_parts(void **state)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT, scratch = TEXT_INIT;
    size_t bytes = 0;
    (void)state;
    struct set_endpoint one = endpoint("\"web\"\n", "a", "1");
    one.remark = "\"\"\"";
    struct set_left_out out = {
        .id = "9", .name = "\n", .service = "", .detail = "d", .remark = "r"};
    struct route route = {.host = {ROUTE_HOST, VIEW("a.test")}, .service = VIEW("web")};
    struct set_service service = {.name = one.service};
    service.options.values[SERVICE_OPTION_STICKY] = VIEW("\"\"\"\"\"\"\"\"\"\"");
    set_add_service(&set, &service);
    set_add_endpoint(&set, &one);
    set_add_left_out(&set, &out);
    set_add_route(&set, &route);
    bytes += emit_endpoint_bytes(&set, &one, &scratch) + emit_route_bytes(&route, &scratch) +
             emit_left_out_bytes(&out, &scratch);
    assert_int_equal(emit_line(&emit, &set, "docker", 1, &line), EMIT_LINE);
    assert_true(bytes >= line.len - strlen("{\"v\":2,\"source\":\"docker\",\"time_ns\":1}"));
    set.endpoints[0].name = "a much longer one";
    assert_int_equal(emit_endpoint_bytes(&set, &set.endpoints[0], &scratch) -
                         emit_endpoint_bytes(&set, &one, &scratch),
                     strlen("a much longer one") - 1);
    text_fini(&scratch);
    text_fini(&line);
    set_fini(&set);
    emit_fini(&emit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_routes_and_a_remark_of_no_container),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_listeners),
        cmocka_unit_test(test_remarks_and_ports_left_out),
        cmocka_unit_test(test_nothing_new_is_no_line),
        cmocka_unit_test(test_the_last_line_again),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_services_tell_their_options),
        cmocka_unit_test(test_bytes_of_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
