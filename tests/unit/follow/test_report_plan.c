/* lb-report as the configuration wants it: arguments for people to see, the DSN in the environment alone. */
#include "lb/follow/report_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define DSN "https://secret@sentry.test/7"

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void check(const struct config *config, const char *want)
{
    struct helper_plan plan;
    struct text all = TEXT_INIT;
    report_plan_describe(config, "1.2", &plan);
    for (size_t i = 0; i < plan.arguments.count; i++) {
        const char *argument = plan.arguments.list[i];
        if (strncmp(argument, "--server-name=", 14) == 0 && !config->report.gelf_host)
            argument = "--server-name=THIS";
        text_appendf(&all, "%s%s", i > 0 ? " " : "", argument);
    }
    assert_string_equal(text_str(&all), want);
    assert_null(strstr(text_str(&all), "secret"));
    text_fini(&all);
    helper_plan_fini(&plan);
}

#define COMMON "--jail=log --log-level=warn --log-format=json"
#define BASE   .jail = CONFIG_JAIL_LOG, .log_level = LOG_LEVEL_WARN, .log_format = LOG_FORMAT_JSON

static void test_arguments(void **state)
{
    (void)state;
    check(&(struct config){BASE, .report = {.environment = word("production")}}, "");
    check(&(struct config){BASE, .report = {.gelf = word("udp://logs")}},
          "--gelf=udp://logs --gelf-compress=gzip " COMMON);
    check(&(struct config){BASE, .report = {.gelf = word("tcp://[::1]"),
                                            .compress = CONFIG_COMPRESS_NONE}},
          "--gelf=tcp://[::1] --gelf-compress=none " COMMON);
    check(&(struct config){BASE, .report = {.gelf = word("udp://[::1]:5"),
                                            .compress = CONFIG_COMPRESS_ZLIB,
                                            .gelf_host = word("edge"),
                                            .dsn_secret = word(DSN),
                                            .environment = word("staging"),
                                            .sends_queries = 1}},
          "--gelf=udp://[::1]:5 --gelf-compress=zlib --gelf-host=edge "
          "--sentry-environment=staging --release=lb@1.2 --sentry-queries "
          "--server-name=edge " COMMON);
    check(&(struct config){BASE, .report = {.dsn_secret = word(DSN), .environment = word("e")}},
          "--sentry-environment=e --release=lb@1.2 --server-name=THIS " COMMON);
}

static bool has(const struct helper_words *words, const char *entry)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->list[i], entry) == 0)
            return true;
    return false;
}

static void test_environment(void **state)
{
    struct config config = {.report = {.dsn_secret = word(DSN), .environment = word("e")}};
    struct helper_plan plan;
    (void)state;
    setenv("https_proxy", "http://proxy:1", 1);
    setenv("LB_ADMIN_TOKEN", "0123456789abcdef", 1);
    setenv("CONSUL_HTTP_TOKEN", "other", 1);
    setenv("LB_SENTRY_DSN", "of lb itself", 1);
    report_plan_describe(&config, "1.2", &plan);
    assert_true(report_plan_is_wanted(&config));
    assert_true(has(&plan.environment, "LB_SENTRY_DSN=" DSN));
    assert_true(has(&plan.environment, "https_proxy=http://proxy:1"));
    assert_false(has(&plan.environment, "LB_SENTRY_DSN=of lb itself"));
    assert_false(has(&plan.environment, "LB_ADMIN_TOKEN=0123456789abcdef"));
    assert_false(has(&plan.environment, "CONSUL_HTTP_TOKEN=other"));
    assert_string_equal(plan.program, "lb-report"); /* beside this test there is none */
    helper_plan_fini(&plan);
}

static void test_none_is_wanted(void **state)
{
    struct config config = {.report = {.environment = word("e")}};
    struct helper_plan plan;
    (void)state;
    assert_false(report_plan_is_wanted(&config));
    report_plan_describe(&config, "1.2", &plan);
    assert_string_equal(plan.program, "");
    assert_int_equal(plan.environment.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_none_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
