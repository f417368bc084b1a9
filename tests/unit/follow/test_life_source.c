/* How it stands with each of several sources, as lb-discovery says and as people are told. */
#include "lb/follow/life_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct life_source sources[LIFE_SOURCE_MAX];
static unsigned count;

static bool read_all(const char *alive)
{
    json_t *given = json_loads(alive, 0, NULL);
    assert_non_null(given);
    bool is_good = life_source_read_all(given, sources, &count);
    json_decref(given);
    return is_good;
}

static void test_each_is_read(void **state)
{
    (void)state;
    assert_true(read_all("{}"));
    assert_int_equal(count, 0);
    assert_true(
        read_all("{\"sources\":[{\"source\":\"docker\",\"connected\":true,\"last_sync_ns\":7},"
                 "{\"source\":\"consul\",\"connected\":false,\"last_sync_ns\":1795312345000000000,"
                 "\"obstacle\":{\"why\":\"no "
                 "leader\",\"remedy\":\"Wait.\",\"since_ns\":1795312346000000000}}]}"));
    assert_int_equal(count, 2);
    assert_string_equal(sources[0].word, "docker");
    assert_true(sources[0].is_connected && !obstacle_is_set(&sources[0].obstacle));
    assert_int_equal(sources[0].last_sync_ns, 7);
    struct text out = TEXT_INIT;
    life_source_append(&sources[1], &out);
    assert_string_equal(text_str(&out),
                        "consul is not followed since 2026-11-22T01:52:26.000000Z, what it told "
                        "until 2026-11-22T01:52:25.000000Z stays in use: no leader. Wait.");
    struct json_writer json;
    text_clear(&out);
    json_writer_init(&json, &out);
    life_source_write(&sources[1], &json);
    assert_string_equal(
        text_str(&out),
        "{\"source\":\"consul\",\"connected\":false,\"last_sync\":"
        "\"2026-11-22T01:52:25.000000Z\",\"problem\":\"no leader\",\"remedy\":\"Wait.\","
        "\"problem_since\":\"2026-11-22T01:52:26.000000Z\"}");
    text_fini(&out);
    life_source_fini_all(sources, count);
}

static void test_what_is_registered_serves_nobody(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    assert_true(read_all("{\"sources\":[{\"source\":\"register\",\"connected\":false,\"obstacle\":"
                         "{\"why\":\"403\",\"remedy\":\"\"}}]}"));
    life_source_append(&sources[0], &out);
    assert_string_equal(text_str(&out), "what runs here is not registered: 403.");
    text_fini(&out);
    life_source_fini_all(sources, count);
}

/* What comes from outside is bounded. */
static void test_bad(void **state)
{
    static const char *const rows[] = {
        "{\"sources\":7}",
        "{\"sources\":[7]}",
        "{\"sources\":[{\"source\":\"docker\"}]}",
        "{\"sources\":[{\"source\":\"\",\"connected\":true}]}",
        "{\"sources\":[{\"source\":\"a\\nb\",\"connected\":true}]}",
        "{\"sources\":[{\"source\":\"aaaaaaaaaaaaaaaa\",\"connected\":true}]}",
        "{\"sources\":[{\"source\":\"a\",\"connected\":true,\"obstacle\":{\"why\":\"x\",\"remedy\":"
        "\"y\"}},"
        "{\"source\":\"b\",\"connected\":true,\"obstacle\":{}}]}",
        "{\"sources\":[0,0,0,0,0,0,0,0,0,0,0,0,0]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(read_all(rows[i]));
        assert_int_equal(count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_read),
        cmocka_unit_test(test_what_is_registered_serves_nobody),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
