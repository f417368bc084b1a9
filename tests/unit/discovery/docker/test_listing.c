#include "discovery/docker/listing.h"

#include "tests/unit/discovery/fixture.h"

static uint64_t fingerprint(const char *key, const char *value)
{
    struct listing listing;
    json_t *list = fixture_load("containers-json.unhealthy");
    json_t *entry = json_array_get(list, 0);
    if (key)
        json_object_set_new(entry, key, json_loads(value, JSON_DECODE_ANY, NULL));
    assert_true(listing_read(entry, &listing));
    json_decref(list);
    return listing.fingerprint;
}

static void test_captures(void **state)
{
    struct listing listing;
    json_t *list = fixture_load("containers-json.netmodes");
    (void)state;
    for (size_t i = 0; i < json_array_size(list); i++) {
        assert_true(listing_read(json_array_get(list, i), &listing));
        assert_int_equal(listing.is_alive, strcmp(listing.state, "running") == 0);
        assert_int_equal(listing.name[0], '/');
    }
    json_decref(list);
}

static void test_fingerprint(void **state)
{
    uint64_t plain = fingerprint(NULL, NULL);
    (void)state;
    assert_int_equal(plain, fingerprint("Status", "\"Up 3 hours (unhealthy)\"")); /* only older */
    assert_int_not_equal(plain, fingerprint("Status", "\"Up 3 hours (healthy)\""));
    assert_int_not_equal(plain, fingerprint("Status", "\"Up 3 hours\""));
    assert_int_not_equal(plain, fingerprint("State", "\"paused\""));
    assert_int_not_equal(plain, fingerprint("Names", "[\"/other\"]"));
    assert_int_not_equal(plain, fingerprint("NetworkSettings", "{}"));
    assert_int_not_equal(plain, fingerprint("Ports", "7"));
}

static void test_wrong_types(void **state)
{
    static const char *const wrong[] = {"1", "{}", "[]", "{\"Id\":1}", "{\"Id\":\"abc\"}"};
    struct listing listing;
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        json_t *entry = json_loads(wrong[i], JSON_DECODE_ANY, NULL);
        assert_false(listing_read(entry, &listing));
        json_decref(entry);
    }
    fingerprint("Names", "[1]");
    fingerprint("Names", "{}");
    fingerprint("Status", "[]");
    fingerprint("State", "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_wrong_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
