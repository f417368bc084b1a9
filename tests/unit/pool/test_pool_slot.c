/* Handing snapshots to workers: the latest wins, none goes back, the last one always arrives.
 * Meant to run under the thread sanitizer too. */
#include "lb/pool/pool_slot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "lb/pool/pool_build.h"

#define VERSIONS 3000u
#define WORKERS  3u

static void ignore(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner;
    (void)endpoint;
    (void)before;
}

static struct pool *make(const struct pool *before, const char *name)
{
    struct pool_wanted_endpoint endpoints[2] = {
        {.service = "app", .id = "1", .name = "stays", .weight = 1, .cause = "list"},
        {.service = "app", .id = "2", .name = name, .weight = 1, .cause = "list"},
    };
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = 2};
    for (unsigned i = 0; i < 2; i++)
        if (!address_parse(VIEW("10.0.0.2:80"), &endpoints[i].address))
            return NULL;
    struct pool *pool = pool_build(before, &wanted, &(struct pool_rules){.worker_count = WORKERS});
    pool_build_settle(pool, before, ignore, NULL);
    return pool;
}

static void test_one_thread(void **state)
{
    struct pool_slot slot = {NULL};
    struct pool *first = make(NULL, "x"), *second = make(first, "x");
    (void)state;
    assert_null(pool_slot_collect(&slot));
    pool_slot_offer(&slot, first);
    assert_int_equal(first->ref_count, 2);
    assert_ptr_equal(pool_slot_collect(&slot), first);
    assert_null(pool_slot_collect(&slot));
    pool_unref(first);
    pool_slot_offer(&slot, first);
    pool_slot_offer(&slot, second); /* an offer that nobody collected is dropped */
    assert_int_equal(first->ref_count, 1);
    assert_ptr_equal(pool_slot_collect(&slot), second);
    pool_unref(second);
    pool_unref(first);
    pool_unref(second);
}

struct worker {
    pthread_t thread;
    struct pool_slot slot;
    unsigned collected_count;
    const char *problem; /* told by the main thread: cmocka's checks belong there */
};

static const char *check(const struct pool *pool, uint64_t version)
{
    if (pool->version <= version)
        return "a version that does not rise";
    const struct pool_service *service = pool_find(pool, VIEW("app"));
    if (!service || service->endpoint_count != 2)
        return "a service that is not whole";
    for (unsigned i = 0; i < 2; i++)
        if (strlen(service->endpoints[i]->name) == 0 || service->endpoints[i]->weight != 1)
            return "an endpoint that is not whole";
    return NULL;
}

static void *run_worker(void *data)
{
    struct worker *worker = data;
    struct pool *pool = NULL;
    while (!worker->problem && (!pool || pool->version < VERSIONS)) {
        struct pool *next = pool_slot_collect(&worker->slot);
        if (!next) {
            sched_yield();
            continue;
        }
        worker->problem = check(next, pool ? pool->version : 0);
        worker->collected_count++;
        pool_unref(pool);
        pool = next;
    }
    pool_unref(pool);
    return NULL;
}

static void test_threads(void **state)
{
    static struct worker workers[WORKERS];
    struct pool *pool = NULL;
    (void)state;
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]), 0);
    for (unsigned version = 1; version <= VERSIONS; version++) {
        struct pool *next = make(pool, version % 2 ? "odd" : "even"); /* always a new object */
        pool_unref(pool);
        pool = next;
        for (unsigned i = 0; i < WORKERS; i++)
            pool_slot_offer(&workers[i].slot, pool);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL); /* it ends with the last version only */
        if (workers[i].problem)
            fail_msg("worker %u got %s", i, workers[i].problem);
        assert_in_range(workers[i].collected_count, 1, VERSIONS);
        assert_null(pool_slot_collect(&workers[i].slot));
    }
    assert_int_equal(pool->ref_count, 1);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_thread),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
