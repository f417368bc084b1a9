/* The latest changes of the pool: the last one first, no more than there is room for. */
#include "lb/follow/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct recent recent;

static struct endpoint *new_endpoint(const char *name, enum endpoint_state state)
{
    struct endpoint *endpoint = endpoint_new(&(struct endpoint_options){
        .id = "1", .name = name, .service = "s", .weight = 1, .worker_count = 1});
    endpoint_set_state(endpoint, state);
    return endpoint;
}

static void note(const char *name, enum endpoint_state before, enum endpoint_state after,
                 const char *problem)
{
    struct endpoint *endpoint = new_endpoint(name, after);
    endpoint_note_problem(endpoint, problem);
    memcpy(endpoint->cause, "die", sizeof("die"));
    recent_note(&recent, endpoint, before);
    recent.changes[recent.last_number % RECENT_COUNT].time_ns = 1795312345123456789;
    endpoint_unref(endpoint);
}

static void check(const char *want)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    json_writer_init(&json, &out);
    recent_write(&recent, &json);
    assert_string_equal(text_str(&out), want);
    text_fini(&out);
}

#define AT "\"time\":\"2026-11-22T01:52:25.123456Z\","

static void test_the_latest_comes_first(void **state)
{
    (void)state;
    check("[]");
    note("a\"\n", ENDPOINT_GONE, ENDPOINT_PROBING, NULL);
    note("b", ENDPOINT_READY, ENDPOINT_FAILING, "status 500");
    note("c", ENDPOINT_READY, ENDPOINT_GONE, "of its last state");
    check("[{\"number\":3," AT "\"name\":\"c\",\"before\":\"ready\",\"after\":\"gone\","
          "\"cause\":\"\",\"problem\":\"\"},"
          "{\"number\":2," AT "\"name\":\"b\",\"before\":\"ready\",\"after\":\"failing\","
          "\"cause\":\"die\",\"problem\":\"status 500\"},"
          "{\"number\":1," AT "\"name\":\"a\\\"\\n\",\"before\":\"gone\",\"after\":\"probing\","
          "\"cause\":\"die\",\"problem\":\"\"}]");
    recent_fini(&recent);
    check("[]");
}

static void test_the_oldest_is_forgotten(void **state)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    unsigned count = 0;
    (void)state;
    for (unsigned i = 0; i < RECENT_COUNT + 3; i++)
        note("a", ENDPOINT_READY, ENDPOINT_PAUSED, NULL);
    json_writer_init(&json, &out);
    recent_write(&recent, &json);
    for (const char *at = text_str(&out); (at = strstr(at, "\"number\"")); at++)
        count++;
    assert_int_equal(count, RECENT_COUNT);
    assert_non_null(strstr(text_str(&out), "[{\"number\":53,"));
    assert_non_null(strstr(text_str(&out), "{\"number\":4,"));
    assert_null(strstr(text_str(&out), "{\"number\":3,"));
    text_fini(&out);
    recent_fini(&recent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_latest_comes_first),
        cmocka_unit_test(test_the_oldest_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
