/* May a failed request be sent again: the whole truth table. */
#include "lb/policy/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_idempotent(void **state)
{
    static const char *const yes[] = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    static const char *const no[] = {"POST", "PATCH", "CONNECT", "get", "GETT", "GE", "", "BREW"};
    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(retry_is_idempotent(view_str(yes[i])));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(retry_is_idempotent(view_str(no[i])));
}

/* The rule once more in other words: what forbids it, one by one. */
static bool is_allowed(const struct retry_facts *facts, bool is_idempotent)
{
    bool is_lost = facts->has_answered || !facts->is_kept;
    bool is_worn_out = facts->attempt_count >= 8;
    bool may_have_worked =
        facts->was_sent &&
        !(is_idempotent && facts->replay_count < 2 &&
          (facts->failure == ERR_UPSTREAM_RESET || facts->failure == ERR_UPSTREAM_TRUNCATED));
    return !is_lost && !is_worn_out && !may_have_worked;
}

static void test_truth_table(void **state)
{
    unsigned allowed_count = 0;
    (void)state;
    for (unsigned bits = 0; bits < 16; bits++) {
        for (unsigned attempts = 1; attempts <= 9; attempts++) {
            for (unsigned replays = 0; replays <= 3; replays++) {
                for (int failure = 0; failure < ERR_COUNT; failure++) {
                    struct retry_facts facts = {.failure = (enum err)failure,
                                                .method = bits & 8 ? VIEW("PUT") : VIEW("POST"),
                                                .attempt_count = attempts,
                                                .replay_count = replays,
                                                .was_sent = bits & 1,
                                                .is_kept = bits & 2,
                                                .has_answered = bits & 4};
                    assert_int_equal(retry_may(&facts), is_allowed(&facts, bits & 8));
                    allowed_count += retry_may(&facts);
                }
            }
        }
    }
    assert_true(allowed_count > 0);
}

/* Cases that a reader can check. */
static void test_cases(void **state)
{
    static const struct {
        struct retry_facts facts;
        bool want;
    } cases[] = {
        /* refused or timed out: nothing was sent, so any method goes elsewhere */
        {{ERR_REFUSED, {"POST", 4}, 1, 0, false, true, false}, true},
        {{ERR_CONNECT_TIMEOUT, {"POST", 4}, 7, 0, false, true, false}, true},
        {{ERR_REFUSED, {"GET", 3}, 8, 0, false, true, false}, false},
        /* an idle connection that the server had closed */
        {{ERR_UPSTREAM_RESET, {"GET", 3}, 1, 0, true, true, false}, true},
        {{ERR_UPSTREAM_RESET, {"PUT", 3}, 2, 1, true, true, false}, true},
        {{ERR_UPSTREAM_RESET, {"PUT", 3}, 3, 2, true, true, false}, false},
        {{ERR_UPSTREAM_RESET, {"POST", 4}, 1, 0, true, true, false}, false},
        {{ERR_UPSTREAM_RESET, {"PUT", 3}, 1, 0, true, false, false}, false},
        {{ERR_UPSTREAM_RESET, {"GET", 3}, 1, 0, true, true, true}, false},
        /* slow is not gone, and nonsense would be nonsense again */
        {{ERR_UPSTREAM_TIMEOUT, {"GET", 3}, 1, 0, true, true, false}, false},
        {{ERR_UPSTREAM_INVALID, {"GET", 3}, 1, 0, true, true, false}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (retry_may(&cases[i].facts) != cases[i].want)
            fail_msg("case %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idempotent),
        cmocka_unit_test(test_truth_table),
        cmocka_unit_test(test_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
