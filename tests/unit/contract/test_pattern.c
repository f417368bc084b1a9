/* Regexes of strangers: what they match, and how little they may cost. */
#include "lb/contract/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum truth matches(const char *regex, struct view subject)
{
    struct text problem = TEXT_INIT;
    struct pattern *pattern = pattern_new(view_str(regex), &problem);
    struct pattern_scratch *scratch = pattern_scratch_new();
    if (!pattern)
        fail_msg("%s: %s", regex, text_str(&problem));
    enum truth is_match = pattern_matches(pattern, subject, scratch);
    pattern_scratch_free(scratch);
    pattern_free(pattern);
    text_fini(&problem);
    return is_match;
}

static void test_what_matches(void **state)
{
    static const struct {
        const char *regex, *subject;
        enum truth is_match;
    } rows[] = {
        {"^web3\\..*\\.x\\.regexp", "web3.123.x.regexp", TRUTH_YES},
        {"^web3\\..*\\.x\\.regexp", "web3.whatever.x.regexp-to-infinity", TRUTH_YES},
        {"^web4\\..*\\.x\\.regexp$", "web4.w.x.regexp-and-beyond", TRUTH_NO},
        {"\\.(jpe?g|png)$", "/a/b.jpeg", TRUTH_YES},
        {"\\.(jpe?g|png)$", "/a/b.png?", TRUTH_NO},
        {"a$", "a\n", TRUTH_NO},
        {"", "anything", TRUTH_YES},
        {"(?i)ABC", "xabcx", TRUTH_YES},
        {"(?P<name>a)(?:b)", "ab", TRUTH_YES},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (matches(rows[i].regex, view_str(rows[i].subject)) != rows[i].is_match)
            fail_msg("%s on %s", rows[i].regex, rows[i].subject);
    assert_int_equal(matches("^$", view_of(NULL, 0)), TRUTH_YES);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *regex, *word;
    } rows[] = {
        {"(a", "at byte 2"},
        {"a{2,1}", "byte"},
        {"\\C", "byte"},
        {"(*UTF)a", "byte"},
        {"{sub:[a-z", "byte"},
        {"(abcdefgh){999}", "memory"},
        {"((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", "byte"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        assert_null(pattern_new(view_str(rows[i].regex), &problem));
        if (!strstr(text_str(&problem), rows[i].word))
            fail_msg("%s: %s", rows[i].regex, text_str(&problem));
        text_fini(&problem);
    }
}

/* Each would go on for years, so that nobody knows. */
static void test_a_match_ends_soon(void **state)
{
    static const char *const greedy[] = {"^(a+)+$", "(a*)*[bd]", "(a|aa)+$", "^(?=(a+)+[bd])",
                                         "(.*)*x\\1"};
    char subject[4000];
    (void)state;
    memset(subject, 'a', sizeof(subject));
    subject[sizeof(subject) - 1] = 'c';
    clock_t began = clock();
    for (size_t i = 0; i + 1 < COUNT(greedy); i++)
        assert_int_equal(matches(greedy[i], view_of(subject, sizeof(subject))), TRUTH_UNKNOWN);
    assert_true(clock() - began < CLOCKS_PER_SEC);
}

/* Few steps from each place, but there are many places, and each step goes far. */
static void test_a_search_ends_soon(void **state)
{
    static const char *const slow[] = {"[a-z]+[0-9]", "(?=[a-z]++[0-9])", "(?:a{1,50}){2}[bd]",
                                       "a+[bc]"};
    static char subject[100000];
    (void)state;
    memset(subject, 'a', sizeof(subject));
    clock_t began = clock();
    for (size_t i = 0; i < COUNT(slow); i++)
        if (matches(slow[i], view_of(subject, sizeof(subject))) != TRUTH_UNKNOWN)
            fail_msg("%s", slow[i]);
    assert_true(clock() - began < CLOCKS_PER_SEC);
    assert_int_equal(matches("[a-z]+[0-9]", view_of(subject, 100)), TRUTH_NO);
}

/* It is looked for piece by piece. */
static void test_it_is_found_wherever_it_is(void **state)
{
    char subject[1030];
    (void)state;
    for (size_t at = 0; at < sizeof(subject); at++) {
        memset(subject, '-', sizeof(subject));
        subject[at] = 'x';
        assert_int_equal(matches("x", view_of(subject, sizeof(subject))), TRUTH_YES);
        assert_int_equal(matches("(?<=[-])x|^x", view_of(subject, sizeof(subject))), TRUTH_YES);
        assert_int_equal(matches("(?<!-)x", view_of(subject, sizeof(subject))), truth_of(at == 0));
        assert_int_equal(matches("x$", view_of(subject, at + 1)), TRUTH_YES);
        assert_int_equal(matches("^x", view_of(subject, sizeof(subject))), truth_of(at == 0));
    }
    assert_int_equal(matches("y|$", view_of(subject, 256)), TRUTH_YES);
    assert_int_equal(matches("y", view_of(subject, 256)), TRUTH_NO);
}

static void test_all_matches_of_a_lookup_end_soon_together(void **state)
{
    struct text problem = TEXT_INIT;
    struct pattern *bomb = pattern_new(VIEW("^(a+)+$"), &problem);
    struct pattern *good = pattern_new(VIEW("^a"), &problem);
    struct pattern_scratch *scratch = pattern_scratch_new();
    struct view subject = VIEW("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac");
    (void)state;
    for (unsigned i = 0; i < PATTERN_EXHAUSTED_MAX; i++) {
        assert_int_equal(pattern_matches(good, subject, scratch), TRUTH_YES);
        assert_int_equal(pattern_matches(good, VIEW("b"), scratch), TRUTH_NO);
        assert_int_equal(pattern_scratch_is_exhausted(scratch), i > 0);
        assert_int_equal(pattern_matches(bomb, subject, scratch), TRUTH_UNKNOWN);
    }
    assert_int_equal(pattern_matches(good, subject, scratch), TRUTH_UNKNOWN);
    pattern_scratch_begin(scratch);
    assert_int_equal(pattern_matches(good, subject, scratch), TRUTH_YES);
    assert_false(pattern_scratch_is_exhausted(scratch));
    pattern_scratch_free(scratch);
    pattern_free(good);
    pattern_free(bomb);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_matches),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_a_match_ends_soon),
        cmocka_unit_test(test_a_search_ends_soon),
        cmocka_unit_test(test_it_is_found_wherever_it_is),
        cmocka_unit_test(test_all_matches_of_a_lookup_end_soon_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
