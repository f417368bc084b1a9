/* When colours are wanted: a terminal that knows them, and nobody who asked for none. */
#include "lb/base/colour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void test_who_gets_colours(void **state)
{
    static const struct {
        const char *term, *no_color;
        bool is_wanted;
    } rows[] = {
        {"xterm-256color", NULL, true}, {"xterm", "", true}, {"xterm", "1", false},
        {"dumb", NULL, false},          {"", NULL, false},   {NULL, NULL, false},
    };
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), file = open("/dev/null", O_RDWR);
    (void)state;
    assert_true(terminal >= 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsetenv("TERM");
        unsetenv("NO_COLOR");
        if (rows[i].term)
            setenv("TERM", rows[i].term, 1);
        if (rows[i].no_color)
            setenv("NO_COLOR", rows[i].no_color, 1);
        assert_int_equal(colour_is_wanted(terminal), rows[i].is_wanted);
        assert_false(colour_is_wanted(file));
    }
    close(terminal);
    close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_gets_colours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
