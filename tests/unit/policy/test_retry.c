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

static const struct retry_rules usual = {.attempts_max = RETRY_USUAL_ATTEMPTS_MAX,
                                         .replays_max = RETRY_USUAL_REPLAYS_MAX};

/* The rule once more in other words: what forbids it, one by one. */
static bool is_allowed(const struct retry_facts *facts, bool is_idempotent)
{
    bool is_lost = facts->has_answered || !facts->is_kept;
    bool was_free = !facts->was_sent && (facts->failure == ERR_REFUSED ||
                                         (facts->failure == ERR_UPSTREAM_RESET && facts->was_idle));
    bool is_worn_out = facts->attempt_count >= 8 && !was_free;
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
    for (unsigned bits = 0; bits < 32; bits++) {
        for (unsigned attempts = 1; attempts <= 9; attempts++) {
            for (unsigned replays = 0; replays <= 3; replays++) {
                for (int failure = 0; failure < ERR_COUNT; failure++) {
                    struct retry_facts facts = {.failure = (enum err)failure,
                                                .method = bits & 8 ? VIEW("PUT") : VIEW("POST"),
                                                .attempt_count = attempts,
                                                .replay_count = replays,
                                                .was_sent = bits & 1,
                                                .is_kept = bits & 2,
                                                .has_answered = bits & 4,
                                                .was_idle = bits & 16};
                    assert_int_equal(retry_may(&facts, &usual), is_allowed(&facts, bits & 8));
                    allowed_count += retry_may(&facts, &usual);
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
        {{ERR_REFUSED, {"POST", 4}, 1, 0, false, true, false, false}, true},
        {{ERR_CONNECT_TIMEOUT, {"POST", 4}, 7, 0, false, true, false, false}, true},
        {{ERR_CONNECT_TIMEOUT, {"POST", 4}, 8, 0, false, true, false, false}, false},
        /* a refusal troubles nobody, however many there were */
        {{ERR_REFUSED, {"POST", 4}, 8, 0, false, true, false, false}, true},
        {{ERR_REFUSED, {"GET", 3}, 300, 2, false, true, false, false}, true},
        {{ERR_REFUSED, {"GET", 3}, 1, 0, false, false, false, false}, false},
        {{ERR_NO_SOCKET, {"GET", 3}, 8, 0, false, true, false, false}, false},
        /* nor an idle connection that had ended before; a fresh one was accepted */
        {{ERR_UPSTREAM_RESET, {"POST", 4}, 8, 0, false, true, false, true}, true},
        {{ERR_UPSTREAM_RESET, {"POST", 4}, 8, 0, false, true, false, false}, false},
        /* an idle connection that the server had closed */
        {{ERR_UPSTREAM_RESET, {"GET", 3}, 1, 0, true, true, false, false}, true},
        {{ERR_UPSTREAM_RESET, {"PUT", 3}, 2, 1, true, true, false, false}, true},
        {{ERR_UPSTREAM_RESET, {"PUT", 3}, 3, 2, true, true, false, false}, false},
        {{ERR_UPSTREAM_RESET, {"POST", 4}, 1, 0, true, true, false, false}, false},
        {{ERR_UPSTREAM_RESET, {"PUT", 3}, 1, 0, true, false, false, false}, false},
        {{ERR_UPSTREAM_RESET, {"GET", 3}, 1, 0, true, true, true, false}, false},
        /* slow is not gone, and nonsense would be nonsense again */
        {{ERR_UPSTREAM_TIMEOUT, {"GET", 3}, 1, 0, true, true, false, false}, false},
        {{ERR_UPSTREAM_INVALID, {"GET", 3}, 1, 0, true, true, false, false}, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (retry_may(&cases[i].facts, &usual) != cases[i].want)
            fail_msg("case %zu", i);
}

static void test_the_service_says_how_often(void **state)
{
    struct retry_facts facts = {
        .failure = ERR_UPSTREAM_RESET, .method = VIEW("GET"), .was_sent = true, .is_kept = true};
    (void)state;
    for (unsigned max = 0; max < 12; max++) {
        const struct retry_rules few_attempts = {.attempts_max = max, .replays_max = 99};
        const struct retry_rules few_replays = {.attempts_max = 99, .replays_max = max};
        for (unsigned count = 0; count < 12; count++) {
            facts.attempt_count = facts.replay_count = count;
            assert_int_equal(retry_may(&facts, &few_attempts), count < max);
            assert_int_equal(retry_may(&facts, &few_replays), count < max);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idempotent),
        cmocka_unit_test(test_truth_table),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_the_service_says_how_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
