#include "discovery/docker/signal_name.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_names(void **state)
{
    static const struct {
        const char *text;
        int number;
    } cases[] = {
        {"SIGTERM", 15}, {"TERM", 15},       {"sigterm", 15},  {"15", 15},    {"KILL", 9},
        {"9", 9},        {"SIGQUIT", 3},     {"3", 3},         {"HUP", 1},    {"SIGUSR1", 10},
        {"RTMIN+3", 37}, {"SIGRTMIN+3", 37}, {"rtmax-2", 62},  {"RTMIN", 34}, {"SIGWINCH", 28},
        {"", 0},         {"SIG", 0},         {"TERMINATE", 0}, {"65", 0},     {"-9", 0},
        {"RTMIN+31", 0}, {"RTMIN+", 0},      {"15 ", 0},       {"0", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(signal_name_parse(view_str(cases[i].text)), cases[i].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
