/* One endpoint: its words, its references, its counters. */
#include "lb/pool/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#define WORKERS 3u

static struct endpoint *make(void)
{
    struct endpoint_options options = {
        .id = "4f9c", .name = "app1", .service = "app", .weight = 7, .worker_count = WORKERS};
    assert_true(address_parse(VIEW("10.0.0.2:80"), &options.address));
    return endpoint_new(&options);
}

static void test_new(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    assert_string_equal(endpoint->id, "4f9c");
    assert_string_equal(endpoint->name, "app1");
    assert_string_equal(endpoint->service, "app");
    assert_int_equal(address_port(&endpoint->address), 80);
    assert_int_equal(endpoint->weight, 7);
    assert_int_equal(endpoint_state(endpoint), ENDPOINT_PROBING);
    assert_false(endpoint_is_usable(endpoint));
    assert_false(endpoint->is_admitted);
    assert_true(endpoint->state_since_ns > 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        assert_true(list_is_empty(&endpoint->locals[i].idle));
        assert_true(list_is_empty(&endpoint->locals[i].with_idle));
        assert_int_equal((uintptr_t)&endpoint->locals[i] % 64, 0); /* a cache line of its own */
    }
    endpoint_unref(endpoint);
}

static void test_references(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    assert_ptr_equal(endpoint_ref(endpoint), endpoint);
    endpoint_unref(endpoint);
    assert_string_equal(endpoint->id, "4f9c"); /* still there: a sanitizer watches */
    endpoint_unref(endpoint);
    endpoint_unref(NULL);
}

static void *use_and_drop(void *data)
{
    struct endpoint *endpoint = data;
    size_t len = strlen(endpoint->name);
    endpoint_unref(endpoint);
    return len == 4 ? data : NULL;
}

/* Whichever thread drops the last reference frees, and after all others are done with it. */
static void test_references_of_threads(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct endpoint *endpoint = make();
        pthread_t threads[3];
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(
                pthread_create(&threads[i], NULL, use_and_drop, endpoint_ref(endpoint)), 0);
        endpoint_unref(endpoint);
        for (unsigned i = 0; i < 3; i++) {
            void *result;
            pthread_join(threads[i], &result);
            assert_non_null(result);
        }
    }
}

static void test_state(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    for (int i = 0; i < ENDPOINT_STATE_COUNT; i++) {
        endpoint_set_state(endpoint, (enum endpoint_state)i);
        assert_int_equal(endpoint_state(endpoint), i);
        assert_int_equal(endpoint_is_usable(endpoint), i == ENDPOINT_READY);
    }
    endpoint->state_since_ns = 1;
    endpoint_set_state(endpoint, endpoint_state(endpoint));
    assert_int_equal(endpoint->state_since_ns, 1); /* the same state goes on */
    endpoint_set_state(endpoint, ENDPOINT_READY);
    assert_true(endpoint->state_since_ns > 1);
    endpoint_unref(endpoint);
}

static void test_words(void **state)
{
    static const char *const none[] = {"",        "READY",   "ready ",  "gone",    "probing",
                                       "removed", "failing", "ejected", "disabled"};
    (void)state;
    for (int i = 0; i < ENDPOINT_STATE_COUNT; i++) {
        enum endpoint_state got = ENDPOINT_STATE_COUNT;
        const char *word = endpoint_state_word((enum endpoint_state)i);
        bool may_be_said = i == ENDPOINT_READY || i == ENDPOINT_STARTING ||
                           i == ENDPOINT_UNHEALTHY || i == ENDPOINT_PAUSED ||
                           i == ENDPOINT_DRAINING;
        assert_true(strlen(word) > 0);
        assert_int_equal(endpoint_state_parse(word, &got), may_be_said);
        assert_int_equal(got, may_be_said ? i : ENDPOINT_STATE_COUNT);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        enum endpoint_state got = ENDPOINT_STATE_COUNT;
        assert_false(endpoint_state_parse(none[i], &got));
    }
}

/* Every combination of causes against the table of precedence, written here in its order. */
static void test_judge(void **state)
{
    static const enum endpoint_state source_states[] = {
        ENDPOINT_READY, ENDPOINT_STARTING, ENDPOINT_UNHEALTHY, ENDPOINT_PAUSED, ENDPOINT_DRAINING};
    struct endpoint *endpoint = make();
    (void)state;
    for (unsigned bits = 0; bits < 3 * 5 * 8; bits++) {
        enum endpoint_state want = ENDPOINT_READY;
        endpoint->order = (enum endpoint_order)(bits / 40);
        endpoint->source_state = source_states[bits / 8 % 5];
        endpoint->is_admitted = bits & 1;
        endpoint->is_failing = bits & 2;
        endpoint->is_ejected = bits & 4;
        if (endpoint->is_failing)
            want = ENDPOINT_FAILING;
        if (!endpoint->is_admitted)
            want = ENDPOINT_PROBING;
        if (endpoint->is_ejected)
            want = ENDPOINT_EJECTED;
        if (endpoint->source_state != ENDPOINT_READY)
            want = endpoint->source_state;
        if (endpoint->order == ENDPOINT_ORDER_DRAIN)
            want = ENDPOINT_DRAINING;
        if (endpoint->order == ENDPOINT_ORDER_DISABLE)
            want = ENDPOINT_DISABLED;
        assert_int_equal(endpoint_judge(endpoint), want);
    }
    endpoint_unref(endpoint);
}

static void observe(struct endpoint *endpoint)
{
    endpoint_set_state(endpoint, ENDPOINT_FAILING);
    endpoint->order = ENDPOINT_ORDER_DRAIN;
    endpoint->ordered_weight = 9;
    endpoint->is_admitted = endpoint->is_failing = endpoint->is_ejected = true;
    endpoint->is_suspect = true;
    endpoint->ejection_count = 4;
    endpoint->ejected_until_ms = 5;
    endpoint->returned_ms = 6;
    endpoint->ready_ms = 7;
    endpoint->state_since_ns = 8;
    atomic_store(&endpoint->streaks, 2);
    endpoint_note_problem(endpoint, "why");
}

static void test_source_that_is_not_ready_ends_what_was_observed(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    observe(endpoint);
    endpoint_take_source_state(endpoint, ENDPOINT_READY);
    assert_true(endpoint->is_admitted && endpoint->is_failing && endpoint->is_ejected);
    assert_string_equal(endpoint->problem, "why");
    endpoint_take_source_state(endpoint, ENDPOINT_UNHEALTHY);
    assert_false(endpoint->is_admitted || endpoint->is_failing || endpoint->is_ejected ||
                 endpoint->is_suspect);
    assert_string_equal(endpoint->problem, "");
    assert_int_equal(atomic_load(&endpoint->streaks), 0);
    assert_int_equal(endpoint->order, ENDPOINT_ORDER_DRAIN); /* an operator's word stays */
    assert_int_equal(endpoint->ordered_weight, 9);
    assert_int_equal(endpoint->ejection_count, 4); /* it comes back no better known */
    endpoint_unref(endpoint);
}

static void test_inherit(void **state)
{
    struct endpoint *old = make(), *heir = make();
    struct endpoint_tie watch, probe;
    (void)state;
    observe(old);
    endpoint_tie(old, ENDPOINT_WATCH, &watch);
    endpoint_tie(old, ENDPOINT_PROBE, &probe);
    atomic_store(&old->idle_limit_ms, 700);
    atomic_store(&old->complaints, 5);
    endpoint_count(&old->locals[0].answers[2], 3);
    endpoint_count_inflight(&old->locals[0], 2);
    endpoint_inherit(heir, old);
    assert_true(heir->is_admitted && heir->is_failing && heir->is_ejected && heir->is_suspect);
    assert_int_equal(heir->order, ENDPOINT_ORDER_DRAIN);
    assert_int_equal(heir->ordered_weight, 9);
    assert_int_equal(heir->ejection_count, 4);
    assert_int_equal(heir->ejected_until_ms, 5);
    assert_int_equal(heir->returned_ms, 6);
    assert_int_equal(heir->ready_ms, 7);
    assert_int_equal(heir->state_since_ns, 8);
    assert_int_equal(atomic_load(&heir->streaks), 2);
    assert_string_equal(heir->problem, "why");
    assert_int_equal(endpoint_state(heir), ENDPOINT_FAILING);
    assert_int_equal(atomic_load(&heir->idle_limit_ms), 700);
    assert_int_equal(atomic_load(&heir->complaints), 5);
    assert_ptr_equal(heir->ties[ENDPOINT_WATCH], &watch);
    assert_ptr_equal(heir->ties[ENDPOINT_PROBE], &probe);
    assert_true(watch.endpoint == heir && probe.endpoint == heir);
    assert_true(!old->ties[ENDPOINT_WATCH] && !old->ties[ENDPOINT_PROBE]);
    endpoint_count_inflight(&old->locals[0], -1); /* a request that began under the old name ends */
    assert_int_equal(endpoint_inflight_count(heir), 1);
    assert_int_equal(endpoint_request_count(heir), 3);
    endpoint_untie(ENDPOINT_WATCH, &watch);
    endpoint_untie(ENDPOINT_PROBE, &probe);
    assert_true(!watch.endpoint && !heir->ties[ENDPOINT_WATCH] && !heir->ties[ENDPOINT_PROBE]);
    endpoint_unref(old);
    endpoint_count(&heir->locals[0].answers[2], 1); /* what was shared has stayed */
    assert_int_equal(endpoint_request_count(heir), 4);
    endpoint_unref(heir);
}

static void test_wants_probe(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    endpoint->ejected_until_ms = 100;
    for (int i = 0; i < ENDPOINT_STATE_COUNT; i++) {
        endpoint_set_state(endpoint, (enum endpoint_state)i);
        assert_int_equal(endpoint_wants_probe(endpoint, 99), i == ENDPOINT_PROBING);
        assert_int_equal(endpoint_wants_probe(endpoint, 100),
                         i == ENDPOINT_PROBING || i == ENDPOINT_EJECTED);
    }
    endpoint_unref(endpoint);
}

static void test_share(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    endpoint_set_state(endpoint, ENDPOINT_READY);
    endpoint->ready_ms = 1000;
    assert_int_equal(endpoint_share_percent(endpoint, 1000), 100); /* no slow start */
    endpoint->slow_start_ms = 100;
    assert_int_equal(endpoint_share_percent(endpoint, 999), 1);
    assert_int_equal(endpoint_share_percent(endpoint, 1000), 1);
    assert_int_equal(endpoint_share_percent(endpoint, 1050), 50);
    assert_int_equal(endpoint_share_percent(endpoint, 1099), 99);
    assert_int_equal(endpoint_share_percent(endpoint, 1100), 100);
    endpoint_set_state(endpoint, ENDPOINT_FAILING); /* used in panic only, and then in full */
    assert_int_equal(endpoint_share_percent(endpoint, 1000), 100);
    endpoint_unref(endpoint);
}

static void test_problem(void **state)
{
    struct endpoint *endpoint = make();
    char text[400];
    (void)state;
    memset(text, 'x', sizeof(text));
    text[399] = '\0';
    endpoint_note_problem(endpoint, text);
    assert_int_equal(strlen(endpoint->problem), sizeof(endpoint->problem) - 1);
    endpoint_note_problem(endpoint, NULL);
    assert_string_equal(endpoint->problem, "");
    endpoint_unref(endpoint);
}

static void test_sums(void **state)
{
    struct endpoint *endpoint = make(), *other = make();
    struct endpoint_sums sums = {0};
    (void)state;
    for (unsigned i = 0; i < WORKERS; i++) {
        struct endpoint_local *local = &endpoint->locals[i];
        endpoint_count_inflight(local, 1);
        endpoint_count(&local->failures[ENDPOINT_FAILURE_COUNT - 1], 2);
        endpoint_count(&local->answers[5], 3);
        endpoint_count(&local->connect_count, 4);
        endpoint_count(&local->connect_ns, 5);
    }
    endpoint_count(&other->locals[0].answers[5], 100);
    endpoint_add_to(endpoint, &sums);
    endpoint_add_to(other, &sums);
    assert_int_equal(sums.inflight_count, WORKERS);
    assert_int_equal(sums.failures[ENDPOINT_FAILURE_COUNT - 1], 2 * WORKERS);
    assert_int_equal(sums.failures[0], 0);
    assert_int_equal(sums.answers[5], 3 * WORKERS + 100);
    assert_int_equal(sums.connect_count, 4 * WORKERS);
    assert_int_equal(sums.connect_ns, 5 * WORKERS);
    endpoint_unref(endpoint);
    endpoint_unref(other);
}

static void test_counters(void **state)
{
    struct endpoint *endpoint = make();
    (void)state;
    for (unsigned i = 0; i < WORKERS; i++) {
        endpoint_count_inflight(&endpoint->locals[i], (int)i + 1);
        endpoint_count(&endpoint->locals[i].answers[2], 10 * ((int64_t)i + 1));
        endpoint_count(&endpoint->locals[i].failure_count, 100 * ((int64_t)i + 1));
    }
    endpoint_count_inflight(&endpoint->locals[1], -2);
    assert_int_equal(endpoint_inflight_count(endpoint), 4);
    assert_int_equal(endpoint_request_count(endpoint), 60);
    assert_int_equal(endpoint_failure_count(endpoint), 600);
    endpoint_unref(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_references_of_threads),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_source_that_is_not_ready_ends_what_was_observed),
        cmocka_unit_test(test_inherit),
        cmocka_unit_test(test_wants_probe),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
