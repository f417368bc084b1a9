/* Round robin: strict, also from several threads; what is unusable or tried is skipped. The
 * threaded test is meant to run under the thread sanitizer too. */
#include "lb/policy/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/policy/outlier.h"
#include "lb/pool/pool_build.h"

#define COUNT_MAX 40u

static struct balance_tried none; /* stays so */

static void ignore(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner;
    (void)endpoint;
    (void)before;
}

/* The next snapshot of a service with `count` endpoints of weight 1, or of `weights`, all ready. */
static struct pool *make(const struct pool *before, unsigned count, const unsigned *weights)
{
    char names[COUNT_MAX][16];
    struct pool_wanted_endpoint endpoints[COUNT_MAX];
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = count};
    for (unsigned i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "%02u", i);
        endpoints[i] = (struct pool_wanted_endpoint){.service = "app",
                                                     .id = names[i],
                                                     .name = names[i],
                                                     .weight = weights ? weights[i] : 1,
                                                     .cause = "list"};
        assert_true(address_parse(VIEW("10.0.0.2:80"), &endpoints[i].address));
    }
    struct pool_rules rules = {.worker_count = 1};
    struct pool *first = pool_build(before, &wanted, &rules);
    pool_build_settle(first, before, ignore, NULL);
    for (unsigned i = 0; i < count; i++)
        first->services[0].endpoints[i]->is_admitted = true;
    struct pool *pool = pool_build(first, &wanted, &rules);
    pool_build_settle(pool, first, ignore, NULL);
    pool_unref(first);
    return pool;
}

static unsigned index_of(const struct endpoint *endpoint)
{
    return (unsigned)strtoul(endpoint->name, NULL, 10);
}

static void check_even(const unsigned *counts, unsigned count)
{
    unsigned least = counts[0], most = counts[0];
    for (unsigned i = 1; i < count; i++) {
        least = counts[i] < least ? counts[i] : least;
        most = counts[i] > most ? counts[i] : most;
    }
    assert_in_range(most - least, 0, 1);
}

static void test_strict(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= COUNT_MAX; count++) {
        struct pool *pool = make(NULL, count, NULL);
        unsigned counts[COUNT_MAX] = {0};
        for (unsigned turn = 0; turn < 3 * count + 1; turn++) {
            struct endpoint *endpoint = balance_pick(&pool->services[0], &none);
            assert_int_equal(index_of(endpoint), turn % count);
            counts[index_of(endpoint)]++;
            check_even(counts, count);
        }
        pool_unref(pool);
    }
}

/* The cursor lives on: a new snapshot with the same endpoints does not begin anew. */
static void test_strict_over_snapshots(void **state)
{
    struct pool *pool = make(NULL, 7, NULL);
    unsigned counts[7] = {0};
    (void)state;
    for (unsigned turn = 0; turn < 100; turn++) {
        counts[index_of(balance_pick(&pool->services[0], &none))]++;
        check_even(counts, 7);
        struct pool *next = make(pool, 7, NULL);
        pool_unref(pool);
        pool = next;
    }
    pool_unref(pool);
}

static void test_weights(void **state)
{
    static const unsigned weights[] = {4, 1, 3};
    struct pool *pool = make(NULL, 3, weights);
    unsigned counts[3] = {0};
    (void)state;
    for (unsigned turn = 0; turn < 8 * 10; turn++)
        counts[index_of(balance_pick(&pool->services[0], &none))]++;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(counts[i], 10 * weights[i]);
    pool_unref(pool);
}

/* ---- threads --------------------------------------------------------------------------------- */

#define THREADS      4u
#define THREAD_PICKS 200003u

struct picker {
    pthread_t thread;
    pthread_barrier_t *start;
    const struct pool_service *service;
    unsigned counts[COUNT_MAX];
};

static void *run_picker(void *data)
{
    struct picker *picker = data;
    pthread_barrier_wait(picker->start);
    for (unsigned i = 0; i < THREAD_PICKS; i++)
        picker->counts[index_of(balance_pick(picker->service, &none))]++;
    return NULL;
}

static void test_strict_over_threads(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 7; count += 3) {
        struct pool *pool = make(NULL, count, NULL);
        struct picker pickers[THREADS] = {0};
        pthread_barrier_t start;
        unsigned counts[COUNT_MAX] = {0};
        pthread_barrier_init(&start, NULL, THREADS);
        for (unsigned i = 0; i < THREADS; i++) {
            pickers[i].start = &start;
            pickers[i].service = &pool->services[0];
            assert_int_equal(pthread_create(&pickers[i].thread, NULL, run_picker, &pickers[i]), 0);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            pthread_join(pickers[i].thread, NULL);
            for (unsigned j = 0; j < count; j++)
                counts[j] += pickers[i].counts[j];
        }
        check_even(counts, count);
        pthread_barrier_destroy(&start);
        pool_unref(pool);
    }
}

/* ---- skipping -------------------------------------------------------------------------------- */

static void test_skips_unusable(void **state)
{
    struct pool *pool = make(NULL, 4, NULL);
    const struct pool_service *service = &pool->services[0];
    (void)state;
    for (int word = 0; word < ENDPOINT_STATE_COUNT; word++) {
        if (word == ENDPOINT_READY)
            continue;
        endpoint_set_state(service->endpoints[1], (enum endpoint_state)word);
        for (unsigned turn = 0; turn < 40; turn++)
            assert_int_not_equal(index_of(balance_pick(service, &none)), 1);
        endpoint_set_state(service->endpoints[1], ENDPOINT_READY);
    }
    for (unsigned i = 0; i < 4; i++)
        endpoint_set_state(service->endpoints[i], ENDPOINT_DRAINING);
    assert_null(balance_pick(service, &none));
    endpoint_set_state(service->endpoints[2], ENDPOINT_READY);
    for (unsigned turn = 0; turn < 8; turn++)
        assert_int_equal(index_of(balance_pick(service, &none)), 2);
    pool_unref(pool);
}

static void test_skips_tried(void **state)
{
    struct pool *pool = make(NULL, 5, NULL);
    const struct pool_service *service = &pool->services[0];
    (void)state;
    for (unsigned turn = 0; turn < 20; turn++) {
        struct balance_tried tried = {0};
        unsigned seen = 0;
        for (unsigned i = 0; i < 5; i++) {
            struct endpoint *endpoint = balance_pick(service, &tried);
            assert_non_null(endpoint);
            assert_int_equal(seen >> index_of(endpoint) & 1, 0);
            seen |= 1u << index_of(endpoint);
            balance_note_tried(&tried, endpoint);
        }
        assert_null(balance_pick(service, &tried));
        balance_tried_fini(&tried);
    }
    pool_unref(pool);
}

/* One endpoint is dead and not known to be: it costs one try in `count` requests, and the others
 * share what it leaves. */
static void test_second_choice(void **state)
{
    (void)state;
    for (unsigned count = 2; count <= 5; count++) {
        struct pool *pool = make(NULL, count, NULL);
        const struct pool_service *service = &pool->services[0];
        unsigned answered[5] = {0}, wasted = 0;
        for (unsigned request = 0; request < 60 * count; request++) {
            struct balance_tried tried = {0};
            struct endpoint *endpoint = balance_pick(service, &tried);
            if (index_of(endpoint) == 0) {
                wasted++;
                balance_note_tried(&tried, endpoint);
                endpoint = balance_pick(service, &tried);
            }
            answered[index_of(endpoint)]++;
            balance_tried_fini(&tried);
        }
        assert_int_equal(wasted, 60);
        assert_int_equal(answered[0], 0);
        for (unsigned i = 1; i < count; i++)
            assert_in_range(answered[i], 60, 60 + 2 * 60 / (count - 1));
        pool_unref(pool);
    }
}

static void test_empty(void **state)
{
    struct pool *pool = make(NULL, 1, NULL);
    struct pool_service service = pool->services[0];
    (void)state;
    service.rotation_count = service.turn_count = 0;
    assert_null(balance_pick(&service, &none));
    pool_unref(pool);
}

/* Many are dead, which the latest attempts on them told: the second choice is one that lives. Those
 * that are in doubt are still asked, each once, when all others have been. */
static void test_second_choice_goes_to_the_doubtful_last(void **state)
{
    const struct outlier_rules rules = {.failures_max = 3};
    struct pool *pool = make(NULL, COUNT_MAX, NULL);
    const struct pool_service *service = &pool->services[0];
    (void)state;
    for (unsigned i = 0; i < COUNT_MAX - 2; i++)
        outlier_note_failure(service->endpoints[i], &rules);
    for (unsigned turn = 0; turn < COUNT_MAX - 2; turn++) {
        struct balance_tried tried = {0};
        unsigned well_count = 0;
        struct endpoint *endpoint = balance_pick(service, &tried);
        assert_int_equal(index_of(endpoint), turn); /* a first choice is strict */
        balance_note_tried(&tried, endpoint);
        for (unsigned i = 1; i < COUNT_MAX; i++) {
            endpoint = balance_pick(service, &tried);
            assert_int_equal(index_of(endpoint) >= COUNT_MAX - 2, well_count < 2);
            well_count++;
            balance_note_tried(&tried, endpoint);
        }
        assert_null(balance_pick(service, &tried));
        balance_tried_fini(&tried);
    }
    pool_unref(pool);
}

static void test_note_tried(void **state)
{
    struct pool *pool = make(NULL, COUNT_MAX, NULL);
    const struct pool_service *service = &pool->services[0];
    struct balance_tried tried = {0};
    (void)state;
    for (unsigned i = 0; i < 2 * COUNT_MAX; i++) /* each twice, from both ends */
        balance_note_tried(&tried, service->endpoints[i % 2 ? COUNT_MAX - 1 - i / 2 : i / 2]);
    assert_int_equal(tried.count, COUNT_MAX);
    assert_false(balance_has_usable(service, &tried));
    for (unsigned i = 0; i < COUNT_MAX; i += 2)
        balance_forget_tried(&tried, service->endpoints[i]);
    balance_forget_tried(&tried, service->endpoints[0]);
    assert_int_equal(tried.count, COUNT_MAX / 2);
    for (unsigned i = 0; i < COUNT_MAX / 2; i++) {
        struct endpoint *endpoint = balance_pick(service, &tried);
        assert_int_equal(index_of(endpoint) % 2, 0);
        balance_note_tried(&tried, endpoint);
    }
    assert_null(balance_pick(service, &tried));
    balance_tried_fini(&tried);
    assert_int_equal(tried.count, 0);
    pool_unref(pool);
}

static void test_who_was_out_meanwhile_was_not_tried(void **state)
{
    struct pool *pool = make(NULL, 3, NULL);
    const struct pool_service *service = &pool->services[0];
    struct balance_tried tried = {0};
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        balance_note_tried(&tried, service->endpoints[i]);
    endpoint_set_state(service->endpoints[1], ENDPOINT_EJECTED);
    balance_keep_usable(&tried, service);
    assert_null(balance_pick(service, &tried));
    endpoint_set_state(service->endpoints[1], ENDPOINT_READY);
    assert_ptr_equal(balance_pick(service, &tried), service->endpoints[1]);
    assert_int_equal(tried.count, 2);
    balance_tried_fini(&tried);
    pool_unref(pool);
}

/* Whoever has just refused another request is left out, and asked once that is a while ago. */
static void test_who_has_just_refused_counts_as_tried(void **state)
{
    static const struct {
        uint64_t refused_ms, after_ms;
        bool is_left_out;
    } cases[] = {{0, 500, false},   {500, 0, false},   {501, 500, true},
                 {500, 500, false}, {499, 500, false}, {900, 500, true}};
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pool *pool = make(NULL, 2, NULL);
        const struct pool_service *service = &pool->services[0];
        struct balance_tried tried = {0};
        balance_note_tried(&tried, service->endpoints[0]);
        balance_skip_refused(&tried, 0, cases[i].after_ms);
        balance_skip_refused(&tried, 0, cases[i].after_ms / 2); /* known already */
        service->endpoints[1]->locals[0].refused_ms = cases[i].refused_ms;
        assert_int_equal(balance_has_usable(service, &tried), !cases[i].is_left_out);
        assert_int_equal(balance_pick(service, &tried) == NULL, cases[i].is_left_out);
        balance_tried_fini(&tried);
        pool_unref(pool);
    }
}

/* However many it tries, it looks at each place twice at most: for those that are well, and for
 * those in doubt. */
static void test_a_walk_goes_over_each_once(void **state)
{
    const struct outlier_rules rules = {.failures_max = 3};
    struct pool *pool = make(NULL, COUNT_MAX, NULL);
    const struct pool_service *service = &pool->services[0];
    struct balance_tried tried = {0};
    unsigned looked_at = 0, before = 0;
    (void)state;
    for (unsigned i = 0; i < COUNT_MAX; i += 2)
        outlier_note_failure(service->endpoints[i], &rules);
    for (unsigned i = 0; i < COUNT_MAX; i++) {
        balance_note_tried(&tried, balance_pick(service, &tried));
        unsigned now = tried.walked_count + (tried.takes_doubtful ? COUNT_MAX : 0);
        assert_true(now >= before);
        looked_at += now - before;
        before = now;
    }
    assert_in_range(looked_at, COUNT_MAX, 2 * COUNT_MAX);
    balance_tried_fini(&tried);
    pool_unref(pool);
}

/* What it has gone past may be a choice again. */
static void test_one_behind_the_walk_is_found(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 5; at++) {
        struct pool *pool = make(NULL, 5, NULL);
        const struct pool_service *service = &pool->services[0];
        struct balance_tried tried = {0};
        endpoint_set_state(service->endpoints[at], ENDPOINT_EJECTED);
        for (unsigned i = 0; i < 4; i++)
            balance_note_tried(&tried, balance_pick(service, &tried));
        assert_null(balance_pick(service, &tried));
        endpoint_set_state(service->endpoints[at], ENDPOINT_READY);
        assert_ptr_equal(balance_pick(service, &tried), service->endpoints[at]);
        balance_note_tried(&tried, service->endpoints[at]);
        assert_null(balance_pick(service, &tried));
        balance_tried_fini(&tried);
        pool_unref(pool);
    }
}

/* Else one that is made anew in its place would count as tried. */
static void test_who_was_tried_is_not_freed(void **state)
{
    struct pool *pool = make(NULL, 2, NULL);
    struct endpoint *endpoint = endpoint_ref(pool->services[0].endpoints[0]);
    struct balance_tried tried = {0};
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        balance_note_tried(&tried, endpoint);
    balance_note_tried(&tried, pool->services[0].endpoints[1]);
    balance_keep_usable(&tried, &pool->services[0]);
    pool_unref(pool);
    assert_int_equal(atomic_load(&endpoint->ref_count), 2);
    balance_forget_tried(&tried, endpoint);
    assert_int_equal(atomic_load(&endpoint->ref_count), 1);
    balance_note_tried(&tried, endpoint);
    balance_tried_fini(&tried);
    assert_int_equal(atomic_load(&endpoint->ref_count), 1);
    endpoint_unref(endpoint);
}

/* The cursor goes over the end of its number without a jump for a power of two. */
static void test_cursor_wraps(void **state)
{
    struct pool *pool = make(NULL, 4, NULL);
    unsigned counts[4] = {0};
    (void)state;
    atomic_store(&pool->services[0].kept->next_turn, UINT64_MAX - 10);
    for (unsigned turn = 0; turn < 40; turn++) {
        counts[index_of(balance_pick(&pool->services[0], &none))]++;
        check_even(counts, 4);
    }
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_strict_over_snapshots),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_strict_over_threads),
        cmocka_unit_test(test_skips_unusable),
        cmocka_unit_test(test_skips_tried),
        cmocka_unit_test(test_second_choice),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_second_choice_goes_to_the_doubtful_last),
        cmocka_unit_test(test_note_tried),
        cmocka_unit_test(test_who_was_out_meanwhile_was_not_tried),
        cmocka_unit_test(test_who_has_just_refused_counts_as_tried),
        cmocka_unit_test(test_a_walk_goes_over_each_once),
        cmocka_unit_test(test_one_behind_the_walk_is_found),
        cmocka_unit_test(test_who_was_tried_is_not_freed),
        cmocka_unit_test(test_cursor_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
