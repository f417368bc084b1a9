#include "discovery/registrations.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_sorted_by_id_then_container(void **state)
{
    struct registrations all = {0};
    (void)state;
    registrations_clear(&all);
    assert_string_equal(all.engine, "");
    registrations_sort(&all);
    registrations_add(&all,
                      &(struct registration){.id = "b", .container = "2", .container_port = 1});
    registrations_add(&all,
                      &(struct registration){.id = "b", .container = "1", .container_port = 9});
    registrations_add(&all,
                      &(struct registration){.id = "b", .container = "1", .container_port = 8});
    registrations_add(&all, &(struct registration){.id = "a"});
    registrations_sort(&all);
    assert_string_equal(all.items[0].id, "a");
    assert_string_equal(all.items[1].container, "1");
    assert_int_equal(all.items[1].container_port, 8);
    assert_int_equal(all.items[2].container_port, 9);
    assert_string_equal(all.items[3].container, "2");
    registrations_fini(&all);
}

static void test_grows_and_is_emptied(void **state)
{
    struct registrations all = {0};
    (void)state;
    for (int round = 0; round < 2; round++) {
        registrations_clear(&all);
        for (uint16_t i = 0; i < 100; i++) {
            registrations_add(&all, &(struct registration){.id = "x", .port = i});
            registrations_add_remark(&all, &(struct registration_remark){.container_name = "web",
                                                                         .sentence = "a sentence"});
        }
        assert_int_equal(all.count, 100);
        assert_int_equal(all.remark_count, 100);
        assert_int_equal(all.items[99].port, 99);
    }
    registrations_fini(&all);
    assert_null(all.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted_by_id_then_container),
        cmocka_unit_test(test_grows_and_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
