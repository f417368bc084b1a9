/* Who of the last snapshot is who is wanted now. */
#include "lb/pool/pool_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/pool/pool_build.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const struct pool_rules rules = {.worker_count = 1};

static struct pool_wanted_endpoint wants(const char *service, const char *id, const char *name)
{
    struct pool_wanted_endpoint wanted = {.service = service,
                                          .id = id,
                                          .name = name,
                                          .weight = 1,
                                          .state = ENDPOINT_READY,
                                          .cause = "list"};
    assert_true(address_parse(VIEW("10.0.0.1:80"), &wanted.address));
    return wanted;
}

static struct pool *before;
static struct pool_walk walk;

static int set_up(void **state)
{
    struct pool_wanted_endpoint endpoints[] = {wants("a", "1", "x"), wants("a", "2", "y"),
                                               wants("a", "3", "z"), wants("b", "1", "x")};
    (void)state;
    before = pool_build(
        NULL, &(struct pool_wanted){.endpoints = endpoints, .endpoint_count = COUNT_OF(endpoints)},
        &rules);
    walk = (struct pool_walk){.before = before};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pool_walk_fini(&walk);
    pool_unref(before);
    return 0;
}

static struct endpoint *listed(unsigned service, unsigned index)
{
    return before->services[service].endpoints[index];
}

static struct endpoint *find(const char *service, const char *id, const char *name)
{
    struct pool_wanted_endpoint wanted = wants(service, id, name);
    return pool_walk_find(&walk, &wanted);
}

static void test_what_stays_is_found_without_a_list(void **state)
{
    (void)state;
    pool_walk_enter(&walk, "a", SERVICE_HTTP);
    assert_ptr_equal(find("a", "1", "x"), listed(0, 0));
    assert_ptr_equal(find("a", "3", "z"), listed(0, 2)); /* "2" is gone */
    pool_walk_enter(&walk, "b", SERVICE_HTTP);
    assert_ptr_equal(find("b", "1", "x"), listed(1, 0));
    assert_null(walk.by_id);
}

static void test_a_known_one_is_not_compared(void **state)
{
    struct pool_wanted_endpoint wanted = wants("a", "1", "x");
    (void)state;
    wanted.known = listed(0, 0);
    wanted.id = wanted.name = "changed";
    pool_walk_enter(&walk, "a", SERVICE_HTTP);
    assert_ptr_equal(pool_walk_find(&walk, &wanted), listed(0, 0));
    assert_ptr_equal(find("a", "2", "y"), listed(0, 1));
}

static void test_a_renamed_one_is_found_by_its_id(void **state)
{
    (void)state;
    pool_walk_enter(&walk, "a", SERVICE_HTTP);
    assert_ptr_equal(find("a", "3", "a new name"), listed(0, 2));
    assert_ptr_equal(find("a", "1", "x"), listed(0, 0));
    assert_null(find("a", "4", "x")); /* that name is another's by now */
}

static void test_one_whose_ports_are_told_is_found_by_its_container(void **state)
{
    struct pool_wanted_endpoint wanted = wants("a", "2:80", "y");
    (void)state;
    wanted.container = "2";
    pool_walk_enter(&walk, "a", SERVICE_HTTP);
    assert_ptr_equal(pool_walk_find(&walk, &wanted), listed(0, 1));
}

static void test_another_address_is_another_endpoint(void **state)
{
    struct pool_wanted_endpoint wanted = wants("a", "1", "x");
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.9:80"), &wanted.address));
    pool_walk_enter(&walk, "a", SERVICE_HTTP);
    assert_null(pool_walk_find(&walk, &wanted));
}

static void test_nothing_is_found_in_a_new_service_or_before_the_first_snapshot(void **state)
{
    struct pool_walk first = {0};
    struct pool_wanted_endpoint wanted = wants("a", "1", "x");
    (void)state;
    pool_walk_enter(&walk, "c", SERVICE_HTTP);
    assert_null(find("c", "1", "x"));
    pool_walk_enter(&first, "a", SERVICE_HTTP);
    assert_null(pool_walk_find(&first, &wanted));
    pool_walk_fini(&first);
}

static void test_the_order_is_by_service_name_and_id(void **state)
{
    struct pool_wanted_endpoint endpoints[] = {wants("b", "1", "x"), wants("a", "9", "x"),
                                               wants("a", "1", "y"), wants("a", "2", "x")};
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = COUNT_OF(endpoints)};
    static const char *const ids[] = {"2", "9", "1", "1"};
    (void)state;
    pool_walk_sort(&wanted);
    for (unsigned i = 0; i < COUNT_OF(endpoints); i++)
        assert_string_equal(endpoints[i].id, ids[i]);
    assert_string_equal(endpoints[3].service, "b");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Its connections would be of the wrong kind. */
static void test_who_speaks_tls_now_is_another(void **state)
{
    struct pool_wanted_endpoint wanted = wants("a", "1", "x");
    (void)state;
    pool_walk_enter(&walk, "a", SERVICE_HTTP);
    wanted.protocol = PROTOCOL_HTTPS;
    assert_null(pool_walk_find(&walk, &wanted));
    assert_null(pool_walk_find_kin(&walk, &wanted));
    wanted.protocol = PROTOCOL_HTTP;
    assert_ptr_equal(pool_walk_find(&walk, &wanted), listed(0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_speaks_tls_now_is_another, set_up, tear_down),
        CASE(test_what_stays_is_found_without_a_list),
        CASE(test_a_known_one_is_not_compared),
        CASE(test_a_renamed_one_is_found_by_its_id),
        CASE(test_one_whose_ports_are_told_is_found_by_its_container),
        CASE(test_another_address_is_another_endpoint),
        CASE(test_nothing_is_found_in_a_new_service_or_before_the_first_snapshot),
        CASE(test_the_order_is_by_service_name_and_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
