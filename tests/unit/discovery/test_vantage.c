#include "discovery/vantage.h"

#include "fixture.h"

static void test_networks_of_the_own_container(void **state)
{
    struct vantage vantage;
    struct container *own = fixture_container("inspect.running");  /* on bridge */
    struct container *both = fixture_container("inspect.t-multi"); /* on bridge and rxnet */
    (void)state;
    vantage_init(&vantage);
    assert_true(vantage_take_container(&vantage, own));
    assert_false(vantage.on_host);
    assert_string_equal(vantage.gateway, "172.17.0.1");
    assert_string_equal(text_str(&vantage.network_names), "bridge");
    assert_true(vantage_reaches(&vantage, &both->networks[0]));
    assert_false(vantage_reaches(&vantage, &both->networks[1]));
    assert_false(vantage_take_container(&vantage, own)); /* nothing new */
    assert_true(vantage_take_container(&vantage, both));
    assert_true(vantage_reaches(&vantage, &both->networks[1]));
    assert_string_equal(text_str(&vantage.network_names), "bridge, rxnet");
    assert_true(vantage_take_container(&vantage, own)); /* one less is news, too */
    vantage_fini(&vantage);
    container_free(own);
    container_free(both);
}

static void test_host_network_is_the_host(void **state)
{
    struct vantage vantage;
    struct container *own = fixture_container("inspect.t-host");
    (void)state;
    vantage_init(&vantage);
    vantage_take_container(&vantage, own);
    assert_true(vantage.on_host);
    vantage_fini(&vantage);
    container_free(own);
}

static void test_the_host_has_no_route_to_overlays(void **state)
{
    struct vantage vantage;
    struct container_network overlay = {.name = (char[]){"ov"}};
    struct container_network bridge = {.name = (char[]){"br"}};
    struct container_network ingress = {.name = (char[]){"ingress"}};
    json_t *list = json_loads("[{\"Id\":\"ov1\",\"Driver\":\"overlay\"},"
                              "{\"Id\":\"br1\",\"Driver\":\"bridge\"},1,{}]",
                              0, NULL);
    (void)state;
    engine_id_parse_network(VIEW("ov1"), &overlay.id);
    engine_id_parse_network(VIEW("br1"), &bridge.id);
    vantage_init(&vantage);
    vantage_take_networks(&vantage, list);
    assert_false(vantage_reaches(&vantage, &overlay));
    assert_true(vantage_reaches(&vantage, &bridge));
    assert_false(vantage_reaches(&vantage, &ingress));
    vantage_note_driver(&vantage, &bridge.id, "macvlan");
    vantage_note_driver(&vantage, &bridge.id, "macvlan");
    assert_false(vantage_reaches(&vantage, &bridge));
    assert_int_equal(vantage.remote_count, 2);
    vantage_take_networks(&vantage, list);
    assert_true(vantage_reaches(&vantage, &bridge));
    vantage_fini(&vantage);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_of_the_own_container),
        cmocka_unit_test(test_host_network_is_the_host),
        cmocka_unit_test(test_the_host_has_no_route_to_overlays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
