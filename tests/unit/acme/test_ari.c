/* RFC 9773 § 4.2, and what is none. */
#include "acme/ari.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_read(void **state)
{
    struct ari_window window;
    (void)state;
    assert_true(ari_read(VIEW("{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\",\"end\":"
                              "\"2025-01-03T04:00:00.5+01:00\"},"
                              "\"explanationURL\":\"https://a.example\"}"),
                         &window));
    assert_int_equal(window.start_s, 1735790400);
    assert_int_equal(window.end_s, 1735790400 + 23 * 3600);
}

static void test_what_is_none(void **state)
{
    static const char *const wrong[] = {
        "",
        "{}",
        "[]",
        "{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\"}}",
        "{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\",\"end\":\"2025-01-01T04:00:00Z\"}"
        "}",
        "{\"suggestedWindow\":{\"start\":\"2025-01-02\",\"end\":\"2025-01-03\"}}",
        "{\"suggestedWindow\":{\"start\":\"9999-01-02T04:00:00Z\",\"end\":\"9999-01-03T04:00:00Z\"}"
        "}",
        "{\"suggestedWindow\":{\"start\":1,\"end\":2}}"};
    struct ari_window window;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(ari_read(view_str(wrong[i]), &window));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read),
                                       cmocka_unit_test(test_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
