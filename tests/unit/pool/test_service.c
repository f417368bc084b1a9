/* A service outlives the snapshots that list it, and goes with the last of them. */
#include "lb/pool/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lb/pool/pool_build.h"

static const struct pool_rules rules = {.worker_count = 2};

static void no_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)endpoint, (void)before;
}

/* A snapshot of one endpoint of the service "a", or of "b", which "/" goes to. */
static struct pool *build(const struct pool *before, const char *service)
{
    struct pool_wanted_endpoint row = {.service = service,
                                       .id = "1",
                                       .name = "x",
                                       .weight = 1,
                                       .state = ENDPOINT_READY,
                                       .cause = "list"};
    struct pool_wanted wanted = {
        .endpoints = &row, .endpoint_count = 1, .routed = service, .is_trusted = true};
    struct pool *pool = pool_build(before, &wanted, &rules);
    pool_build_settle(pool, before, no_change, NULL);
    return pool;
}

static void test_it_copies_its_name(void **state)
{
    char name[] = "shop";
    (void)state;
    struct service *service = service_new(name, SERVICE_HTTP, 2);
    name[0] = 'x';
    assert_string_equal(service->name, "shop");
    assert_int_equal(atomic_load(&service->next_turn), 0);
    assert_int_equal((uintptr_t)&service->next_turn % 64, 0);
    assert_int_equal((uintptr_t)service->locals % 64, 0);
    service_unref(service);
}

static void test_it_is_the_same_in_the_next_snapshot(void **state)
{
    (void)state;
    struct pool *first = build(NULL, "a");
    struct service *kept = routes_find(&first->routes)->kept;
    atomic_store(&kept->next_turn, 77);
    struct pool *second = build(first, "a");
    assert_ptr_equal(routes_find(&second->routes)->kept, kept);
    assert_int_equal(atomic_load(&kept->ref_count), 4); /* as listed, and as what "/" leads to */
    pool_unref(first);
    assert_int_equal(atomic_load(&kept->ref_count), 2);
    assert_string_equal(kept->name, "a");
    assert_int_equal(atomic_load(&kept->next_turn), 77);
    pool_unref(second);
}

static void test_a_reference_keeps_it(void **state)
{
    (void)state;
    struct pool *first = build(NULL, "a");
    struct service *kept = service_ref(routes_find(&first->routes)->kept);
    struct pool *second = build(first, "b");
    pool_unref(first);
    assert_string_equal(kept->name, "a");
    assert_ptr_not_equal(routes_find(&second->routes)->kept, kept);
    service_unref(kept);
    pool_unref(second);
}

/* Of what a worker uses. */
static struct service_policy *policy;

static int make_policy(void **state)
{
    (void)state;
    policy = service_policy_new(&(struct service_policy){.hold_ms = 7, .retry.budget_percent = 20});
    return 0;
}

static int drop_policy(void **state)
{
    (void)state;
    service_policy_unref(policy);
    return 0;
}

static void test_a_worker_serves_by_the_latest_policy_it_was_given(void **state)
{
    (void)state;
    struct service *service = service_new("shop", SERVICE_HTTP, 2);
    struct service_local *one = service_use(service, 0, policy),
                         *two = service_use(service, 1, policy);
    assert_ptr_equal(one->policy, policy);
    assert_int_equal(one->retry_budget.share_percent, 20);
    assert_true(retry_budget_spend(&one->retry_budget)); /* what is saved stays */
    unsigned saved_percent = one->retry_budget.saved_percent;
    struct service_policy *next =
        service_policy_new(&(struct service_policy){.hold_ms = 8, .retry.budget_percent = 30});
    service_release(service_use(service, 0, next));
    service_policy_unref(next);
    assert_int_equal(one->policy->hold_ms, 8);
    assert_int_equal(one->retry_budget.share_percent, 30);
    assert_int_equal(one->retry_budget.saved_percent, saved_percent);
    assert_int_equal(two->policy->hold_ms, 7);
    service_release(one);
    service_release(two);
    service_unref(service);
}

/* The name of a service whose other references are gone. */
static const char *name_of(const struct service_local *local)
{
    return service_of(local)->name;
}

static void test_it_stays_while_a_worker_uses_it(void **state)
{
    (void)state;
    struct service *service = service_new("shop", SERVICE_HTTP, 2);
    struct service_local *one = service_use(service, 0, policy),
                         *two = service_use(service, 1, policy);
    assert_int_equal(atomic_load(&service->ref_count), 3);
    assert_ptr_equal(service_use(service, 0, policy), one);
    assert_ptr_equal(service_use_again(one), one);
    assert_int_equal(atomic_load(&service->ref_count), 3); /* one for all uses of a worker */
    service_unref(service);
    service_release(two);
    service_release(one);
    service_release(one);
    assert_int_equal(atomic_load(&service->ref_count), 1);
    assert_string_equal(name_of(one), "shop");
    service_release(one); /* asan tells whether it is freed, and only now */
}

static void test_a_worker_may_use_it_again(void **state)
{
    (void)state;
    struct service *service = service_new("shop", SERVICE_HTTP, 1);
    service_release(service_use(service, 0, policy));
    assert_int_equal(atomic_load(&service->ref_count), 1);
    struct service_local *local = service_use(service, 0, policy);
    service_unref(service);
    assert_string_equal(name_of(local), "shop");
    service_release(local);
}

static void test_the_workers_counters_are_added_up(void **state)
{
    struct traffic sum = {0};
    (void)state;
    struct service *service = service_new("shop", SERVICE_HTTP, 3);
    assert_false(service_count(service, &sum));
    for (unsigned worker = 1; worker < 3; worker++) {
        struct service_local *local = service_use(service, worker, policy);
        counter_add(&local->traffic.attempt_count, worker);
        traffic_count(&local->traffic, VIEW("GET"), 200);
        service_release(local);
    }
    assert_true(service_count(service, &sum));
    assert_int_equal(counter_get(&sum.attempt_count), 3);
    service_unref(service);
}

/* Each worker writes to lines of its own. */
static void test_a_worker_costs_little_and_shares_no_line(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct service_local) % 64, 0);
    assert_true(sizeof(struct service_local) <= 2176);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_copies_its_name),
        cmocka_unit_test(test_it_is_the_same_in_the_next_snapshot),
        cmocka_unit_test(test_a_reference_keeps_it),
        cmocka_unit_test(test_it_stays_while_a_worker_uses_it),
        cmocka_unit_test(test_a_worker_may_use_it_again),
        cmocka_unit_test(test_the_workers_counters_are_added_up),
        cmocka_unit_test(test_a_worker_serves_by_the_latest_policy_it_was_given),
        cmocka_unit_test(test_a_worker_costs_little_and_shares_no_line),
    };
    return cmocka_run_group_tests(tests, make_policy, drop_policy);
}
