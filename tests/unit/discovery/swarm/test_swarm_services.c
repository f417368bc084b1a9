/* What GET /services tells. */
#include "discovery/swarm/swarm_services.h"

#include "tests/unit/discovery/swarm/capture.h"

static struct swarm_services of_json(const char *json)
{
    struct swarm_services services = {0};
    json_t *element = json_loads(json, 0, NULL);
    assert_non_null(element);
    swarm_services_take(&services, element);
    swarm_services_sort(&services);
    json_decref(element);
    return services;
}

static void test_of_a_real_manager(void **state)
{
    (void)state;
    struct swarm_services services = {0};
    struct swarm_id id, other;
    capture_services(&services);
    assert_true(swarm_id_parse(VIEW(CAPTURE_SERVICE), &id));
    assert_true(swarm_id_parse(VIEW("another"), &other));
    const struct swarm_service *service = swarm_services_find(&services, &id);
    assert_non_null(service);
    assert_null(swarm_services_find(&services, &other));
    assert_string_equal(service->name, "shop");
    assert_int_equal(service->version, 14);
    assert_string_equal(json_string_value(json_object_get(service->labels, "lb.host")),
                        "shop.test");
    assert_int_equal(json_array_size(service->ports), 1);
    assert_false(services.is_updating);
    swarm_services_fini(&services);
}

static void test_an_update_is_on_its_way(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool is_updating;
    } cases[] = {{"updating", true},   {"rollback_started", true}, {"paused", false},
                 {"completed", false}, {"rollback_paused", false}, {"", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char json[128];
        snprintf(json, sizeof(json), "{\"ID\":\"a\",\"UpdateStatus\":{\"State\":\"%s\"}}",
                 cases[i].word);
        struct swarm_services services = of_json(json);
        assert_int_equal(services.is_updating, cases[i].is_updating);
        swarm_services_fini(&services);
    }
}

static void test_what_is_no_service(void **state)
{
    (void)state;
    static const char *const wrong[] = {"{}", "{\"ID\":7}", "{\"ID\":\"../x\"}"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct swarm_services services = of_json(wrong[i]);
        assert_int_equal(services.count, 0);
        assert_int_equal(services.lost_count, 1);
        swarm_services_fini(&services);
    }
    struct swarm_services odd =
        of_json("{\"ID\":\"a\",\"Spec\":[],\"Version\":\"x\",\"Endpoint\":7,\"UpdateStatus\":[]}");
    assert_int_equal(odd.count, 1);
    assert_string_equal(odd.list[0].name, "");
    swarm_services_fini(&odd);
}

static void test_no_more_than_there_may_be(void **state)
{
    (void)state;
    struct swarm_services services = {0};
    json_t *element = json_loads("{\"ID\":\"a\"}", 0, NULL);
    for (int i = 0; i < SWARM_SERVICES_MAX + 3; i++)
        swarm_services_take(&services, element);
    assert_int_equal(services.count, SWARM_SERVICES_MAX);
    assert_int_equal(services.lost_count, 3);
    json_decref(element);
    swarm_services_fini(&services);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_a_real_manager),
        cmocka_unit_test(test_an_update_is_on_its_way),
        cmocka_unit_test(test_what_is_no_service),
        cmocka_unit_test(test_no_more_than_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
