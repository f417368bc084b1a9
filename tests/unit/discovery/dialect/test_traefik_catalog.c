#include "discovery/dialect/traefik_catalog.h"

#include "tests/unit/discovery/fixture.h"

#define M "traefik.http.middlewares."
#define S "traefik.http.services."

static void read_items(const char *labels, struct traefik_items *out)
{
    json_t *object = json_loads(labels, 0, NULL);
    assert_non_null(object);
    traefik_items_read(object, out);
    json_decref(object);
}

static void test_oldest_definition_counts(void **state)
{
    struct traefik_items old, young, third;
    struct traefik_catalog catalog = {0};
    const struct traefik_entry *entry;
    (void)state;
    read_items("{\"" M "b.addprefix.prefix\":\"/old\",\"" M "same.compress\":\"true\",\"" S
               "b.loadbalancer.server.port\":\"1\"}",
               &old);
    read_items("{\"" M "b.addprefix.prefix\":\"/young\",\"" M "a.compress\":\"true\"}", &young);
    read_items("{\"" M "same.compress\":\"true\",\"" M "bb.compress\":\"true\"}", &third);
    traefik_catalog_add(&catalog, &old);
    traefik_catalog_add(&catalog, &young);
    traefik_catalog_add(&catalog, &third);
    assert_int_equal(catalog.count, 5);
    entry = traefik_catalog_find(&catalog, TRAEFIK_MIDDLEWARE, VIEW("b"));
    assert_string_equal(traefik_item_get(entry->item, "addprefix.prefix"), "/old");
    assert_true(entry->is_disputed);
    assert_false(traefik_catalog_find(&catalog, TRAEFIK_MIDDLEWARE, VIEW("same"))->is_disputed);
    assert_false(traefik_catalog_find(&catalog, TRAEFIK_MIDDLEWARE, VIEW("a"))->is_disputed);
    assert_non_null(traefik_catalog_find(&catalog, TRAEFIK_MIDDLEWARE, VIEW("bb")));
    assert_non_null(traefik_catalog_find(&catalog, TRAEFIK_SERVICE, VIEW("b")));
    assert_null(traefik_catalog_find(&catalog, TRAEFIK_SERVICE, VIEW("a")));
    assert_null(traefik_catalog_find(&catalog, TRAEFIK_ROUTER, VIEW("")));
    traefik_catalog_fini(&catalog);
    assert_null(traefik_catalog_find(&catalog, TRAEFIK_SERVICE, VIEW("b")));
    traefik_items_fini(&old);
    traefik_items_fini(&young);
    traefik_items_fini(&third);
}

static void test_container_with_a_mistake_defines_nothing(void **state)
{
    struct traefik_items items;
    struct traefik_catalog catalog = {0};
    (void)state;
    read_items("{\"" M "a.compress\":\"true\",\"" M "b.nonsense\":\"true\"}", &items);
    assert_non_null(items.problem);
    traefik_catalog_add(&catalog, &items);
    assert_int_equal(catalog.count, 0);
    traefik_catalog_fini(&catalog);
    traefik_items_fini(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oldest_definition_counts),
        cmocka_unit_test(test_container_with_a_mistake_defines_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
