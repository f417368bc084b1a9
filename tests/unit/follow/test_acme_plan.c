/* lb-acme as the configuration wants it. */
#include "lb/follow/acme_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

#define COMMON "--jail=log --log-level=warn --log-format=json"
#define BASE   .jail = CONFIG_JAIL_LOG, .log_level = LOG_LEVEL_WARN, .log_format = LOG_FORMAT_JSON

static void check(const struct config *config, const char *want)
{
    struct helper_plan plan;
    struct text all = TEXT_INIT;
    acme_plan_describe(config, &plan);
    for (size_t i = 0; i < plan.arguments.count; i++)
        text_appendf(&all, "%s%s", i > 0 ? " " : "", plan.arguments.list[i]);
    assert_string_equal(text_str(&all), want);
    text_fini(&all);
    helper_plan_fini(&plan);
}

static void test_arguments(void **state)
{
    (void)state;
    check(&(struct config){BASE, .acme = {.directory = word("staging"), .folder = word("/a")}}, "");
    check(&(struct config){BASE, .acme = {.email = word("you@example.org"),
                                          .directory = word("production"),
                                          .folder = word("/a")}},
          "--dir=/a --email=you@example.org --directory=production --challenge=http-01 "
          "--key=ecdsa " COMMON);
    check(&(struct config){BASE, .acme = {.email = word("e@x.y"),
                                          .directory = word("https://ca.example/d"),
                                          .folder = word("/a"),
                                          .challenge = CONFIG_ACME_ALPN,
                                          .checks = 1,
                                          .eab_kid = word("k"),
                                          .eab_key_file = word("/k"),
                                          .ca_file = word("/ca"),
                                          .key = CONFIG_ACME_RSA,
                                          .consul = word("")}},
          "--dir=/a --email=e@x.y --directory=https://ca.example/d --challenge=tls-alpn-01 --check "
          "--eab-kid=k --eab-key-file=/k "
          "--ca=/ca --key=rsa --consul " COMMON);
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
    struct config config = {
        .acme = {.email = word("e@x.y"), .directory = word("staging"), .folder = word("/a")}};
    struct helper_plan plan;
    (void)state;
    setenv("https_proxy", "http://proxy:1", 1);
    setenv("LB_ADMIN_TOKEN", "0123456789abcdef", 1);
    setenv("CONSUL_HTTP_TOKEN", "other", 1);
    acme_plan_describe(&config, &plan);
    assert_true(has(&plan.environment, "https_proxy=http://proxy:1"));
    assert_false(has(&plan.environment, "LB_ADMIN_TOKEN=0123456789abcdef"));
    assert_false(has(&plan.environment, "CONSUL_HTTP_TOKEN=other"));
    helper_plan_fini(&plan);
    config.acme.consul = word("http://127.0.0.1:8500");
    acme_plan_describe(&config, &plan);
    assert_true(has(&plan.environment, "CONSUL_HTTP_TOKEN=other"));
    helper_plan_fini(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_arguments),
                                       cmocka_unit_test(test_environment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
