/* One endpoint of a line: what is taken from a good one, and what a bad one is refused for. */
#include "lb/follow/member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#define START "{\"id\":\"2\",\"name\":\"n\",\"address\":\"10.0.0.2\",\"port\":80,"

/* "" means it was taken. The strings of `*out` live in the object, which the caller drops. */
static json_t *read_member(const char *text, struct pool_wanted_endpoint *out, const char *want)
{
    struct text problem = TEXT_INIT;
    json_t *object = json_loads(text, 0, NULL);
    struct member_place place = {
        .problem = &problem, .ids = json_pack("{s:i}", "1", 1), .service = 1, .endpoint = 3};
    assert_non_null(object);
    *out = (struct pool_wanted_endpoint){.service = "app"};
    assert_int_equal(member_read(&place, object, out), *want == '\0');
    assert_string_equal(text_str(&problem), want);
    if (*want == '\0')
        assert_non_null(json_object_get(place.ids, out->id));
    json_decref(place.ids);
    text_fini(&problem);
    return object;
}

static void check_refused(const char *text, const char *want)
{
    struct pool_wanted_endpoint member;
    char problem[128];
    snprintf(problem, sizeof(problem), "services[1].endpoints[3].%s", want);
    json_t *object = read_member(text, &member, problem);
    member_fini(&member);
    json_decref(object);
}

static void test_all_that_is_said_is_taken(void **state)
{
    struct pool_wanted_endpoint member;
    struct address want;
    (void)state;
    json_t *object = read_member(
        "{\"id\":\"4f9c\",\"name\":\"app1\",\"address\":\"fd00::2\",\"port\":65535,\"weight\":7,"
        "\"state\":\"paused\",\"cause\":\"pause\",\"cause_time_ns\":5,\"new\":[1],"
        "\"check\":{\"path\":\"/h\",\"fall\":\"7\",\"later\":[]},\"slow_start_ms\":0,"
        "\"abort_on_close\":true,\"max_inflight\":4,\"keepalive\":false,\"container\":\"4f\","
        "\"protocol\":\"later\"}",
        &member, "");
    assert_true(address_parse(VIEW("[fd00::2]:65535"), &want));
    assert_true(address_eq(&member.address, &want));
    assert_string_equal(member.id, "4f9c");
    assert_string_equal(member.container, "4f");
    assert_string_equal(member.name, "app1");
    assert_int_equal(member.weight, 7);
    assert_int_equal(member.state, ENDPOINT_PAUSED);
    assert_string_equal(member.cause, "pause");
    assert_int_equal(member.cause_time_ns, 5);
    assert_string_equal(member.check->path, "/h");
    assert_int_equal(member.check->fall, 7);
    assert_int_equal(member.check->rise, 0);
    assert_true(member.has_slow_start);
    assert_int_equal(member.waits.aborts_on_close, WAITS_YES);
    assert_true(member.capacity.has_max_inflight);
    assert_int_equal(member.capacity.max_inflight, 4);
    assert_int_equal(member.capacity.keepalive, CAPACITY_NO);
    member_fini(&member);
    assert_null(member.check);
    json_decref(object);
}

static void test_what_is_not_said_has_a_default(void **state)
{
    struct pool_wanted_endpoint member;
    (void)state;
    json_t *object = read_member(START "\"state\":\"ready\"}", &member, "");
    assert_string_equal(member.container, "2");
    assert_int_equal(member.weight, 1);
    assert_string_equal(member.cause, "list");
    assert_int_equal(member.cause_time_ns, 0);
    assert_null(member.check);
    assert_false(member.has_slow_start);
    assert_int_equal(member.waits.aborts_on_close, WAITS_UNSAID);
    assert_false(member.capacity.has_max_inflight);
    assert_int_equal(member.capacity.keepalive, CAPACITY_UNSAID);
    json_decref(object);
}

static void test_words_of_states_and_causes(void **state)
{
    static const struct {
        const char *text;
        enum endpoint_state state;
        const char *cause;
    } cases[] = {
        {START "\"state\":\"ready\",\"cause\":\"health_status: healthy\"}", ENDPOINT_READY,
         "health_status: healthy"},
        {START "\"state\":\"starting\",\"cause\":\"\"}", ENDPOINT_STARTING, "list"},
        {START "\"state\":\"unhealthy\",\"cause\":7}", ENDPOINT_UNHEALTHY, "list"},
        {START "\"state\":\"paused\",\"cause\":null}", ENDPOINT_PAUSED, "list"},
        {START "\"state\":\"draining\",\"cause_time_ns\":-5}", ENDPOINT_DRAINING, "list"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pool_wanted_endpoint member;
        json_t *object = read_member(cases[i].text, &member, "");
        assert_int_equal(member.state, cases[i].state);
        assert_string_equal(member.cause, cases[i].cause);
        assert_int_equal(member.cause_time_ns, 0);
        json_decref(object);
    }
}

static void test_a_bad_setting_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"\"container\":7", "container: want a string of 1 to 512 bytes"},
        {"\"container\":\"\"", "container: want a string of 1 to 512 bytes"},
        {"\"protocol\":null", "protocol: want a string of 1 to 512 bytes"},
        {"\"check\":[]", "check: want an object"},
        {"\"check\":{\"rise\":\"0\"}", "check.rise: want a number from 1 to 100, as a string"},
        {"\"check\":{\"rise\":2}", "check.rise: want a number from 1 to 100, as a string"},
        {"\"slow_start_ms\":-1", "slow_start_ms: want an integer from 0 to 86400000"},
        {"\"slow_start_ms\":\"5s\"", "slow_start_ms: want an integer from 0 to 86400000"},
        {"\"abort_on_close\":\"true\"", "abort_on_close: want true or false"},
        {"\"max_inflight\":65536", "max_inflight: want an integer from 0 to 65535"},
        {"\"max_inflight\":\"4\"", "max_inflight: want an integer from 0 to 65535"},
        {"\"keepalive\":\"off\"", "keepalive: want true or false"},
        {"\"slow_start_ms\":86400001", "slow_start_ms: want an integer from 0 to 86400000"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        snprintf(text, sizeof(text), START "\"state\":\"ready\",%s}", cases[i][0]);
        check_refused(text, cases[i][1]);
    }
}

#define ID_PROBLEM      "id: want a string of 1 to 512 bytes"
#define NAME_PROBLEM    "name: want a string of 1 to 512 bytes"
#define PORT_PROBLEM    "port: want an integer from 1 to 65535"
#define ADDRESS_PROBLEM "address: want an IP address"
#define WEIGHT_PROBLEM  "weight: want an integer from 1 to 256"
#define STATE_PROBLEM   "state: want ready, starting, draining, paused or unhealthy"

static void test_a_bad_field_is_refused(void **state)
{
    static const struct {
        const char *field, *value, *problem; /* value "": the field is missing */
    } cases[] = {
        {"id", "", ID_PROBLEM},
        {"id", "\"\"", ID_PROBLEM},
        {"id", "5", ID_PROBLEM},
        {"id", "null", ID_PROBLEM},
        {"id", "\"1\"", "id: want one that no other endpoint of the service has"},
        {"name", "", NAME_PROBLEM},
        {"name", "\"\"", NAME_PROBLEM},
        {"name", "[\"n\"]", NAME_PROBLEM},
        {"port", "", PORT_PROBLEM},
        {"port", "0", PORT_PROBLEM},
        {"port", "-1", PORT_PROBLEM},
        {"port", "65536", PORT_PROBLEM},
        {"port", "4294967376", PORT_PROBLEM},
        {"port", "80.0", PORT_PROBLEM},
        {"port", "\"80\"", PORT_PROBLEM},
        {"port", "true", PORT_PROBLEM},
        {"address", "", ADDRESS_PROBLEM},
        {"address", "\"\"", ADDRESS_PROBLEM},
        {"address", "\"localhost\"", ADDRESS_PROBLEM},
        {"address", "\"10.0.0.256\"", ADDRESS_PROBLEM},
        {"address", "\"10.0.0.1:80\"", ADDRESS_PROBLEM},
        {"address", "\" 10.0.0.1\"", ADDRESS_PROBLEM},
        {"address", "167772161", ADDRESS_PROBLEM},
        {"weight", "0", WEIGHT_PROBLEM},
        {"weight", "-1", WEIGHT_PROBLEM},
        {"weight", "257", WEIGHT_PROBLEM},
        {"weight", "1.5", WEIGHT_PROBLEM},
        {"weight", "\"1\"", WEIGHT_PROBLEM},
        {"weight", "null", WEIGHT_PROBLEM},
        {"state", "", STATE_PROBLEM},
        {"state", "\"READY\"", STATE_PROBLEM},
        {"state", "\"probing\"", STATE_PROBLEM},
        {"state", "\"gone\"", STATE_PROBLEM},
        {"state", "1", STATE_PROBLEM},
    };
    static const char *const fields[][2] = {
        {"id", "\"2\""}, {"name", "\"n\""}, {"address", "\"10.0.0.2\""},
        {"port", "80"},  {"weight", "1"},   {"state", "\"ready\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = TEXT_INIT;
        text_append_str(&text, "{\"x\":0");
        for (size_t j = 0; j < COUNT_OF(fields); j++) {
            const char *value =
                strcmp(fields[j][0], cases[i].field) == 0 ? cases[i].value : fields[j][1];
            if (*value)
                text_appendf(&text, ",\"%s\":%s", fields[j][0], value);
        }
        text_append_str(&text, "}");
        check_refused(text_str(&text), cases[i].problem);
        text_fini(&text);
    }
}

static void test_strings_have_up_to_512_bytes(void **state)
{
    char text[600];
    json_t *object = json_object();
    (void)state;
    memset(text, 'i', sizeof(text));
    text[513] = '\0';
    json_object_set_new(object, "id", json_string(text));
    assert_null(member_string(object, "id"));
    text[512] = '\0';
    json_object_set_new(object, "id", json_string(text));
    assert_non_null(member_string(object, "id"));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_is_said_is_taken),
        cmocka_unit_test(test_what_is_not_said_has_a_default),
        cmocka_unit_test(test_words_of_states_and_causes),
        cmocka_unit_test(test_a_bad_setting_is_refused),
        cmocka_unit_test(test_a_bad_field_is_refused),
        cmocka_unit_test(test_strings_have_up_to_512_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
