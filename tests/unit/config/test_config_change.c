/* What a running lb can change to, what it refuses, and what it shows of itself. */
#include "lb/config/config_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lb/config/config_load.h"
#include "lb/config/config_print.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct config load(const char *flag)
{
    char program[] = "lb", copy[128];
    char *argv[] = {program, copy, NULL};
    struct config config;
    enum config_action action;
    struct text problem = TEXT_INIT;
    snprintf(copy, sizeof(copy), "%s", flag);
    assert_true(config_load(2, argv, NULL, &config, &action, &problem));
    text_fini(&problem);
    return config;
}

static void check(const char *before, const char *after, const char *expected)
{
    struct config old = load(before), new = load(after);
    struct text problem = TEXT_INIT;
    bool is_good = !config_change_needs_renewal(&old, &new, &problem);
    assert_string_equal(text_str(&problem), expected);
    assert_int_equal(is_good, expected[0] == '\0');
    text_fini(&problem);
    config_fini(&old);
    config_fini(&new);
}

static void test_renewal(void **state)
{
    static const struct {
        const char *before, *after, *why;
    } rows[] = {
        {"--listen=80", "--listen=81", "listen changed from 0.0.0.0:80 to 0.0.0.0:81"},
        {"--admin=off", "--admin=127.0.0.1:1", "admin changed from off to 127.0.0.1:1"},
        {"--workers=1", "--workers=2", "workers changed from 1 to 2"},
        {"--docker", "--docker=tcp://a:1", "docker changed from the default to tcp://a:1"},
        {"--docker", "--backend=a:1", "docker changed from the default to nothing"},
        {"--backend=a:1", "--file=f", "file changed from nothing to f"},
        {"--file=f", "--file=g", "file changed from f to g"},
        {"--discovery=a", "--docker", "discovery changed from a to nothing"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check(rows[i].before, rows[i].after, rows[i].why);
        check(rows[i].before, rows[i].before, "");
    }
}

static void test_applied(void **state)
{
    static const char *const flags[] = {
        "--service=shop",        "--trusted-proxies=10.0.0.0/8",
        "--forwarded=on",        "--log-level=debug",
        "--idle-timeout=1s",     "--shutdown-grace=1s",
        "--shutdown-delay=3s",   "--max-body=5m",
        "--max-connections=9",   "--max-per-client=9",
        "--max-head=2k",         "--admin-token=0123456789abcdef",
        "--connect-timeout=1ms", "--log-format=json",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(flags); i++)
        check("--docker", flags[i], "");
    check("--backend=a:1", "--backend=b:1", "");
}

static void test_masked(void **state)
{
    struct config config = load("--admin-token=0123456789abcdef");
    struct text shown = TEXT_INIT;
    (void)state;
    config_print_masked(&config, &shown);
    assert_null(strstr(text_str(&shown), "0123456789abcdef"));
    assert_non_null(strstr(text_str(&shown), "\"admin-token\": \"(hidden)\""));
    text_fini(&shown);
    config_fini(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_applied),
        cmocka_unit_test(test_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
