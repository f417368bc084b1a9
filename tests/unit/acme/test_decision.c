/* What is ordered now, and what is not. */
#include "acme/decision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define DAY INT64_C(86400)
#define NOW INT64_C(1800000000)

static struct names names;
static struct store_entry entry;

static struct decision decide(bool has_entry, const struct state_entry *state,
                              int64_t pause_until_s, int64_t now_s)
{
    return decision_make(&names, has_entry ? &entry : NULL, state, pause_until_s, now_s);
}

static void test_words(void **state)
{
    struct text problem = TEXT_INIT;
    struct state_entry failed = {.failure_count = 1, .next_s = NOW + 60};
    (void)state;
    names_add(&names, VIEW("a.example"), &problem);
    entry.certificate.not_before_s = NOW;
    entry.certificate.not_after_s = NOW + 90 * DAY;
    strcpy(entry.certificate.id, "x.y");
    assert_int_equal(decide(false, NULL, 0, NOW).word, DECISION_ORDER);
    assert_int_equal(decide(true, NULL, 0, NOW).word, DECISION_VALID);
    assert_int_equal(decide(true, NULL, 0, NOW + 56 * DAY).word, DECISION_VALID);
    assert_int_equal(decide(true, NULL, 0, NOW + 60 * DAY).word, DECISION_ORDER);
    assert_int_equal(decide(true, NULL, 0, NOW + 100 * DAY).word, DECISION_ORDER);
    assert_int_equal(decide(false, &failed, 0, NOW).word, DECISION_WAIT);
    assert_int_equal(decide(false, &failed, 0, NOW).next_s, NOW + 60);
    assert_int_equal(decide(false, &failed, 0, NOW + 60).word, DECISION_ORDER);
    assert_int_equal(decide(false, &failed, NOW + 99, NOW).next_s, NOW + 99);
    assert_int_equal(decide(true, &failed, NOW + 99, NOW).word, DECISION_VALID);
    text_fini(&problem);
}

/* What the authority proposed counts for the certificate that it was about. */
static void test_proposed(void **state)
{
    struct state_entry proposed = {.proposed_s = NOW + 5 * DAY, .id = "x.y"};
    (void)state;
    assert_int_equal(decide(true, &proposed, 0, NOW + 4 * DAY).next_s, NOW + 5 * DAY);
    assert_int_equal(decide(true, &proposed, 0, NOW + 5 * DAY).word, DECISION_ORDER);
    strcpy(proposed.id, "of.another");
    assert_int_equal(decide(true, &proposed, 0, NOW + 5 * DAY).word, DECISION_VALID);
    names_fini(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_proposed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
