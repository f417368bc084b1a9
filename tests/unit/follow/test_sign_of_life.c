/* Signs of life: which are taken, and that a bad one changes nothing. */
#include "lb/follow/sign_of_life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/contract/limits.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define GOOD            "\"connected\":true,\"events\":{\"die\":3},\"resyncs\":{}"
#define LONG_64         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct sign_of_life life;

static int open_life(void **state)
{
    (void)state;
    life = (struct sign_of_life){0};
    return 0;
}

static int close_life(void **state)
{
    (void)state;
    sign_of_life_fini(&life);
    sign_of_life_fini(&life);
    return 0;
}

/* "": it was taken. */
static void take(const char *alive, const char *want_problem)
{
    struct text problem = TEXT_INIT;
    json_t *object = json_loads(alive, 0, NULL);
    assert_non_null(object);
    bool is_taken = sign_of_life_read(&life, object, &problem);
    json_decref(object);
    assert_string_equal(text_str(&problem), want_problem);
    assert_int_equal(is_taken, *want_problem == '\0');
    text_fini(&problem);
}

static void test_what_is_taken(void **state)
{
    (void)state;
    take("{" GOOD ",\"last_event_ns\":5,\"last_sync_ns\":-7,\"more\":[]}", "");
    assert_true(life.is_connected);
    assert_int_equal(json_integer_value(json_object_get(life.events, "die")), 3);
    assert_int_equal(life.last_event_ns, 5);
    assert_int_equal(life.last_sync_ns, 0);
    assert_false(obstacle_is_set(&life.obstacle) || life.is_obstacle_told);
    take("{\"connected\":false,\"events\":{},\"resyncs\":{},"
         "\"obstacle\":{\"why\":\"w\",\"remedy\":\"\",\"since_ns\":9}}",
         "");
    assert_false(life.is_connected);
    assert_true(life.is_obstacle_told);
    assert_string_equal(text_str(&life.obstacle.why), "w");
    assert_int_equal(life.obstacle.since_ns, 9);
    take("{" GOOD "}", ""); /* it is gone again */
    assert_false(obstacle_is_set(&life.obstacle));
}

static void test_what_is_refused_changes_nothing(void **state)
{
    static const struct {
        const char *alive, *problem;
    } rows[] = {
        {"{}", "alive.connected: want true or false"},
        {"[]", "alive.connected: want true or false"},
        {"{\"connected\":1,\"events\":{},\"resyncs\":{}}", "alive.connected: want true or false"},
        {"{\"connected\":true,\"resyncs\":{}}", "alive.events: want at most 64 words with counts"},
        {"{\"connected\":true,\"events\":{}}", "alive.resyncs: want at most 64 words with counts"},
        {"{\"connected\":true,\"events\":{\"a\":-1},\"resyncs\":{}}",
         "alive.events: want at most 64 words with counts"},
        {"{\"connected\":true,\"events\":{\"a\":1.5},\"resyncs\":{}}",
         "alive.events: want at most 64 words with counts"},
        {"{\"connected\":true,\"events\":{\"\":1},\"resyncs\":{}}",
         "alive.events: want at most 64 words with counts"},
        {"{\"connected\":true,\"events\":{\"" LONG_64 "a\":1},\"resyncs\":{}}",
         "alive.events: want at most 64 words with counts"},
        {"{" GOOD ",\"obstacle\":{\"why\":\"\",\"remedy\":\"\"}}",
         "alive.obstacle: want why and remedy as strings of at most 1024 bytes"},
        {"{" GOOD ",\"obstacle\":{\"why\":\"w\"}}",
         "alive.obstacle: want why and remedy as strings of at most 1024 bytes"},
        {"{" GOOD ",\"obstacle\":5}",
         "alive.obstacle: want why and remedy as strings of at most 1024 bytes"},
    };
    (void)state;
    take("{" GOOD ",\"last_event_ns\":5}", "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        take(rows[i].alive, rows[i].problem);
        assert_true(life.is_connected);
        assert_int_equal(life.last_event_ns, 5);
        assert_int_equal(json_object_size(life.events), 1);
    }
    take("{\"connected\":true,\"events\":{\"" LONG_64 "\":1},\"resyncs\":{}}", "");
}

/* Each word becomes a label of a metric. */
static void test_words_have_a_limit(void **state)
{
    (void)state;
    for (unsigned count = LIMITS_WORDS_MAX; count <= LIMITS_WORDS_MAX + 1; count++) {
        struct text alive = TEXT_INIT;
        text_append_str(&alive, "{\"connected\":true,\"events\":{\"w\":1");
        for (unsigned i = 1; i < count; i++)
            text_appendf(&alive, ",\"w%u\":1", i);
        text_append_str(&alive, "},\"resyncs\":{}}");
        take(text_str(&alive),
             count > LIMITS_WORDS_MAX ? "alive.events: want at most 64 words with counts" : "");
        text_fini(&alive);
    }
}

static void test_an_obstacle_has_a_limit(void **state)
{
    (void)state;
    for (unsigned len = LIMITS_OBSTACLE_BYTES_MAX; len <= LIMITS_OBSTACLE_BYTES_MAX + 1; len++) {
        struct text alive = TEXT_INIT;
        text_append_str(&alive, "{" GOOD ",\"obstacle\":{\"remedy\":\"\",\"why\":\"");
        for (unsigned i = 0; i < len; i++)
            text_append_char(&alive, 'w');
        text_append_str(&alive, "\"}}");
        take(text_str(&alive),
             len > LIMITS_OBSTACLE_BYTES_MAX
                 ? "alive.obstacle: want why and remedy as strings of at most 1024 bytes"
                 : "");
        text_fini(&alive);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_life, close_life)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_taken),
        TEST(test_what_is_refused_changes_nothing),
        TEST(test_words_have_a_limit),
        TEST(test_an_obstacle_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
