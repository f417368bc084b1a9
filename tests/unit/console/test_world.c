/* Joining: maps by their keys, other sections whole, a new beginning, and what is no object. */
#include "lb/console/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_joining(void **state)
{
    struct world world = {0};
    (void)state;
    assert_false(world_join(&world, VIEW("{\"time\":\"1\"}"))); /* a change of nothing */
    assert_true(
        world_join(&world, VIEW("{\"full\":true,\"totals\":{\"rate\":1,\"p50_ms\":2},\"services\":{"
                                "\"a\":{\"ready\":1,\"panic\":true},\"b\":{\"ready\":2}}}")));
    assert_true(
        world_join(&world, VIEW("{\"totals\":{\"rate\":3},\"services\":{\"a\":{\"ready\":5},"
                                "\"b\":null,\"c\":{\"ready\":7}}}")));
    assert_true(world_number(world_section(&world, "totals"), "rate") == 3);
    assert_true(world_number(world_section(&world, "totals"), "p50_ms") < 0); /* whole */
    assert_true(world_number(world_entry(&world, "services", "a"), "ready") == 5);
    assert_null(json_object_get(world_entry(&world, "services", "a"), "panic"));
    assert_null(world_entry(&world, "services", "b"));
    assert_true(world_number(world_entry(&world, "services", "c"), "ready") == 7);
    assert_int_equal(world.told_count, 2);
    assert_true(world_join(&world, VIEW("{\"full\":true,\"services\":{}}"))); /* begins anew */
    assert_null(world_entry(&world, "services", "a"));
    assert_null(world_section(&world, "totals"));
    world_fini(&world);
}

static void test_what_is_no_object(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "1", "null", "{\"full\":1}", "\xFF"};
    struct world world = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(world_join(&world, view_str(texts[i])));
    assert_int_equal(world.told_count, 0);
    assert_true(world_join(&world, VIEW("{\"full\":true,\"services\":7,\"totals\":[]}")));
    assert_true(world_join(&world, VIEW("{\"services\":{\"a\":null},\"changes\":{\"1\":null}}")));
    assert_null(world_text(world_entry(&world, "services", "a"), "name"));
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_joining),
                                       cmocka_unit_test(test_what_is_no_object)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
