/* Outliers: what makes a suspect, who may be ejected, and for how long. */
#include "lb/policy/outlier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static const struct outlier_rules rules = {
    .failures_max = 3, .errors_max = 2, .eject_ms = 1000, .max_percent = 50};

static struct endpoint *make(void)
{
    struct endpoint_options options = {
        .id = "1", .name = "a", .service = "s", .weight = 1, .worker_count = 1};
    assert_true(address_parse(VIEW("10.0.0.2:80"), &options.address));
    struct endpoint *endpoint = endpoint_new(&options);
    endpoint->is_admitted = true;
    return endpoint;
}

static bool is_suspect(const struct endpoint *endpoint, const struct outlier_rules *by)
{
    char reason[80] = "";
    bool found = outlier_is_suspect(endpoint, by, reason);
    assert_int_equal(found, reason[0] != '\0');
    return found;
}

/* A script of outcomes: f(ailure), e(rror 5xx), s(uccess); upper case: control is told just then.
 */
static void test_rows(void **state)
{
    static const struct {
        const char *script;
        bool is_suspect;
    } cases[] = {
        {"", false},      {"ff", false},     {"ffF", true},      {"ffFff", true}, {"ffsff", false},
        {"ffsffF", true}, {"ffFs", false},   {"eE", true},       {"ese", false},  {"eEs", false},
        {"eEe", true},    {"ffeff", false},  {"ffeffF", true},   {"effFE", true}, {"efEf", true},
        {"ffFe", false},  {"ssssss", false}, {"fsfsfsf", false}, {"effE", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct endpoint *endpoint = make();
        for (const char *c = cases[i].script; *c; c++) {
            bool told = false, want_told = *c < 'a';
            if (*c == 'f' || *c == 'F')
                told = outlier_note_failure(endpoint, &rules);
            else if (*c == 'e' || *c == 'E')
                told = outlier_note_error(endpoint, &rules);
            else
                outlier_note_success(endpoint);
            if (told != want_told)
                fail_msg("\"%s\" at %zu", cases[i].script, (size_t)(c - cases[i].script));
        }
        if (is_suspect(endpoint, &rules) != cases[i].is_suspect)
            fail_msg("\"%s\"", cases[i].script);
        endpoint_unref(endpoint);
    }
}

static void test_switched_off(void **state)
{
    const struct outlier_rules off = {.eject_ms = 1, .max_percent = 100};
    struct endpoint *endpoint = make();
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_false(outlier_note_failure(endpoint, &off));
        assert_false(outlier_note_error(endpoint, &off));
    }
    assert_false(is_suspect(endpoint, &off));
    endpoint_unref(endpoint);
}

/* Each half stays in its place, however long it goes on. */
static void test_very_many(void **state)
{
    struct endpoint *endpoint = make();
    unsigned told_count = 0;
    (void)state;
    for (unsigned i = 0; i < 200000; i++)
        told_count += outlier_note_failure(endpoint, &rules);
    assert_int_equal(told_count, 1);
    assert_int_equal(atomic_load(&endpoint->streaks), 0xFFFF);
    for (unsigned i = 0; i < 200000; i++)
        told_count += outlier_note_error(endpoint, &rules);
    assert_int_equal(told_count, 2);
    assert_int_equal(atomic_load(&endpoint->streaks), 0xFFFF0000u);
    outlier_note_success(endpoint);
    assert_int_equal(atomic_load(&endpoint->streaks), 0);
    endpoint_unref(endpoint);
}

/* r(eady), e(jected), f(ailing by checks), p(robing), d(raining). */
static bool may_eject(const char *letters, unsigned max_percent)
{
    struct endpoint *endpoints[16];
    struct pool_service service = {.endpoints = endpoints};
    for (const char *c = letters; *c; c++) {
        struct endpoint *endpoint = make();
        endpoint->is_ejected = *c == 'e';
        endpoint->is_failing = *c == 'f';
        endpoint->is_admitted = *c != 'p';
        endpoint->source_state = *c == 'd' ? ENDPOINT_DRAINING : ENDPOINT_READY;
        endpoints[service.endpoint_count++] = endpoint;
    }
    bool may = outlier_may_eject(&service, &(struct outlier_rules){.max_percent = max_percent});
    for (unsigned i = 0; i < service.endpoint_count; i++)
        endpoint_unref(endpoints[i]);
    return may;
}

static void test_share(void **state)
{
    static const struct {
        const char *letters;
        unsigned max_percent;
        bool may;
    } cases[] = {
        {"r", 50, false},      {"rr", 50, true},      {"rr", 1, true},     {"re", 50, false},
        {"rre", 50, false},    {"rrre", 50, true},    {"rree", 50, false}, {"rree", 75, true},
        {"re", 100, false},    {"rre", 100, true},    {"rf", 50, false},   {"rrf", 50, true},
        {"rrfe", 50, true},    {"rp", 50, false},     {"rd", 50, false},   {"rrddd", 50, true},
        {"rreddd", 50, false}, {"rreppp", 50, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (may_eject(cases[i].letters, cases[i].max_percent) != cases[i].may)
            fail_msg("%s with %u %%", cases[i].letters, cases[i].max_percent);
}

static void test_times(void **state)
{
    static const unsigned want_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    struct endpoint *endpoint = make();
    uint64_t now_ms = 5000;
    (void)state;
    for (unsigned i = 0; i < sizeof(want_ms) / sizeof(want_ms[0]); i++) {
        endpoint->is_suspect = true;
        atomic_store(&endpoint->streaks, 3);
        outlier_eject(endpoint, &rules, now_ms);
        assert_true(endpoint->is_ejected);
        assert_false(endpoint->is_suspect);
        assert_int_equal(endpoint->ejected_until_ms - now_ms, want_ms[i]);
        now_ms = endpoint->ejected_until_ms + 10;
        outlier_return(endpoint, now_ms);
        assert_false(endpoint->is_ejected);
        assert_int_equal(atomic_load(&endpoint->streaks), 0);
        now_ms += OUTLIER_LONGEST_MS - 1; /* not well for long enough */
    }
    outlier_eject(endpoint, &rules, now_ms + 1);
    assert_int_equal(endpoint->ejected_until_ms - now_ms - 1, 1000);
    endpoint_unref(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_very_many), cmocka_unit_test(test_share),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
