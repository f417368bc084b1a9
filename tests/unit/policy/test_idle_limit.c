/* What backends say of their idle limit, and what their closes tell. */
#include "lb/policy/idle_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        int want_ms; /* -1: none */
    } rows[] = {
        {"timeout=5", 5000},
        {"timeout=5, max=100", 5000},
        {"max=100, timeout=7", 7000},
        {"Timeout=5", 5000},
        {" timeout=5 ", 5000},
        {"timeout=0", 0},
        {"timeout=86400", 86400000},
        {"timeout=86401", -1},
        {"timeout=", -1},
        {"timeout=x", -1},
        {"timeout=-1", -1},
        {"timeout=5s", -1},
        {"timeout=\"5\"", -1},
        {"xtimeout=5", -1},
        {"", -1},
        {",,,", -1},
        {"timeout=99999999999999999999", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned got_ms = 12345;
        bool is_found = idle_limit_parse(view_str(rows[i].text), &got_ms);
        assert_int_equal(is_found, rows[i].want_ms >= 0);
        assert_int_equal(got_ms, is_found ? (unsigned)rows[i].want_ms : 12345);
    }
}

static void test_learn(void **state)
{
    struct endpoint_local local = {0};
    (void)state;
    assert_int_equal(idle_limit_learn(&local, 10000, 5000), 0);    /* once is no habit */
    assert_int_equal(idle_limit_learn(&local, 10050, 5000), 0);    /* the same moment: it ends */
    assert_int_equal(idle_limit_learn(&local, 12000, 5100), 5000); /* again, later */
    assert_int_equal(idle_limit_learn(&local, 20000, 9000), 0);    /* another age */
    assert_int_equal(idle_limit_learn(&local, 30000, 8000), 8000); /* about the same one */
    assert_int_equal(idle_limit_learn(&local, 40000, 900), 0);     /* too young to tell */
    assert_int_equal(idle_limit_learn(&local, 50000, 8000), 8000); /* and forgotten */
}

static void test_retire(void **state)
{
    (void)state;
    assert_int_equal(idle_limit_retire_ms(0), 0);
    assert_int_equal(idle_limit_retire_ms(50), 0);
    assert_int_equal(idle_limit_retire_ms(1000), 875);
    assert_int_equal(idle_limit_retire_ms(5000), 4375);
    for (unsigned limit_ms = 51; limit_ms < 100000; limit_ms += 7)
        assert_in_range(idle_limit_retire_ms(limit_ms), 1, limit_ms - 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_learn),
        cmocka_unit_test(test_retire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
