/* Columns: as wide as it takes, narrower by leaving out and cutting, never wider than the paper; and a stranger's words. */
#include "lb/console/sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lb/base/colour.h"
#include "lb/console/measure.h"

static const struct sheet_column columns[] = {
    {.title = "NAME", .narrowest = 6},
    {.title = "RATE", .is_number = true},
    {.title = "EXTRA", .rank = 2},
    {.title = "WHY", .rank = 1, .narrowest = 5},
};

static void fill(struct sheet *sheet)
{
    sheet_init(sheet, columns, 4);
    sheet_begin_row(sheet);
    sheet_put(sheet, "web-number-1", COLOUR_BOLD);
    sheet_put(sheet, "12", NULL);
    sheet_put(sheet, "more", NULL);
    sheet_put(sheet, "connection refused", COLOUR_RED);
    sheet_begin_row(sheet);
    sheet_put(sheet, "w", NULL);
    sheet_put(sheet, NULL, NULL);
    sheet_put(sheet, "", NULL);
    sheet_put(sheet, "", NULL);
}

static const char *print(const struct sheet *sheet, unsigned width, bool is_coloured)
{
    static struct text out;
    text_clear(&out);
    sheet_print(sheet, &(struct sheet_paper){width, is_coloured}, 0, 10, &out);
    return text_str(&out);
}

static void test_widths(void **state)
{
    struct sheet sheet;
    (void)state;
    fill(&sheet);
    assert_string_equal(print(&sheet, 0, false), "NAME          RATE  EXTRA  WHY\n"
                                                 "web-number-1    12  more   connection refused\n"
                                                 "w                -\n");
    assert_string_equal(print(&sheet, 40, false), "NAME          RATE  EXTRA  WHY\n"
                                                  "web-number-1    12  more   connection r…\n"
                                                  "w                -\n");
    assert_string_equal(print(&sheet, 22, false), "NAME       RATE  WHY\n"
                                                  "web-numb…    12  conn…\n"
                                                  "w             -\n");
    sheet_fini(&sheet);
}

static void test_never_wider(void **state)
{
    struct sheet sheet;
    (void)state;
    fill(&sheet);
    for (unsigned width = 1; width < 60; width++) {
        struct view rest = view_str(print(&sheet, width, false));
        while (rest.len > 0)
            if (measure_columns(view_cut(&rest, '\n')) > width)
                fail_msg("%u: %s", width, print(&sheet, width, false));
    }
    sheet_fini(&sheet);
}

static void test_colours(void **state)
{
    struct sheet sheet;
    (void)state;
    fill(&sheet);
    assert_non_null(
        strstr(print(&sheet, 0, true), COLOUR_RED "connection refused" COLOUR_NONE "\n"));
    assert_null(strchr(print(&sheet, 0, false), '\033'));
    sheet_fini(&sheet);
}

static void test_strangers_words(void **state)
{
    struct sheet sheet;
    struct text out = TEXT_INIT;
    (void)state;
    sheet_init(&sheet, columns, 4);
    sheet_begin_row(&sheet);
    sheet_put(&sheet, "a\033[2J\nb\xE2\x80\xAE", NULL);
    sheet_put(&sheet, "\r\x9B", NULL);
    sheet_put(&sheet,
              "\xC2\x9B"
              "31m",
              NULL);
    sheet_put(&sheet, "\a", NULL);
    assert_string_equal(strchr(print(&sheet, 0, false), '\n') + 1,
                        "a\\x1b[2J\\x0ab\\u202e  \\x0d\\x9b  \\x9b31m  \\x07\n");
    sheet_append_cut(VIEW("\033]0;title\a"), 9, &out);
    assert_string_equal(text_str(&out), "\\x1b]0;t…");
    text_fini(&out);
    sheet_fini(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths), cmocka_unit_test(test_never_wider),
        cmocka_unit_test(test_colours), cmocka_unit_test(test_strangers_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
