/* A crash as a line of the log, and messages that are none. */
#include "lb/report/crash_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define WALL_NS UINT64_C(1700000000000000000)

static void test_the_line(void **state)
{
    struct text line = TEXT_INIT;
    (void)state;
    assert_true(crash_line_write(VIEW("{\"timestamp\":1600000000.5,\"reason\":\"SIGSEGV\",\"text\":"
                                      "\"crashed: \\\"x\\\"\\n\"}"),
                                 WALL_NS, &line));
    assert_string_equal(text_str(&line),
                        "{\"@timestamp\":\"2020-09-13T12:26:40.500000Z\",\"log.level\":\"error\","
                        "\"message\":\"crashed: \\\"x\\\"\\n\",\"ecs.version\":\"8.11.0\","
                        "\"log.logger\":\"lb-proxy\"}\n");
    text_clear(&line);
    assert_true(crash_line_write(VIEW("{\"text\":\"y\"}"), WALL_NS, &line));
    assert_non_null(strstr(text_str(&line), "\"2023-11-14T22:13:20.000000Z\""));
    text_fini(&line);
}

static void test_none(void **state)
{
    static const char *const messages[] = {
        "", "x", "{}", "[\"text\"]", "{\"text\":7}", "\"", "{\"text\":\"\"}", "7", "null"};
    struct text line = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        assert_false(crash_line_write(view_str(messages[i]), WALL_NS, &line));
    assert_int_equal(line.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_line),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
