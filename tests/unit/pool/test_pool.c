/* A snapshot: finding services in it, and what lives as long as it does. */
#include "lb/pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/pool/pool_build.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void ignore(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner;
    (void)endpoint;
    (void)before;
}

/* A snapshot with one endpoint in each of these services. */
static struct pool *make(const char *const *services, unsigned count)
{
    struct pool_wanted_endpoint endpoints[16];
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = count};
    for (unsigned i = 0; i < count; i++) {
        endpoints[i] = (struct pool_wanted_endpoint){
            .service = services[i], .id = "i", .name = "n", .weight = 1, .cause = "list"};
        assert_true(address_parse(VIEW("10.0.0.2:80"), &endpoints[i].address));
    }
    struct pool *pool = pool_build(NULL, &wanted, &(struct pool_rules){.worker_count = 1});
    pool_build_settle(pool, NULL, ignore, NULL);
    return pool;
}

static void test_find(void **state)
{
    static const char *const services[] = {"b", "app", "ap", "apple", "B", "a-b", "\xc3\xa9", "z"};
    static const char *const absent[] = {"", "a", "appl", "apples", "c", "zz", "\xff", "A"};
    (void)state;
    for (unsigned count = 0; count <= COUNT_OF(services); count++) {
        struct pool *pool = make(services, count);
        assert_int_equal(pool->service_count, count);
        for (unsigned i = 0; i < COUNT_OF(services); i++) {
            char name[16];
            size_t len = strlen(services[i]);
            memcpy(name, services[i], len);
            memset(name + len, 'x', sizeof(name) - len); /* a view ends without a zero */
            const struct pool_service *found = pool_find(pool, view_of(name, len));
            if (i < count)
                assert_string_equal(found->name, services[i]);
            else
                assert_null(found);
        }
        for (unsigned i = 0; i < COUNT_OF(absent); i++)
            assert_null(pool_find(pool, view_str(absent[i])));
        pool_unref(pool);
    }
}

static void test_references(void **state)
{
    static const char *const services[] = {"app"};
    struct pool *pool = make(services, 1);
    (void)state;
    struct endpoint *endpoint = endpoint_ref(pool->services[0].endpoints[0]);
    assert_ptr_equal(pool_ref(pool), pool);
    pool_unref(pool);
    assert_string_equal(pool->services[0].name, "app");
    assert_int_equal(endpoint->ref_count, 2);
    pool_unref(pool);
    assert_int_equal(endpoint->ref_count, 1); /* the snapshot went, what is in use stays */
    endpoint_unref(endpoint);
    pool_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
