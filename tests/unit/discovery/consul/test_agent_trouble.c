#include "discovery/consul/agent_trouble.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static struct agent_trouble trouble;

static bool read_status(int status, const char *sample, const char *token_problem)
{
    struct fetch_failure failure = {.kind = FETCH_REFUSED, .status = status};
    snprintf(failure.sample, sizeof(failure.sample), "%s", sample);
    return agent_trouble_read(&(struct fetch_answer){.status = status}, &failure, token_problem,
                              &trouble);
}

static void test_statuses(void **state)
{
    static const struct {
        int status;
        const char *sample;
        enum agent_trouble_kind kind;
        bool is_final;
    } cases[] = {
        {401, "ACL support disabled", AGENT_TROUBLE_DENIED, true},
        {403, "ACL not found", AGENT_TROUBLE_DENIED, true},
        {404, "", AGENT_TROUBLE_REFUSED, true},
        {429, "", AGENT_TROUBLE_BUSY, false},
        {500, "No cluster leader", AGENT_TROUBLE_NO_LEADER, false},
        {500, "rpc error", AGENT_TROUBLE_FAULT, false},
        {503, "", AGENT_TROUBLE_BUSY, false},
        {204, "", AGENT_TROUBLE_REFUSED, true},
    };
    (void)state;
    assert_true(read_status(200, "", ""));
    assert_int_equal(trouble.kind, AGENT_TROUBLE_NONE);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_false(read_status(cases[i].status, cases[i].sample, ""));
        assert_int_equal(trouble.kind, cases[i].kind);
        assert_non_null(strstr(trouble.why, cases[i].sample));
        assert_true(strlen(trouble.remedy) > 0);
        assert_int_equal(agent_trouble_is_final(&trouble), cases[i].is_final);
    }
}

static void test_a_token_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    assert_false(read_status(403, "ACL not found", "the token file /x holds no token"));
    assert_non_null(strstr(trouble.why, "the token file /x holds no token"));
}

static void test_ends(void **state)
{
    static const enum fetch_end ends[] = {FETCH_NOT_CONNECTED, FETCH_NOT_RESOLVED, FETCH_TIMED_OUT,
                                          FETCH_NOT_HTTP,      FETCH_NOT_TRUSTED,  FETCH_CUT_OFF};
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        assert_false(agent_trouble_read(&(struct fetch_answer){.problem = "it broke"},
                                        &(struct fetch_failure){.kind = ends[i]}, "", &trouble));
        assert_int_equal(trouble.kind, AGENT_TROUBLE_AWAY);
        assert_string_equal(trouble.why, "it broke");
        assert_true(strlen(trouble.remedy) > 0);
        assert_false(agent_trouble_is_final(&trouble));
    }
}

static void test_too_large(void **state)
{
    (void)state;
    assert_false(agent_trouble_read(
        &(struct fetch_answer){.status = 200, .problem = "x", .is_too_large = true},
        &(struct fetch_failure){.kind = FETCH_CUT_OFF}, "", &trouble));
    assert_int_equal(trouble.kind, AGENT_TROUBLE_UNREADABLE);
    assert_true(agent_trouble_is_final(&trouble));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_a_token_that_cannot_be_read_is_told),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
