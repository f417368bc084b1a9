/* Columns of texts: ASCII, accents, wide characters, those that combine, and what is no UTF-8. */
#include "lb/console/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_columns(void **state)
{
    static const struct {
        const char *text;
        unsigned columns;
    } rows[] = {{"", 0},
                {"web1", 4},
                {"caf\xC3\xA9", 4},
                {"cafe\xCC\x81", 4},
                {"\xE6\x97\xA5\xE6\x9C\xAC", 4},
                {"\xF0\x9F\x90\xB3", 2},
                {"\xE2\x86\x92", 1},
                {"\xFF", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(measure_columns(view_str(rows[i].text)), rows[i].columns);
}

static void test_cut(void **state)
{
    struct view text = VIEW("a\xE6\x97\xA5z\xCC\x81y");
    static const size_t bytes[] = {0, 1, 1, 4, 7, 8, 8};
    (void)state;
    for (unsigned columns = 0; columns < sizeof(bytes) / sizeof(bytes[0]); columns++)
        assert_int_equal(measure_cut(text, columns).len, bytes[columns]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns), cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
