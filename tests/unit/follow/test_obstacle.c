/* What keeps lb from its backends, as one line whatever it was told. */
#include "lb/follow/obstacle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct obstacle obstacle;

static void check(const char *text, const char *members)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    obstacle_append(&obstacle, &out);
    assert_string_equal(text_str(&out), text);
    text_clear(&out);
    json_writer_init(&json, &out);
    json_writer_begin_object(&json);
    obstacle_write(&obstacle, &json);
    json_writer_end_object(&json);
    assert_string_equal(text_str(&out), members);
    text_fini(&out);
}

static void test_what_it_says(void **state)
{
    (void)state;
    assert_false(obstacle_is_set(&obstacle));
    check(".", "{}");
    obstacle_set(&obstacle, "no socket", "Start Docker.", 0);
    assert_true(obstacle_is_set(&obstacle));
    check("no socket. Start Docker.", "{\"problem\":\"no socket\",\"remedy\":\"Start Docker.\"}");
    obstacle_set(&obstacle, "shorter", "", 1795312345123456789);
    check("shorter.", "{\"problem\":\"shorter\",\"remedy\":\"\","
                      "\"problem_since\":\"2026-11-22T01:52:25.123456Z\"}");
    obstacle_set(&obstacle, "a\nb\033[2J\177\tc", "d\r\n", 0);
    check("a?b?[2J??c. d??", "{\"problem\":\"a?b?[2J??c\",\"remedy\":\"d??\"}");
    obstacle_set(&obstacle, "\303\251", "", 0); /* letters stay */
    check("\303\251.", "{\"problem\":\"\303\251\",\"remedy\":\"\"}");
    obstacle_clear(&obstacle);
    obstacle_clear(&obstacle);
    assert_false(obstacle_is_set(&obstacle));
    check(".", "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
