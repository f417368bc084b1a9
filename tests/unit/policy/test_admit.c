/* Places of endpoints that have a limit, idle connections that are asked for, and who waits longest. */
#include "lb/policy/admit.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define WORKERS 4u

static unsigned rung[WORKERS];

static void ring(void *owner, unsigned worker_index)
{
    (void)owner;
    rung[worker_index]++;
}

static struct admit_office office = {.worker_count = WORKERS, .ring = ring};

static struct endpoint *endpoint_of(unsigned limit)
{
    struct endpoint *endpoint = endpoint_new(&(struct endpoint_options){
        .id = "1", .name = "x", .service = "a", .weight = 1, .worker_count = WORKERS});
    atomic_store(&endpoint->max_inflight, limit);
    for (unsigned i = 0; i < WORKERS; i++)
        rung[i] = 0;
    return endpoint;
}

static void test_no_limit_counts_nothing(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(admit_try(endpoint), ADMIT_FREE);
    assert_int_equal(atomic_load(endpoint_admitted_count(endpoint)), 0);
    assert_true(admit_is_open(endpoint, 0));
    assert_false(admit_is_over(endpoint));
    endpoint_unref(endpoint);
}

static void test_no_more_than_the_limit(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(2);
    assert_int_equal(admit_try(endpoint), ADMIT_PLACE);
    assert_true(admit_is_open(endpoint, 0));
    assert_int_equal(admit_try(endpoint), ADMIT_PLACE);
    assert_int_equal(admit_try(endpoint), ADMIT_FULL);
    assert_false(admit_is_open(endpoint, 0));
    admit_release(endpoint);
    assert_int_equal(admit_try(endpoint), ADMIT_PLACE);
    endpoint_unref(endpoint);
}

static void test_a_limit_may_change(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(2);
    admit_try(endpoint);
    admit_try(endpoint);
    atomic_store(&endpoint->max_inflight, 1);
    assert_true(admit_is_over(endpoint));
    admit_release(endpoint);
    assert_false(admit_is_over(endpoint));
    assert_int_equal(admit_try(endpoint), ADMIT_FULL);
    atomic_store(&endpoint->max_inflight, 3);
    assert_int_equal(admit_try(endpoint), ADMIT_PLACE);
    atomic_store(&endpoint->max_inflight, 0);
    assert_int_equal(admit_try(endpoint), ADMIT_FREE);
    endpoint_unref(endpoint);
}

static void test_an_heir_has_the_same_places(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(1), *heir = endpoint_of(1);
    assert_int_equal(admit_try(endpoint), ADMIT_PLACE);
    endpoint_inherit(heir, endpoint);
    assert_int_equal(admit_try(heir), ADMIT_FULL);
    admit_release(endpoint);
    assert_int_equal(admit_try(heir), ADMIT_PLACE);
    endpoint_unref(endpoint);
    endpoint_unref(heir);
}

static void test_an_idle_connection_of_its_own_is_as_good_as_a_place(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(1);
    admit_try(endpoint);
    atomic_store(&endpoint->locals[2].idle_count, 1);
    assert_true(admit_is_open(endpoint, 2));
    assert_false(admit_is_open(endpoint, 1));
    endpoint_unref(endpoint);
}

static void test_each_idle_connection_is_asked_for_once(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(3);
    atomic_store(&endpoint->locals[0].idle_count, 1);
    atomic_store(&endpoint->locals[1].idle_count, 9); /* its own do not count */
    atomic_store(&endpoint->locals[3].idle_count, 2);
    for (unsigned i = 0; i < 3; i++)
        assert_true(admit_ask(&office, endpoint, 1));
    assert_false(admit_ask(&office, endpoint, 1));
    assert_int_equal(rung[0], 1);
    assert_int_equal(rung[1], 0);
    assert_int_equal(rung[3], 2);
    assert_int_equal(admit_asked_count(&endpoint->locals[3]), 2);
    assert_int_equal(admit_asked_count(&endpoint->locals[3]), 0);
    endpoint_unref(endpoint);
}

static void test_who_is_no_worker_asks_all(void **state)
{
    (void)state;
    struct endpoint *endpoint = endpoint_of(1);
    for (unsigned i = 0; i < WORKERS; i++) {
        atomic_store(&endpoint->locals[i].idle_count, 1);
        assert_true(admit_ask(&office, endpoint, WORKERS));
        assert_int_equal(rung[i], 1);
        atomic_store(&endpoint->locals[i].idle_count, 0);
    }
    endpoint_unref(endpoint);
}

static void test_so_many_wait_and_the_longest_first(void **state)
{
    (void)state;
    struct service *service = service_new("a", SERVICE_HTTP, WORKERS);
    assert_int_equal(admit_next_worker(service, 0), ADMIT_NOBODY);
    assert_int_equal(admit_queue(&office, service, 2), 1);
    assert_int_equal(admit_queue(&office, service, 2), 2);
    assert_int_equal(admit_queue(&office, service, 2), 0);
    assert_int_equal(admit_waiting_count(service), 2);
    admit_set_first(&service->locals[3], 1);
    admit_set_first(&service->locals[1], 2);
    assert_int_equal(admit_next_worker(service, 0), 3);
    assert_int_equal(admit_next_worker(service, 1), 1);
    assert_int_equal(admit_next_worker(service, 2), ADMIT_NOBODY);
    admit_leave(&office, service);
    assert_true(admit_queue_again(&office, service, 2));
    assert_false(admit_queue_again(&office, service, 2));
    admit_leave(&office, service);
    admit_leave(&office, service);
    assert_int_equal(atomic_load(&office.waiting_count), 0);
    service_unref(service);
}

/* ---- several threads -------------------------------------------------------------------------- */

#define LIMIT  3u
#define ROUNDS 20000u

static atomic_uint inside, most;

static void *come_and_go(void *of)
{
    struct endpoint *endpoint = of;
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (admit_try(endpoint) != ADMIT_PLACE)
            continue;
        unsigned here = atomic_fetch_add(&inside, 1) + 1, seen = atomic_load(&most);
        while (here > seen && !atomic_compare_exchange_weak(&most, &seen, here))
            continue;
        atomic_fetch_sub(&inside, 1);
        admit_release(endpoint);
    }
    return NULL;
}

static void test_threads_never_have_more_than_the_limit(void **state)
{
    pthread_t threads[WORKERS];
    (void)state;
    struct endpoint *endpoint = endpoint_of(LIMIT);
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_create(&threads[i], NULL, come_and_go, endpoint);
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&most), 1, LIMIT);
    assert_int_equal(atomic_load(endpoint_admitted_count(endpoint)), 0);
    endpoint_unref(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_limit_counts_nothing),
        cmocka_unit_test(test_no_more_than_the_limit),
        cmocka_unit_test(test_a_limit_may_change),
        cmocka_unit_test(test_an_heir_has_the_same_places),
        cmocka_unit_test(test_an_idle_connection_of_its_own_is_as_good_as_a_place),
        cmocka_unit_test(test_each_idle_connection_is_asked_for_once),
        cmocka_unit_test(test_who_is_no_worker_asks_all),
        cmocka_unit_test(test_so_many_wait_and_the_longest_first),
        cmocka_unit_test(test_threads_never_have_more_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
