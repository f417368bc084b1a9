#include "discovery/consul/second_look.h"

#include "tests/unit/discovery/cmocka_all.h"

/* Three servers are known, all is answered, and all says that they are gone. */
static struct second_look confirmed(void)
{
    return (struct second_look){.is_whole = true,
                                .is_empty = true,
                                .names_others = true,
                                .node_count = 3,
                                .right = SECOND_LOOK_RIGHT_GIVEN,
                                .index_rose = true,
                                .had_servers = true};
}

#define VERDICT(expected, ...)                                                                     \
    do {                                                                                           \
        struct second_look look = confirmed();                                                     \
        __VA_ARGS__;                                                                               \
        assert_int_equal(second_look_judge(&look), expected);                                      \
    } while (0)

static void test_what_is_confirmed_is_gone(void **state)
{
    (void)state;
    VERDICT(SECOND_LOOK_GONE, (void)look);
    VERDICT(SECOND_LOOK_GONE, look.names_others = look.index_rose = false);
    VERDICT(SECOND_LOOK_BACK, look.is_empty = false);
    VERDICT(SECOND_LOOK_UNSURE, look.is_named = true);
    VERDICT(SECOND_LOOK_UNSURE, look.is_whole = false);
}

static void test_a_catalog_without_nodes_is_none(void **state)
{
    (void)state;
    VERDICT(SECOND_LOOK_UNSURE, look.node_count = 0);
}

static void test_what_may_not_be_seen_stays(void **state)
{
    (void)state;
    VERDICT(SECOND_LOOK_DENIED, look.right = SECOND_LOOK_RIGHT_DENIED);
    VERDICT(SECOND_LOOK_DENIED, look.right = SECOND_LOOK_RIGHT_DENIED, look.is_whole = false);
    VERDICT(SECOND_LOOK_DENIED, look.is_filtered = true);
    VERDICT(SECOND_LOOK_DENIED, look.right = SECOND_LOOK_RIGHT_DENIED, look.had_servers = false);
}

static void test_where_rights_are_not_told(void **state)
{
    (void)state;
    VERDICT(SECOND_LOOK_GONE, look.right = SECOND_LOOK_RIGHT_UNKNOWN);
    VERDICT(SECOND_LOOK_UNSURE, look.right = SECOND_LOOK_RIGHT_UNKNOWN, look.names_others = false);
    VERDICT(SECOND_LOOK_UNSURE, look.right = SECOND_LOOK_RIGHT_UNKNOWN, look.index_rose = false);
    VERDICT(SECOND_LOOK_GONE, look.right = SECOND_LOOK_RIGHT_UNKNOWN, look.index_rose = false,
            look.has_policy = true);
    VERDICT(SECOND_LOOK_UNSURE, look.right = SECOND_LOOK_RIGHT_UNKNOWN, look.has_policy = true,
            look.denies_by_default = true);
}

static void test_a_new_catalog_has_time_to_be_filled(void **state)
{
    (void)state;
    VERDICT(SECOND_LOOK_YOUNG, look.was_reset = true,
            look.since_reset_ms = SECOND_LOOK_YOUNG_MS - 1);
    VERDICT(SECOND_LOOK_GONE, look.was_reset = true, look.since_reset_ms = SECOND_LOOK_YOUNG_MS);
}

static void test_without_servers_there_is_nothing_to_lose(void **state)
{
    (void)state;
    VERDICT(SECOND_LOOK_GONE, look.had_servers = false, look.is_named = true, look.node_count = 0,
            look.right = SECOND_LOOK_RIGHT_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_confirmed_is_gone),
        cmocka_unit_test(test_a_catalog_without_nodes_is_none),
        cmocka_unit_test(test_what_may_not_be_seen_stays),
        cmocka_unit_test(test_where_rights_are_not_told),
        cmocka_unit_test(test_a_new_catalog_has_time_to_be_filled),
        cmocka_unit_test(test_without_servers_there_is_nothing_to_lose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
