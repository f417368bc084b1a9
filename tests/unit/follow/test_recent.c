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
    json_writer_begin_array(&json);
    for (uint64_t number = recent.last_number; recent_at(&recent, number); number--)
        recent_write(recent_at(&recent, number), &json);
    json_writer_end_array(&json);
    assert_string_equal(text_str(&out), want);
    text_fini(&out);
}

#define OF "\"service\":\"s\",\"endpoint\":\"s 1\","
#define AT "\"time\":\"2026-11-22T01:52:25.123456Z\","

static void test_the_latest_comes_first(void **state)
{
    (void)state;
    check("[]");
    note("a\"\n", ENDPOINT_GONE, ENDPOINT_PROBING, NULL);
    note("b", ENDPOINT_READY, ENDPOINT_FAILING, "status 500");
    note("c", ENDPOINT_READY, ENDPOINT_GONE, "of its last state");
    check("[{\"number\":3," AT OF "\"name\":\"c\",\"before\":\"ready\",\"after\":\"gone\","
          "\"cause\":\"\",\"problem\":\"\"},"
          "{\"number\":2," AT OF "\"name\":\"b\",\"before\":\"ready\",\"after\":\"failing\","
          "\"cause\":\"die\",\"problem\":\"status 500\"},"
          "{\"number\":1," AT OF "\"name\":\"a\\\"\\n\",\"before\":\"gone\",\"after\":\"probing\","
          "\"cause\":\"die\",\"problem\":\"\"}]");
    recent_fini(&recent);
    check("[]");
}

static void test_the_oldest_is_forgotten(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RECENT_COUNT + 3; i++)
        note("a", ENDPOINT_READY, ENDPOINT_PAUSED, NULL);
    assert_non_null(recent_at(&recent, RECENT_COUNT + 3));
    assert_non_null(recent_at(&recent, 4));
    assert_null(recent_at(&recent, 3));
    assert_null(recent_at(&recent, RECENT_COUNT + 4));
    assert_null(recent_at(&recent, 0));
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
