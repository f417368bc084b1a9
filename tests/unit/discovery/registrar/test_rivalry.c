#include "discovery/registrar/rivalry.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_a_few_changes_are_set_right_at_once(void **state)
{
    struct rivalry rivalry = {0};
    (void)state;
    rivalry_note(&rivalry, 1000);
    rivalry_note(&rivalry, 2000);
    assert_false(rivalry_holds(&rivalry, 2000));
    assert_false(rivalry_is_on(&rivalry, 2000));
    rivalry_note(&rivalry, 121000); /* the first is too long ago */
    rivalry_note(&rivalry, 122000);
    assert_false(rivalry_holds(&rivalry, 122000));
}

static void test_pauses_grow(void **state)
{
    struct rivalry rivalry = {0};
    uint64_t now_ms = 1000;
    (void)state;
    rivalry_note(&rivalry, now_ms);
    rivalry_note(&rivalry, now_ms);
    for (uint64_t pause_ms = 10000; pause_ms < 5000000; pause_ms *= 2) {
        uint64_t capped_ms = pause_ms < 600000 ? pause_ms : 600000;
        rivalry_note(&rivalry, now_ms);
        assert_true(rivalry_is_on(&rivalry, now_ms));
        assert_true(rivalry_holds(&rivalry, now_ms + capped_ms - 1));
        assert_false(rivalry_holds(&rivalry, now_ms + capped_ms));
        now_ms += 2 * capped_ms; /* the other one pauses as long */
    }
}

static void test_it_ends(void **state)
{
    struct rivalry rivalry = {0};
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        rivalry_note(&rivalry, 1000);
    assert_true(rivalry_is_on(&rivalry, 1000 + 10000 + 20000 + 119999));
    assert_false(rivalry_is_on(&rivalry, 1000 + 10000 + 20000 + 120000));
    rivalry_note(&rivalry, 200000); /* counted anew */
    assert_false(rivalry_holds(&rivalry, 200000));
    assert_false(rivalry_is_on(&rivalry, 200000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_few_changes_are_set_right_at_once),
        cmocka_unit_test(test_pauses_grow),
        cmocka_unit_test(test_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
