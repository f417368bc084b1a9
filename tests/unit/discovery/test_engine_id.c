#include "discovery/engine_id.h"

#include "discovery/docker/network_id.h"

#include "tests/unit/discovery/fixture.h"

static void test_containers(void **state)
{
    struct engine_id good = fixture_id('a'), id;
    char text[80];
    (void)state;
    assert_true(engine_id_parse_container(view_str(good.text), &id));
    assert_true(engine_id_eq(&good, &id));
    assert_false(engine_id_parse_container(view_of(good.text, 63), &id));
    assert_false(engine_id_is_set(&id));
    static const char wrong[] = {'g', 'A', '/', '\0', ' ', '\xC3'};
    for (size_t i = 0; i < sizeof(wrong); i++) {
        memcpy(text, good.text, sizeof(good.text));
        text[17] = wrong[i];
        assert_false(engine_id_parse_container(view_of(text, 64), &id));
    }
    snprintf(text, sizeof(text), "%sa", good.text);
    assert_false(engine_id_parse_container(view_str(text), &id));
}

/* Docker's, Swarm's, and the names that Podman 4 has in their place. */
static void test_networks(void **state)
{
    static const char *const good[] = {"n9seycil3um2rsk4l6pesaowd", "shop_default", "My-net.1",
                                       "x"};
    struct network_id id, other;
    char text[NETWORK_ID_BYTES + 1];
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(network_id_parse(view_str(good[i]), &id));
        assert_string_equal(id.text, good[i]);
    }
    assert_true(network_id_parse(VIEW("shop-default"), &other));
    assert_false(network_id_eq(&id, &other));
    assert_false(network_id_parse(VIEW(""), &id));
    assert_false(network_id_is_set(&id));
    assert_false(network_id_parse(VIEW("a\nb"), &id));
    memset(text, 'a', sizeof(text));
    assert_false(network_id_parse(view_of(text, NETWORK_ID_BYTES), &id));
    assert_true(network_id_parse(view_of(text, NETWORK_ID_BYTES - 1), &id));
}

static void test_prefixes(void **state)
{
    (void)state;
    assert_true(engine_id_is_prefix(VIEW("7c3af5607974"), 12));
    assert_false(engine_id_is_prefix(VIEW("7c3af560797"), 12));
    assert_false(engine_id_is_prefix(VIEW("my-host-name"), 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
