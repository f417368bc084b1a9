/* A moment in each form that logs have, and that its text is made anew when the second is another. */
#include "lb/observe/stamp.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct stamp stamp;

static const char *put(void (*put_form)(const struct stamp *, struct line *))
{
    static char text[64];
    struct line line = {text, text + sizeof(text) - 1};
    put_form(&stamp, &line);
    *line.at = '\0';
    return text;
}

static void test_forms(void **state)
{
    (void)state;
    stamp = (struct stamp){0};
    stamp_set(&stamp, 1795314600123456789u);
    assert_string_equal(put(stamp_put_iso), "2026-11-22T02:30:00.123456Z");
    assert_string_equal(put(stamp_put_clf), "22/Nov/2026:02:30:00 +0000");
    assert_string_equal(put(stamp_put_haproxy), "22/Nov/2026:02:30:00.123");
}

/* The first second of all is one too, and clocks are set back. */
static void test_another_second_is_another_text(void **state)
{
    static const struct {
        uint64_t wall_ns;
        const char *want;
    } steps[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {999999999, "1970-01-01T00:00:00.999999Z"},
        {1000000000, "1970-01-01T00:00:01.000000Z"},
        {1798761599999999999, "2026-12-31T23:59:59.999999Z"},
        {1798761600000001000, "2027-01-01T00:00:00.000001Z"},
        {1000000000, "1970-01-01T00:00:01.000000Z"},
        {5097599000000000, "1970-02-28T23:59:59.000000Z"},
    };
    (void)state;
    stamp = (struct stamp){0};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        stamp_set(&stamp, steps[i].wall_ns);
        assert_string_equal(put(stamp_put_iso), steps[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_another_second_is_another_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
