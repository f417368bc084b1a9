/* What was pressed: letters, arrows of both kinds, and sequences that nobody knows. */
#include "lb/console/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_keys(void **state)
{
    static const struct {
        const char *bytes;
        int keys[5]; /* -1: no more */
    } rows[] = {
        {"q", {'q', -1}},
        {"\033[A\033OB", {KEY_UP, KEY_DOWN, -1}},
        {"\033[5~\033[6~r", {KEY_PAGE_UP, KEY_PAGE_DOWN, 'r', -1}},
        {"\033[H\033[4~", {KEY_HOME, KEY_END, -1}},
        {"\033[1;5Cq", {KEY_NONE, 'q', -1}}, /* Ctrl and an arrow */
        {"\033[200~q", {KEY_NONE, 'q', -1}}, /* a paste begins */
        {"\033", {KEY_NONE, -1}},
        {"\033[", {KEY_NONE, -1}},
        {"\xC3\xA9q", {KEY_NONE, KEY_NONE, 'q', -1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct view rest = view_str(rows[i].bytes);
        unsigned k = 0;
        for (; rest.len > 0; k++)
            assert_int_equal(keys_next(&rest), rows[i].keys[k]);
        assert_int_equal(rows[i].keys[k], -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
