/* From names to numbers. */
#include "lb/route/name_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define NAMES 10000u

static char names[NAMES][32];

static struct view name_at(unsigned i)
{
    return view_str(names[i]);
}

static void fill(struct name_map *map)
{
    name_map_init(map, NAMES);
    for (unsigned i = 0; i < NAMES; i++) {
        snprintf(names[i], sizeof(names[i]), "%.*s%u.test", (int)(i % 17), "abcdefghijklmnopq", i);
        assert_int_equal(*name_map_add(map, name_at(i)), NAME_MAP_NONE);
        *name_map_add(map, name_at(i)) = i;
    }
    name_map_finish(map);
}

static void test_each_name_is_found_and_no_other(void **state)
{
    struct name_map map;
    (void)state;
    fill(&map);
    for (unsigned i = 0; i < NAMES; i++) {
        assert_int_equal(name_map_find(&map, name_at(i)), i);
        assert_int_equal(name_map_find(&map, view_skip(name_at(i), name_at(i).len - 4)),
                         NAME_MAP_NONE);
    }
    assert_int_equal(name_map_find(&map, VIEW("")), NAME_MAP_NONE);
    name_map_fini(&map);
}

static void test_an_empty_one(void **state)
{
    struct name_map map;
    (void)state;
    name_map_init(&map, 0);
    name_map_finish(&map);
    assert_int_equal(name_map_find(&map, VIEW("a.test")), NAME_MAP_NONE);
    name_map_fini(&map);
}

static void test_a_name_has_one_place(void **state)
{
    struct name_map map;
    (void)state;
    name_map_init(&map, 1);
    *name_map_add(&map, VIEW("a")) = 1;
    *name_map_add(&map, VIEW("a")) = 2;
    assert_int_equal(name_map_find(&map, VIEW("a")), 2);
    name_map_fini(&map);
}

/* Each that stays is found when any others are gone, wherever they were; the copy has all of them. */
static void test_names_go(void **state)
{
    static const unsigned steps[] = {2, 3, 7, 1};
    struct name_map map, copy;
    (void)state;
    fill(&map);
    for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
        name_map_copy(&copy, &map);
        for (unsigned i = 0; i < NAMES; i += steps[step])
            name_map_remove(&copy, name_at(i));
        for (unsigned i = 0; i < NAMES; i++) {
            bool is_gone = i % steps[step] == 0;
            assert_int_equal(name_map_find(&copy, name_at(i)), is_gone ? NAME_MAP_NONE : i);
            assert_int_equal(name_map_find(&map, name_at(i)), i);
        }
        name_map_fini(&copy);
    }
    name_map_fini(&map);
}

/* Few slots, so that runs go over the end of them. */
static void test_names_go_where_runs_are_long(void **state)
{
    struct name_map all;
    (void)state;
    fill(&all);
    name_map_fini(&all);
    for (unsigned round = 0; round < 500; round++) {
        struct name_map map;
        name_map_init(&map, 8);
        for (unsigned i = 0; i < 12; i++)
            *name_map_add(&map, name_at(i + round)) = i;
        for (unsigned gone = 0; gone < 12; gone++) {
            name_map_remove(&map, name_at(gone + round));
            for (unsigned i = 0; i < 12; i++)
                assert_int_equal(name_map_find(&map, name_at(i + round)),
                                 i <= gone ? NAME_MAP_NONE : i);
        }
        name_map_fini(&map);
    }
}

static void test_values_get_other_numbers(void **state)
{
    static const uint32_t numbers[] = {7, 5};
    struct name_map map;
    (void)state;
    name_map_init(&map, 2);
    *name_map_add(&map, VIEW("a")) = 1;
    *name_map_add(&map, VIEW("b")) = 0;
    name_map_renumber(&map, numbers);
    assert_int_equal(name_map_find(&map, VIEW("a")), 5);
    assert_int_equal(name_map_find(&map, VIEW("b")), 7);
    name_map_fini(&map);
}

static void test_how_many_names_a_map_suits(void **state)
{
    struct name_map map;
    (void)state;
    name_map_init(&map, 1024);
    assert_true(name_map_suits(&map, 1024));
    assert_false(name_map_suits(&map, 1025));
    assert_true(name_map_suits(&map, 200));
    assert_false(name_map_suits(&map, 100));
    name_map_fini(&map);
    name_map_init(&map, 0);
    assert_true(name_map_suits(&map, 0));
    name_map_fini(&map);
}

/* Names that differ in any one character differ in their hash, whatever the secret. */
static void test_each_character_counts(void **state)
{
    char name[33] = "abcdefghijklmnopqrstuvwxyz012345";
    (void)state;
    for (size_t len = 1; len <= 32; len++) {
        uint64_t hash = name_map_hash(7, view_of(name, len));
        for (size_t at = 0; at < len; at++) {
            name[at] ^= 0x40;
            assert_true(name_map_hash(7, view_of(name, len)) != hash);
            name[at] ^= 0x40;
        }
        assert_true(name_map_hash(8, view_of(name, len)) != hash);
        assert_true(name_map_hash(7, view_of(name, len - 1)) != hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_name_is_found_and_no_other),
        cmocka_unit_test(test_an_empty_one),
        cmocka_unit_test(test_a_name_has_one_place),
        cmocka_unit_test(test_names_go),
        cmocka_unit_test(test_names_go_where_runs_are_long),
        cmocka_unit_test(test_values_get_other_numbers),
        cmocka_unit_test(test_how_many_names_a_map_suits),
        cmocka_unit_test(test_each_character_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
