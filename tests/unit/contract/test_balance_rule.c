/* How a service is balanced: what is read, what is written, what is refused. */
#include "lb/contract/balance_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_each_way(void **state)
{
    static const struct {
        const char *text;
        enum balance_algorithm algorithm;
        unsigned is_sticky;
        const char *name, *written;
    } good[] = {
        {"round-robin", BALANCE_ROUND_ROBIN, 0, "", "round-robin"},
        {"least-requests", BALANCE_LEAST_REQUESTS, 0, "", "least-requests"},
        {"hash client", BALANCE_HASH_CLIENT, 0, "", "hash client"},
        {" Hash\tHeader  X-User ", BALANCE_HASH_HEADER, 0, "X-User", "hash header X-User"},
        {"hash cookie sid", BALANCE_HASH_COOKIE, 0, "sid", "hash cookie sid"},
        {"hash path", BALANCE_HASH_PATH, 0, "", "hash path"},
        {"sticky", BALANCE_ROUND_ROBIN, 1, "", "sticky round-robin"},
        {"sticky hash path", BALANCE_HASH_PATH, 1, "", "sticky hash path"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct balance_rule rule, again;
        struct text text = TEXT_INIT;
        assert_true(balance_rule_parse(view_str(good[i].text), &rule));
        assert_int_equal(rule.algorithm, good[i].algorithm);
        assert_int_equal(rule.is_sticky, good[i].is_sticky);
        assert_string_equal(rule.name, good[i].name);
        balance_rule_format(&rule, &text);
        assert_string_equal(text_str(&text), good[i].written);
        assert_true(balance_rule_parse(text_view(&text), &again));
        assert_memory_equal(&rule, &again, sizeof(rule)); /* as policies are compared */
        text_fini(&text);
    }
}

static void test_what_is_refused_changes_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "  ",
        "random",
        "roundrobin",
        "hash",
        "hash header",
        "hash header X User",
        "hash header X:User",
        "hash cookie a=b",
        "hash cookie a;b",
        "hash client x",
        "sticky sticky",
        "round-robin sticky",
        "least-requests\x01",
        "hash header 0123456789012345678901234567890123456789012345678901234567890123",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct balance_rule rule = {.algorithm = BALANCE_HASH_PATH, .name = "kept"};
        assert_false(balance_rule_parse(view_str(bad[i]), &rule));
        assert_int_equal(rule.algorithm, BALANCE_HASH_PATH);
        assert_string_equal(rule.name, "kept");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way),
        cmocka_unit_test(test_what_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
