/* Wishes for certificates: each name in one of them, within bounds. */
#include "discovery/certificate_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "tests/unit/discovery/cmocka_all.h"

static struct arena arena;
static struct set set;

static int open_all(void **state)
{
    (void)state;
    set = (struct set){0};
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    arena_fini(&arena);
    set_fini(&set);
    return 0;
}

/* "a,b" */
static struct certificate_wish wish(const char *names)
{
    struct view rest = view_str(names);
    struct view *list = arena_new(&arena, CERTIFICATE_WISH_NAMES_MAX * sizeof(list[0]));
    struct certificate_wish out = {.names = list};
    while (rest.ptr)
        list[out.name_count++] = view_cut(&rest, ',');
    return out;
}

/* The names of all, "a,b c". */
static void check(const char *expected)
{
    struct text got = TEXT_INIT;
    text_append_str(&got, "");
    for (size_t i = 0; i < set.certificate_count; i++)
        for (unsigned k = 0; k < set.certificates[i].name_count; k++) {
            text_append_str(&got, k > 0 ? "," : i > 0 ? " " : "");
            text_append(&got, set.certificates[i].names[k]);
        }
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
}

static void test_first_one_has_a_name(void **state)
{
    (void)state;
    const struct certificate_wish wishes[] = {wish("b,a"), wish("b,c,d"), wish("a,b"), wish("d,e")};
    assert_int_equal(certificate_list_take(wishes, COUNT(wishes), &arena, &set), 4);
    check("b,a c,d e");
    set_sort(&set);
    check("b,a c,d e");
}

static void test_none_are_none(void **state)
{
    (void)state;
    assert_int_equal(certificate_list_take(NULL, 0, &arena, &set), 0);
    check("");
}

static void test_a_set_has_them_by_name(void **state)
{
    (void)state;
    const struct certificate_wish wishes[] = {wish("c"), wish("a"), wish("b,a")};
    certificate_list_take(wishes, COUNT(wishes), &arena, &set);
    set_sort(&set);
    check("a b c");
}

static void test_there_is_room_for_so_many(void **state)
{
    (void)state;
    size_t count = CERTIFICATE_WISHES_MAX + 5;
    struct certificate_wish *wishes = memory_new(count * sizeof(wishes[0]));
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%zu.test", i);
        wishes[i] = wish((const char *)arena_copy(&arena, view_of(name, strlen(name) + 1)).ptr);
    }
    assert_int_equal(certificate_list_take(wishes, count, &arena, &set), CERTIFICATE_WISHES_MAX);
    assert_int_equal(set.certificate_count, CERTIFICATE_WISHES_MAX);
    free(wishes);
}

static void test_there_is_room_for_so_many_bytes(void **state)
{
    (void)state;
    size_t half = CERTIFICATE_WISHES_NAME_BYTES / 2;
    char *bytes = memory_new(half + 2);
    memset(bytes, 'a', half + 1);
    const struct view names[] = {view_of(bytes, half), view_of(bytes, half - 1),
                                 view_of(bytes, half + 1)};
    const struct certificate_wish wishes[] = {{.names = &names[0], .name_count = 1},
                                              {.names = &names[1], .name_count = 1},
                                              {.names = &names[2], .name_count = 1}};
    assert_int_equal(certificate_list_take(wishes, 3, &arena, &set), 2);
    assert_int_equal(set.certificate_count, 2);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_one_has_a_name, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_none_are_none, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_a_set_has_them_by_name, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_there_is_room_for_so_many, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_there_is_room_for_so_many_bytes, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
