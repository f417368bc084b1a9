/* Foreign text is cut between characters. */
#include "lb/sentry/sentry_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void cut(const char *text, size_t bytes_max, const char *wanted)
{
    struct view got = sentry_text_cut(view_str(text), bytes_max);
    assert_int_equal(got.len, strlen(wanted));
    assert_memory_equal(got.ptr, wanted, got.len);
}

static void test_cut(void **state)
{
    (void)state;
    cut("", 0, "");
    cut("abc", 3, "abc");
    cut("abc", 2, "ab");
    cut("\xc3\xa9\xc3\xa9", 3, "\xc3\xa9");
    cut("\xc3\xa9\xc3\xa9", 2, "\xc3\xa9");
    cut("\xc3\xa9", 1, "");
    cut("a\xf0\x9f\x98\x80z", 4, "a");
    cut("a\xf0\x9f\x98\x80z", 5, "a\xf0\x9f\x98\x80");
    cut("\x80\x80\x80\x80\x80\x80\x80", 5,
        "\x80\x80"); /* no UTF-8: three bytes back, and no more */
    assert_int_equal(sentry_text_cut(VIEW("a\0b"), 10).len, 1);
    assert_int_equal(sentry_text_cut((struct view){NULL, 0}, 10).len, 0);
}

static void test_fields(void **state)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    (void)state;
    json_writer_init(&json, &out);
    json_writer_begin_object(&json);
    sentry_text_field(&json, "empty", VIEW(""), 10);
    sentry_text_field(&json, "a", VIEW("x\xffy"), 10);
    sentry_text_pair(&json, VIEW("longer name"), 6, VIEW("value"), 3);
    sentry_text_pair(&json, VIEW(""), 6, VIEW("value"), 3);
    sentry_text_pair(&json, VIEW("none"), 6, VIEW("\0x"), 3);
    json_writer_end_object(&json);
    assert_string_equal(text_str(&out), "{\"a\":\"x\xef\xbf\xbdy\",\"longer\":\"val\"}");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
