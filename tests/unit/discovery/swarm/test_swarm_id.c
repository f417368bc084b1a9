/* What stands in paths of questions: nothing that could ask for something else. */
#include "discovery/swarm/swarm_id.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_ids_of_swarms(void **state)
{
    (void)state;
    struct swarm_id id, other;
    assert_true(swarm_id_parse(VIEW("ki9l5smbp1rzrumyonayvj4yi"), &id));
    assert_string_equal(id.text, "ki9l5smbp1rzrumyonayvj4yi");
    assert_true(swarm_id_parse(VIEW("0123456789abcdefghijklmnopqrstuv"), &other));
    assert_true(swarm_id_compare(&other, &id) < 0);
    assert_int_equal(swarm_id_compare(&id, &id), 0);
}

static void test_others(void **state)
{
    (void)state;
    struct swarm_id id;
    assert_false(swarm_id_parse(VIEW(""), &id));
    assert_false(swarm_id_parse(VIEW("a/b"), &id));
    assert_false(swarm_id_parse(VIEW("A"), &id));
    assert_false(swarm_id_parse(VIEW("a\"]"), &id));
    assert_false(swarm_id_parse(VIEW("0123456789abcdefghijklmnopqrstuvw"), &id));
    assert_string_equal(id.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_of_swarms),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
