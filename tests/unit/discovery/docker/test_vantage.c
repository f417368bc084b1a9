#include "discovery/docker/vantage.h"

#include "tests/unit/discovery/fixture.h"

static void test_networks_of_the_own_container(void **state)
{
    struct vantage vantage;
    struct container *own = fixture_container("inspect.running");  /* on bridge */
    struct container *both = fixture_container("inspect.t-multi"); /* on bridge and rxnet */
    (void)state;
    vantage_init(&vantage);
    assert_true(vantage_take_container(&vantage, own));
    assert_false(vantage.on_host);
    assert_string_equal(vantage_gateway(&vantage, true, true), "172.17.0.1");
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
    network_id_parse(VIEW("ov1"), &overlay.id);
    network_id_parse(VIEW("br1"), &bridge.id);
    vantage_init(&vantage);
    vantage_take_networks(&vantage, list);
    assert_false(vantage_reaches(&vantage, &overlay));
    assert_true(vantage_reaches(&vantage, &bridge));
    assert_false(vantage_reaches(&vantage, &ingress));
    vantage_note_driver(&vantage, &bridge.id, "macvlan");
    vantage_note_driver(&vantage, &bridge.id, "macvlan");
    assert_false(vantage_reaches(&vantage, &bridge));
    assert_int_equal(vantage.special_count, 2);
    vantage_take_networks(&vantage, list);
    assert_true(vantage_reaches(&vantage, &bridge));
    vantage_fini(&vantage);
    json_decref(list);
}

/* A container on these networks: "name=gateway|IPv6 gateway". */
static void take_own(struct vantage *vantage, const char *networks)
{
    struct container_network list[8];
    struct container own = {.networks = list};
    char words[256];
    snprintf(words, sizeof(words), "%s", networks);
    for (char *save, *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct container_network *network = &list[own.network_count++];
        *network = (struct container_network){.name = word};
        char *gateway = strchr(word, '='), *ipv6 = strchr(word, '|');
        *gateway = *ipv6 = '\0';
        snprintf(network->gateway, sizeof(network->gateway), "%s", gateway + 1);
        snprintf(network->gateway_ipv6, sizeof(network->gateway_ipv6), "%s", ipv6 + 1);
        network_id_parse(view_str(word), &network->id);
    }
    vantage_take_container(vantage, &own);
}

static void test_the_host_is_reached_over_networks_with_a_way_out(void **state)
{
    static const struct {
        const char *networks, *ipv4, *ipv6, *any;
    } cases[] = {
        {"inside=10.0.0.1| out=10.1.0.1|", "10.1.0.1", "", "10.1.0.1"},
        {"inside=10.0.0.1|fd00::1", "", "", ""},
        {"inside=10.0.0.1| none=| out=10.1.0.1|fd01::1", "10.1.0.1", "fd01::1", "10.1.0.1"},
        {"ipv6=|fd02::1 out=10.1.0.1|", "10.1.0.1", "fd02::1", "10.1.0.1"},
        {"ipv6=|fd02::1", "", "fd02::1", "fd02::1"},
        {"lan=192.0.2.1| out=10.1.0.1|", "10.1.0.1", "", "10.1.0.1"},
        {"named=10.3.0.1| out=10.1.0.1|", "10.1.0.1", "", "10.1.0.1"},
        {"unheard-of=10.4.0.1|", "10.4.0.1", "", "10.4.0.1"},
    };
    struct vantage vantage;
    json_t *list = json_loads("[{\"Id\":\"inside\",\"Driver\":\"bridge\",\"Internal\":true},"
                              "{\"Id\":\"out\",\"Driver\":\"bridge\",\"Internal\":false},"
                              "{\"Id\":\"lan\",\"Driver\":\"macvlan\"},"
                              "{\"Id\":\"0123\",\"Name\":\"named\",\"Internal\":true}]",
                              0, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int is_list_first = 0; is_list_first < 2; is_list_first++) {
            vantage_init(&vantage);
            if (is_list_first)
                vantage_take_networks(&vantage, list);
            take_own(&vantage, cases[i].networks);
            vantage_take_networks(&vantage, list);
            assert_string_equal(vantage_gateway(&vantage, true, false), cases[i].ipv4);
            assert_string_equal(vantage_gateway(&vantage, false, true), cases[i].ipv6);
            assert_string_equal(vantage_gateway(&vantage, true, true), cases[i].any);
            vantage_fini(&vantage);
        }
    }
    json_decref(list);
}

static void test_gateways_take_turns_and_the_one_in_use_stays(void **state)
{
    struct vantage vantage;
    json_t *list = json_loads("[{\"Id\":\"b\",\"Internal\":true}]", 0, NULL);
    (void)state;
    vantage_init(&vantage);
    vantage_next_gateway(&vantage);
    take_own(&vantage, "a=10.0.0.1| b=10.1.0.1| c=10.2.0.1|");
    assert_string_equal(vantage_gateway(&vantage, true, true), "10.0.0.1");
    vantage_next_gateway(&vantage);
    vantage_next_gateway(&vantage);
    assert_string_equal(vantage_gateway(&vantage, true, true), "10.2.0.1");
    vantage_take_networks(&vantage, list);
    assert_string_equal(vantage_gateway(&vantage, true, true), "10.2.0.1");
    vantage_next_gateway(&vantage);
    assert_string_equal(vantage_gateway(&vantage, true, true), "10.0.0.1");
    vantage_fini(&vantage);
    json_decref(list);
}

/* Podman 4 has the network's name where others have an id, in containers but not in the list. */
static void test_networks_that_are_called_by_their_names(void **state)
{
    struct vantage vantage;
    struct container_network shared = {.name = (char[]){"shop_default"}};
    json_t *list =
        json_loads("[{\"Id\":\"0123\",\"Name\":\"shop_default\",\"Driver\":\"macvlan\"}]", 0, NULL);
    (void)state;
    network_id_parse(VIEW("shop_default"), &shared.id);
    vantage_init(&vantage);
    assert_true(vantage_reaches(&vantage, &shared));
    vantage_take_networks(&vantage, list);
    assert_false(vantage_reaches(&vantage, &shared));
    take_own(&vantage, "shop_default=10.0.0.1|");
    assert_true(vantage_reaches(&vantage, &shared));
    vantage_fini(&vantage);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_of_the_own_container),
        cmocka_unit_test(test_host_network_is_the_host),
        cmocka_unit_test(test_the_host_has_no_route_to_overlays),
        cmocka_unit_test(test_the_host_is_reached_over_networks_with_a_way_out),
        cmocka_unit_test(test_gateways_take_turns_and_the_one_in_use_stays),
        cmocka_unit_test(test_networks_that_are_called_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
