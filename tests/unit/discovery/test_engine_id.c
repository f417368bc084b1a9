#include "discovery/engine_id.h"

#include "fixture.h"

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

static void test_networks(void **state)
{
    struct engine_id id;
    (void)state;
    assert_true(engine_id_parse_network(VIEW("n9seycil3um2rsk4l6pesaowd"), &id));
    assert_string_equal(id.text, "n9seycil3um2rsk4l6pesaowd");
    assert_false(engine_id_parse_network(VIEW(""), &id));
    assert_false(engine_id_parse_network(VIEW("../x"), &id));
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
