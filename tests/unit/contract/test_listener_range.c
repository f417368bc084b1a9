/* Ranges of ports: read, refused, written, asked. */
#include "lb/contract/listener_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_what_is_read_is_written_whole(void **state)
{
    static const struct {
        const char *text, *written;
    } rows[] = {
        {"off", "off"},
        {"10000-10999", "0.0.0.0:10000-10999"},
        {"000001-65535", "0.0.0.0:1-65535"},
        {"127.0.0.1:80-80", "127.0.0.1:80-80"},
        {"[::]:80-81", "[::]:80-81"},
    };
    struct listener_range range;
    struct text problem = TEXT_INIT, written = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        text_clear(&written);
        if (!listener_range_parse(view_str(rows[i].text), &range, &problem))
            fail_msg("%s: %s", rows[i].text, text_str(&problem));
        listener_range_format(&range, &written);
        assert_string_equal(text_str(&written), rows[i].written);
    }
    text_fini(&written);
    text_fini(&problem);
}

static void test_refusals(void **state)
{
    static const char *const rows[] = {
        "",           "on",      "80",       "80-",     "-80",    "0-80",      "81-80",
        "80-65536",   "80-0x81", "80-81-82", "a:80-81", ":80-81", "::1:80-81", "[1.2.3.4]:1-2",
        "[::1]80-81", "80 - 81"};
    struct listener_range range = {.low = 7};
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (listener_range_parse(view_str(rows[i]), &range, &problem))
            fail_msg("%s", rows[i]);
    assert_int_equal(range.low, 7);
    text_fini(&problem);
}

static void test_ports_in_it(void **state)
{
    struct listener_range range = {.low = 10, .high = 12}, off = {.low = 0};
    (void)state;
    assert_false(listener_range_has(&range, 9));
    assert_true(listener_range_has(&range, 10));
    assert_true(listener_range_has(&range, 12));
    assert_false(listener_range_has(&range, 13));
    assert_false(listener_range_has(&off, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read_is_written_whole),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_ports_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
