#include "discovery/alive.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static struct text line;

static int tear_down(void **state)
{
    (void)state;
    text_fini(&line);
    return 0;
}

static void test_line(void **state)
{
    struct alive alive = {.is_connected = true, .resyncs = {1, 2, 3, 4}, .last_sync_ns = 9};
    (void)state;
    alive_note_event(&alive, "start", 5);
    alive_note_event(&alive, "health_status: healthy", 6);
    alive_note_event(&alive, "start", 7);
    alive_write(&alive, NULL, NULL, 10, &line);
    assert_string_equal(text_str(&line),
                        "{\"v\":2,\"time_ns\":10,\"alive\":{\"connected\":true,"
                        "\"events\":{\"start\":2,\"health_status: healthy\":1},"
                        "\"resyncs\":{\"start\":1,\"reconnect\":2,\"timer\":3,\"change\":4},"
                        "\"last_event_ns\":7,\"last_sync_ns\":9}}\n");
}

static void test_nothing_yet(void **state)
{
    struct alive alive = {0};
    (void)state;
    alive_write(&alive, NULL, NULL, 10, &line);
    assert_string_equal(text_str(&line),
                        "{\"v\":2,\"time_ns\":10,\"alive\":{\"connected\":false,\"events\":{},"
                        "\"resyncs\":{\"start\":0,\"reconnect\":0,\"timer\":0,\"change\":0},"
                        "\"last_event_ns\":0,\"last_sync_ns\":0}}\n");
}

static void test_obstacle(void **state)
{
    struct alive alive = {0};
    struct obstacle obstacle = {0};
    (void)state;
    assert_true(obstacle_set(&obstacle, "a\nb", "do \"x\"", 7));
    assert_false(obstacle_set(&obstacle, "a\nb", "do \"x\"", 8)); /* since the first time */
    alive_write(&alive, &obstacle, NULL, 10, &line);
    assert_non_null(strstr(text_str(&line), ",\"obstacle\":{\"why\":\"a?b\",\"remedy\":\"do "
                                            "\\\"x\\\"\",\"since_ns\":7}}}\n"));
    assert_true(obstacle_clear(&obstacle));
    assert_false(obstacle_clear(&obstacle));
    alive_write(&alive, &obstacle, NULL, 10, &line);
    assert_null(strstr(text_str(&line), "obstacle"));
}

/* Keys may not come twice, however strange the words are. */
static void test_strange_words(void **state)
{
    struct alive alive = {0};
    (void)state;
    alive_note_event(&alive, "a\xC3\xA9", 1);
    alive_note_event(&alive, "a\xC3\xA8", 1); /* looks the same by now */
    alive_note_event(&alive, "0123456789012345678901234567890123456789", 1);
    alive_note_event(&alive, "01234567890123456789012345678901xyz", 1); /* cut, it does too */
    alive_write(&alive, NULL, NULL, 10, &line);
    assert_non_null(strstr(text_str(&line), "\"events\":{\"a\?\?\":2,"
                                            "\"0123456789012345678901234567890\":2}"));
}

static void test_many_words(void **state)
{
    struct alive alive = {0};
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        char word[16];
        snprintf(word, sizeof(word), "w%u", i);
        alive_note_event(&alive, word, i);
    }
    alive_write(&alive, NULL, NULL, 10, &line);
    assert_non_null(strstr(text_str(&line), "\"w22\":1,\"other\":77}"));
    assert_null(strstr(text_str(&line), "w23"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),       cmocka_unit_test(test_nothing_yet),
        cmocka_unit_test(test_obstacle),   cmocka_unit_test(test_strange_words),
        cmocka_unit_test(test_many_words),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
